internal import Synchronization
internal import WeirBase

/// The counters of one window of a budget, in nano-USD. They serve another window when no hold is left in them.
///
/// `committed` is what is spent and held, in one word: admission adds to it inside a decision and never beyond the limit, so a reader of this
/// word alone never sees more than that. `spent` moves beside it, never above it: read `spent` before `committed`, and the difference is what is
/// held, or more by what was settled between the two reads, never less than nothing. What a provider billed beyond a hold is counted in `overrun`
/// first, so at any moment `committed <= limit + overrun`, read in this order.
struct BudgetWindow: ~Copyable, Sendable {
    private let from = Atomic<Int64>(0)
    private let until = Atomic<Int64>(0)
    let committed = Atomic<Int64>(0)
    let spent = Atomic<Int64>(0)
    let overrun = Atomic<Int64>(0)
    /// Open holds that `committed` does not show: of nothing, or about to be spent whole.
    private let pins = Atomic<Int64>(0)
    /// A bit for each warning share that has been crossed.
    private let warned = Atomic<UInt32>(0)

    /// Far from where 64 bits end, so that sums of checked amounts cannot wrap.
    static let greatest: Int64 = 1 << 61

    var span: BudgetSpan {
        BudgetSpan(
            from: WallTime(nanoseconds: from.load(ordering: .acquiring)),
            until: WallTime(nanoseconds: until.load(ordering: .acquiring)))
    }

    /// Whether a hold made here may still be settled here; exact inside a decision when the window is not the current one.
    var hasHolds: Bool {
        pins.load(ordering: .acquiring) != 0
            || spent.load(ordering: .acquiring) != committed.load(ordering: .acquiring)
    }

    /// Makes these the counters of another window, inside a decision and with no hold open. Releasing stores: a reader who still has the old
    /// window and sees one of them then also sees that the budget has moved on.
    func begin(_ span: BudgetSpan, spent amount: Int64, warned shares: UInt32) {
        precondition(!hasHolds, "a window with holds was given away")
        from.store(span.from.nanoseconds, ordering: .releasing)
        until.store(span.until.nanoseconds, ordering: .releasing)
        overrun.store(0, ordering: .releasing)
        spent.store(amount, ordering: .releasing)
        committed.store(amount, ordering: .releasing)
        warned.store(shares, ordering: .releasing)
    }

    /// Holds `amount`, inside a decision that found room for it.
    func hold(_ amount: Int64) {
        if amount == 0 { pin() } else { committed.wrappingAdd(amount, ordering: .acquiringAndReleasing) }
    }

    /// Adds to a hold of `amount`, inside a decision that found room for it.
    func add(_ more: Int64, to amount: Int64) {
        guard more > 0 else { return }
        committed.wrappingAdd(more, ordering: .acquiringAndReleasing)
        if amount == 0 { unpin() }
    }

    /// Gives back all of a hold of `amount` but `rest`, which is less.
    func tighten(_ amount: Int64, to rest: Int64) {
        if rest == 0 { pin() }
        committed.wrappingSubtract(amount - rest, ordering: .acquiringAndReleasing)
    }

    /// Turns `part` of a hold of `amount` into `cost`; the hold stays, if only one of nothing.
    func settle(part: Int64, of amount: Int64, cost: Int64, warn: (Int64) -> Void) {
        pin()
        turn(part, into: cost, warn: warn)
        if amount == 0 || part < amount { unpin() }
    }

    /// Ends a hold of `amount`, of which `cost` is spent. `warn` hears what is spent now, while the window is still this one.
    func settle(_ amount: Int64, cost: Int64, warn: (Int64) -> Void) {
        // The window is given away when it shows no hold: the last change of all must be the one that says so.
        if cost >= amount && amount > 0 { pin() }
        turn(amount, into: cost, warn: warn)
        if cost >= amount { unpin() }
    }

    /// Changes what is spent by `delta`, inside a decision; it does not fall below nothing.
    func correct(by delta: Int64, warn: (Int64) -> Void) {
        guard delta < 0 else { return turn(0, into: delta, warn: warn) }
        // Inside a decision nobody else takes from it.
        let back = Int64(min(delta.magnitude, spent.load(ordering: .acquiring).magnitude))
        spent.wrappingSubtract(back, ordering: .acquiringAndReleasing)
        committed.wrappingSubtract(back, ordering: .acquiringAndReleasing)
    }

    private func turn(_ held: Int64, into cost: Int64, warn: (Int64) -> Void) {
        if cost > held {
            addBounded(cost - held, to: overrun)
            addBounded(cost - held, to: committed)
            addBounded(cost, to: spent)
        } else if cost > 0 {
            spent.wrappingAdd(cost, ordering: .acquiringAndReleasing)
        }
        if cost > 0 { warn(spent.load(ordering: .acquiring)) }
        if cost < held { committed.wrappingSubtract(held - cost, ordering: .acquiringAndReleasing) }
    }

    private func pin() { pins.wrappingAdd(1, ordering: .acquiringAndReleasing) }
    private func unpin() { pins.wrappingSubtract(1, ordering: .acquiringAndReleasing) }

    /// Marks the shares (bits) as warned of.
    /// - Returns: those that nobody had marked in this window.
    func mark(_ shares: UInt32) -> UInt32 {
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
