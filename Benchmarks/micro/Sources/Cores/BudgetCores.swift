import WeirBase
import WeirBudget

extension Core {
    static let budgets: [Core] = [
        Core("budget/hold-settle-1") { iterations in holdAndSettle(iterations, scopes(budgets: 1)) },
        Core("budget/hold-settle-4") { iterations in holdAndSettle(iterations, scopes(budgets: 4)) },
        Core("budget/refuse-4") { iterations in refuse(iterations, scopes(budgets: 4)) },
        Core("budget/admit-all") { iterations in holdAndSettle(iterations, scopes(budgets: 4, withLimits: true)) },
    ]

    private static let wallTime = WallTime(seconds: 1_800_000_000)
    private static let now = Instant(nanoseconds: 1_000_000_000)

    /// Budgets of a month; with them, the requests, tokens and places of a key and its team.
    private static func scopes(budgets count: Int, withLimits: Bool = false) -> Scopes {
        let team = Scope(.team, "search")
        let budgets = (0..<count).map { _ in
            Budget(scope: team, limit: Money(nanoUSD: 1 << 60), every: .month, warnAt: [80], now: wallTime)
        }
        let limits = withLimits ? 2 : 0
        let places = (0..<limits).map { _ in ConcurrencyLimit(scope: team, limit: 50) }
        // A token is paid off in 60 ns and a request takes none, so the burst does not end.
        let rates = (0..<limits).map { _ in
            RateLimit(scope: team, unit: .tokens, perMinute: RateLimit.greatest)
        }
        guard let scopes = try? Scopes(concurrency: places, rates: rates, budgets: budgets) else {
            preconditionFailure("no more scopes than fit")
        }
        return scopes
    }

    /// One request admitted and settled at a tenth of what it held.
    private static func holdAndSettle(_ iterations: Int, _ scopes: Scopes) {
        let scopes = hidden(scopes)
        let cost = hidden(Money(nanoUSD: 1_000))
        for _ in 0..<iterations {
            do throws(AdmissionRefusal) {
                var admitted = try scopes.admit(cost: cost, tokens: 0, now: now, wallTime: wallTime, pause: {})
                keep(admitted.settle(cost: Money(nanoUSD: 100), tokens: 0, now: now))
            } catch { preconditionFailure("there is room") }
        }
    }

    /// One request that does not fit.
    private static func refuse(_ iterations: Int, _ scopes: Scopes) {
        let scopes = hidden(scopes)
        let cost = hidden(Money.greatest)
        for _ in 0..<iterations {
            do throws(AdmissionRefusal) {
                var admitted = try scopes.admit(cost: cost, tokens: 0, now: now, wallTime: wallTime, pause: {})
                keep(admitted.settle(cost: .zero, tokens: 0, now: now))
                preconditionFailure("there is no room")
            } catch { keep(error) }
        }
    }
}
