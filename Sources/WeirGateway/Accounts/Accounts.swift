internal import Synchronization
public import WeirBase
internal import WeirBudget
internal import WeirConfig

/// The accounts of a process. An account is made once and stays: a key that is made anew in the directory finds its counters as they are.
public final class Accounts: Sendable {
    private struct State {
        var accounts: [Account.Owner: Account] = [:]
        var budgets: [Budget] = []
    }

    private let state = Mutex(State())
    private let spent: @Sendable (Account.Owner, WallTime, WallTime) throws -> Money

    /// - Parameter spent: what the ledger says an owner has spent by requests from one moment on and before another.
    public init(spent: @escaping @Sendable (Account.Owner, WallTime, WallTime) throws -> Money = { _, _, _ in .zero }) {
        self.spent = spent
    }

    /// The account of `owner`; made, with what the ledger knows of its windows, if there is none yet.
    /// - Throws: what kept the ledger from answering: a budget of which nobody knows what is spent must not begin.
    func account(_ owner: Account.Owner, _ bounds: Policy.Bounds, at now: WallTime) throws -> Account? {
        if let account = state.withLock({ $0.accounts[owner] }) { return account }
        return try state.withLock { state in
            if let account = state.accounts[owner] { return account }
            let account = Account(owner, bounds, firstBudget: state.budgets.count)
            guard account.boundsAnything else { return nil }
            for budget in account.budgets {
                let window = budget.calendar.window(containing: now)
                budget.begin(at: now, spent: try spent(owner, window.from, window.until))
            }
            state.budgets += account.budgets
            state.accounts[owner] = account
            return account
        }
    }

    /// The account of `owner`; nil if nothing bounds it.
    public func account(of owner: Account.Owner) -> Account? { state.withLock { $0.accounts[owner] } }

    /// The budget with this index.
    func budget(_ index: Int) -> Budget { state.withLock { $0.budgets[index] } }
}
