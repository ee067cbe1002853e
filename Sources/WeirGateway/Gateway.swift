public import WeirBase
internal import WeirBudget
public import WeirConfig
internal import WeirLedger
public import WeirLoop
internal import WeirRouting
internal import WeirWire

/// The gateway on one loop: the policy in force, the pools of its upstreams, and what is counted. Loops share nothing but the policy.
public final class Gateway: @unchecked Sendable {  // confined to its loop's thread
    let loop: EventLoop
    let policy: Policy
    /// Who may call; the newest is taken with each request.
    var directories: Subscription<Directory>
    let upstreams: [Upstream]
    let limits: HTTPLimits
    /// The targets of each model, and what calls of them cost.
    let routes: [ModelRoute]
    /// Which target a request tries, and what is known of them.
    var router: Router
    /// How many attempts may follow failed ones.
    var retries: RetryBudget
    var randomState: UInt64
    /// Whether any model has several targets.
    let hasAlternatives: Bool
    /// This loop's end of the ledger, and what the ledger calls things.
    public let books: Books
    let ledgerNames: LedgerNames
    /// Of a path that is bound to a provider and to no model.
    let passThroughNames: TargetNames
    var versionNames: [UInt64: NameNumber] = [:]
    /// The one of them that was asked for last.
    var lastVersion: (hash: UInt64, number: NameNumber) = (0, .none)
    let textCounter: TextCounter
    let log: AccessLog?
    var requestIDs: RequestIDs
    /// Bytes on their way from a read to a chunk; used within one step only.
    var scratch = ByteBuffer()
    var isDraining = false
    /// Exchanges that wait for their next request.
    var spares: [Exchange] = []
    public internal(set) var counts = GatewayCounts()
    /// Microseconds of work to burn per request: proves that the benchmarks notice (`WEIR_BENCH_SPIN_US`).
    let spin: TimeSpan

    /// - Parameters:
    ///   - directory: who may call.
    ///   - accounting: prices, vocabularies and this loop's end of the ledger.
    ///   - node: which loop this is, for request ids that are unique; 0 to 1023.
    ///   - trust: the roots for providers with TLS, by provider index; nil where the provider has none.
    public init(
        loop: EventLoop, policy: Policy, directory: Published<Directory>, accounting: Accounting, node: Int,
        trust: [TLSContext?], resolver: any Resolver = SystemResolver(), log: AccessLog? = nil, spin: TimeSpan = .zero
    ) {
        self.loop = loop
        self.policy = policy
        directories = Subscription(directory)
        self.log = log
        self.spin = spin
        requestIDs = RequestIDs(node: node, after: accounting.lastRequest)
        var limits = HTTPLimits()
        limits.headBytes = policy.limits.headBytes
        limits.fields = policy.limits.headers
        limits.bodyBytes = policy.limits.bodyBytes
        self.limits = limits
        upstreams = policy.providers.enumerated().map { index, provider in
            Upstream(provider, loop: loop, context: trust[index], resolver: resolver)
        }
        books = accounting.books
        let names = accounting.names
        ledgerNames = names
        routes = zip(policy.models, accounting.tariffs).map { ModelRoute($0, policy, tariffs: $1, names) }
        let now = loop.readWallClock() / 1_000_000_000
        do throws(RoutingError) {
            router = try Router(
                zip(policy.models, accounting.tariffs).map {
                    RoutePlan($0, policy, tariffs: $1, at: now, seed: UInt64(node))
                })
        } catch { preconditionFailure("a checked configuration has a route that is none: \(error)") }
        // A provider that dies takes all requests under way with it: those of a busy loop all may try the next one.
        retries = RetryBudget(perMille: 200, perSecond: 10, capacity: 1_000, now: loop.now)
        randomState = mixed(UInt64(node) &+ 1)
        hasAlternatives = policy.models.contains { $0.targets.count > 1 }
        passThroughNames = TargetNames(passThrough: policy, names)
        textCounter = TextCounter(accounting.vocabularies, targets: policy.models.map { $0.targets.map(\.model) })
        loop.beforeSends = { [books] in books.write() }
    }

    /// Stops taking new requests on connections that are open: what is under way goes on, answers say `connection: close`, and connections
    /// that wait for a request are closed.
    public func drain() {
        isDraining = true
        loop.finishResting()
        for upstream in upstreams { upstream.pool.closeIdle() }
        log?.flush()
    }

    /// Connections to upstreams that exist: lent, idle or being made.
    package var upstreamConnections: Int { upstreams.reduce(0) { $0 + $1.pool.count } }

    /// Requests under way.
    public var activeRequests: Int { counts.active }
}

/// What a gateway has done since it started.
public struct GatewayCounts: Sendable, Equatable {
    public var requests = 0
    /// Requests under way now.
    public var active = 0
    /// Client connections that exist now.
    public var clients = 0
    /// Answers that were cut: the upstream broke after the first byte, or the client has gone.
    public var upstreamBreaks = 0
    public var clientsGone = 0
    /// Requests sent again because a pooled connection was closed already.
    public var staleRetries = 0
    /// Attempts that failed before anything of them was sent, and were followed by one of another target.
    public var failovers = 0
    /// Warnings given because a share of a budget was spent.
    public var budgetWarnings = 0
    public init() {}
}
