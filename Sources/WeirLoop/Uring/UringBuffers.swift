internal import CUring
internal import Glibc
import WeirBase

/// The ring of provided buffers from which the kernel takes one for each receive. Memory is touched only where bytes arrive.
@safe
struct UringBuffers: ~Copyable {
    /// 256 buffers of 32 KiB: a 16 KiB prompt comes in one piece, and a turn may bring 256 pieces before the kernel runs out.
    static let count = 256
    static let bytes = 32_768
    static let group: UInt16 = 0

    private let memory: UnsafeMutablePointer<UInt8>
    private let ring: UnsafeMutablePointer<io_uring_buf_ring>
    private let mask = io_uring_buf_ring_mask(UInt32(UringBuffers.count))
    /// Given back but not yet published to the kernel.
    private var pending: Int32 = 0
    private(set) var inUse = 0

    /// Maps the memory; `register` lets the kernel use it.
    init() throws(LoopError) {
        let total = UringBuffers.ringBytes + UringBuffers.count * UringBuffers.bytes
        let mapped = unsafe mmap(nil, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { throw .system(call: "mmap", errno: errno) }
        unsafe ring = mapped.assumingMemoryBound(to: io_uring_buf_ring.self)
        unsafe memory = (mapped + UringBuffers.ringBytes).assumingMemoryBound(to: UInt8.self)
    }

    deinit { unsafe munmap(ring, UringBuffers.ringBytes + UringBuffers.count * UringBuffers.bytes) }

    mutating func register(with owner: UnsafeMutablePointer<io_uring>) throws(LoopError) {
        var registration = io_uring_buf_reg()
        registration.ring_addr = unsafe UInt64(UInt(bitPattern: ring))
        registration.ring_entries = UInt32(UringBuffers.count)
        registration.bgid = UringBuffers.group
        let code = unsafe io_uring_register_buf_ring(owner, &registration, 0)
        guard code == 0 else { throw .uringUnavailable(errno: -code) }
        unsafe io_uring_buf_ring_init(ring)
        for index in 0..<UringBuffers.count { add(Int32(index)) }
        publish()
    }

    private static let ringBytes = count * MemoryLayout<io_uring_buf>.size

    func base(of index: Int32) -> UnsafeMutablePointer<UInt8> { unsafe memory + Int(index) * UringBuffers.bytes }

    mutating func taken() { inUse &+= 1 }

    mutating func give(_ index: Int32) {
        inUse &-= 1
        add(index)
    }

    private mutating func add(_ index: Int32) {
        unsafe io_uring_buf_ring_add(
            ring, base(of: index), UInt32(UringBuffers.bytes), UInt16(index), mask, pending)
        pending &+= 1
    }

    /// Lets the kernel see what was given back.
    mutating func publish() {
        guard pending > 0 else { return }
        unsafe io_uring_buf_ring_advance(ring, pending)
        pending = 0
    }
}
