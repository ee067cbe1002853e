internal import WeirBase

/// What one request asks of its limits.
struct Claim {
    /// nano-USD, at most.
    let cost: Int64
    /// Input and output, at most.
    let tokens: Int64
    let now: Instant
    let wallTime: WallTime
}

/// One of a request's limits and the link to the next, in the one order in which all decisions enter.
///
/// A decision goes down the chain, entering and looking, and comes back up, taking and leaving; so everything is entered at the one moment at
/// which it is decided, and a refusal takes nothing. A chain of constant links, because walking an array of objects counts references: that
/// was two thirds of the time.
// Sendable: all properties are constants of Sendable types, in the subclasses too.
class DecisionLink: @unchecked Sendable {
    final let next: DecisionLink?

    init(next: DecisionLink?) { self.next = next }

    /// Whether the claim is refused, told by loads alone: an exhausted limit does not hold up anybody. Without an error it says nothing.
    func look(_ claim: Claim) throws(AdmissionRefusal) { try next?.look(claim) }

    /// Enters, looks, lets the rest of the chain decide, and takes or leaves. `windows` learns where budgets hold.
    func take(_ claim: Claim, _ windows: inout WindowIndices, _ pause: () -> Void) throws(AdmissionRefusal) {
        try next?.take(claim, &windows, pause)
    }

    /// Adds what limits on rates have left. Budgets come last and have nothing to say, so the way ends there.
    func tell(_ now: Instant, _ statuses: inout RateStatuses) { next?.tell(now, &statuses) }

    /// Turns what `claim` took into what was used.
    func settle(_ claim: Claim, _ use: Use, _ windows: WindowIndices, _ warnings: inout [BudgetWarning]) {
        next?.settle(claim, use, windows, &warnings)
    }
}

/// What a request used in the end.
struct Use {
    let cost: Int64
    let tokens: Int64
    let now: Instant
}

final class ConcurrencyLink: DecisionLink, @unchecked Sendable {
    private let limit: ConcurrencyLimit

    init(_ limit: ConcurrencyLimit, next: DecisionLink?) {
        self.limit = limit
        super.init(next: next)
    }

    override func look(_ claim: Claim) throws(AdmissionRefusal) {
        guard !limit.isFull else { throw .concurrency(scope: limit.scope, limit: limit.limit) }
        try next?.look(claim)
    }

    override func take(_ claim: Claim, _ windows: inout WindowIndices, _ pause: () -> Void) throws(AdmissionRefusal) {
        limit.enter(pause)
        do throws(AdmissionRefusal) {
            guard !limit.isFull else { throw .concurrency(scope: limit.scope, limit: limit.limit) }
            try next?.take(claim, &windows, pause)
        } catch {
            limit.leave(taking: false)
            throw error
        }
        limit.leave(taking: true)
    }

    override func settle(_ claim: Claim, _ use: Use, _ windows: WindowIndices, _ warnings: inout [BudgetWarning]) {
        next?.settle(claim, use, windows, &warnings)
        limit.giveBack()
    }
}

final class RateLink: DecisionLink, @unchecked Sendable {
    private let limit: RateLimit

    init(_ limit: RateLimit, next: DecisionLink?) {
        self.limit = limit
        super.init(next: next)
    }

    override func tell(_ now: Instant, _ statuses: inout RateStatuses) {
        statuses.add(limit.status(at: now), of: limit.unit)
        next?.tell(now, &statuses)
    }

    private func amount(_ claim: Claim) -> Int64 { limit.unit == .requests ? 1 : claim.tokens }

    override func look(_ claim: Claim) throws(AdmissionRefusal) {
        if let refusal = limit.refusal(of: amount(claim), at: claim.now) { throw .rate(refusal) }
        try next?.look(claim)
    }

    override func take(_ claim: Claim, _ windows: inout WindowIndices, _ pause: () -> Void) throws(AdmissionRefusal) {
        limit.enter(pause)
        do throws(AdmissionRefusal) {
            if let refusal = limit.refusal(of: amount(claim), at: claim.now) { throw .rate(refusal) }
            try next?.take(claim, &windows, pause)
        } catch {
            limit.leave()
            throw error
        }
        limit.leave(taking: amount(claim), at: claim.now)
    }

    override func settle(_ claim: Claim, _ use: Use, _ windows: WindowIndices, _ warnings: inout [BudgetWarning]) {
        next?.settle(claim, use, windows, &warnings)
        if limit.unit == .tokens { limit.settle(taken: claim.tokens, used: use.tokens, at: use.now) }
    }
}

final class BudgetLink: DecisionLink, @unchecked Sendable {
    private let budget: Budget
    /// Where its window's index is kept.
    private let place: Int

    init(_ budget: Budget, at place: Int, next: DecisionLink?) {
        self.budget = budget
        self.place = place
        super.init(next: next)
    }

    override func tell(_ now: Instant, _ statuses: inout RateStatuses) {}

    override func look(_ claim: Claim) throws(AdmissionRefusal) {
        if let refusal = budget.refuses(claim.cost, at: claim.wallTime) { throw .budget(refusal) }
        try next?.look(claim)
    }

    override func take(_ claim: Claim, _ windows: inout WindowIndices, _ pause: () -> Void) throws(AdmissionRefusal) {
        budget.enter(pause)
        do throws(AdmissionRefusal) {
            if let refusal = budget.refusalInDecision(of: claim.cost, at: claim.wallTime) { throw .budget(refusal) }
            try next?.take(claim, &windows, pause)
        } catch {
            budget.leave()
            throw error
        }
        windows[place] = budget.hold(claim.cost)
        budget.leave()
    }

    override func settle(_ claim: Claim, _ use: Use, _ windows: WindowIndices, _ warnings: inout [BudgetWarning]) {
        budget.settle(claim.cost, cost: use.cost, in: windows[place], &warnings)
        next?.settle(claim, use, windows, &warnings)
    }
}
