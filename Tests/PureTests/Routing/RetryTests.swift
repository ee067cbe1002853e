import Testing
import WeirBase
import WeirRouting

@Suite("retries") struct RetryTests {
    private func take(_ budget: inout RetryBudget, at now: Instant) -> Bool { budget.takeRetry(at: now) }

    @Test("a full bucket, then one retry for each share of requests")
    func share() {
        var budget = RetryBudget(perMille: 200, perSecond: 0, capacity: 3, now: dawn)
        for _ in 0..<3 { #expect(take(&budget, at: dawn)) }
        #expect(!take(&budget, at: dawn + .seconds(1_000)))
        for _ in 0..<4 { budget.noteRequest() }
        #expect(!take(&budget, at: dawn) && budget.available(at: dawn) == 0)
        budget.noteRequest()
        #expect(budget.available(at: dawn) == 1 && take(&budget, at: dawn) && !take(&budget, at: dawn))
        for _ in 0..<1_000 { budget.noteRequest() }
        #expect(budget.available(at: dawn) == 3)
    }

    @Test(
        "the minimum for a second comes exactly, to the nanosecond, and never more than the bucket holds",
        arguments: [1, 3, 7, 1_000_000])
    func minimum(perSecond: Int) {
        var budget = RetryBudget(perMille: 0, perSecond: perSecond, capacity: 2, now: dawn)
        for _ in 0..<2 { #expect(take(&budget, at: dawn)) }
        let interval = (1_000_000_000 + Int64(perSecond) - 1) / Int64(perSecond)
        #expect(!take(&budget, at: dawn + .nanoseconds(interval - 1)))
        #expect(take(&budget, at: dawn + .nanoseconds(interval)))
        #expect(!take(&budget, at: dawn))  // a clock that goes back gives nothing
        #expect(budget.available(at: .never) == 2)
    }

    @Test("in no stretch of time are there more retries than the budget allows")
    func never() {
        for seed in UInt64(0)..<60 {
            var dice = Dice(seed)
            let (perMille, perSecond, capacity) = (dice.below(1_001), dice.below(5), 1 + dice.below(20))
            var budget = RetryBudget(perMille: perMille, perSecond: perSecond, capacity: capacity, now: dawn)
            var now = dawn
            // When each retry was made, and how many requests there had been.
            var events: [(at: Instant, requests: Int)] = []
            var requests = 0
            for _ in 0..<300 {
                now = now + dice.span(0...200_000)
                budget.noteRequest()
                requests += 1
                for _ in 0..<dice.below(4) where take(&budget, at: now) { events.append((now, requests)) }
            }
            for first in events.indices {
                for last in events[first...].indices {
                    // The request that came with the first retry may have paid for it.
                    let share = (events[last].requests - events[first].requests + 1) * perMille * 1_000_000
                    let time = (events[last].at - events[first].at).nanoseconds * Int64(perSecond)
                    let allowed = Int64(capacity) * 1_000_000_000 + Int64(share) + time
                    #expect(Int64(last - first + 1) * 1_000_000_000 <= allowed, "seed \(seed)")
                }
            }
        }
    }

    static let waits: [(retry: Int, bound: TimeSpan)] = [
        (0, .milliseconds(100)), (1, .milliseconds(200)), (3, .milliseconds(800)), (4, .seconds(1)),
        (1_000_000, .seconds(1)),
    ]

    @Test("a wait is drawn from nothing up to a bound that doubles", arguments: waits)
    func backoff(retry: Int, bound: TimeSpan) {
        let backoff = Backoff(first: .milliseconds(100), longest: .seconds(1))
        #expect(backoff.wait(before: retry, random: 0) == .zero)
        #expect(backoff.wait(before: retry, random: .max) == bound)
        #expect(backoff.wait(before: retry, random: 1 << 63) == .nanoseconds((bound.nanoseconds + 1) / 2))
    }

    @Test("Retry-After is waited for, with little on top, or not at all")
    func retryAfter() {
        let backoff = Backoff(first: .milliseconds(100), longest: .seconds(1), patience: .seconds(5))
        #expect(backoff.wait(before: 7, retryAfter: .seconds(5), random: 0) == .seconds(5))
        #expect(backoff.wait(before: 7, retryAfter: .seconds(5), random: .max) == .milliseconds(5_100))
        #expect(backoff.wait(before: 0, retryAfter: .nanoseconds(5_000_000_001), random: 0) == nil)
        #expect(backoff.wait(before: 0, retryAfter: .zero, random: .max) == .milliseconds(100))
        #expect(backoff.wait(before: 0, retryAfter: .seconds(-3), random: .max) == .milliseconds(100))
    }
}
