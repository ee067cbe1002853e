public import WeirBase

/// What one request has taken of its limits and budgets. It ends exactly once, in `settle`, on every path that a request can take.
public struct Admitted: ~Copyable, Sendable {
    private let scopes: Scopes
    private let claim: Claim
    private let windows: WindowIndices
    /// Still set aside in every budget.
    private var amount: Int64
    private var isOpen = true

    init(_ scopes: Scopes, _ claim: Claim, in windows: WindowIndices) {
        self.scopes = scopes
        self.claim = claim
        self.windows = windows
        amount = claim.cost
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
        for at in budgets.indices { budgets[at].add(more.nanoUSD, to: amount, in: windows[at]) }
        // What fits into a limit keeps the sum within 62 bits; without a budget nothing bounds it.
        amount = min(amount, Budget.greatest.nanoUSD) + min(more.nanoUSD, Budget.greatest.nanoUSD)
    }

    /// Gives back what a smaller bound does not need; a larger one changes nothing.
    /// - Precondition: not negative, and not settled.
    public mutating func tighten(to bound: Money) {
        precondition(isOpen && bound >= .zero)
        guard bound.nanoUSD < amount else { return }
        for at in scopes.budgets.indices {
            scopes.budgets[at].tighten(amount, to: bound.nanoUSD, in: windows[at])
        }
        amount = bound.nanoUSD
    }

    /// One attempt's cost is known while others go on: turns `part` of what is held into `cost`.
    /// - Returns: warnings that are due.
    /// - Precondition: no amount is negative, `part` is held, and not settled.
    public mutating func settle(part: Money, cost: Money) -> [BudgetWarning] {
        precondition(isOpen && part >= .zero && part.nanoUSD <= amount && cost >= .zero)
        var warnings: [BudgetWarning] = []
        for at in scopes.budgets.indices {
            scopes.budgets[at].settle(
                part: part.nanoUSD, of: amount, cost: cost.nanoUSD, in: windows[at], &warnings)
        }
        amount -= part.nanoUSD
        return warnings
    }

    /// Ends it: what is still held becomes `cost` in the windows in which it was held and the rest goes back, tokens that were not used go back,
    /// those used beyond the estimate are taken, and the place is free.
    /// - Returns: warnings that are due.
    /// - Precondition: no amount is negative, and not settled before.
    public mutating func settle(cost: Money, tokens used: Int, now: Instant) -> [BudgetWarning] {
        precondition(isOpen, "a hold was settled twice")
        precondition(cost >= .zero && used >= 0)
        isOpen = false
        var warnings: [BudgetWarning] = []
        let taken = Claim(cost: amount, tokens: claim.tokens, now: claim.now, wallTime: claim.wallTime)
        let use = Use(cost: cost.nanoUSD, tokens: Int64(used), now: now)
        scopes.chain?.settle(taken, use, windows, &warnings)
        amount = 0
        return warnings
    }
}
