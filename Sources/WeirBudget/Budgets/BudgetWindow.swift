internal import Synchronization
public import WeirBase

/// One window of one budget, shared by all loops: what is committed in it, and the limit. A request that was admitted in a window is settled in
/// it, however late; the window lives as long as somebody refers to it.
///
/// `committed` is what was spent and what is held, in one word, so that admission is one compare-and-swap and spent + held never exceeds the
/// limit at any instant. A decision over several windows adds to each in turn. What it has added is tentative until the last has agreed; the
/// word `tentative` tells how much of `committed` is such. Whoever lacks room looks whether it would have room without the tentative part: if
/// not, the refusal is final; if so, it looks again until those ahead have ended. So nobody is refused because of a hold that is about to
/// be taken back. All take windows in one order, so whoever is furthest ahead waits for nobody.
public final class BudgetWindow: Sendable {
    /// The budget that it is a window of.
    public let budget: Budget
    /// Requests from this moment on, and before that one, belong to it.
    public let from: WallTime
    public let until: WallTime

    private let committed: Atomic<Int64>
    private let spentNano: Atomic<Int64>
    /// Of `committed`, what belongs to decisions under way. It is raised before `committed` and lowered after it.
    private let tentative = Atomic<Int64>(0)
    /// How many decisions were taken back: changes between the two words' changes, so that a reader of both knows whether they belong together.
    private let withdrawals = Atomic<Int>(0)
    /// A bit for each warning that was given.
    private let warned = Atomic<UInt64>(0)

    /// - Parameter spent: what the ledger says was spent in it before this process.
    public init(of budget: Budget, from: WallTime, until: WallTime, spent: Money = .zero) {
        self.budget = budget
        self.from = from
        self.until = until
        committed = Atomic(spent.nanoUSD)
        spentNano = Atomic(spent.nanoUSD)
    }

    // MARK: Admission

    /// Sets `amount` aside, alone or as part of a decision over several windows.
    /// - Parameter isTentative: whether others are still to be asked; then `confirm` or `withdraw` follows.
    /// - Returns: whether there was room. A refusal is final.
    func hold(_ amount: Int64, isTentative: Bool, now: WallTime) -> Bool {
        var tries = 0
        while true {
            let withdrawn = withdrawals.load(ordering: .acquiring)
            let standing = committed.load(ordering: .acquiring)
            let limit = budget.limit(at: now).nanoUSD
            let (wanted, overflows) = standing.addingReportingOverflow(amount)
            if !overflows, wanted <= limit {
                if isTentative { tentative.add(amount, ordering: .acquiringAndReleasing) }
                if committed.compareExchange(expected: standing, desired: wanted, ordering: .acquiringAndReleasing)
                    .exchanged
                {
                    return true
                }
                if isTentative { tentative.subtract(amount, ordering: .acquiringAndReleasing) }
            } else {
                let others = tentative.load(ordering: .acquiring)
                let isSteady = withdrawals.load(ordering: .acquiring) == withdrawn
                if isSteady, overflows || wanted - others > limit { return false }
            }
            tries += 1
            pauseProcessor(tries: tries)
        }
    }

    /// The decision that `amount` was tentative for has been taken: it is held now.
    func confirm(_ amount: Int64) { tentative.subtract(amount, ordering: .acquiringAndReleasing) }

    /// Takes a tentative amount back.
    func withdraw(_ amount: Int64) {
        committed.subtract(amount, ordering: .acquiringAndReleasing)
        withdrawals.add(1, ordering: .acquiringAndReleasing)
        tentative.subtract(amount, ordering: .acquiringAndReleasing)
    }

    // MARK: After it

    /// A hold ends: `cost` was spent, and what it did not need is free. A cost above the hold is an overrun: it is booked all the same.
    func settle(_ held: Int64, cost: Int64) {
        spentNano.add(cost, ordering: .relaxed)
        if held != cost { committed.subtract(held - cost, ordering: .acquiringAndReleasing) }
    }

    /// Gives a part of a hold back that turned out not to be needed.
    func release(_ amount: Int64) { committed.subtract(amount, ordering: .acquiringAndReleasing) }

    /// Adds what was spent without a hold: a later correction.
    public func adjust(_ delta: Money) {
        spentNano.add(delta.nanoUSD, ordering: .relaxed)
        committed.add(delta.nanoUSD, ordering: .acquiringAndReleasing)
    }

    // MARK: What it looks like

    public var spent: Money { Money(nanoUSD: spentNano.load(ordering: .relaxed)) }

    /// Spent and held at one instant.
    public var total: Money { Money(nanoUSD: committed.load(ordering: .acquiring)) }

    /// What may still be held; 0 where the limit is reached or exceeded.
    public func room(at now: WallTime) -> Money { max(.zero, budget.limit(at: now) - total) }

    /// The highest share of the limit, in percent, that what was spent has reached and nobody has been warned of; each is given once.
    public func takeWarning(at now: WallTime) -> Int? {
        let limit = budget.limit(at: now).nanoUSD
        let spent = spentNano.load(ordering: .relaxed)
        for (index, share) in budget.warnings.enumerated().reversed() {
            let (product, overflows) = limit.multipliedReportingOverflow(by: Int64(share))
            let border = overflows ? limit / 100 * Int64(share) : product / 100
            guard spent >= border else { continue }
            // All below are given with it.
            let bits: UInt64 = 1 << UInt64(index + 1) - 1
            let before = warned.bitwiseOr(bits, ordering: .relaxed).oldValue
            return before & 1 << UInt64(index) == 0 ? share : nil
        }
        return nil
    }
}
