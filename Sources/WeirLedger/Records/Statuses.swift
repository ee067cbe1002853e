/// How a request ended. The raw values stand in journals and in the database, the names in `weir ledger dump`: neither ever changes.
public enum RequestStatus: UInt8, Sendable, CaseIterable {
    /// The whole answer went to the client.
    case complete = 1
    /// An upstream answered with an error, which the client got; it bills nothing.
    case upstreamRefused = 2
    /// The client left before the answer's end. Its attempt says whether the cost is exact (read on to the usage) or estimated.
    case clientGone = 3
    /// The upstream broke off after the first byte had gone to the client.
    case upstreamBroke = 4
    /// Every upstream failed before a byte had gone to the client.
    case upstreamUnavailable = 5
    /// A time-out of the route ended it.
    case upstreamTimedOut = 6
    /// A guardrail ended it after the hold.
    case blocked = 7
    /// Weir ended it, in order: a drain that took too long, an error of its own.
    case cut = 8
    /// The process died; what had been metered was settled when it came back.
    case interrupted = 9

    /// As `weir ledger dump` writes it.
    public var name: String {
        switch self {
        case .complete: "complete"
        case .upstreamRefused: "upstream_refused"
        case .clientGone: "client_gone"
        case .upstreamBroke: "upstream_broke"
        case .upstreamUnavailable: "upstream_unavailable"
        case .upstreamTimedOut: "upstream_timed_out"
        case .blocked: "blocked"
        case .cut: "cut"
        case .interrupted: "interrupted"
        }
    }
}

/// How sure the cost of an attempt is.
public enum AttemptStatus: UInt8, Sendable, CaseIterable {
    /// From the provider's own usage.
    case exact = 1
    /// From what Weir counted itself.
    case estimated = 2
    /// Nobody knows what the provider bills: the cost is the bound.
    case unknown = 3

    /// As `weir ledger dump` writes it.
    public var name: String {
        switch self {
        case .exact: "exact"
        case .estimated: "estimated"
        case .unknown: "unknown"
        }
    }
}
