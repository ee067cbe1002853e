internal import Synchronization
public import WeirBase

/// A limit on what may be spent in each of its windows. The window in force is published: loops subscribe to it.
public final class Budget: Sendable {
    /// Whose it is: `team search`, `key ci`, `tag env=prod`.
    public let scope: String
    /// Which of its scope's it is: `$40.00/day`.
    public let name: String
    /// Its place in the order in which all requests take budgets.
    public let index: Int
    public let calendar: BudgetCalendar
    /// Shares of the limit, in percent and in rising order, at which to warn. At most 16.
    let warnings: [Int]
    private let ordinaryLimit: Money
    private let raise: Mutex<Raise?>
    /// The limit in force until `limitChanges`, so that admission takes no lock.
    private let limitNano: Atomic<Int64>
    private let limitChanges: Atomic<Int64>
    public let window: Published<BudgetWindow?>

    /// A limit that is higher for a time.
    public struct Raise: Hashable, Sendable {
        public let by: Money
        public let until: WallTime

        public init(by: Money, until: WallTime) {
            self.by = by
            self.until = until
        }
    }

    public init(index: Int, scope: String, name: String, limit: Money, calendar: BudgetCalendar, warnings: [Int]) {
        self.index = index
        self.scope = scope
        self.name = name
        ordinaryLimit = limit
        self.calendar = calendar
        self.warnings = Array(warnings.prefix(16))
        raise = Mutex(nil)
        limitNano = Atomic(limit.nanoUSD)
        limitChanges = Atomic(.max)
        window = Published(nil)
    }

    /// The limit at `now`: the configuration's, and what it was raised by.
    public func limit(at now: WallTime) -> Money {
        if now.nanoseconds >= limitChanges.load(ordering: .relaxed) { endRaise(at: now) }
        return Money(nanoUSD: limitNano.load(ordering: .relaxed))
    }

    /// Raises the limit for a time; it takes the place of a raise before it. In force on every loop when this returns.
    public func raise(_ new: Raise) {
        raise.withLock { raise in
            raise = new
            let (sum, overflows) = ordinaryLimit.nanoUSD.addingReportingOverflow(new.by.nanoUSD)
            limitNano.store(overflows ? .max : sum, ordering: .relaxed)
            limitChanges.store(new.until.nanoseconds, ordering: .relaxed)
        }
    }

    private func endRaise(at now: WallTime) {
        raise.withLock { standing in
            guard let ending = standing, now >= ending.until else { return }
            standing = nil
            limitNano.store(ordinaryLimit.nanoUSD, ordering: .relaxed)
            limitChanges.store(.max, ordering: .relaxed)
        }
    }

    /// Begins with a window that has spent something already.
    public func begin(at now: WallTime, spent: Money) {
        let bounds = calendar.window(containing: now)
        window.publish(BudgetWindow(of: self, from: bounds.from, until: bounds.until, spent: spent))
    }

    /// Makes sure that the window in force is the one of `now`. A clock that goes back changes nothing: windows only go on.
    func advance(to now: WallTime) {
        window.update { standing in
            if let standing, now < standing.until { return standing }
            let bounds = calendar.window(containing: now)
            return BudgetWindow(of: self, from: bounds.from, until: bounds.until)
        }
    }
}

/// One loop's view of a budget.
public struct BudgetView {
    private var subscription: Subscription<BudgetWindow?>
    public let budget: Budget

    public init(_ budget: Budget) {
        self.budget = budget
        subscription = Subscription(budget.window)
    }

    /// The window of `now`.
    public mutating func window(at now: WallTime) -> BudgetWindow {
        while true {
            if let window = subscription.latest(), now < window.until { return window }
            budget.advance(to: now)
        }
    }
}
