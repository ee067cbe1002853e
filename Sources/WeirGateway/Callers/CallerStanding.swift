import WeirBase
import WeirBudget
import WeirConfig
import WeirLedger

/// All that the pipeline asks of a caller, in one object: a request takes one reference to it.
final class CallerStanding: Sendable {
    /// What bounds it: its own account, its team's, and those of its own tags.
    let scopes: Scopes
    /// Whether anything bounds its requests, or may: then it is looked into them what they can use.
    let isBounded: Bool
    /// Whether its rate is limited: then answers tell what is left.
    let isRated: Bool
    /// Whether it has a budget: then what has no price is refused.
    let isBudgeted: Bool
    /// Whether an answer is read to its end though the client has gone.
    let drains: Bool
    /// What the ledger calls it, its team and its own tags.
    let key: NameNumber
    let team: NameNumber
    let tags: NameNumber

    init(
        _ caller: CallerTable.Caller, _ accounts: [Account], _ policy: Policy, mayBringBoundTags: Bool,
        _ ledger: LedgerNames
    ) throws {
        scopes = try Scopes(accounts)
        isBounded = !accounts.isEmpty || mayBringBoundTags
        isRated = accounts.contains { !$0.rates.isEmpty }
        isBudgeted = accounts.contains { !$0.budgets.isEmpty }
        drains = caller.team.map { policy.teams[$0].onDisconnect == .drain } ?? false
        key = ledger.number(.key, caller.id)
        team = caller.team.map { ledger.number(.team, policy.teams[$0].name) } ?? .none
        tags = ledger.tags(caller.tags.map { ($0.name, $0.value) })
    }
}
