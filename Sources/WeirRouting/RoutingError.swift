/// What is wrong with a plan of routes, conditions or credentials. The configuration has checked most of it with line and column; this is the last
/// line of defence, and never a request's fault.
public enum RoutingError: Error, Hashable, Sendable {
    case unknownStrategy(String)
    /// A route needs 1 to 64 targets, at least one of them neither canary nor shadow.
    case badTargetCount(Int)
    /// A provider has at most 64 credentials.
    case badCredentialCount(Int)
    /// Weights are 0 to 1,000,000.
    case badWeight(Int)
    /// Two targets of a route, or two credentials of a provider, are the same.
    case duplicate(String)
    /// A canary or a shadow names a target that the route does not have.
    case noSuchTarget(Int)
    case conditionTooLong
    case conditionTooDeep
}
