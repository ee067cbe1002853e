import Testing
import WeirBase
import WeirBudget

@Suite("rates and concurrency") struct LimitTests {
    private func rate(_ unit: RateLimit.Unit, _ perMinute: Int, burst: Int? = nil, _ name: String = "search")
        -> RateLimit
    {
        RateLimit(scope: Scope(.team, name), unit: unit, perMinute: perMinute, burst: burst)
    }

    private func used(_ scopes: Scopes, _ tokens: Int, actual: Int? = nil, at now: Instant) throws {
        var admitted = try scopes.admit(0, tokens: tokens, now: now)
        _ = admitted.settle(cost: .zero, tokens: actual ?? tokens, now: now)
    }

    @Test("the burst is admitted at once, then one for each interval", arguments: [1, 6, 7, 60, 600, 59_999])
    func requests(perMinute: Int) throws {
        let scopes = try Scopes(rates: [rate(.requests, perMinute)])
        for _ in 0..<perMinute { #expect(scopes.refusal(0) == nil) }
        guard case .rate(let refusal) = scopes.refusal(0) else {
            Issue.record("admitted")
            return
        }
        let interval = 60_000_000_000 / Int64(perMinute)
        #expect(refusal.wait == .nanoseconds(interval))
        #expect(refusal.retryAfterSeconds == max(Int((interval + 999_999_999) / 1_000_000_000), 1))
        #expect(refusal.rate.limit == perMinute && refusal.rate.remaining == 0)
        #expect(scopes.refusal(0, now: start + .nanoseconds(interval - 1)) != nil)
        #expect(scopes.refusal(0, now: start + .nanoseconds(interval)) == nil)
        #expect(scopes.refusal(0, now: start + .nanoseconds(interval)) != nil)
    }

    @Test("tokens are taken by estimate, and what was not used goes back")
    func tokens() throws {
        let scopes = try Scopes(rates: [rate(.tokens, 6_000)])
        var first = try scopes.admit(0, tokens: 5_000)
        #expect(scopes.rateStatus(now: start).tokens?.remaining == 1_000)
        #expect(scopes.rateStatus(now: start).tokens?.reset == .seconds(50))
        #expect(scopes.rateStatus(now: start).requests == nil)
        #expect(scopes.refusal(0, tokens: 1_001) != nil)
        _ = first.settle(cost: .zero, tokens: 500, now: start)
        #expect(scopes.rateStatus(now: start).tokens?.remaining == 5_500)
    }

    @Test("tokens beyond the estimate are taken whatever the limit, up to a debt of an hour")
    func beyond() throws {
        let scopes = try Scopes(rates: [rate(.tokens, 6_000)])
        try used(scopes, 1_000, actual: 9_000, at: start)
        guard case .rate(let refusal) = scopes.refusal(0, tokens: 1) else {
            Issue.record("admitted")
            return
        }
        #expect(refusal.wait == .milliseconds(30_010) && refusal.retryAfterSeconds == 31)
        #expect(scopes.refusal(0, tokens: 1, now: start + .milliseconds(30_010)) == nil)
        let later = start + .seconds(7_200)
        try used(scopes, 0, actual: .max, at: later)
        try used(try Scopes(rates: [rate(.tokens, 1)]), 1, actual: .max, at: later)
        #expect(scopes.rateStatus(now: later).tokens?.reset == .seconds(3_600))
    }

    @Test("more than the burst never fits, and there is no time to wait for")
    func neverFits() throws {
        let scopes = try Scopes(rates: [rate(.tokens, 60, burst: 100)])
        guard case .rate(let refusal) = scopes.refusal(0, tokens: 101) else {
            Issue.record("admitted")
            return
        }
        #expect(refusal.wait == nil && refusal.retryAfterSeconds == nil)
        #expect(scopes.refusal(0, tokens: 100) == nil)
        #expect(scopes.refusal(0, tokens: .max) != nil)
    }

    @Test("a refusal at any limit takes nothing of any other")
    func refusedTakesNothing() throws {
        let places = ConcurrencyLimit(scope: Scope(.key, "k"), limit: 2)
        let (requests, tokens) = (rate(.requests, 60), rate(.tokens, 1_000))
        let team = budget(500)
        let scopes = try Scopes(concurrency: [places], rates: [requests, tokens], budgets: [team])
        #expect(scopes.refusal(501, tokens: 10) != nil)
        #expect(scopes.refusal(1, tokens: 1_001) != nil)
        var first = try scopes.admit(1, tokens: 1)
        var second = try scopes.admit(1, tokens: 1)
        #expect(scopes.refusal(1) == .concurrency(scope: Scope(.key, "k"), limit: 2))
        let status = scopes.rateStatus(now: start)
        #expect(status.requests?.remaining == 58 && status.tokens?.remaining == 998 && team.figures() == [0, 2])
        _ = first.settle(cost: .zero, tokens: 0, now: start)
        #expect(places.underWay == 1)
        _ = second.settle(cost: .zero, tokens: 0, now: start)
        #expect(places.underWay == 0)
    }

    @Test("a lowered concurrency limit lets requests under way finish")
    func lowered() throws {
        let places = ConcurrencyLimit(scope: Scope(.key, "k"), limit: 2)
        let scopes = try Scopes(concurrency: [places])
        var first = try scopes.admit(0)
        var second = try scopes.admit(0)
        places.setLimit(1)
        _ = first.settle(cost: .zero, tokens: 0, now: start)
        #expect(scopes.refusal(0) != nil)
        _ = second.settle(cost: .zero, tokens: 0, now: start)
        #expect(scopes.refusal(0) == nil)
    }

    @Test("a limit that takes another's place goes on where that was")
    func continuing() throws {
        let old = rate(.requests, 60)
        let scopes = try Scopes(rates: [old])
        for _ in 0..<60 { #expect(scopes.refusal(0) == nil) }
        let new = RateLimit(scope: old.scope, unit: .requests, perMinute: 120, continuing: old)
        let next = try Scopes(rates: [new])
        #expect(next.rateStatus(now: start).requests?.remaining == 0)
        #expect(next.rateStatus(now: start + .seconds(1)).requests?.remaining == 2)
    }

    @Test("no moment that a clock shows breaks a rate", arguments: [Instant.past, Instant(nanoseconds: 0), .never])
    func extremes(now: Instant) throws {
        let scopes = try Scopes(rates: [rate(.requests, 1)])
        #expect(scopes.refusal(0, now: now) == nil)
        #expect(scopes.refusal(0, now: now) != nil)
    }

    @Test(
        "over any span, what was taken less what came back is at most the burst and the span's share", arguments: 0..<20
    )
    func bound(seed: UInt64) throws {
        var numbers = SeededGenerator(seed: seed)
        let scopes = try Scopes(rates: [rate(.tokens, 6_000, burst: Int.random(in: 100...9_000, using: &numbers))])
        let burst = try #require(scopes.rateStatus(now: start).tokens?.remaining)
        var now = start
        var taken: [(at: Instant, tokens: Int)] = []
        for _ in 0..<300 {
            now = now + .milliseconds(Int64.random(in: 0...3_000, using: &numbers))
            let estimate = Int.random(in: 0...burst, using: &numbers)
            let actual = Int.random(in: 0...estimate, using: &numbers)
            guard scopes.refusal(0, tokens: estimate, now: now) == nil else { continue }
            try used(scopes, estimate, actual: actual, at: now)
            taken.append((now, actual))
        }
        #expect(taken.count > 10)
        for first in taken.indices {
            var sum = 0
            for last in first..<taken.count {
                sum += taken[last].tokens
                let share = (taken[last].at - taken[first].at).nanoseconds / 10_000_000
                guard Int64(sum) <= Int64(burst) + share + 1 else {
                    Issue.record("\(sum) tokens in \(share) intervals, burst \(burst)")
                    return
                }
            }
        }
    }
}
