internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Memory in words of eight bytes: of a file, shared with whoever maps it, or of this process alone. What is stored into a file's outlives the
/// process, however it dies; the loss of power may leave any mix of older and newer pages.
///
/// A store or load of a word is atomic: whoever reads sees the old or the new value, and stores are seen in the order in which one thread made them.
@safe
public final class MappedWords: @unchecked Sendable {  // the address never changes, and words are atomic
    private let base: UnsafeMutableRawPointer
    /// Words that there are.
    public let count: Int

    /// Words of this process alone, all 0; for tests and the simulator.
    public init(count: Int) {
        precondition(count > 0)
        self.count = count
        unsafe base = .allocate(byteCount: count * 8, alignment: 8)
        unsafe base.initializeMemory(as: UInt64.self, repeating: 0, count: count)
        isMapped = false
    }

    /// The first `count` words of an open file that is at least so long; the descriptor may be closed afterwards.
    /// - Parameter isWritable: whether words may be stored; the file must be open for that.
    /// - Throws: the number of the system's error.
    public init(descriptor: Int32, count: Int, isWritable: Bool) throws(WordMappingError) {
        precondition(count > 0)
        let protection = isWritable ? PROT_READ | PROT_WRITE : PROT_READ
        guard let address = unsafe mmap(nil, count * 8, protection, MAP_SHARED, descriptor, 0),
            unsafe address != MAP_FAILED
        else { throw WordMappingError(errno: errno) }
        unsafe base = address
        self.count = count
        isMapped = true
    }

    private let isMapped: Bool

    deinit {
        if isMapped { unsafe munmap(base, count * 8) } else { unsafe base.deallocate() }
    }

    /// Word `index`, in this processor's byte order.
    public subscript(index: Int) -> UInt64 {
        get { word(index) { $0.load(ordering: .acquiring) } }
        set { word(index) { $0.store(newValue, ordering: .releasing) } }
    }

    /// Lends all bytes. Nobody may store while they are looked at, but into parts that the caller does not look at.
    public func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = unsafe UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: count * 8)
        return unsafe body(Span(_unsafeElements: bytes))
    }

    private func word<Result>(_ index: Int, _ body: (borrowing Atomic<UInt64>) -> Result) -> Result {
        precondition(index >= 0 && index < count)
        // An atomic is laid out as its value; a mapping begins at a page.
        return unsafe body((base + index * 8).assumingMemoryBound(to: Atomic<UInt64>.self).pointee)
    }
}

/// Why a file could not be mapped.
public struct WordMappingError: Error, Hashable, Sendable {
    public let errno: Int32
}
