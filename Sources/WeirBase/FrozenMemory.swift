/// Bytes that never change and never move while anybody holds them: a mapped file or a copy. All loops may read them at once; every load checks its
/// bounds, so that a wrong offset ends the program and reads nothing it should not.
@safe
public final class FrozenMemory: @unchecked Sendable {  // Sendable: nobody writes after init
    @usableFromInline let base: UnsafeRawPointer
    /// Bytes.
    public let count: Int
    /// Whether it is a mapped file, whose pages come back from there.
    let isMapped: Bool
    private let release: (UnsafeRawPointer, Int) -> Void

    /// Takes over `count` bytes at `base`; `release` is called when nobody needs them any more.
    @unsafe init(
        base: UnsafeRawPointer, count: Int, isMapped: Bool, release: @escaping (UnsafeRawPointer, Int) -> Void
    ) {
        unsafe self.base = base
        self.count = count
        self.isMapped = isMapped
        unsafe self.release = release
    }

    /// A copy of `bytes`.
    public convenience init(copying bytes: Span<UInt8>) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 64)
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe memory.copyMemory(from: start, byteCount: source.count)
        }
        unsafe self.init(base: UnsafeRawPointer(memory), count: bytes.count, isMapped: false) { base, _ in
            unsafe base.deallocate()
        }
    }

    deinit { unsafe release(base, count) }

    /// The byte at `offset`.
    @inlinable @inline(__always) public func byte(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < count)
        return unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// The little-endian number in the two bytes from `offset`.
    @inlinable @inline(__always) public func load16(at offset: Int) -> UInt16 {
        precondition(offset >= 0 && offset <= count &- 2)
        return unsafe UInt16(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The little-endian number in the four bytes from `offset`.
    @inlinable @inline(__always) public func load32(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset <= count &- 4)
        return unsafe UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The little-endian number in the eight bytes from `offset`.
    @inlinable @inline(__always) public func load64(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= count &- 8)
        return unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
