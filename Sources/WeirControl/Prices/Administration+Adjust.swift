internal import WeirBase
internal import WeirBudget
internal import WeirGateway
internal import WeirLedger
public import WeirStore

extension Administration {
    /// The ledger, to be asked.
    public var ledger: LedgerReader { store.ledger }

    /// Records corrections of what requests have cost, and corrects the counters of the budgets whose windows they fall in: the ledger and the
    /// running gateway say the same again when this returns.
    public func adjust(_ request: AdjustRequest, by actor: String) throws(ControlFailure) -> AdjustMessage {
        guard request.changes.count <= AdjustRequest.limit else {
            throw .invalid("send at most \(AdjustRequest.limit) changes at once")
        }
        guard request.period.utf8.count <= 100 else { throw .invalid("the period is longer than 100 bytes") }
        var corrections: [Correction] = []
        for change in request.changes {
            guard let correction = change.correction else { throw .invalid("\(change.request) is no request's id") }
            guard PriceVersion(change.price_version) != nil else {
                throw .invalid("\(change.price_version) is no version of prices: it has 16 hexadecimal digits")
            }
            corrections.append(correction)
        }
        let now = now()
        let recorded: [RecordedCorrection]
        do throws(StoreError) {
            recorded = try store.adjust(corrections, at: now.nanoseconds) { recorded in
                AuditRow(
                    at: now.nanoseconds, actor: actor, action: "prices.recompute", subject: request.period,
                    details: "\(recorded.count) requests by \(Self.sum(recorded))")
            }
        } catch { throw .store(error) }
        return AdjustMessage(
            recorded: recorded.count, nano_usd: Self.sum(recorded).nanoUSD,
            warnings: correctBudgets(recorded, at: now).map(\.text))
    }

    private static func sum(_ recorded: some Sequence<RecordedCorrection>) -> Money {
        recorded.reduce(.zero) { $0.adding($1.delta) }
    }

    private func correctBudgets(_ recorded: [RecordedCorrection], at now: WallTime) -> [BudgetWarning] {
        var warnings: [BudgetWarning] = []
        for account in accounts.all {
            let mine = recorded.filter { $0.isOf(account.scope) }
            guard !mine.isEmpty else { continue }
            for budget in account.budgets {
                let span = budget.status(now: now, pause: {}).span
                let inside = mine.filter { span.contains($0.request) }
                warnings += budget.correct(by: Self.sum(inside), in: span, now: now, pause: {})
            }
        }
        return warnings
    }
}

extension RecordedCorrection {
    fileprivate func isOf(_ scope: Scope) -> Bool {
        switch scope.kind {
        case .key: key == scope.name
        case .team: team == scope.name
        case .tag: tags.split(separator: ",").contains { $0 == scope.name }
        }
    }
}

extension BudgetSpan {
    /// Whether the ledger counts a request in this window (`SpentQuestion`).
    fileprivate func contains(_ request: RequestID) -> Bool {
        from.milliseconds <= request.unixMilliseconds && request.unixMilliseconds < until.milliseconds
    }
}

extension BudgetWarning {
    /// One line for a log or a terminal.
    fileprivate var text: String {
        "budget \(budget.limit) a \(budget.period.rawValue) of \(budget.scope): \(percent) % is spent (\(budget.spent))"
    }
}
