// Several bytes as one number, little-endian: what tables are searched with.

extension Span where Element == UInt8 {
    /// The `length` bytes from `offset`, at most 15, as two little-endian words, zeros behind them.
    @inlinable @inline(__always) public func words(at offset: Int, length: Int) -> (low: UInt64, high: UInt64) {
        precondition(offset >= 0 && length >= 0 && length < 16 && offset <= count &- length)
        guard offset <= count &- 16 else { return wordsNearEnd(at: offset, length: length) }
        let (low, high) = unsafe (
            UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)),
            UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 8, as: UInt64.self))
        )
        // Shifts by 64 and more give 0.
        let bits = UInt64(truncatingIfNeeded: length &* 8)
        return (low & ~(UInt64.max << bits), high & ~(UInt64.max << (bits > 64 ? bits &- 64 : 0)))
    }

    @usableFromInline func wordsNearEnd(at offset: Int, length: Int) -> (low: UInt64, high: UInt64) {
        var (low, high): (UInt64, UInt64) = (0, 0)
        for at in 0..<length {
            let byte = UInt64(self[offset &+ at])
            if at < 8 { low |= byte << UInt64(at &* 8) } else { high |= byte << UInt64((at &- 8) &* 8) }
        }
        return (low, high)
    }
}
