/// Equal receive buffers in one piece of memory, for drivers that choose the buffer themselves. A buffer is held for one turn at most.
@safe
struct ReceiveBuffers: ~Copyable {
    let count: Int
    let bytes: Int
    private let memory: UnsafeMutablePointer<UInt8>
    private var free: [Int32]

    init(count: Int, bytes: Int) {
        self.count = count
        self.bytes = bytes
        unsafe memory = .allocate(capacity: count * bytes)
        free = (0..<Int32(count)).reversed()
    }

    deinit { unsafe memory.deallocate() }

    var inUse: Int { count - free.count }

    mutating func take() -> BufferToken? {
        guard let index = free.popLast() else { return nil }
        return BufferToken(index: index)
    }

    mutating func give(_ buffer: BufferToken) { free.append(buffer.index) }

    func base(of buffer: BufferToken) -> UnsafeMutablePointer<UInt8> { unsafe memory + Int(buffer.index) * bytes }
}
