internal import CPrices

extension PriceTable {
    /// The table that is part of the program. Reading it takes some milliseconds, and its memory is free again when the value is.
    /// - Precondition: the table was checked when it was built in, which a test repeats.
    public static func bundled() -> PriceTable {
        let count = weir_prices_count()
        // The bytes are a constant of the program.
        let bytes = unsafe [UInt8](UnsafeBufferPointer(start: weir_prices_bytes(), count: count))
        do throws(PriceTableError) {
            return try PriceTable(indexing: bytes)
        } catch {
            preconditionFailure("the bundled price table: \(error.description)")
        }
    }
}
