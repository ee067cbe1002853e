internal import CLinux
internal import CUring
internal import Glibc
public import WeirBase

/// The io_uring driver: one system call a turn hands over all sends and re-arms and brings all that happened. Receives are multishot into a
/// ring of provided buffers, accepts are multishot. The ring belongs to the thread that creates the driver (SINGLE_ISSUER).
@safe
public final class UringDriver: Driver, @unchecked Sendable {  // confined to its loop's thread, but for `wake`
    private let ring: UnsafeMutablePointer<io_uring>
    private var buffers: UringBuffers
    private let wakeDescriptor: Int32
    private let wakeValue: UnsafeMutablePointer<UInt64>
    public private(set) var now = SocketCalls.monotonicNow()
    private let completions: UnsafeMutablePointer<UnsafeMutablePointer<io_uring_cqe>?>
    private var starved: [Connection] = []
    /// Whether the kernel bounds what one multishot receive brings in all (Linux 6.18).
    private var boundsReceives = true
    private var addresses: [ObjectIdentifier: UnsafeMutablePointer<sockaddr_storage>] = unsafe [:]
    private var counts = DriverStatistics()

    private static let batch = 256

    /// What a completion is about: the low bits of its user data, the rest is the object's address.
    private enum Operation {
        static let ignore: UInt = 0
        static let receive: UInt = 1
        static let send: UInt = 2
        static let connect: UInt = 3
        static let close: UInt = 4
        static let accept: UInt = 5
        static let wake: UInt = 6
        static let mask: UInt = 7
    }

    /// Bytes after which a multishot receive ends and is armed anew. Without this bound, one whose reader is slow would go on for a
    /// megabyte or two before a cancellation reaches it.
    private static let receiveBound: Int32 = 131_072
    /// A send of more than this reports each part that the system takes.
    private static let progressBytes = 262_144

    /// What a connection's `driverFlags` say.
    private enum Flag {
        static let receiving: UInt32 = 1
        static let stopping: UInt32 = 2
        static let closing: UInt32 = 8
    }

    /// - Throws: `uringUnavailable` where the system forbids or lacks what is needed (Linux 6.0 or newer).
    public init() throws(LoopError) {
        buffers = try UringBuffers()
        unsafe ring = .allocate(capacity: 1)
        unsafe ring.initialize(to: io_uring())
        unsafe wakeValue = .allocate(capacity: 1)
        unsafe completions = .allocate(capacity: UringDriver.batch)
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC))
        guard wakeDescriptor >= 0 else { throw .system(call: "eventfd", errno: errno) }
        var parameters = io_uring_params()
        parameters.flags = UInt32(
            IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL)
        parameters.cq_entries = 8_192
        let code = unsafe io_uring_queue_init_params(1_024, ring, &parameters)
        guard code == 0 else {
            Glibc.close(wakeDescriptor)
            throw .uringUnavailable(errno: -code)
        }
        unsafe io_uring_register_ring_fd(ring)
        do throws(LoopError) {
            try unsafe buffers.register(with: ring)
        } catch {
            shutDown()
            throw error
        }
        armWake()
    }

    deinit {
        unsafe wakeValue.deallocate()
        unsafe completions.deallocate()
        unsafe ring.deallocate()
    }

    public func shutDown() {
        // What was closed in the last turn is still queued: without this its descriptors stay, and its peers hear of nothing.
        unsafe io_uring_submit(ring)
        unsafe io_uring_queue_exit(ring)
        Glibc.close(wakeDescriptor)
    }

    public func readClock() -> Instant { SocketCalls.monotonicNow() }
    public func readWallClock() -> Int64 { SocketCalls.wallNow() }

    public var statistics: DriverStatistics {
        var result = counts
        result.receiveBuffers = UringBuffers.count
        result.receiveBuffersInUse = buffers.inUse
        return result
    }

    /// A free submission entry; hands over what is queued where none is left. To be filled by an `io_uring_prep_...` call and then marked.
    private func entry() -> UnsafeMutablePointer<io_uring_sqe> {
        while true {
            if let entry = unsafe io_uring_get_sqe(ring) { return unsafe entry }
            counts.systemCalls &+= 1
            unsafe io_uring_submit(ring)
        }
    }

    /// Says what the entry's completion will be about. Every entry is marked, after its preparation: the memory has held another one before.
    private func mark(_ entry: UnsafeMutablePointer<io_uring_sqe>, _ operation: UInt, _ object: AnyObject?) {
        let pointer = object.map { unsafe UInt(bitPattern: Unmanaged.passUnretained($0).toOpaque()) } ?? 0
        unsafe entry.pointee.user_data = UInt64(pointer | operation)
    }

    // MARK: Listening

    public func listen(on address: SocketAddress, isShared: Bool) throws(LoopError) -> (
        handle: Int32, bound: SocketAddress
    ) {
        try SocketCalls.listen(on: address, isShared: isShared)
    }

    public func accept(for listener: Listener) {
        guard !listener.isClosed else { return }
        let entry = unsafe entry()
        unsafe io_uring_prep_multishot_accept(entry, listener.handle, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        unsafe mark(entry, Operation.accept, listener)
        // Kept alive until the accept has ended.
        if listener.driverFlags == 0 { _ = unsafe Unmanaged.passRetained(listener) }
        listener.driverFlags = 1
    }

    public func close(_ listener: Listener) {
        let cancel = unsafe entry()
        unsafe io_uring_prep_cancel64(
            cancel, UInt64(UInt(bitPattern: Unmanaged.passUnretained(listener).toOpaque()) | Operation.accept), 0)
        unsafe mark(cancel, Operation.ignore, nil)
        let close = unsafe entry()
        unsafe io_uring_prep_close(close, listener.handle)
        unsafe mark(close, Operation.ignore, nil)
    }

    private func accepted(_ listener: Listener, _ result: Int32, _ flags: UInt32) {
        if result >= 0 {
            let peer = SocketCalls.peerAddress(of: result) ?? .loopback(port: 0)
            if listener.accepted(handle: result, peer: peer) == nil { Glibc.close(result) }
        }
        guard flags & UInt32(IORING_CQE_F_MORE) == 0 else { return }
        if listener.isClosed {
            listener.driverFlags = 0
            unsafe Unmanaged.passUnretained(listener).release()
        } else if result >= 0 {
            accept(for: listener)
        } else {
            // Out of descriptors or memory: the listener rests for a moment.
            listener.loop.schedule(at: now + .milliseconds(100)) { self.accept(for: listener) }
        }
    }

    // MARK: Connections

    public func connect(_ connection: Connection, to address: SocketAddress) {
        let socket = SocketCalls.open(address.family)
        connection.operations &+= 1
        let entry = unsafe entry()
        guard socket >= 0 else {
            // Reported through the ring, as everything is: a connect on no descriptor fails with EBADF.
            unsafe io_uring_prep_nop(entry)
            unsafe mark(entry, Operation.connect, connection)
            return
        }
        connection.handle = socket
        let storage = UnsafeMutablePointer<sockaddr_storage>.allocate(capacity: 1)
        unsafe storage.initialize(to: sockaddr_storage())
        let length = unsafe address.write(to: &storage.pointee)
        unsafe addresses[ObjectIdentifier(connection)] = storage
        unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe io_uring_prep_connect(entry, socket, $0, length)
        }
        unsafe mark(entry, Operation.connect, connection)
    }

    private func connected(_ connection: Connection, _ result: Int32) {
        if let storage = unsafe addresses.removeValue(forKey: ObjectIdentifier(connection)) {
            unsafe storage.deallocate()
        }
        ended(connection)
        connection.connected(errno: connection.handle < 0 ? EMFILE : -result)
    }

    public func startReceiving(_ connection: Connection) {
        connection.driverFlags &= ~Flag.stopping
        guard connection.driverFlags & (Flag.receiving | Flag.closing) == 0 else { return }
        connection.driverFlags |= Flag.receiving
        connection.operations &+= 1
        let entry = unsafe entry()
        unsafe io_uring_prep_recv_multishot(entry, connection.handle, nil, 0, 0)
        unsafe entry.pointee.flags |= weir_iosqe_buffer_select
        if boundsReceives { unsafe entry.pointee.splice_fd_in = UringDriver.receiveBound }
        unsafe entry.pointee.buf_group = UringBuffers.group
        unsafe mark(entry, Operation.receive, connection)
    }

    public func stopReceiving(_ connection: Connection) {
        guard connection.driverFlags & (Flag.receiving | Flag.stopping) == Flag.receiving else { return }
        connection.driverFlags |= Flag.stopping
        let pointer = unsafe UInt(bitPattern: Unmanaged.passUnretained(connection).toOpaque())
        let cancel = unsafe entry()
        unsafe io_uring_prep_cancel64(cancel, UInt64(pointer | Operation.receive), 0)
        unsafe mark(cancel, Operation.ignore, nil)
    }

    private func received(_ connection: Connection, _ result: Int32, _ flags: UInt32) {
        let hasMore = flags & UInt32(IORING_CQE_F_MORE) != 0
        if flags & UInt32(IORING_CQE_F_BUFFER) != 0 {
            let index = Int32(flags >> UInt32(IORING_CQE_BUFFER_SHIFT))
            buffers.taken()
            if result > 0 {
                unsafe connection.received(buffers.base(of: index), count: Int(result), in: BufferToken(index: index))
            } else {
                recycle(BufferToken(index: index))
            }
        }
        guard !hasMore else { return }
        connection.driverFlags &= ~Flag.receiving
        let wasStopped = connection.driverFlags & Flag.stopping != 0
        connection.driverFlags &= ~Flag.stopping
        if connection.driverFlags & Flag.closing != 0 {
            return ended(connection)
        }
        if result > 0 {
            if wasStopped || connection.hasMuchUnread { connection.receivePaused() } else { startReceiving(connection) }
        } else if result == -EINVAL, boundsReceives {
            boundsReceives = false
            startReceiving(connection)
        } else if result == -ENOBUFS {
            // Every buffer is in somebody's hands until the end of this turn: again with the next one.
            counts.receiveBuffersExhausted &+= 1
            starved.append(connection)
        } else if result == -ECANCELED {
            connection.receivePaused()
        } else {
            connection.receiveEnded(errno: -result)
        }
        ended(connection)
    }

    public func send(_ connection: Connection, _ base: UnsafePointer<UInt8>, count: Int) {
        guard connection.driverFlags & Flag.closing == 0 else { return }
        connection.operations &+= 1
        let entry = unsafe entry()
        // One report for all of it, but for so much that its owner wants to hear how it gets on.
        let waitsForAll = count > UringDriver.progressBytes ? 0 : Int32(MSG_WAITALL)
        unsafe io_uring_prep_send(entry, connection.handle, base, count, Int32(MSG_NOSIGNAL) | waitsForAll)
        unsafe mark(entry, Operation.send, connection)
    }

    public func shutdownSending(_ connection: Connection) { shutdown(connection.handle, Int32(SHUT_WR)) }

    public func close(_ connection: Connection, isReset: Bool) {
        guard connection.driverFlags & Flag.closing == 0 else { return }
        connection.driverFlags |= Flag.closing
        if connection.handle >= 0 {
            if isReset { SocketCalls.resetOnClose(connection.handle) }
            if connection.operations > 0 {
                let cancel = unsafe entry()
                unsafe io_uring_prep_cancel_fd(cancel, connection.handle, UInt32(IORING_ASYNC_CANCEL_ALL))
                unsafe mark(cancel, Operation.ignore, nil)
            }
        }
        connection.operations &+= 1
        let entry = unsafe entry()
        if connection.handle >= 0 {
            unsafe io_uring_prep_close(entry, connection.handle)
        } else {
            unsafe io_uring_prep_nop(entry)
        }
        unsafe mark(entry, Operation.close, connection)
    }

    /// One operation of `connection` has ended; after the last one of a closed connection its memory may go.
    private func ended(_ connection: Connection) {
        connection.operations &-= 1
        if connection.operations == 0, connection.driverFlags & Flag.closing != 0 {
            connection.handle = -1
            connection.closed()
        }
    }

    public func recycle(_ buffer: BufferToken) { buffers.give(buffer.index) }

    // MARK: Waiting

    public func reap(until deadline: Instant) {
        counts.turns &+= 1
        buffers.publish()
        if !starved.isEmpty { rearmStarved() }
        submitAndWait(until: deadline)
        now = SocketCalls.monotonicNow()
        while true {
            let count = unsafe io_uring_peek_batch_cqe(ring, completions, UInt32(UringDriver.batch))
            guard count > 0 else { return }
            for index in 0..<Int(count) {
                guard let completion = unsafe completions[index] else { continue }
                handle(
                    unsafe UInt(completion.pointee.user_data), unsafe completion.pointee.res,
                    unsafe completion.pointee.flags)
            }
            counts.completions &+= Int(count)
            unsafe io_uring_cq_advance(ring, count)
        }
    }

    private func submitAndWait(until deadline: Instant) {
        counts.systemCalls &+= 1
        if deadline == .past {
            unsafe io_uring_submit_and_get_events(ring)
        } else if deadline == .never {
            unsafe io_uring_submit_and_wait(ring, 1)
        } else {
            let left = max(0, (deadline - readClock()).nanoseconds)
            var time = __kernel_timespec(tv_sec: left / 1_000_000_000, tv_nsec: left % 1_000_000_000)
            var first: UnsafeMutablePointer<io_uring_cqe>?
            unsafe io_uring_submit_and_wait_timeout(ring, &first, 1, &time, nil)
        }
    }

    private func rearmStarved() {
        let waiting = starved
        starved.removeAll(keepingCapacity: true)
        for connection in waiting where connection.driverFlags & Flag.closing == 0 { startReceiving(connection) }
    }

    private func handle(_ data: UInt, _ result: Int32, _ flags: UInt32) {
        let operation = data & Operation.mask
        if operation == Operation.wake { return armWake() }
        guard let pointer = unsafe UnsafeRawPointer(bitPattern: data & ~Operation.mask) else { return }
        if operation == Operation.accept {
            return accepted(unsafe Unmanaged<Listener>.fromOpaque(pointer).takeUnretainedValue(), result, flags)
        }
        unsafe Unmanaged<Connection>.fromOpaque(pointer)._withUnsafeGuaranteedRef { connection in
            switch operation {
            case Operation.receive: received(connection, result, flags)
            case Operation.send:
                connection.sent(result)
                ended(connection)
            case Operation.connect: connected(connection, result)
            default: ended(connection)
            }
        }
    }

    // MARK: Waking

    private func armWake() {
        let entry = unsafe entry()
        unsafe io_uring_prep_read(entry, wakeDescriptor, wakeValue, 8, 0)
        unsafe mark(entry, Operation.wake, nil)
    }

    public func wake() {
        var one: UInt64 = 1
        unsafe write(wakeDescriptor, &one, 8)
    }
}
