public import WeirBase
internal import WeirBudget
public import WeirConfig
public import WeirLedger

/// Who may call as of now, in an immutable snapshot that all loops share, with what bounds each of them. A change of keys makes another one; a
/// request keeps the one with which it began.
public final class Directory: Sendable {
    public let callers: CallerTable
    let policy: Policy
    /// In the order of `callers`.
    let standings: [CallerStanding]
    /// Tags that are bounded, whoever brings them.
    let tagAccounts: [Policy.Tag: Account]

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
        standings = try zip(callers.callers, accounts).map { caller, accounts in
            try CallerStanding(caller, accounts, policy, mayBringBoundTags: !tagAccounts.isEmpty, ledger)
        }
        self.tagAccounts = tagAccounts
        self.callers = callers
    }

    /// The name of a caller's team; nil if it has none.
    func teamName(of caller: Int) -> String? { callers.callers[caller].team.map { policy.teams[$0].name } }
}
