public import WeirBase

/// What `weir team show` tells of a budget's window.
public struct BudgetStatus: Sendable, Hashable {
    public let scope: Scope
    public let period: BudgetPeriod
    /// With the raises in force.
    public let limit: Money
    /// Settled in this window.
    public let spent: Money
    /// Set aside for requests under way; may include what was settled while the figures were read.
    public let held: Money
    /// What providers billed beyond what was held. `spent + held` is at most `limit + overrun`, unless the limit was lowered.
    public let overrun: Money
    public let span: BudgetSpan

    /// What a request may still hold.
    public var left: Money { max(limit - spent - held, .zero) }
}

/// What is spent has reached a share of the limit for the first time in its window.
public struct BudgetWarning: Sendable, Hashable, CustomStringConvertible {
    public let percent: Int
    public let budget: BudgetStatus

    /// One line for a log or a terminal.
    public var description: String {
        "budget \(budget.limit) a \(budget.period.rawValue) of \(budget.scope): \(percent) % is spent (\(budget.spent))"
    }
}

/// A budget has no room for what a request may cost.
public struct BudgetRefusal: Error, Hashable, Sendable {
    public let asked: Money
    /// What would have fitted.
    public let room: Money
    /// Read just after the decision, so that others may have settled meanwhile.
    public let budget: BudgetStatus
}

public enum RaiseError: Error, Equatable, Sendable {
    /// The amount is zero or negative.
    case notARaise
    /// It would end before it begins.
    case alreadyExpired
    /// The limit would be more than `Budget.greatest`.
    case tooLarge
    /// `Budget.raiseLimit` of them are in force.
    case tooMany
}
