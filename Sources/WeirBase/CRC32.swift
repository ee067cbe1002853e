extension Span where Element == UInt8 {
    /// CRC-32 of these bytes, the one of IEEE 802.3 and zlib, going on from `checksum`: what Amazon's event streams carry. Weir's own records have
    /// CRC-32C (`checksum`), which machines count faster.
    public func crc32(goingOnFrom checksum: UInt32 = 0) -> UInt32 {
        let table = CRC32.table.span
        var crc = ~checksum
        for at in indices { crc = table[Int((crc ^ UInt32(self[at])) & 0xFF)] ^ (crc >> 8) }
        return ~crc
    }
}

private enum CRC32 {
    /// The remainder of each byte, by the polynomial 0x04C11DB7 with its bits reversed.
    static let table: [UInt32] = (0..<256).map { (byte: UInt32) in
        (0..<8).reduce(byte) { rest, _ in rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ 0xEDB8_8320 }
    }
}
