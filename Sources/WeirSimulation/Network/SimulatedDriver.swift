internal import Synchronization
public import WeirBase
public import WeirLoop

/// A driver whose network, clock and faults are in memory. Both ends of every connection live on the one loop that has this driver; time
/// jumps to the next event when nothing is ready, and never passes otherwise but for a little per turn. All chance comes from one seed.
///
/// It keeps the Driver's contract and notes as `violations` where its user does not keep theirs: a send while one is under way, anything
/// after `close`, a buffer that is not given back by the end of the turn.
@safe
public final class SimulatedDriver: Driver, @unchecked Sendable {  // confined to its loop's thread, but for `wake`
    public private(set) var now = Instant(nanoseconds: 1_000_000_000)
    /// What users of the driver did that the contract forbids.
    public internal(set) var violations: [String] = []
    public private(set) var weather: Weather
    let log: EventLog
    var random: Randomness

    /// The virtual clock, in nanoseconds; `now` is as of the last `reap`.
    var clock: Int64 = 1_000_000_000
    private var queue = EventQueue()
    var sockets: ContiguousArray<SimulatedSocket> = []
    private var listeners: [(port: UInt16, listener: Listener?)] = []
    var buffers: ReceiveBuffers
    var starved: [SimulatedSocket] = []
    var counts = DriverStatistics()
    private var isReaping = false
    private let isWoken = Atomic<Bool>(false)

    /// Events reported in one turn at most.
    private static let batch = 256
    /// 2026-11-01 00:00 UTC, in nanoseconds since 1970.
    private static let wallStart: Int64 = 1_793_491_200_000_000_000

    public init(seed: UInt64, weather: Weather, log: EventLog) {
        random = Randomness(seed: seed)
        self.weather = weather
        self.log = log
        buffers = ReceiveBuffers(count: weather.receiveBuffers, bytes: weather.receiveBufferBytes)
    }

    public func readClock() -> Instant {
        clock += 40
        return Instant(nanoseconds: clock)
    }

    public func readWallClock() -> Int64 { SimulatedDriver.wallStart + clock }

    public func shutDown() {}
    /// Two ends hold each other: they would outlive the simulation, thousands of which run in a process.
    deinit { for socket in sockets { socket.peer = nil } }
    public func wake() { isWoken.store(true, ordering: .releasing) }

    public var statistics: DriverStatistics {
        var result = counts
        result.receiveBuffers = buffers.count
        result.receiveBuffersInUse = buffers.inUse
        return result
    }

    /// Sockets that exist: the file descriptors of a real system.
    public var openSockets: Int { sockets.count { $0.phase != .closed } }

    /// Whether a fault has struck the connection or its other end.
    public func isDisturbed(_ connection: Connection) -> Bool {
        socket(of: connection)?.isDisturbed ?? true
    }

    /// From now on nothing breaks; what was stalled goes on.
    public func heal() {
        weather = weather.healed
        for socket in sockets {
            socket.stallsAfter = .max
            socket.resetsAfter = .max
            socket.window = max(socket.window, weather.window)
            socket.latency = min(socket.latency, Int64(weather.latency) * 1_000)
            wakeSender(of: socket)
            guard socket.isStalled else { continue }
            socket.isStalled = false
            let held = socket.held
            socket.held = []
            for event in held { deliver(event, to: socket) }
        }
    }

    // MARK: Listening

    public func listen(on address: SocketAddress, isShared: Bool) throws(LoopError) -> (
        handle: Int32, bound: SocketAddress
    ) {
        guard port(address) == nil else { throw .cannotListen(address: address.description, errno: Errno.addressInUse) }
        listeners.append((address.port, nil))
        return (Int32(listeners.count - 1), address)
    }

    public func accept(for listener: Listener) { listeners[Int(listener.handle)].listener = listener }

    public func close(_ listener: Listener) { listeners[Int(listener.handle)].listener = nil }

    /// The listener at `address`, if somebody listens there.
    private func port(_ address: SocketAddress) -> Int32? {
        listeners.firstIndex { $0.port == address.port && $0.listener != nil }.map(Int32.init)
    }

    // MARK: Connecting

    public func connect(_ connection: Connection, to address: SocketAddress) {
        let socket = makeSocket(.connecting)
        socket.connection = connection
        connection.handle = socket.handle
        log.note(now, .connect, Int(socket.handle), Int(address.port))
        if random.chance(weather.lostConnects) { return disturb(socket) }
        if random.chance(weather.refusals) {
            disturb(socket)
            let number = random.pick([Errno.refused, Errno.refused, Errno.unreachable, Errno.reset])
            return schedule(.failConnect(socket.handle, errno: number), after: socket.latency)
        }
        var delay = socket.latency
        if random.chance(weather.slowConnects) {
            disturb(socket)
            delay += Int64(random.within(1...8_000)) * 1_000_000
        }
        // Others than 127.0.0.1 are not there.
        let isThere = address.hostText == "127.0.0.1"
        schedule(.establish(socket.handle, port: isThere ? address.port : 0), after: delay)
    }

    private func makeSocket(_ phase: SimulatedSocket.Phase) -> SimulatedSocket {
        let socket = SimulatedSocket(handle: Int32(sockets.count), phase: phase)
        socket.latency = Int64(1 + random.below(weather.latency)) * 1_000
        socket.window = weather.window / 2 + random.below(weather.window)
        sockets.append(socket)
        return socket
    }

    private func establish(_ socket: SimulatedSocket, _ port: UInt16) {
        guard socket.phase == .connecting, let connection = socket.connection else { return }
        guard let place = listeners.firstIndex(where: { $0.port == port && $0.listener != nil }) else {
            return fail(socket, Errno.refused)
        }
        let other = makeSocket(.open)
        other.latency = socket.latency
        (socket.peer, other.peer) = (other, socket)
        socket.phase = .open
        planFaults(socket, other)
        log.note(now, .established, Int(socket.handle), Int(other.handle))
        schedule(.accept(listener: Int32(place), other.handle), after: soon())
        connection.connected(errno: 0)
    }

    private func fail(_ socket: SimulatedSocket, _ number: Int32) {
        guard socket.phase == .connecting, let connection = socket.connection else { return }
        log.note(now, .refused, Int(socket.handle), Int(number))
        connection.connected(errno: number)
    }

    private func accept(_ place: Int32, _ socket: SimulatedSocket) {
        log.note(now, .accept, Int(socket.handle), Int(place))
        guard let listener = listeners[Int(place)].listener,
            let connection = listener.accepted(handle: socket.handle, peer: .loopback(port: 50_000))
        else {
            socket.phase = .closed
            if let peer = socket.peer { schedule(.reset(peer.handle), after: socket.latency) }
            return
        }
        socket.connection = connection
    }

    /// Draws what will go wrong with a new connection.
    private func planFaults(_ one: SimulatedSocket, _ other: SimulatedSocket) {
        let struck = random.chance(500) ? one : other
        if random.chance(weather.resets) {
            if random.chance(500) {
                struck.resetsAfter = random.size(upTo: 65_536)
            } else {
                schedule(.cut(struck.handle), after: Int64(random.size(upTo: 20_000_000)) * 1_000)
            }
        }
        if random.chance(weather.stalls) { struck.stallsAfter = random.size(upTo: 65_536) - 1 }
    }

    func disturb(_ socket: SimulatedSocket) {
        socket.isDisturbed = true
        socket.peer?.isDisturbed = true
    }

    // MARK: Waiting

    public func reap(until deadline: Instant) {
        counts.turns += 1
        isReaping = true
        defer { isReaping = false }
        if buffers.inUse > 0 { violate("\(buffers.inUse) receive buffers were not given back by the end of the turn") }
        // Those that found no buffer try again; before time jumps, or they would wait for somebody else's event.
        let waiting = starved
        starved = []
        for socket in waiting { wakeReceiver(socket) }
        passTime(until: deadline)
        var count = 0
        let limit = random.chance(weather.lateWakes) ? 1 + random.below(4) : SimulatedDriver.batch
        while count < limit, let event = queue.next(until: clock) {
            count += 1
            handle(event)
        }
        counts.completions += count
    }

    /// The clock goes on: a little for the work of a turn, and to the next event where the loop would wait.
    private func passTime(until deadline: Instant) {
        clock += Int64(100 + random.below(5_000))
        if !isWoken.exchange(false, ordering: .acquiringAndReleasing), deadline != .past {
            let target = min(queue.firstMoment ?? .max, deadline.nanoseconds)
            precondition(target != .max, "the loop waits for nothing: no timer, no event")
            if target > clock { clock = target }
            if random.chance(weather.lateWakes) { clock += Int64(random.below(weather.lateness)) * 1_000 }
        }
        now = Instant(nanoseconds: clock)
    }

    private func handle(_ event: NetworkEvent) {
        switch event {
        case .establish(let handle, let port): establish(sockets[Int(handle)], port)
        case .failConnect(let handle, let number): fail(sockets[Int(handle)], number)
        case .accept(let place, let handle): accept(place, sockets[Int(handle)])
        case .send(let handle): performSend(sockets[Int(handle)])
        case .arrive(let handle, let bytes): arrive(sockets[Int(handle)], bytes)
        case .end(let handle): end(sockets[Int(handle)])
        case .reset(let handle): reset(sockets[Int(handle)])
        case .receive(let handle): receive(sockets[Int(handle)])
        case .pause(let handle): pause(sockets[Int(handle)])
        case .closed(let handle): finishClosing(sockets[Int(handle)])
        case .cut(let handle): cut(sockets[Int(handle)])
        }
    }

    // MARK: Parts

    func schedule(_ event: NetworkEvent, after delay: Int64) { queue.add(event, at: clock + max(1, delay)) }

    /// Sends `event` on its way to `socket`; nothing overtakes what was sent before.
    func deliver(_ event: NetworkEvent, to socket: SimulatedSocket) {
        let jitter = Int64(random.below(Int(socket.latency / 2) + 1))
        socket.lastArrival = max(socket.lastArrival, clock + socket.latency + jitter)
        queue.add(event, at: socket.lastArrival)
    }

    /// The time that a system takes for something of its own.
    func soon() -> Int64 { Int64(100 + random.below(30_000)) }

    func violate(_ text: String) { violations.append(text) }

    func socket(of connection: Connection) -> SimulatedSocket? {
        connection.handle < 0 ? nil : sockets[Int(connection.handle)]
    }

    /// The socket of a connection that may use it; notes who may not.
    func openSocket(_ connection: Connection, _ call: StaticString) -> SimulatedSocket? {
        guard let socket = socket(of: connection), socket.connection === connection || socket.connection == nil else {
            violate("\(call) on a connection without a socket")
            return nil
        }
        if socket.phase == .open { return socket }
        violate("\(call) on socket \(socket.handle), which is \(socket.phase)")
        return nil
    }
}

/// Error numbers of Linux, as reports carry them.
enum Errno {
    static let brokenPipe: Int32 = 32
    static let addressInUse: Int32 = 98
    static let reset: Int32 = 104
    static let refused: Int32 = 111
    static let unreachable: Int32 = 113
    static let cancelled: Int32 = 125
}
