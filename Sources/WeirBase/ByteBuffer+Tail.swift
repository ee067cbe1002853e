/// For C that writes bytes itself (OpenSSL, `recv`): it fills the memory behind the last byte, then says how much of it.
extension ByteBuffer {
    /// The memory behind the last byte, at least `room` bytes of it. Valid until the buffer is next changed; `commit` makes bytes of it count.
    @unsafe @inlinable public mutating func tail(reserving room: Int) -> UnsafeMutableBufferPointer<UInt8> {
        reserve(room)
        guard let base = unsafe base else { return unsafe UnsafeMutableBufferPointer(start: nil, count: 0) }
        return unsafe UnsafeMutableBufferPointer(start: base + length, count: capacity &- length)
    }

    /// Counts `count` bytes that were written to the start of `tail`.
    @unsafe @inlinable public mutating func commit(_ count: Int) {
        precondition(count >= 0 && count <= capacity &- length)
        length &+= count
    }
}
