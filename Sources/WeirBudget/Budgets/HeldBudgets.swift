public import WeirBase

/// What one request has set aside: the same amount in every window that it falls into. It ends exactly once, in `settle`.
public struct HeldBudgets {
    private var windows: ContiguousArray<BudgetWindow> = []
    /// What is held in each window.
    public private(set) var amount = Money.zero
    private var isHeld = false

    public init() {}

    /// The window that had no room, for the refusal.
    public struct Refusal: Error {
        public let window: BudgetWindow
        /// What was asked for.
        public let amount: Money
    }

    /// Empties the list of windows, to ask for others. Nothing is held.
    public mutating func begin() {
        precondition(!isHeld, "a hold was forgotten")
        windows.removeAll(keepingCapacity: true)
        amount = .zero
    }

    /// Adds a window. All requests add windows in the same order: that of their budgets' making.
    public mutating func add(_ window: BudgetWindow) { windows.append(window) }

    public var isEmpty: Bool { windows.isEmpty }

    /// The least that any window has left.
    public func room(at now: WallTime) -> Money { windows.reduce(.greatest) { min($0, $1.room(at: now)) } }

    /// Sets `amount` aside in all windows, or in none.
    public mutating func hold(_ amount: Money, at now: WallTime) throws(Refusal) {
        precondition(!isHeld && amount >= .zero, "held twice")
        let isTentative = windows.count > 1
        for index in windows.indices where !windows[index].hold(amount.nanoUSD, isTentative: isTentative, now: now) {
            for earlier in windows[..<index] { earlier.withdraw(amount.nanoUSD) }
            throw Refusal(window: windows[index], amount: amount)
        }
        if isTentative { for window in windows { window.confirm(amount.nanoUSD) } }
        self.amount = amount
        isHeld = true
    }

    /// Keeps only `amount` set aside, because it is known by now that no more can be needed.
    public mutating func tighten(to amount: Money) {
        guard isHeld, amount < self.amount else { return }
        for window in windows { window.release(self.amount.nanoUSD - amount.nanoUSD) }
        self.amount = amount
    }

    /// Ends the hold: `cost` is spent, the rest is free again.
    /// - Returns: windows in which a warning is due, with its share in percent; mostly none.
    public mutating func settle(cost: Money, at now: WallTime) -> [(window: BudgetWindow, share: Int)] {
        precondition(isHeld, "settled without a hold")
        isHeld = false
        var warnings: [(window: BudgetWindow, share: Int)] = []
        for window in windows {
            window.settle(amount.nanoUSD, cost: cost.nanoUSD)
            if let share = window.takeWarning(at: now) { warnings.append((window, share)) }
        }
        windows.removeAll(keepingCapacity: true)
        amount = .zero
        return warnings
    }
}
