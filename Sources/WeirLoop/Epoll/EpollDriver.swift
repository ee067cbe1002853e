internal import CLinux
internal import Glibc
public import WeirBase

/// The driver for systems that forbid io_uring: level-triggered epoll, one system call per receive and send.
@safe
public final class EpollDriver: Driver, @unchecked Sendable {  // confined to its loop's thread, but for `wake`
    private let descriptor: Int32
    private let wakeDescriptor: Int32
    public private(set) var now = SocketCalls.monotonicNow()
    private let events: UnsafeMutablePointer<epoll_event>
    private var buffers = ReceiveBuffers(count: 64, bytes: 32_768)
    private var reports: [(Connection, Report)] = []
    private var delivering: [(Connection, Report)] = []
    private var counts = DriverStatistics()
    /// Kept until the next `reap`: an event that names one may still be in the batch under way.
    private var closedListeners: [Listener] = []

    private static let eventCount = 256
    /// Listeners and connections share `epoll_event.data`: the lowest bit tells them apart. 0 is the wake descriptor.
    private static let listenerMark: UInt = 1

    private enum Report {
        case sent(Int32)
        case connected(Int32)
        case closed
    }

    /// What a connection's `driverFlags` say.
    private enum Flag {
        static let registered: UInt32 = 1
        static let reading: UInt32 = 2
        static let writing: UInt32 = 4
        static let connecting: UInt32 = 8
    }

    public init() throws(LoopError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw .system(call: "epoll_create1", errno: errno) }
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard wakeDescriptor >= 0 else {
            let number = errno
            Glibc.close(descriptor)
            throw .system(call: "eventfd", errno: number)
        }
        unsafe events = .allocate(capacity: EpollDriver.eventCount)
        control(EPOLL_CTL_ADD, wakeDescriptor, weir_epollin, 0)
    }

    deinit { unsafe events.deallocate() }

    public func shutDown() {
        Glibc.close(descriptor)
        Glibc.close(wakeDescriptor)
    }

    public func readClock() -> Instant { SocketCalls.monotonicNow() }
    public func readWallClock() -> Int64 { SocketCalls.wallNow() }

    public var statistics: DriverStatistics {
        var result = counts
        result.receiveBuffers = buffers.count
        result.receiveBuffersInUse = buffers.inUse
        return result
    }

    private func control(_ operation: Int32, _ target: Int32, _ interest: UInt32, _ data: UInt) {
        var event = unsafe epoll_event()
        unsafe event.events = interest
        unsafe event.data.u64 = UInt64(data)
        counts.systemCalls &+= 1
        unsafe epoll_ctl(descriptor, operation, target, &event)
    }

    /// Closes what epoll watches. Closing alone is not enough: while another process has a copy, between its fork and its exec, the socket
    /// lives on and would be reported with the address of an object that is gone.
    private func closeDescriptor(_ handle: Int32) {
        epoll_ctl(descriptor, EPOLL_CTL_DEL, handle, nil)
        Glibc.close(handle)
        counts.systemCalls &+= 2
    }

    // MARK: Listening

    public func listen(on address: SocketAddress, isShared: Bool) throws(LoopError) -> (
        handle: Int32, bound: SocketAddress
    ) {
        try SocketCalls.listen(on: address, isShared: isShared)
    }

    public func accept(for listener: Listener) {
        guard !listener.isClosed else { return }
        control(EPOLL_CTL_ADD, listener.handle, weir_epollin, address(of: listener) | EpollDriver.listenerMark)
    }

    public func close(_ listener: Listener) {
        closeDescriptor(listener.handle)
        closedListeners.append(listener)
    }

    private func acceptAll(_ listener: Listener) {
        for _ in 0..<64 {
            guard !listener.isClosed else { return }
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let accepted = unsafe weir_accept(listener.handle, &storage, &length)
            counts.systemCalls &+= 1
            if accepted < 0 {
                if errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM { pause(listener) }
                return
            }
            let peer = SocketAddress(storage) ?? .loopback(port: 0)
            if listener.accepted(handle: accepted, peer: peer) == nil { Glibc.close(accepted) }
        }
    }

    /// Out of descriptors: level-triggered readiness would spin, so the listener rests for a moment.
    private func pause(_ listener: Listener) {
        epoll_ctl(descriptor, EPOLL_CTL_DEL, listener.handle, nil)
        listener.loop.schedule(at: now + .milliseconds(100)) { self.accept(for: listener) }
    }

    // MARK: Connections

    public func connect(_ connection: Connection, to address: SocketAddress) {
        let socket = SocketCalls.open(address.family)
        guard socket >= 0 else { return reports.append((connection, .connected(errno))) }
        connection.handle = socket
        counts.systemCalls &+= 1
        let code = unsafe address.withSystemAddress { unsafe Glibc.connect(socket, $0, $1) }
        if code == 0 || errno != EINPROGRESS { return reports.append((connection, .connected(code == 0 ? 0 : errno))) }
        connection.driverFlags |= Flag.connecting | Flag.writing
        update(connection)
    }

    public func startReceiving(_ connection: Connection) {
        connection.driverFlags |= Flag.reading
        update(connection)
    }

    public func stopReceiving(_ connection: Connection) {
        connection.driverFlags &= ~Flag.reading
        update(connection)
        connection.receivePausedByDriver()
    }

    public func send(_ connection: Connection, _ base: UnsafePointer<UInt8>, count: Int) {
        guard connection.handle >= 0 else { return }
        counts.systemCalls &+= 1
        let result = unsafe Glibc.send(connection.handle, base, count, Int32(MSG_NOSIGNAL))
        if result < 0, errno == EAGAIN || errno == EINTR {
            connection.driverFlags |= Flag.writing
            update(connection)
        } else {
            reports.append((connection, .sent(result < 0 ? -errno : Int32(clamping: result))))
        }
    }

    public func shutdownSending(_ connection: Connection) { shutdown(connection.handle, Int32(SHUT_WR)) }

    public func close(_ connection: Connection, isReset: Bool) {
        if connection.handle >= 0 {
            if isReset { SocketCalls.resetOnClose(connection.handle) }
            closeDescriptor(connection.handle)
            connection.handle = -1
        }
        connection.driverFlags = 0
        reports.append((connection, .closed))
    }

    public func recycle(_ buffer: BufferToken) { buffers.give(buffer) }

    private func update(_ connection: Connection) {
        guard connection.handle >= 0 else { return }
        var interest: UInt32 = 0
        if connection.driverFlags & Flag.reading != 0 { interest |= weir_epollin }
        if connection.driverFlags & Flag.writing != 0 { interest |= weir_epollout }
        let isNew = connection.driverFlags & Flag.registered == 0
        connection.driverFlags |= Flag.registered
        control(isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, connection.handle, interest, address(of: connection))
    }

    // MARK: Waiting

    public func reap(until deadline: Instant) {
        counts.turns &+= 1
        closedListeners.removeAll()
        let isPending = !reports.isEmpty
        let count = wait(until: isPending ? .past : deadline)
        now = SocketCalls.monotonicNow()
        if isPending { deliverReports() }
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let event = unsafe events[index]
            counts.completions &+= 1
            unsafe handle(UInt(event.data.u64), event.events)
        }
    }

    private func wait(until deadline: Instant) -> Int32 {
        counts.systemCalls &+= 1
        let left = deadline == .never ? -1 : deadline == .past ? 0 : max(0, (deadline - readClock()).nanoseconds)
        let count = unsafe weir_epoll_wait(descriptor, events, Int32(EpollDriver.eventCount), left)
        return max(0, count)
    }

    private func deliverReports() {
        swap(&reports, &delivering)
        for (connection, report) in delivering {
            switch report {
            case .sent(let result): connection.sent(result)
            case .connected(let number): connection.connected(errno: number)
            case .closed: connection.closed()
            }
        }
        counts.completions &+= delivering.count
        delivering.removeAll(keepingCapacity: true)
    }

    private func handle(_ data: UInt, _ events: UInt32) {
        if data == 0 {
            var value: UInt64 = 0
            unsafe read(wakeDescriptor, &value, 8)
        } else if data & EpollDriver.listenerMark != 0 {
            guard let pointer = unsafe UnsafeRawPointer(bitPattern: data & ~EpollDriver.listenerMark) else { return }
            acceptAll(unsafe Unmanaged<Listener>.fromOpaque(pointer).takeUnretainedValue())
        } else if let pointer = unsafe UnsafeRawPointer(bitPattern: data) {
            handle(unsafe Unmanaged<Connection>.fromOpaque(pointer).takeUnretainedValue(), events)
        }
    }

    private func handle(_ connection: Connection, _ events: UInt32) {
        guard connection.handle >= 0 else { return }  // closed earlier in this turn
        if connection.driverFlags & Flag.connecting != 0 {
            connection.driverFlags &= ~(Flag.connecting | Flag.writing)
            update(connection)
            return connection.connected(errno: pendingError(connection.handle))
        }
        if events & (weir_epollin | weir_epollhup | weir_epollerr) != 0,
            connection.driverFlags & Flag.reading != 0
        {
            receive(connection)
        } else if events & (weir_epollhup | weir_epollerr) != 0 {
            let number = pendingError(connection.handle)
            connection.receiveEnded(errno: number == 0 ? ECONNRESET : number)
            return
        }
        if events & weir_epollout != 0, connection.handle >= 0 {
            connection.driverFlags &= ~Flag.writing
            update(connection)
            connection.resumeSending()
        }
    }

    private func receive(_ connection: Connection) {
        guard let buffer = buffers.take() else { return counts.receiveBuffersExhausted &+= 1 }
        let base = unsafe buffers.base(of: buffer)
        counts.systemCalls &+= 1
        let result = unsafe recv(connection.handle, base, buffers.bytes, 0)
        if result > 0 {
            unsafe connection.received(base, count: result, in: buffer)
        } else {
            let number = errno
            buffers.give(buffer)
            guard result == 0 || (number != EAGAIN && number != EINTR) else { return }
            connection.driverFlags &= ~Flag.reading
            update(connection)
            connection.receiveEnded(errno: result == 0 ? 0 : number)
        }
    }

    private func pendingError(_ socket: Int32) -> Int32 {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &length)
        return number
    }

    public func wake() {
        var one: UInt64 = 1
        unsafe write(wakeDescriptor, &one, 8)
    }

    private func address(of object: AnyObject) -> UInt {
        unsafe UInt(bitPattern: Unmanaged.passUnretained(object).toOpaque())
    }
}
