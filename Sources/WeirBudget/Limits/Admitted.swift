public import WeirBase

/// What one request has taken of its limits and budgets. It ends exactly once, in `settle`, on every path that a request can take.
public struct Admitted: ~Copyable, Sendable {
    private let scopes: Scopes
    private let windows: WindowIndices
    private let tokens: Int64
    /// Still set aside in every budget.
    private var amount: Int64
    private var isOpen = true

    init(_ scopes: Scopes, held: Int64, tokens: Int64, in windows: WindowIndices) {
        self.scopes = scopes
        self.windows = windows
        self.tokens = tokens
        amount = held
    }

    deinit { assert(!isOpen, "a hold left the pipeline without settle") }

    /// What is set aside in every budget.
    public var held: Money { Money(nanoUSD: amount) }

    /// Holds more, for a further attempt whose cost comes on top, in the windows of the first: all or none.
    /// - Precondition: not negative, and not settled.
    public mutating func add(_ more: Money, wallTime: WallTime, pause: () -> Void) throws(BudgetRefusal) {
        precondition(isOpen && more >= .zero)
        let budgets = scopes.budgets
        for budget in budgets { budget.enter(pause) }
        defer { for budget in budgets { budget.leave() } }
        for at in budgets.indices {
            if let refusal = budgets[at].refusalInDecision(of: more.nanoUSD, at: wallTime, in: windows[at]) {
                throw refusal
            }
        }
        for at in budgets.indices { budgets[at].add(more.nanoUSD, in: windows[at]) }
        // What fits into a limit keeps the sum within 62 bits; without a budget nothing bounds it.
        amount = min(amount, Budget.greatest.nanoUSD) + min(more.nanoUSD, Budget.greatest.nanoUSD)
    }

    /// Gives back what a smaller bound does not need; a larger one changes nothing.
    /// - Precondition: not negative, and not settled.
    public mutating func tighten(to bound: Money) {
        precondition(isOpen && bound >= .zero)
        guard bound.nanoUSD < amount else { return }
        for at in scopes.budgets.indices {
            _ = scopes.budgets[at].settle(amount - bound.nanoUSD, cost: 0, in: windows[at])
        }
        amount = bound.nanoUSD
    }

    /// One attempt's cost is known while others go on: turns `part` of what is held into `cost`.
    /// - Returns: warnings that are due.
    /// - Precondition: no amount is negative, `part` is held, and not settled.
    public mutating func settle(part: Money, cost: Money) -> [BudgetWarning] {
        precondition(isOpen && part >= .zero && part.nanoUSD <= amount && cost >= .zero)
        amount -= part.nanoUSD
        return turn(part.nanoUSD, into: cost.nanoUSD)
    }

    /// Ends it: what is still held becomes `cost` in the windows in which it was held and the rest goes back, tokens that were not used go back,
    /// those used beyond the estimate are taken, and the place is free.
    /// - Returns: warnings that are due.
    /// - Precondition: no amount is negative, and not settled before.
    public mutating func settle(cost: Money, tokens used: Int, now: Instant) -> [BudgetWarning] {
        precondition(isOpen, "a hold was settled twice")
        precondition(cost >= .zero && used >= 0)
        isOpen = false
        let warnings = turn(amount, into: cost.nanoUSD)
        for at in scopes.budgets.indices { scopes.budgets[at].end(in: windows[at]) }
        for rate in scopes.rates where rate.unit == .tokens { rate.settle(taken: tokens, used: Int64(used), at: now) }
        for place in scopes.places { place.giveBack() }
        amount = 0
        return warnings
    }

    private func turn(_ held: Int64, into cost: Int64) -> [BudgetWarning] {
        var warnings: [BudgetWarning] = []
        for at in scopes.budgets.indices {
            warnings += scopes.budgets[at].settle(held, cost: cost, in: windows[at])
        }
        return warnings
    }
}
