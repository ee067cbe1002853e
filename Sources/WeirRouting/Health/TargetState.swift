import WeirBase

/// What a loop knows of one provider's model, for all routes that lead to it.
struct TargetState: Sendable {
    /// Provider and model: what it is known by when the configuration changes.
    let name: String
    var breaker: Breaker
    var latency: LatencyEstimate
    /// Attempts that have begun and not ended.
    var outstanding = 0
}

/// What a router knows of a target at one moment.
public struct TargetStatus: Sendable {
    public let availability: Breaker.Availability
    public let latency: LatencyEstimate
    /// Attempts under way.
    public let outstanding: Int
}
