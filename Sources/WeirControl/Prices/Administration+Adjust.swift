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
            warnings: correctBudgets(recorded, at: now).map(\.description))
    }

    private static func sum(_ recorded: some Sequence<RecordedCorrection>) -> Money {
        recorded.reduce(.zero) { $0.adding($1.delta) }
    }

    private func correctBudgets(_ recorded: [RecordedCorrection], at now: WallTime) -> [BudgetWarning] {
        var byScope: [Scope: [RecordedCorrection]] = [:]
        for correction in recorded {
            for scope in correction.scopes { byScope[scope, default: []].append(correction) }
        }
        var warnings: [BudgetWarning] = []
        for account in accounts.all {
            guard let mine = byScope[account.scope] else { continue }
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
    /// Whose budgets it falls into.
    fileprivate var scopes: [Scope] {
        [Scope(.key, key), Scope(.team, team)] + tags.split(separator: ",").map { Scope(.tag, String($0)) }
    }
}

extension BudgetSpan {
    /// Whether the ledger counts a request in this window (`SpentQuestion`).
    fileprivate func contains(_ request: RequestID) -> Bool {
        from.milliseconds <= request.unixMilliseconds && request.unixMilliseconds < until.milliseconds
    }
}
