internal import Glibc
internal import Synchronization
public import WeirBase
public import WeirConfig
public import WeirLoop

/// The gateway as a process runs it: a loop per core with a gateway on each, listeners that share their addresses, and an orderly end.
public final class Server: @unchecked Sendable {  // `members` is set once, before others see the value
    private var members: [Member] = []
    private let policy: Policy
    private let directory: Published<Directory>
    private let writer: LogWriter?
    private let identities: [TLSListenerIdentity?]
    /// Where each listener listens; has the real ports.
    public private(set) var addresses: [SocketAddress] = []

    private struct Member {
        let thread: LoopThread
        let gateway: Gateway
    }

    /// What keeps a server from starting, with the cure.
    public struct StartError: Error, CustomStringConvertible {
        public let description: String
    }

    /// Starts the loops and listens.
    /// - Parameters:
    ///   - directory: who may call; publishing another takes effect with each loop's next request.
    ///   - accounting: what each loop keeps its accounts with.
    ///   - note: gets a line where something is not as it might be (epoll in place of io_uring).
    /// - Throws: `StartError`; nothing is left running then.
    public init(
        _ policy: Policy, directory: Published<Directory>, accounting: (Int) throws -> Accounting,
        backend: Backend = .automatic, spin: TimeSpan = .zero, note: @escaping @Sendable (String) -> Void
    ) throws(StartError) {
        self.policy = policy
        self.directory = directory
        writer = try Server.openLog(policy.accessLog)
        identities = try Server.identities(policy)
        let trust = try Server.trust(policy)
        let once = NoteOnce(note)
        do {
            for index in 0..<Server.loopCount(policy) {
                members.append(
                    try startLoop(index, try accounting(index), backend: backend, trust: trust, spin: spin, note: once))
            }
            for (place, listener) in policy.listeners.enumerated() { try listen(listener, place) }
        } catch {
            stopNow()
            throw StartError(description: "\(error)")
        }
    }

    /// How many loops there are.
    public var loopCount: Int { members.count }

    // MARK: Starting

    /// How many loops a policy asks for.
    public static func loopCount(_ policy: Policy) -> Int {
        switch policy.loops {
        case .fixed(let count): return count
        case .automatic: return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        }
    }

    private static func openLog(_ target: Policy.AccessLog) throws(StartError) -> LogWriter? {
        switch target {
        case .off: return nil
        case .standardOutput: return LogWriter(descriptor: 1)
        case .standardError: return LogWriter(descriptor: 2)
        case .file(let path):
            let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else {
                throw StartError(
                    description: "cannot open the access log \(path): \(systemError()); choose another path, or `off`")
            }
            return LogWriter(descriptor: descriptor)
        }
    }

    private static func identities(_ policy: Policy) throws(StartError) -> [TLSListenerIdentity?] {
        var result: [TLSListenerIdentity?] = []
        for listener in policy.listeners {
            guard let files = listener.tls else {
                result.append(nil)
                continue
            }
            do throws(TLSSetupError) {
                result.append(try TLSListenerIdentity(certificateFile: files.certificate, keyFile: files.key))
            } catch { throw StartError(description: error.description) }
        }
        return result
    }

    private static func trust(_ policy: Policy) throws(StartError) -> [TLSContext?] {
        var result: [TLSContext?] = []
        // Loading the system's roots takes some 30 ms and 0.75 MB: providers that trust the same roots share them.
        var loaded: [String?: TLSContext] = [:]
        for provider in policy.providers {
            guard provider.baseURL.isTLS else {
                result.append(nil)
                continue
            }
            do throws(TLSSetupError) {
                if loaded[provider.caFile] == nil {
                    loaded[provider.caFile] = try TLSContext.client(caFile: provider.caFile)
                }
                result.append(loaded[provider.caFile])
            } catch { throw StartError(description: "provider \(provider.name): \(error.description)") }
        }
        return result
    }

    private func startLoop(
        _ index: Int, _ accounting: Accounting, backend: Backend, trust: [TLSContext?], spin: TimeSpan, note: NoteOnce
    ) throws -> Member {
        let policy = policy
        let directory = directory
        let log = writer.map { AccessLog($0) }
        let made = Handed<Gateway>()
        let thread = try LoopThread.start(name: "weir-loop-\(index)", backend: backend, note: { note.note($0) }) {
            loop in
            loop.connectionLimit = policy.limits.connections * 2 + 1_024
            let gateway = Gateway(
                loop: loop, policy: policy, directory: directory, accounting: accounting, node: index, trust: trust,
                log: log, spin: spin)
            gateway.flushLogRegularly()
            made.give(gateway)
        }
        return Member(thread: thread, gateway: made.take())
    }

    private func listen(_ listener: Policy.Listener, _ place: Int) throws {
        guard var address = SocketAddress(host: listener.address.host, port: listener.address.port) else {
            throw StartError(description: "cannot listen on \(listener.address): write an IP address")
        }
        let identity = identities[place]
        for member in members {
            let result = Handed<Result<SocketAddress, LoopError>>()
            let wanted = address
            let isShared = members.count > 1
            member.thread.loop.execute {
                do throws(LoopError) {
                    let open = try member.gateway.loop.listen(on: wanted, tls: identity, isShared: isShared) { client in
                        await member.gateway.serve(client)
                    }
                    result.give(.success(open.address))
                } catch { result.give(.failure(error)) }
            }
            address = try result.take().get()
        }
        addresses.append(address)
    }

    // MARK: Ending

    /// Ends in order: listens no more, lets requests under way finish for as long as the policy's `drain` allows, then stops.
    /// - Returns: whether every request was finished.
    public func drain() -> Bool {
        for member in members {
            member.thread.loop.execute {
                member.gateway.loop.stopListening()
                member.gateway.drain()
            }
        }
        var left = policy.limits.drain.milliseconds
        while left > 0, active() > 0 {
            usleep(10_000)
            left -= 10
        }
        let isFinished = active() == 0
        stopNow()
        return isFinished
    }

    private func active() -> Int {
        var total = 0
        for member in members {
            let count = Handed<Int>()
            member.thread.loop.execute { count.give(member.gateway.counts.active + member.gateway.unsentConnections) }
            total += count.take()
        }
        return total
    }

    private func tasks(of member: Member) -> Int {
        let count = Handed<Int>()
        member.thread.loop.execute { count.give(member.gateway.loop.statistics.tasks) }
        return count.take()
    }

    private func stopNow() {
        for member in members {
            let log = member.gateway.log
            let loop = member.thread.loop
            loop.execute { loop.abortAll() }
            // What was cut is settled by its own task.
            let patience = 100
            for _ in 0..<patience where tasks(of: member) > 0 { usleep(10_000) }
            loop.execute {
                log?.flush()
                loop.stop()
            }
            member.thread.join()
        }
        members = []
        writer?.finish()
    }

    static func systemError() -> String {
        guard let text = unsafe strerror(errno) else { return "error \(errno)" }
        return unsafe String(cString: text)
    }

    /// Reads certificates again; new connections get them.
    public func reloadCertificates() throws(StartError) {
        for identity in identities {
            do throws(TLSSetupError) { try identity?.reload() } catch {
                throw StartError(description: error.description)
            }
        }
    }

    /// What the loops' requests under way hold, by their books: the sum of open holds. From any thread but the loops' own.
    public func openHolds() -> (requests: Int, held: Money) {
        var sum = (requests: 0, held: Money.zero)
        for member in members {
            let answer = Handed<(Int, Money)>()
            member.thread.loop.execute {
                answer.give((member.gateway.books.openRequests, member.gateway.books.openHolds))
            }
            let (requests, held) = answer.take()
            sum.requests += requests
            sum.held += held
        }
        return sum
    }

    /// Tells a loop that records of its journal survive the loss of power now. From any thread.
    public func recordsAreDurable(loop index: Int) {
        let gateway = members[index].gateway
        gateway.loop.execute { gateway.books.recordsAreDurable() }
    }

    /// The loops' statistics, in order.
    public func statistics() -> [LoopStatistics] {
        members.map { member in
            let answer = Handed<LoopStatistics>()
            member.thread.loop.execute { answer.give(member.gateway.loop.statistics) }
            return answer.take()
        }
    }
}

extension Gateway {
    /// Connections with bytes to send: a drain waits for them, too.
    var unsentConnections: Int { loop.connectionsWithOutput }

    /// Hands the log's lines over every now and then.
    func flushLogRegularly() {
        guard let log else { return }
        log.flush()
        loop.schedule(at: loop.now + .milliseconds(100)) { self.flushLogRegularly() }
    }
}

/// Says the same thing once, however many loops notice it.
private final class NoteOnce: Sendable {
    private let said = Mutex<Set<String>>([])
    private let say: @Sendable (String) -> Void
    init(_ say: @escaping @Sendable (String) -> Void) { self.say = say }
    func note(_ text: String) {
        if said.withLock({ $0.insert(text).inserted }) { say(text) }
    }
}

/// One value from one thread to another.
@safe
private final class Handed<Value>: @unchecked Sendable {  // the value is behind the semaphore
    private var value: Value?
    private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        unsafe semaphore = .allocate(capacity: 1)
        unsafe sem_init(semaphore, 0, 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    func give(_ value: Value) {
        self.value = value
        unsafe sem_post(semaphore)
    }

    func take() -> Value {
        while unsafe sem_wait(semaphore) != 0 {}
        guard let value else { preconditionFailure("nothing was given") }
        return value
    }
}
