import Testing
import WeirBase
import WeirRouting

@Suite("hedging") struct HedgeTests {
    /// Three per cent of the last 32 seconds.
    private static let settings = {
        var settings = HedgeSettings()
        settings.window = .seconds(32)
        return settings
    }()

    private func usd(_ nano: Int64) -> Money { Money(nanoUSD: nano) }

    /// Makes a hedge that costs what is held, if the cap allows it.
    private func hedge(_ cost: Int64, _ budget: inout HedgeBudget, at now: Instant = dawn) -> Bool {
        guard let hold = budget.hold(usd(cost), at: now) else { return false }
        budget.settle(hold, cost: usd(cost), at: now)
        return true
    }

    @Test("an attempt is late after the time that 95 of 100 keep to, if enough are known")
    func wait() throws {
        let settings = HedgeSettings()
        var latency = LatencyEstimate()
        for index in 0..<49 { latency.record(.milliseconds(index < 47 ? 300 : 4_000), at: dawn) }
        #expect(settings.wait(for: latency) == nil)
        latency.record(.milliseconds(300), at: dawn)
        let wait = try #require(settings.wait(for: latency))
        #expect(wait > .milliseconds(300) && wait <= .milliseconds(338))
        for _ in 0..<9 { latency.record(.milliseconds(4_000), at: dawn) }
        #expect(try #require(settings.wait(for: latency)) > .milliseconds(4_000))
        for _ in 0..<3_000 { latency.record(.milliseconds(20), at: dawn) }
        #expect(settings.wait(for: latency) == settings.shortestWait)
    }

    @Test("hedges cost at most their share, to the nano-dollar")
    func cap() {
        var budget = HedgeBudget(Self.settings, now: dawn)
        #expect(!hedge(1, &budget))
        budget.note(usd(1_000), at: dawn)
        #expect(!hedge(31, &budget) && hedge(30, &budget) && !hedge(1, &budget))
        budget.note(usd(99), at: dawn)
        #expect(hedge(2, &budget) && !hedge(1, &budget))
        #expect(budget.ordinary == usd(1_099) && budget.hedged == usd(32))
    }

    @Test("what is under way counts with its worst case, and what it did not need comes back")
    func holds() throws {
        var budget = HedgeBudget(Self.settings, now: dawn)
        budget.note(usd(10_000), at: dawn)
        guard let hold = budget.hold(usd(300), at: dawn) else {
            Issue.record("refused")
            return
        }
        #expect(!hedge(1, &budget) && budget.hedged == usd(300))
        budget.settle(hold, cost: usd(100), at: dawn + .seconds(3))
        #expect(!hedge(201, &budget) && hedge(200, &budget))
        // A provider that bills more than the worst case is counted as it billed, and the next hedge waits for it.
        budget.note(usd(10_000), at: dawn)
        guard let dear = budget.hold(usd(300), at: dawn) else {
            Issue.record("refused")
            return
        }
        budget.settle(dear, cost: usd(5_000), at: dawn)
        #expect(budget.hedged == usd(5_300) && !hedge(0, &budget))
    }

    @Test("what is older than the window counts no more, and what is younger does")
    func window() {
        var budget = HedgeBudget(Self.settings, now: dawn)
        budget.note(usd(1_000), at: dawn)
        #expect(hedge(30, &budget))
        #expect(!hedge(1, &budget, at: dawn + .seconds(31)) && budget.ordinary == usd(1_000))
        budget.note(usd(1_000), at: dawn + .seconds(20))
        #expect(hedge(30, &budget, at: dawn + .seconds(32)) && budget.ordinary == usd(1_000))
        #expect(!hedge(1, &budget, at: dawn + .seconds(10)))
        #expect(hedge(0, &budget, at: .never) && budget.ordinary == .zero && budget.hedged == .zero)
    }

    @Test("figures near the end of all numbers do not overflow")
    func large() {
        var settings = Self.settings
        settings.extraPerMille = 1_000
        var budget = HedgeBudget(settings, now: .past)
        budget.note(usd(.max / 2), at: dawn)
        #expect(!hedge(.max, &budget))
        #expect(hedge(.max / 2, &budget) && !hedge(1, &budget))
    }

    @Test("whatever is asked and billed within its bound, hedges stay under their share")
    func anything() {
        for seed in UInt64(0)..<30 {
            var dice = Dice(seed)
            var settings = Self.settings
            settings.extraPerMille = dice.below(200)
            var budget = HedgeBudget(settings, now: dawn)
            var now = dawn
            var ordinary: [(at: Instant, cost: Int64)] = []
            var extra: [(at: Instant, cost: Int64)] = []
            for _ in 0..<600 {
                now = now + dice.span(0...400_000)
                if dice.chance(perMille: 600) {
                    let cost = Int64(dice.below(100_000))
                    budget.note(usd(cost), at: now)
                    ordinary.append((now, cost))
                }
                let bound = Int64(dice.below(5_000))
                guard let hold = budget.hold(usd(bound), at: now) else { continue }
                let spent = ordinary.filter { now - $0.at <= .seconds(32) }.reduce(0) { $0 + $1.cost }
                let hedged = extra.filter { now - $0.at < .seconds(31) }.reduce(0) { $0 + $1.cost }
                #expect((hedged + bound) * 1_000 <= spent * Int64(settings.extraPerMille), "seed \(seed)")
                let cost = Int64(dice.below(Int(bound) + 1))
                budget.settle(hold, cost: usd(cost), at: now)
                extra.append((now, cost))
            }
        }
    }
}
