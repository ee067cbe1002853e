import WeirLoop

/// The receive buffers of a simulated driver: few and small where the weather says so. A buffer is overwritten when it comes back, so that
/// whoever still reads in it reads nonsense.
@safe
struct ReceiveBuffers: ~Copyable {
    let count: Int
    let bytes: Int
    private let base: UnsafeMutablePointer<UInt8>
    private var free: [Int32]
    private var isLent: [Bool]

    private static let poison: UInt8 = 0xDB

    init(count: Int, bytes: Int) {
        self.count = count
        self.bytes = bytes
        unsafe base = .allocate(capacity: count * bytes)
        unsafe base.initialize(repeating: ReceiveBuffers.poison, count: count * bytes)
        free = (0..<Int32(count)).reversed()
        isLent = Array(repeating: false, count: count)
    }

    deinit { unsafe base.deallocate() }

    var inUse: Int { count - free.count }

    mutating func take() -> BufferToken? {
        guard let index = free.popLast() else { return nil }
        isLent[Int(index)] = true
        return BufferToken(index: index)
    }

    func base(of buffer: BufferToken) -> UnsafeMutablePointer<UInt8> { unsafe base + Int(buffer.index) * bytes }

    /// - Returns: whether the buffer was lent.
    mutating func give(_ buffer: BufferToken) -> Bool {
        let index = Int(buffer.index)
        guard index >= 0, index < count, isLent[index] else { return false }
        isLent[index] = false
        unsafe base(of: buffer).update(repeating: ReceiveBuffers.poison, count: bytes)
        free.append(buffer.index)
        return true
    }
}
