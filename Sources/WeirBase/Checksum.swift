internal import CVector

extension Span where Element == UInt8 {
    /// CRC-32C of these bytes (RFC 3720, appendix B.4), going on from `checksum`. It finds every change of up to 32 neighbouring bits.
    public func checksum(goingOnFrom checksum: UInt32 = 0) -> UInt32 {
        unsafe withUnsafeBufferPointer { bytes in
            unsafe bytes.baseAddress.map { unsafe weir_crc32c(checksum, $0, bytes.count) } ?? checksum
        }
    }

    /// The same, bit by bit, to test the fast one against.
    package func plainChecksum(goingOnFrom checksum: UInt32 = 0) -> UInt32 {
        unsafe withUnsafeBufferPointer { bytes in
            unsafe bytes.baseAddress.map { unsafe weir_crc32c_plain(checksum, $0, bytes.count) } ?? checksum
        }
    }
}
