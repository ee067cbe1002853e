internal import WeirBase
public import WeirBudget
internal import WeirGateway
public import WeirStore

extension Administration {
    /// Compares the counters in memory with the ledger. Requests that end in between make a difference for a moment: a pair that differs is
    /// looked at a few times.
    public func invariants() throws(ControlFailure) -> InvariantsMessage {
        var message = try compare()
        for _ in 0..<5 where !message.holds { message = try compare() }
        return message
    }

    private func compare() throws(ControlFailure) -> InvariantsMessage {
        var budgets: [BudgetInvariant] = []
        for account in accounts.all {
            for budget in account.budgets { budgets.append(try compare(budget)) }
        }
        budgets.sort { ($0.scope, $0.every) < ($1.scope, $1.every) }
        let open = gateway?.openHolds() ?? (0, .zero)
        // What a request holds, it holds in each of its budgets; so no budget holds more than all requests together.
        let isEqual = budgets.allSatisfy {
            $0.spent_nano_usd == $0.ledger_spent_nano_usd && $0.held_nano_usd <= open.held.nanoUSD
        }
        return InvariantsMessage(
            open_requests: open.requests, open_holds_nano_usd: open.held.nanoUSD, budgets: budgets, holds: isEqual)
    }

    private func compare(_ budget: Budget) throws(ControlFailure) -> BudgetInvariant {
        let status = budget.status(now: now(), pause: {})
        let question = SpentQuestion(
            SpentScope(budget.scope), from: max(0, status.span.from.milliseconds),
            until: status.span.until.milliseconds)
        let spent: Money
        do throws(StoreError) { spent = try store.spent([question])[0] } catch { throw .store(error) }
        return BudgetInvariant(
            scope: budget.scope.description, every: budget.period.rawValue, spent_nano_usd: status.spent.nanoUSD,
            ledger_spent_nano_usd: spent.nanoUSD, held_nano_usd: status.held.nanoUSD)
    }
}

extension SpentScope {
    /// As the ledger knows a budget's scope.
    public init(_ scope: Scope) {
        switch scope.kind {
        case .key: self = .key(scope.name)
        case .team: self = .team(scope.name)
        case .tag:
            let parts = scope.name.split(separator: "=", maxSplits: 1).map(String.init)
            self = .tag(name: parts[0], value: parts[1])
        }
    }
}
