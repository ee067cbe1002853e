/// How many tokens the short pieces seen last have that are no tokens themselves: words come again. A piece has one place, and the newest one keeps it.
struct PieceCache {
    /// Entries; 24 bytes each.
    static let capacity = 8192

    private struct Entry {
        /// The piece's bytes with its length, as in the vocabulary's perfect hash; never all ones.
        var low = UInt64.max
        var high = UInt64.max
        var count = 0
    }

    private var entries = [Entry](repeating: Entry(), count: capacity)

    @inline(__always)
    private static func index(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> 20) & (capacity &- 1) }

    /// The number of tokens of the piece with this key and hash; nil if it is not known.
    @inline(__always)
    func count(_ low: UInt64, _ high: UInt64, hash: UInt64) -> Int? {
        let entry = entries[PieceCache.index(hash)]
        return (entry.low ^ low) | (entry.high ^ high) == 0 ? entry.count : nil
    }

    mutating func put(_ low: UInt64, _ high: UInt64, hash: UInt64, count: Int) {
        entries[PieceCache.index(hash)] = Entry(low: low, high: high, count: count)
    }
}
