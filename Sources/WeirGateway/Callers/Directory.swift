public import WeirBase
internal import WeirBudget
public import WeirConfig
public import WeirLedger

/// Who may call as of now, in an immutable snapshot that all loops share, with what bounds each of them. A change of keys makes another one; a
/// request keeps the one with which it began.
public final class Directory: Sendable {
    public let callers: CallerTable
    let policy: Policy
    /// What bounds each caller: its own account, its team's, and those of its own tags.
    let scopes: [Scopes]
    /// Whether anything bounds a caller's requests, or may: then it is looked into them what they can use.
    let isBounded: [Bool]
    /// Whether a caller's rate is limited: then answers tell what is left.
    let isRated: [Bool]
    /// Whether a caller has a budget: then what has no price is refused.
    let isBudgeted: [Bool]
    /// Tags that are bounded, whoever brings them.
    let tagAccounts: [Policy.Tag: Account]
    /// What the ledger calls each caller and its team.
    let names: [CallerNames]

    struct CallerNames: Sendable {
        let key: NameNumber
        let team: NameNumber
        /// The key's own tags.
        let tags: NameNumber
    }

    /// - Parameter now: which windows are made for accounts that are new.
    /// - Throws: what kept the ledger from saying what new accounts have spent.
    public init(
        _ policy: Policy, issued: [IssuedKey] = [], accounts all: Accounts, names ledger: LedgerNames, at now: WallTime
    ) throws {
        self.policy = policy
        let callers = CallerTable(policy, issued: issued)
        var tagAccounts: [Policy.Tag: Account] = [:]
        for entry in policy.boundTags {
            tagAccounts[entry.tag] = try all.account(Scope(.tag, "\(entry.tag)"), entry.bounds, at: now)
        }
        let teams = try policy.teams.map { try all.account(Scope(.team, $0.name), $0.bounds, at: now) }
        let accounts = try callers.callers.map { caller in
            let team = caller.team.flatMap { teams[$0] }
            let own = try all.account(Scope(.key, caller.id), caller.bounds, at: now)
            return [team, own].compactMap { $0 } + caller.tags.compactMap { tagAccounts[$0] }
        }
        scopes = try accounts.map { try Scopes($0) }
        isBounded = accounts.map { !$0.isEmpty || !tagAccounts.isEmpty }
        isRated = accounts.map { $0.contains { !$0.rates.isEmpty } }
        isBudgeted = accounts.map { $0.contains { !$0.budgets.isEmpty } }
        names = callers.callers.map { caller in
            CallerNames(
                key: ledger.number(.key, caller.id),
                team: caller.team.map { ledger.number(.team, policy.teams[$0].name) } ?? .none,
                tags: ledger.tags(caller.tags.map { ($0.name, $0.value) }))
        }
        self.tagAccounts = tagAccounts
        self.callers = callers
    }

    /// The name of a caller's team; nil if it has none.
    func teamName(of caller: Int) -> String? { callers.callers[caller].team.map { policy.teams[$0].name } }
}
