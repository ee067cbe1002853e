internal import Synchronization
public import WeirBase
public import WeirBudget
internal import WeirConfig

/// The accounts of a process. An account is made once and stays: a key that is made anew in the directory finds its counters as they are.
public final class Accounts: Sendable {
    /// A question to the ledger: what a scope has spent by requests from one moment on and before another.
    public typealias SpentQuery = @Sendable (Scope, BudgetSpan) throws -> Money

    private let accounts = Mutex<[Scope: Account]>([:])
    private let spent: SpentQuery

    public init(spent: @escaping SpentQuery = { _, _ in .zero }) { self.spent = spent }

    /// The account of `scope`; made, with what the ledger knows of its windows, if there is none yet.
    /// - Returns: nil if nothing bounds it.
    /// - Throws: what kept the ledger from answering: a budget of which nobody knows what is spent must not begin.
    func account(_ scope: Scope, _ bounds: Policy.Bounds, at now: WallTime) throws -> Account? {
        if bounds == Policy.Bounds() { return nil }
        return try accounts.withLock { accounts in
            if let account = accounts[scope] { return account }
            let sums = try bounds.budgets.map { budget in
                try spent(scope, BudgetPeriod(budget.every).window(containing: now, in: budget.zone))
            }
            let account = Account(scope, bounds, spent: sums, at: now)
            accounts[scope] = account
            return account
        }
    }

    /// All accounts that there are.
    public var all: [Account] { accounts.withLock { Array($0.values) } }

    /// The account of `scope`; nil if nothing bounds it.
    public func account(of scope: Scope) -> Account? { accounts.withLock { $0[scope] } }
}
