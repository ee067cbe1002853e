extension Span where Element == UInt8 {
    /// The eight bytes from `offset` on as a number, the first one lowest. They must lie in the span.
    @inlinable public func word64(at offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The four bytes from `offset` on, likewise.
    @inlinable public func word32(at offset: Int) -> UInt32 {
        unsafe UInt32(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The two bytes from `offset` on, likewise.
    @inlinable public func word16(at offset: Int) -> UInt16 {
        unsafe UInt16(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
}

extension ByteBuffer {
    /// Appends `value` in eight bytes, the lowest first.
    @inlinable public mutating func append(littleEndian value: UInt64) {
        reserve(8)
        unsafe UnsafeMutableRawPointer(base!).storeBytes(of: value.littleEndian, toByteOffset: length, as: UInt64.self)
        length &+= 8
    }

    /// Appends `value` in four bytes, the lowest first.
    @inlinable public mutating func append(littleEndian value: UInt32) {
        reserve(4)
        unsafe UnsafeMutableRawPointer(base!).storeBytes(of: value.littleEndian, toByteOffset: length, as: UInt32.self)
        length &+= 4
    }

    /// Appends `value` in two bytes, the lowest first.
    @inlinable public mutating func append(littleEndian value: UInt16) {
        reserve(2)
        unsafe UnsafeMutableRawPointer(base!).storeBytes(of: value.littleEndian, toByteOffset: length, as: UInt16.self)
        length &+= 2
    }

    /// Writes over the four bytes from `offset` on, which must have been written.
    @inlinable public mutating func replace(at offset: Int, littleEndian value: UInt32) {
        precondition(offset >= 0 && offset &+ 4 <= length)
        unsafe UnsafeMutableRawPointer(base!).storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }
}
