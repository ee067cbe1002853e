import WeirBase
public import WeirBudget
public import WeirConfig

/// What bounds one key, team or tag: its budgets and its limits, shared by all loops.
public final class Account: Sendable {
    public let scope: Scope
    public let budgets: [Budget]
    let rates: [RateLimit]
    let concurrency: ConcurrencyLimit?

    /// - Parameter spent: what each budget's window of `now` has spent, in the budgets' order.
    init(_ scope: Scope, _ bounds: Policy.Bounds, spent: [Money], at now: WallTime) {
        self.scope = scope
        budgets = bounds.budgets.enumerated().map { place, budget in
            Budget(
                scope: scope, limit: min(budget.limit, Budget.greatest), every: BudgetPeriod(budget.every),
                in: budget.zone, warnAt: Array(budget.warnings.prefix(Budget.shareLimit)),
                spent: min(max(spent[place], .zero), Budget.greatest), now: now)
        }
        var rates: [RateLimit] = []
        if let requests = bounds.limits.requestsPerMinute {
            rates.append(RateLimit(scope: scope, unit: .requests, perMinute: requests))
        }
        if let tokens = bounds.limits.tokensPerMinute {
            rates.append(RateLimit(scope: scope, unit: .tokens, perMinute: tokens))
        }
        self.rates = rates
        concurrency = bounds.limits.concurrent.map { ConcurrencyLimit(scope: scope, limit: $0) }
    }
}

extension BudgetPeriod {
    /// As the configuration names it.
    public init(_ period: Policy.Budget.Period) {
        self =
            switch period {
            case .hour: .hour
            case .day: .day
            case .week: .week
            case .month: .month
            case .year: .year
            case .life: .life
            }
    }
}

extension Scopes {
    /// What bounds a request that falls into all of these accounts.
    convenience init(_ accounts: [Account]) throws(ScopesError) {
        try self.init(
            concurrency: accounts.compactMap(\.concurrency), rates: accounts.flatMap(\.rates),
            budgets: accounts.flatMap(\.budgets))
    }
}
