internal import Glibc
internal import Synchronization
public import WeirBase

/// One thread's loop: a Swift executor, timers, and the connections of one driver.
///
/// A turn: run the jobs that are ready, send what they wrote, move what they left unread, wait in the driver, fire timers. Jobs that get
/// ready while others run wait for the same turn, up to a bound, so that all that one wake-up brought is answered with one system call.
@safe
// Sendable: confined to its thread, but for `inbox` and `wake`.
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    public let name: String
    package let driver: any Driver
    private nonisolated(unsafe) var thread: pthread_t?

    // Jobs
    private var ready: ContiguousArray<UnownedJob> = []
    private var running: ContiguousArray<UnownedJob> = []
    private let inbox = Mutex<[Handover]>([])
    private let hasInbox = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    private enum Handover: @unchecked Sendable {  // a job is given over, not shared
        case job(UnownedJob)
        case run(@Sendable () -> Void)
    }

    // Time
    private var timers = TimerHeap()

    // Connections
    private var connections: ContiguousArray<Connection?> = []
    private var generations: ContiguousArray<UInt32> = []
    private var freeSlots: [Int32] = []
    private var dirty: ContiguousArray<Connection> = []
    private var borrowers: ContiguousArray<Connection> = []
    private var listeners: [Listener] = []
    private var blocks = BlockPool()
    private var scratch = ByteBuffer()
    private var counts = LoopStatistics()
    /// Connections above which new ones are closed at once (clients) or refused (`connect`).
    public var connectionLimit = 65_536

    /// Runs once a turn, between the jobs and the sends: what has to be on record before a byte leaves is written here. A job sends nothing by
    /// itself, so whatever it has written waits for this.
    public var beforeSends: (() -> Void)?

    /// A loop over `driver`. It runs on the thread that calls `run`.
    public init(driver: any Driver, name: String = "loop") {
        self.driver = driver
        self.name = name
        ready.reserveCapacity(1_024)
        running.reserveCapacity(1_024)
    }

    // MARK: The turn

    /// Runs until `stop` is called. The calling thread is the loop's from now on.
    public func run() {
        adoptThread()
        while !isStopping.load(ordering: .acquiring) { turn() }
        shutDown()
    }

    /// Ends the driver and lets go of all connections and listeners, which refer to the loop.
    package func shutDown() {
        driver.shutDown()
        beforeSends = nil
        dirty.removeAll()
        borrowers.removeAll()
        for slot in connections.indices { connections[slot] = nil }
        listeners.removeAll()
    }

    /// Makes the calling thread the loop's. Does not write once it is: others may look meanwhile.
    public func adoptThread() { if !isOnThread { unsafe thread = pthread_self() } }

    /// One turn; waits for something to happen, at most until `limit`.
    public func turn(until limit: Instant = .never) {
        runJobs()
        beforeSends?()
        flushDirty()
        endBorrows()
        let isBusy = !ready.isEmpty || !dirty.isEmpty || hasInbox.load(ordering: .acquiring)
        driver.reap(until: isBusy ? .past : min(timers.first, limit))
        counts.turns &+= 1
        fireTimers()
        if hasInbox.load(ordering: .acquiring) { takeInbox() }
    }

    /// Whether a turn would have something to do without waiting.
    public var isIdle: Bool { ready.isEmpty && dirty.isEmpty && !hasInbox.load(ordering: .acquiring) }

    /// When the next timer fires; `never` without one.
    public var nextTimer: Instant { timers.first }

    private func runJobs() {
        // Rounds: a job may ready another that should still be part of this turn. The bound keeps a busy pair from starving the driver.
        var rounds = 0
        while !ready.isEmpty, rounds < 16 {
            rounds += 1
            swap(&ready, &running)
            for job in running { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
            counts.jobs &+= running.count
            running.removeAll(keepingCapacity: true)
        }
    }

    private func flushDirty() {
        guard !dirty.isEmpty else { return }
        for connection in dirty {
            connection.isDirty = false
            connection.flush()
        }
        dirty.removeAll(keepingCapacity: true)
    }

    private func endBorrows() {
        guard !borrowers.isEmpty else { return }
        for connection in borrowers { connection.endBorrow() }
        borrowers.removeAll(keepingCapacity: true)
    }

    private func fireTimers() {
        let now = driver.now
        while let action = timers.next(at: now) {
            counts.timers &+= 1
            switch action {
            case .resume(let waiting): unsafe waiting.resume()
            case .run(let body): body()
            case .connection(let slot, let generation):
                guard generations[Int(slot)] == generation, let connection = connections[Int(slot)] else { continue }
                connection.timerFired(at: now)
            }
        }
    }

    private func takeInbox() {
        hasInbox.store(false, ordering: .releasing)
        let handed = inbox.withLock { list in
            let all = list
            list.removeAll(keepingCapacity: true)
            return all
        }
        for item in handed {
            switch item {
            case .job(let job): ready.append(job)
            case .run(let body): body()
            }
        }
    }

    // MARK: Executor

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnThread { ready.append(job) } else { handOver(.job(job)) }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }

    /// Whether the caller is on the loop's thread.
    public var isOnThread: Bool { unsafe thread == pthread_self() }

    /// Starts a task on this loop. From the loop's thread; from another one use `execute`.
    public func spawn(_ body: @escaping @Sendable () async -> Void) {
        counts.tasks &+= 1
        Task(executorPreference: self) {
            await body()
            self.counts.tasks &-= 1
        }
    }

    /// Starts the task that serves a connection and then finishes it. Not by `spawn`: each closure around another has a frame, and those of a
    /// stream's task live as long as the stream.
    func spawn(serving connection: Connection, _ serve: @escaping @Sendable (Connection) async -> Void) {
        counts.tasks &+= 1
        Task(executorPreference: self) {
            await serve(connection)
            connection.finish()
            self.counts.tasks &-= 1
        }
    }

    /// Runs `body` on the loop's thread, soon. From any thread.
    public func execute(_ body: @escaping @Sendable () -> Void) { handOver(.run(body)) }

    private func handOver(_ item: Handover) {
        inbox.withLock { $0.append(item) }
        // Only the first of several hand-overs wakes the loop: the flag falls before the list is taken.
        if !hasInbox.exchange(true, ordering: .acquiringAndReleasing) { driver.wake() }
    }

    /// Gives the processor to another thread that waits for one.
    public func letOthersRun() { sched_yield() }

    /// Ends `run` after the turn under way. From any thread.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        driver.wake()
    }

    // MARK: Time

    /// The time as of the last wait.
    public var now: Instant { driver.now }
    /// The time as of this call; costs a reading of the clock.
    public func readClock() -> Instant { driver.readClock() }

    /// The wall clock: nanoseconds since 1970, UTC. It may jump; time-outs use `now`.
    public func readWallClock() -> Int64 { driver.readWallClock() }

    /// Waits until `moment`.
    public func sleep(until moment: Instant) async {
        guard moment > now else { return await yield() }
        unsafe await withUnsafeContinuation { unsafe timers.add(moment, .resume($0)) }
    }

    /// Lets the other ready jobs and the driver have a turn.
    public func yield() async {
        unsafe await withUnsafeContinuation { waiting in unsafe timers.add(now, .resume(waiting)) }
    }

    /// Runs `body` on the loop when `moment` has come.
    public func schedule(at moment: Instant, _ body: @escaping @Sendable () -> Void) { timers.add(moment, .run(body)) }

    func add(timer deadline: Instant, for connection: Connection) {
        connection.timer = deadline
        timers.add(deadline, .connection(slot: connection.slot, generation: connection.generation))
    }

    // MARK: Connections

    /// Listens on `address` and runs `serve` in a task of its own for every connection; when it returns, the connection is finished.
    /// - Throws: `cannotListen` with the system's reason.
    @discardableResult
    public func listen(
        on address: SocketAddress, tls: TLSListenerIdentity? = nil, isShared: Bool = false,
        serve: @escaping @Sendable (Connection) async -> Void
    ) throws(LoopError) -> Listener {
        let (handle, bound) = try driver.listen(on: address, isShared: isShared)
        let listener = Listener(loop: self, handle: handle, address: bound, tls: tls, serve: serve)
        listeners.append(listener)
        driver.accept(for: listener)
        return listener
    }

    /// Connects to `address`, with TLS if `tls` is given: the handshake is done when this returns.
    /// - Throws: `refused`, `unreachable`, `timedOut` when `deadline` has passed, `exhausted`, `tls`.
    public func connect(
        to address: SocketAddress, deadline: Instant = .never, tls: TLSClient? = nil
    ) async throws(ConnectionError) -> Connection {
        guard counts.connections < connectionLimit else { throw .exhausted }
        let connection = register(handle: -1, peer: address, phase: .connecting)
        connection.readDeadline = deadline
        driver.connect(connection, to: address)
        connection.armTimer(deadline)
        unsafe await withUnsafeContinuation { unsafe connection.reader = unsafe $0 }
        guard connection.phase == .open else {
            let error = connection.phase == .connecting ? ConnectionError.timedOut : connection.ending ?? .aborted
            connection.close(because: error, isReset: false)
            throw error
        }
        if let tls { try await connection.startTLS(tls) }
        connection.readDeadline = .never
        return connection
    }

    func register(handle: Int32, peer: SocketAddress, phase: Connection.Phase) -> Connection {
        counts.connections &+= 1
        let slot: Int32
        if let free = freeSlots.popLast() {
            slot = free
        } else {
            slot = Int32(connections.count)
            connections.append(nil)
            generations.append(0)
        }
        let connection = Connection(
            loop: self, slot: slot, generation: generations[Int(slot)], handle: handle, peer: peer, phase: phase)
        connections[Int(slot)] = connection
        return connection
    }

    func forget(_ connection: Connection) {
        let slot = Int(connection.slot)
        guard generations[slot] == connection.generation, connections[slot] != nil else { return }
        // May be the last reference: the drivers call with one that they do not own.
        connections[slot] = nil
        generations[slot] &+= 1
        freeSlots.append(Int32(slot))
        counts.connections &-= 1
    }

    func forget(_ listener: Listener) { listeners.removeAll { $0 === listener } }

    /// Stops every listener of this loop.
    public func stopListening() { for listener in listeners { listener.stop() } }

    /// Aborts every connection, for a stop that cannot wait any longer.
    public func abortAll() { for connection in connections { connection?.closeAtStop() } }

    /// Finishes every connection that is at rest.
    public func finishResting() {
        for connection in connections { if let connection, connection.isAtRest { connection.finish() } }
    }

    @inline(__always) func noteDirty(_ connection: Connection) { dirty.append(connection) }
    @inline(__always) func noteBorrower(_ connection: Connection) { borrowers.append(connection) }
    func takeBlock(_ bytes: Int) -> BlockPool.Block { unsafe blocks.take(bytes) }
    func adoptBlock() { blocks.adopt() }
    func giveBlock(_ block: BlockPool.Block) { unsafe blocks.give(block) }

    /// A buffer for what is copied on at once, empty at the start of each use.
    func withScratch<Result, Failure: Error>(
        _ use: (inout ByteBuffer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        scratch.removeAll()
        return try use(&scratch)
    }

    /// Connections that exist now, closing ones included.
    public var connectionCount: Int { counts.connections }

    /// Connections with bytes that the system has not taken yet. Looks at each: for stops, not for every request.
    public var connectionsWithOutput: Int {
        var count = 0
        for connection in connections { if let connection, connection.isSending { count += 1 } }
        return count
    }

    /// What the loop has done, and what it holds.
    public var statistics: LoopStatistics {
        var result = counts
        result.blocksInUse = blocks.inUse
        result.driver = driver.statistics
        return result
    }
}

/// What a loop has done since it started, and what it holds now.
public struct LoopStatistics: Sendable, Equatable {
    public var turns = 0
    /// Jobs run: pieces of tasks between two suspensions.
    public var jobs = 0
    /// Timers fired.
    public var timers = 0
    /// Connections that exist now, closing ones included.
    public var connections = 0
    /// Tasks of `spawn` that have not ended.
    public var tasks = 0
    /// Blocks of memory that connections hold now.
    public var blocksInUse = 0
    public var driver = DriverStatistics()
    public init() {}
}
