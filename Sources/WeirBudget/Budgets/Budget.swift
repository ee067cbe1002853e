internal import Synchronization
public import WeirBase

/// One limit on what one scope may spend in each window of a period, shared by all loops.
///
/// Holds are decided through `Scopes`, all of a request's budgets at once; `Admitted` settles them in the windows in which they were made. Nothing
/// here reads a clock: a window ends when somebody brings a time past its end, and never goes back when the wall clock does.
public final class Budget: Sendable {
    public let scope: Scope
    public let period: BudgetPeriod
    /// Shares of the limit, in percent, at which what is spent is worth a warning, once a window each.
    public let warnAt: [Int]
    private let zone: TimeZoneRules

    private let gate = DecisionWord(0)
    /// What the current window is: how many there have been, and in the lowest 8 bits its index in `windows`.
    private let current = Atomic<Int64>(0)
    /// With the raises that are in force.
    private let limit: Atomic<Int64>
    /// When the window ends or a raise does.
    private let nextChange = Atomic<Int64>(0)
    /// The current window and those that still have holds. Where all are in use the current one goes on until a hold ends: then too much is
    /// counted in it, never too little.
    private let windows: InlineArray<4, BudgetWindow>
    /// Changed inside decisions.
    private let plan: Mutex<LimitPlan>

    /// No budget is larger: 2.3 billion dollars.
    public static let greatest = Money(nanoUSD: BudgetWindow.greatest)
    /// Raises in force at one time.
    public static let raiseLimit = 64
    /// Warning shares.
    public static let shareLimit = 16

    /// A budget whose current window, at `now`, has seen `spent`.
    /// - Precondition: `limit` and `spent` are neither negative nor more than `greatest`; at most `shareLimit` shares, each 1 to 100.
    public init(
        scope: Scope, limit: Money, every period: BudgetPeriod, in zone: TimeZoneRules = .utc,
        warnAt shares: [Int] = [],
        spent: Money = .zero, now: WallTime
    ) {
        precondition(limit >= .zero && limit <= Self.greatest && spent >= .zero && spent <= Self.greatest)
        precondition(shares.count <= Self.shareLimit && shares.allSatisfy { (1...100).contains($0) })
        self.scope = scope
        self.period = period
        self.zone = zone
        warnAt = shares
        self.limit = Atomic(limit.nanoUSD)
        plan = Mutex(LimitPlan(base: limit.nanoUSD))
        windows = InlineArray { _ in BudgetWindow() }
        let span = period.window(containing: now, in: zone)
        // What was crossed before a restart has been warned of.
        windows[0].begin(span, spent: spent.nanoUSD, warned: crossedShares(spent.nanoUSD))
        nextChange.store(span.until.nanoseconds, ordering: .releasing)
    }

    // MARK: - Decisions

    /// Whether a hold of `amount` is refused, told without a decision: what others hold for certain is in the way. Nil says nothing.
    func refuses(_ amount: Int64, at now: WallTime) -> BudgetRefusal? {
        let current = current.load(ordering: .acquiring)
        guard now.nanoseconds < nextChange.load(ordering: .acquiring) else { return nil }
        guard let refusal = refusal(of: amount, inWindow: index(current)) else { return nil }
        return self.current.load(ordering: .acquiring) == current ? refusal : nil
    }

    func enter(_ pause: () -> Void) { gate.enter(pause) }

    func leave() { gate.leave(setting: 0) }

    /// Inside a decision: why `amount` cannot be held at `now`; nil if it can.
    func refusalInDecision(of amount: Int64, at now: WallTime) -> BudgetRefusal? {
        if now.nanoseconds >= nextChange.load(ordering: .relaxed) { bringUp(to: now) }
        return refusal(of: amount, inWindow: index(current.load(ordering: .relaxed)))
    }

    /// Inside a decision: why a hold made in the window at `index` cannot grow by `amount`; nil if it can.
    func refusalInDecision(of amount: Int64, at now: WallTime, in index: Int) -> BudgetRefusal? {
        if now.nanoseconds >= nextChange.load(ordering: .relaxed) { bringUp(to: now) }
        return refusal(of: amount, inWindow: index)
    }

    /// Inside a decision that found room: holds `amount`.
    /// - Returns: the index of the window, which `settle` needs.
    func hold(_ amount: Int64) -> Int {
        let index = index(current.load(ordering: .relaxed))
        windows[index].hold(amount)
        return index
    }

    /// Inside a decision that found room: adds to a hold of `amount` in the window at `index`.
    func add(_ more: Int64, to amount: Int64, in index: Int) { windows[index].add(more, to: amount) }

    // MARK: - After a decision

    /// Gives back all of a hold of `amount` in the window at `index` but `rest`, which is less.
    func tighten(_ amount: Int64, to rest: Int64, in index: Int) { windows[index].tighten(amount, to: rest) }

    /// Turns `part` of a hold of `amount` in the window at `index` into `cost`; adds warnings that are due, each once a window.
    func settle(part: Int64, of amount: Int64, cost: Int64, in index: Int, _ warnings: inout [BudgetWarning]) {
        windows[index].settle(part: part, of: amount, cost: cost) { warn(of: $0, in: index, &warnings) }
    }

    /// Ends a hold of `amount` in the window at `index`, of which `cost` is spent; adds warnings that are due, each once a window.
    func settle(_ amount: Int64, cost: Int64, in index: Int, _ warnings: inout [BudgetWarning]) {
        windows[index].settle(amount, cost: cost) { warn(of: $0, in: index, &warnings) }
    }

    private func warn(of spent: Int64, in index: Int, _ warnings: inout [BudgetWarning]) {
        guard !warnAt.isEmpty else { return }
        let crossed = crossedShares(spent)
        guard crossed != 0 else { return }
        let news = windows[index].mark(crossed)
        guard news != 0 else { return }
        let status = status(ofWindow: index)
        for bit in warnAt.indices where news & 1 << UInt32(bit) != 0 {
            warnings.append(BudgetWarning(percent: warnAt[bit], budget: status))
        }
    }

    /// Changes what the requests of `span` have spent, whose bills were corrected, if that is the window at `now`; other windows count no more.
    /// What comes on top counts as an overrun: nothing was held for it.
    /// - Returns: warnings that are due.
    public func correct(
        by delta: Money, in span: BudgetSpan, now: WallTime, pause: () -> Void
    ) -> [BudgetWarning] {
        gate.enter(pause)
        defer { gate.leave(setting: 0) }
        if now.nanoseconds >= nextChange.load(ordering: .relaxed) { bringUp(to: now) }
        let index = index(current.load(ordering: .relaxed))
        guard windows[index].span == span else { return [] }
        var warnings: [BudgetWarning] = []
        windows[index].correct(by: delta.nanoUSD) { warn(of: $0, in: index, &warnings) }
        return warnings
    }

    // MARK: - Limits

    /// Another limit of the configuration; raises stay on top of it. Effective at once on every loop.
    /// - Precondition: not negative and not more than `greatest`.
    public func setLimit(_ limit: Money, now: WallTime, pause: () -> Void) {
        precondition(limit >= .zero && limit <= Self.greatest)
        gate.enter(pause)
        plan.withLock { $0.base = limit.nanoUSD }
        bringUp(to: now)
        gate.leave(setting: 0)
    }

    /// Raises the limit until a moment, over the ends of windows too. Effective at once on every loop, and expires by itself.
    /// - Returns: the limit now in force.
    public func raise(by amount: Money, until: WallTime, now: WallTime, pause: () -> Void) throws(RaiseError) -> Money {
        guard amount > .zero else { throw .notARaise }
        guard until > now else { throw .alreadyExpired }
        gate.enter(pause)
        defer { gate.leave(setting: 0) }
        bringUp(to: now)
        let room = Self.greatest.nanoUSD - limit.load(ordering: .relaxed)
        guard amount.nanoUSD <= room else { throw .tooLarge }
        let isTaken = plan.withLock { plan in
            guard plan.raises.count < Self.raiseLimit else { return false }
            plan.raises.append(LimitPlan.Raise(amount: amount.nanoUSD, until: until))
            return true
        }
        guard isTaken else { throw .tooMany }
        bringUp(to: now)
        return Money(nanoUSD: limit.load(ordering: .relaxed))
    }

    /// Inside a decision: begins another window if the time has come, and lets raises expire.
    private func bringUp(to now: WallTime) {
        let seen = current.load(ordering: .relaxed)
        var span = windows[index(seen)].span
        if now >= span.until,
            let free = windows.indices.first(where: { $0 != index(seen) && !windows[$0].hasHolds })
        {
            span = period.window(containing: now, in: zone)
            windows[free].begin(span, spent: 0, warned: 0)
            current.store(((seen >> 8) + 1) << 8 | Int64(free), ordering: .releasing)
        }
        let (amount, expiry) = plan.withLock { $0.inForce(at: now) }
        limit.store(amount, ordering: .releasing)
        nextChange.store(min(span.until, expiry).nanoseconds, ordering: .releasing)
    }

    // MARK: - Reading

    /// The current window's figures at `now`.
    public func status(now: WallTime, pause: () -> Void) -> BudgetStatus {
        if now.nanoseconds >= nextChange.load(ordering: .acquiring) {
            gate.enter(pause)
            bringUp(to: now)
            gate.leave(setting: 0)
        }
        while true {
            let seen = current.load(ordering: .acquiring)
            let status = status(ofWindow: index(seen))
            if current.load(ordering: .acquiring) == seen { return status }
        }
    }

    private func index(_ current: Int64) -> Int { Int(current & 0xFF) }

    private func status(ofWindow index: Int) -> BudgetStatus {
        let spent = windows[index].spent.load(ordering: .acquiring)
        let committed = windows[index].committed.load(ordering: .acquiring)
        let overrun = windows[index].overrun.load(ordering: .acquiring)
        return BudgetStatus(
            scope: scope, period: period, limit: Money(nanoUSD: limit.load(ordering: .acquiring)),
            spent: Money(nanoUSD: spent), held: Money(nanoUSD: committed - spent), overrun: Money(nanoUSD: overrun),
            span: windows[index].span)
    }

    /// What may be held in a window; nothing is never too much, also where a limit was lowered below what is spent.
    private func room(inWindow index: Int) -> Int64 {
        max(limit.load(ordering: .acquiring) - windows[index].committed.load(ordering: .acquiring), 0)
    }

    private func refusal(of amount: Int64, inWindow index: Int) -> BudgetRefusal? {
        let room = room(inWindow: index)
        return amount <= room ? nil : refusal(of: amount, room: room, inWindow: index)
    }

    /// Out of line, so that the rare refusal does not make room for itself in every admission.
    @inline(never)
    private func refusal(of amount: Int64, room: Int64, inWindow index: Int) -> BudgetRefusal {
        BudgetRefusal(asked: Money(nanoUSD: amount), room: Money(nanoUSD: room), budget: status(ofWindow: index))
    }

    /// A bit for each share that `spent` has reached.
    private func crossedShares(_ spent: Int64) -> UInt32 {
        let limit = limit.load(ordering: .acquiring)
        var crossed: UInt32 = 0
        for (bit, percent) in warnAt.enumerated() {
            let share = limit / 100 * Int64(percent) + limit % 100 * Int64(percent) / 100
            if spent >= share { crossed |= 1 << UInt32(bit) }
        }
        return crossed
    }
}

/// A limit of the configuration and what was put on top of it for a time.
private struct LimitPlan {
    struct Raise {
        let amount: Int64
        let until: WallTime
    }

    var base: Int64
    var raises: [Raise] = []

    /// The limit at `now`, and until when it stays so; forgets what has expired.
    mutating func inForce(at now: WallTime) -> (limit: Int64, until: WallTime) {
        raises.removeAll { $0.until <= now }
        let limit = raises.reduce(base) { min($0 + $1.amount, BudgetWindow.greatest) }
        return (limit, raises.map(\.until).min() ?? .never)
    }
}
