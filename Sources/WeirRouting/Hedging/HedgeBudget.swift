public import WeirBase

/// Keeps what hedges cost under a share of what everything else costs, over a sliding window. This is the cap of the feature and no budget of a team:
/// a hedge needs a hold there as any attempt does.
///
/// The worst case of a hedge is set aside before it starts, so that the cap holds whatever the provider bills, as long as that is within the worst case.
/// The window slides in 32nds: what is older than all of it never counts, what is within its last 31 32nds always does.
public struct HedgeBudget: Sendable {
    private struct Slot {
        var spent: Int64 = 0
        var extra: Int64 = 0
    }

    public let settings: HedgeSettings
    private var slots = InlineArray<32, Slot>(repeating: Slot())
    /// Which slot since the clock's origin is filled now.
    private var current: Int64
    /// The sums of all slots, in nano-dollars.
    private var spent: Int64 = 0
    private var extra: Int64 = 0
    private var held: Int64 = 0

    /// - Precondition: the settings are valid.
    public init(_ settings: HedgeSettings = HedgeSettings(), now: Instant) {
        precondition(settings.isValid, "settings of hedging out of bounds")
        self.settings = settings
        current = Self.number(of: now, settings)
    }

    /// What attempts that are no hedges have cost in the window.
    public var ordinary: Money { Money(nanoUSD: spent) }
    /// What hedges have cost in the window, and what those under way may cost yet.
    public var hedged: Money { Money(nanoUSD: extra) + Money(nanoUSD: held) }

    /// Counts an attempt that was no hedge.
    /// - Precondition: not negative.
    public mutating func note(_ cost: Money, at now: Instant) {
        precondition(cost >= .zero)
        slide(to: now)
        spent += cost.nanoUSD
        slots[place].spent += cost.nanoUSD
    }

    /// Sets a hedge's worst case aside.
    /// - Returns: nil if it would exceed the cap; then nothing has changed.
    /// - Precondition: not negative.
    public mutating func hold(_ worstCase: Money, at now: Instant) -> HedgeHold? {
        precondition(worstCase >= .zero)
        slide(to: now)
        let (part, rest) = spent.quotientAndRemainder(dividingBy: 1_000)
        let share = Int64(settings.extraPerMille)
        let cap = part * share + rest * share / 1_000
        guard extra <= cap, held <= cap - extra, worstCase.nanoUSD <= cap - extra - held else { return nil }
        held += worstCase.nanoUSD
        return HedgeHold(amount: worstCase)
    }

    /// Ends a hedge: what it has cost counts from now on, also what a provider billed beyond the worst case.
    /// - Precondition: `cost` is not negative.
    public mutating func settle(_ hold: consuming HedgeHold, cost: Money, at now: Instant) {
        precondition(cost >= .zero)
        slide(to: now)
        held -= hold.end().nanoUSD
        extra += cost.nanoUSD
        slots[place].extra += cost.nanoUSD
    }

    private var place: Int { Int(current & 31) }

    /// Empties the slots that have left the window. A clock that goes back changes nothing.
    private mutating func slide(to now: Instant) {
        let number = Self.number(of: now, settings)
        var steps = min(number - current, 32)
        current = max(current, number)
        while steps > 0 {
            steps -= 1
            let place = Int((current - steps) & 31)
            spent -= slots[place].spent
            extra -= slots[place].extra
            slots[place] = Slot()
        }
        assert(spent >= 0 && extra >= 0 && held >= 0)
    }

    private static func number(of now: Instant, _ settings: HedgeSettings) -> Int64 {
        now.nanoseconds / (settings.window.nanoseconds / 32)
    }
}

/// What is set aside for a hedge. It ends exactly once, in `HedgeBudget.settle`.
public struct HedgeHold: ~Copyable, Sendable {
    public let amount: Money

    init(amount: Money) { self.amount = amount }

    deinit { assertionFailure("a hedge left the pipeline without settle") }

    consuming func end() -> Money {
        let amount = amount
        discard self
        return amount
    }
}
