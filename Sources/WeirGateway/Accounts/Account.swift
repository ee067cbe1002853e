internal import WeirBase
public import WeirBudget
public import WeirConfig

/// What bounds one key, team or tag: its budgets and its limits, shared by all loops.
public final class Account: Sendable {
    public enum Owner: Hashable, Sendable, CustomStringConvertible {
        case key(String)
        case team(String)
        case tag(Policy.Tag)

        public var description: String {
            switch self {
            case .key(let id): "key \(id)"
            case .team(let name): "team \(name)"
            case .tag(let tag): "tag \(tag)"
            }
        }
    }

    public let owner: Owner
    /// In the order of their indexes.
    public let budgets: [Budget]
    let requests: RateLimiter?
    let tokens: RateLimiter?
    let concurrency: Concurrency?

    init(_ owner: Owner, _ bounds: Policy.Bounds, firstBudget: Int) {
        self.owner = owner
        budgets = bounds.budgets.enumerated().map { place, budget in
            let period = BudgetCalendar.Period(rawValue: budget.every.rawValue) ?? .life
            let every = budget.every == .life ? "" : "/\(budget.every.rawValue)"
            return Budget(
                index: firstBudget + place, scope: owner.description, name: "\(budget.limit)\(every)",
                limit: budget.limit, calendar: BudgetCalendar(period), warnings: budget.warnings)
        }
        requests = bounds.limits.requestsPerMinute.map { RateLimiter(perMinute: $0) }
        tokens = bounds.limits.tokensPerMinute.map { RateLimiter(perMinute: $0) }
        concurrency = bounds.limits.concurrent.map { Concurrency(limit: $0) }
    }

    /// Whether anything is bounded at all.
    var boundsAnything: Bool { !budgets.isEmpty || requests != nil || tokens != nil || concurrency != nil }
}
