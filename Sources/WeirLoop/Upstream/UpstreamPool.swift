public import WeirBase

/// Keep-alive connections of one loop to one endpoint.
///
/// The connection used last is used first: it is warm, and those that are not needed age and are closed by the peer or after `idleTime`. A
/// pooled connection whose peer closes it is dropped at once; one that turns out to be closed while a request is on its way is the caller's
/// to retry. Names are looked up again every `refreshTime`; old addresses serve while that lasts.
@safe
public final class UpstreamPool: @unchecked Sendable {  // confined to its loop's thread
    let loop: EventLoop
    private let host: String
    private let port: UInt16
    private let tls: TLSClient?
    private let resolver: any Resolver
    private let limit: Int

    private var idle: [Idle] = []
    /// Connections that this pool has made and that exist: idle, lent or connecting.
    public private(set) var count = 0
    private var addresses: [SocketAddress] = []
    private var resolvedAt = Instant.past
    private var isResolving = false
    private var waiting: [Waiting] = unsafe []
    private var nextAddress = 0
    private var isSweeping = false

    /// A request that waits for the first addresses.
    @unsafe private struct Waiting {
        let deadline: Instant
        let continuation: UnsafeContinuation<Void, Never>
    }

    private struct Idle {
        let connection: Connection
        let since: Instant
    }

    /// How long a connection may be idle, and how long addresses are believed.
    static let idleTime = TimeSpan.seconds(60)
    static let refreshTime = TimeSpan.seconds(30)

    /// - Parameter limit: connections at most; one more request is refused with `exhausted`.
    public init(
        loop: EventLoop, host: String, port: UInt16, tls: TLSClient? = nil, resolver: any Resolver, limit: Int
    ) {
        self.loop = loop
        self.host = host
        self.port = port
        self.tls = tls
        self.resolver = resolver
        self.limit = limit
        if let address = SocketAddress(host: host, port: port) {
            addresses = [address]
            resolvedAt = .never
        }
    }

    public var idleCount: Int { idle.count }

    /// The idle connection that was used last; nil if there is none. Its peer may have closed it meanwhile.
    public func takeIdle() -> Connection? {
        while let last = idle.popLast() {
            let connection = last.connection
            connection.idlePool = nil
            if connection.isUsable, connection.unreadCount == 0 { return connection }
            discard(connection)
        }
        return nil
    }

    /// A new connection.
    /// - Throws: what `EventLoop.connect` throws, `unresolved`, `exhausted`.
    public func connect(until deadline: Instant) async throws(ConnectionError) -> Connection {
        guard count < limit else { throw .exhausted }
        count += 1
        do throws(ConnectionError) {
            return try await open(deadline)
        } catch {
            count -= 1
            throw error
        }
    }

    /// Takes a connection back whose response was read whole.
    public func giveBack(_ connection: Connection) {
        guard connection.isUsable, connection.unreadCount == 0 else { return discard(connection) }
        connection.readDeadline = .never
        connection.idlePool = self
        idle.append(Idle(connection: connection, since: loop.now))
        startSweeping()
    }

    /// Takes a connection back that cannot carry another request.
    public func discard(_ connection: Connection) {
        count -= 1
        connection.abort()
    }

    /// An idle connection's peer has closed it.
    func ended(_ connection: Connection) {
        guard let place = idle.firstIndex(where: { $0.connection === connection }) else { return }
        idle.remove(at: place)
        connection.idlePool = nil
        discard(connection)
    }

    /// Closes all idle connections.
    public func closeIdle() {
        while let last = idle.popLast() {
            last.connection.idlePool = nil
            discard(last.connection)
        }
    }

    // MARK: Parts

    private func open(_ deadline: Instant) async throws(ConnectionError) -> Connection {
        try await resolve(deadline)
        var failure = ConnectionError.unresolved
        // Each connect goes through the addresses itself: a cursor that all share could take one to the same dead address again and again.
        let candidates = addresses
        nextAddress = (nextAddress + 1) % candidates.count
        let first = nextAddress
        for offset in 0..<min(candidates.count, 4) {
            let address = candidates[(first + offset) % candidates.count]
            do throws(ConnectionError) {
                return try await loop.connect(to: address, deadline: deadline, tls: tls)
            } catch {
                failure = error
                if error == .timedOut { throw error }
            }
        }
        throw failure
    }

    /// Sees to it that there are addresses: waits for the first answer, not for later ones.
    private func resolve(_ deadline: Instant) async throws(ConnectionError) {
        let loop = loop
        if resolvedAt != .never, !isResolving, loop.now > resolvedAt + UpstreamPool.refreshTime || addresses.isEmpty {
            isResolving = true
            resolver.resolve(host, port: port, for: loop) { found in self.resolved(found) }
        }
        guard addresses.isEmpty else { return }
        // The resolver may take longer than the request may wait.
        if isResolving, deadline != .never {
            loop.schedule(at: deadline) { [weak self] in self?.wakeWaiting(until: deadline) }
        }
        while addresses.isEmpty, isResolving {
            guard loop.now < deadline else { throw .unresolved }
            unsafe await withUnsafeContinuation { unsafe waiting.append(Waiting(deadline: deadline, continuation: $0)) }
        }
        if addresses.isEmpty { throw .unresolved }
    }

    private func resolved(_ found: [SocketAddress]) {
        isResolving = false
        resolvedAt = loop.now
        if !found.isEmpty { addresses = found }
        wakeWaiting(until: .never)
    }

    /// Wakes those whose deadline is not after `moment`.
    private func wakeWaiting(until moment: Instant) {
        let all = unsafe waiting
        unsafe waiting = []
        for index in unsafe all.indices {
            if unsafe all[index].deadline <= moment {
                unsafe all[index].continuation.resume()
            } else {
                unsafe waiting.append(all[index])
            }
        }
    }

    private func startSweeping() {
        guard !isSweeping else { return }
        isSweeping = true
        let loop = loop
        loop.schedule(at: loop.now + UpstreamPool.idleTime) { [weak self] in self?.sweep() }
    }

    private func sweep() {
        isSweeping = false
        let oldest = loop.now + TimeSpan.nanoseconds(-UpstreamPool.idleTime.nanoseconds)
        while let first = idle.first, first.since <= oldest {
            idle.removeFirst()
            first.connection.idlePool = nil
            discard(first.connection)
        }
        if !idle.isEmpty { startSweeping() }
    }
}
