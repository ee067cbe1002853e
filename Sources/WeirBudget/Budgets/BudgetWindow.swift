internal import Synchronization
internal import WeirBase

/// The counters of one window of a budget, in nano-USD. The object serves another window when no hold is left in it.
///
/// `committed` is what is spent and held, in one word: admission adds to it inside a decision and never beyond the limit, so a reader of this
/// word alone never sees more than that. `spent` moves beside it, never above it: read `spent` before `committed`, and the difference is what is
/// held, or more by what was settled between the two reads, never less than nothing. What a provider billed beyond a hold is counted in `overrun`
/// first, so at any moment `committed <= limit + overrun`, read in this order.
final class BudgetWindow: Sendable {
    private let from = Atomic<Int64>(0)
    private let until = Atomic<Int64>(0)
    let committed = Atomic<Int64>(0)
    let spent = Atomic<Int64>(0)
    let overrun = Atomic<Int64>(0)
    /// Holds ever made here, changed inside decisions only.
    private let opened = Atomic<Int64>(0)
    /// Holds ended here.
    private let ended = Atomic<Int64>(0)
    /// A bit for each warning share that has been crossed.
    private let warned = Atomic<UInt32>(0)

    /// Far from where 64 bits end, so that sums of checked amounts cannot wrap.
    static let greatest: Int64 = 1 << 61

    var span: BudgetSpan {
        BudgetSpan(
            from: WallTime(nanoseconds: from.load(ordering: .acquiring)),
            until: WallTime(nanoseconds: until.load(ordering: .acquiring)))
    }

    /// Holds that have not ended.
    var open: Int64 {
        let ended = ended.load(ordering: .acquiring)
        return opened.load(ordering: .acquiring) - ended
    }

    /// Makes this the object of another window, inside a decision and with no hold open. Releasing stores: a reader who still has the old
    /// window and sees one of them then also sees that the budget has moved on.
    func begin(_ span: BudgetSpan, spent amount: Int64, warned shares: UInt32) {
        precondition(open == 0, "a window with holds was given away")
        from.store(span.from.nanoseconds, ordering: .releasing)
        until.store(span.until.nanoseconds, ordering: .releasing)
        committed.store(amount, ordering: .releasing)
        spent.store(amount, ordering: .releasing)
        overrun.store(0, ordering: .releasing)
        warned.store(shares, ordering: .releasing)
    }

    /// Holds `amount`, inside a decision that found room for it.
    func hold(_ amount: Int64) {
        committed.wrappingAdd(amount, ordering: .acquiringAndReleasing)
        opened.store(opened.load(ordering: .relaxed) + 1, ordering: .releasing)
    }

    /// Holds more for a hold that is open, inside a decision that found room for it.
    func add(_ amount: Int64) { committed.wrappingAdd(amount, ordering: .acquiringAndReleasing) }

    /// Turns `held` of a hold into `cost`.
    func settle(_ held: Int64, cost: Int64) {
        if cost <= held {
            spent.wrappingAdd(cost, ordering: .acquiringAndReleasing)
            committed.wrappingSubtract(held - cost, ordering: .acquiringAndReleasing)
        } else {
            addBounded(cost - held, to: overrun)
            addBounded(cost - held, to: committed)
            addBounded(cost, to: spent)
        }
    }

    /// The last that a hold does to its window.
    func end() { ended.wrappingAdd(1, ordering: .releasing) }

    /// Marks the shares (bits) as warned of.
    /// - Returns: those that nobody had marked in this window.
    func warn(_ shares: UInt32) -> UInt32 {
        let seen = warned.load(ordering: .relaxed)
        guard shares & ~seen != 0 else { return 0 }
        return shares & ~warned.bitwiseOr(shares, ordering: .relaxed).oldValue
    }

    /// What a provider bills is its word, and it must not make the counters wrap.
    private func addBounded(_ amount: Int64, to counter: borrowing Atomic<Int64>) {
        var seen = counter.load(ordering: .relaxed)
        while true {
            let sum = min(seen + min(amount, Self.greatest), Self.greatest)
            let (isDone, current) = counter.weakCompareExchange(
                expected: seen, desired: sum, ordering: .acquiringAndReleasing)
            if isDone { return }
            seen = current
        }
    }
}
