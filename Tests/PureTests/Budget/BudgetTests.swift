import Testing
import WeirBase
import WeirBudget

@Suite("budgets") struct BudgetTests {
    @Test("a hold is settled: its cost is spent, the rest goes back")
    func settles() throws {
        let team = budget(1_000)
        var admitted = try Scopes(budgets: [team]).admit(400)
        #expect(team.figures() == [0, 400])
        #expect(admitted.settle(cost: usd(150), tokens: 0, now: start) == [])
        #expect(team.figures() == [150, 0])
        #expect(team.status(now: noon, pause: giveWay).left == usd(850))
    }

    @Test("what fits to the last nano-dollar is admitted, one more is not, and the refusal has the numbers")
    func exact() throws {
        let team = budget(1_000, every: .day, spent: 300)
        let scopes = try Scopes(budgets: [team])
        var first = try scopes.admit(200)
        var second = try scopes.admit(500)
        #expect(scopes.refusal(0) == nil)
        guard case .budget(let refusal) = scopes.refusal(1) else {
            Issue.record("admitted")
            return
        }
        #expect(refusal.asked == usd(1) && refusal.room == .zero)
        #expect(
            refusal.budget.limit == usd(1_000) && refusal.budget.spent == usd(300) && refusal.budget.held == usd(700))
        #expect(refusal.budget.scope == Scope(.team, "search") && refusal.budget.period == .day)
        #expect(refusal.budget.span == BudgetPeriod.day.window(containing: noon, in: .utc))
        _ = first.settle(cost: usd(200), tokens: 0, now: start)
        _ = second.settle(cost: .zero, tokens: 0, now: start)
        #expect(team.figures() == [500, 0])
    }

    @Test("a request that does not fit one of its budgets holds on none, and the refusal names that one")
    func allOrNone() throws {
        let (key, team, tag) = (budget(1_000, "key"), budget(100, "team"), budget(1_000, "tag"))
        let scopes = try Scopes(budgets: [key, team, tag])
        guard case .budget(let refusal) = scopes.refusal(101) else {
            Issue.record("admitted")
            return
        }
        #expect(refusal.budget.scope.name == "team" && refusal.room == usd(100))
        #expect([key, team, tag].allSatisfy { $0.figures() == [0, 0] })
        #expect(scopes.room(wallTime: noon, pause: giveWay) == usd(100))
    }

    @Test("a budget named twice counts once; more than sixteen are too many")
    func duplicates() throws {
        let team = budget(100)
        var admitted = try Scopes(budgets: [team, team]).adding(budgets: [team]).admit(60)
        #expect(team.figures() == [0, 60])
        _ = admitted.settle(cost: usd(60), tokens: 0, now: start)
        #expect(try Scopes(budgets: (0..<16).map { budget(1, "\($0)") }).refusal(1) == nil)
        #expect(throws: ScopesError.tooMany) { try Scopes(budgets: (0..<17).map { budget(1, "\($0)") }) }
    }

    @Test("a smaller bound gives back at once, a larger one does nothing")
    func tightens() throws {
        let team = budget(1_000)
        var admitted = try Scopes(budgets: [team]).admit(900)
        admitted.tighten(to: usd(300))
        #expect(team.figures() == [0, 300])
        admitted.tighten(to: usd(500))
        #expect(admitted.held == usd(300))
        admitted.tighten(to: .zero)
        #expect(team.figures() == [0, 0])
        _ = admitted.settle(cost: .zero, tokens: 0, now: start)
        #expect(team.figures() == [0, 0])
    }

    @Test("a further attempt holds on top, in all budgets or in none")
    func adds() throws {
        let (key, team) = (budget(1_000, "key"), budget(500, "team"))
        var admitted = try Scopes(budgets: [key, team]).admit(300)
        var refused: BudgetRefusal?
        do throws(BudgetRefusal) {
            try admitted.add(usd(201), wallTime: noon, pause: giveWay)
        } catch { refused = error }
        #expect(refused?.budget.scope.name == "team" && refused?.room == usd(200))
        #expect(key.figures() == [0, 300] && team.figures() == [0, 300])
        try admitted.add(usd(200), wallTime: noon, pause: giveWay)
        #expect(key.figures() == [0, 500])
        #expect(admitted.settle(part: usd(300), cost: usd(250)) == [])
        #expect(key.figures() == [250, 200] && admitted.held == usd(200))
        _ = admitted.settle(cost: usd(200), tokens: 0, now: start)
        #expect(key.figures() == [450, 0] && team.figures() == [450, 0])
    }

    @Test("what a provider bills beyond the hold is spent and shown as overrun, and no bill makes the counters wrap")
    func overruns() throws {
        let team = budget(1_000)
        let scopes = try Scopes(budgets: [team])
        var billed = try scopes.admit(1_000)
        _ = billed.settle(cost: usd(1_300), tokens: 0, now: start)
        #expect(team.figures() == [1_300, 0])
        #expect(team.status(now: noon, pause: giveWay).overrun == usd(300))
        // Only what costs nothing fits now.
        #expect(scopes.refusal(1) != nil)
        for _ in 0..<4 {
            var free = try scopes.admit(0)
            _ = free.settle(cost: .greatest, tokens: 0, now: start)
        }
        let status = team.status(now: noon, pause: giveWay)
        #expect(status.left == .zero && status.spent == Budget.greatest && status.held == .zero)
        #expect(scopes.refusal(0) == nil)
    }

    @Test("a warning comes once a window for each share that is crossed, and not again after a restart")
    func warnings() throws {
        let team = budget(1_000, every: .day, warnAt: [50, 80, 100], spent: 500)
        let scopes = try Scopes(budgets: [team])
        func spend(_ cost: Int64, at wallTime: WallTime = noon) throws -> [Int] {
            var admitted = try scopes.admit(cost, at: wallTime)
            return admitted.settle(cost: usd(cost), tokens: 0, now: start).map(\.percent)
        }
        #expect(try spend(299) == [])
        #expect(try spend(1) == [80])
        #expect(try spend(199) == [])
        #expect(try spend(1) == [100])
        #expect(try spend(0) == [])
        let tomorrow = noon + .seconds(86_400)
        #expect(try spend(900, at: tomorrow) == [50, 80])
    }

    @Test("a window ends at its border; holds settle in the window in which they were made")
    func rolls() throws {
        let team = budget(1_000, every: .hour)
        let scopes = try Scopes(budgets: [team])
        let next = noon + .seconds(3_600)
        var old = try scopes.admit(700)
        var new = try scopes.admit(800, at: next)
        #expect(team.figures(at: next) == [0, 800])
        _ = old.settle(cost: usd(600), tokens: 0, now: start)
        #expect(team.figures(at: next) == [0, 800])
        _ = new.settle(cost: usd(10), tokens: 0, now: start)
        #expect(team.figures(at: next) == [10, 0])
        // A clock that goes back does not open the old window again.
        #expect(team.figures(at: noon) == [10, 0])
        #expect(team.status(now: next + .seconds(360_000), pause: giveWay).span.from == next + .seconds(360_000))
    }

    @Test(
        "a window with a hold is not given away, be it a hold of nothing; where all are in use the last goes on until one ends"
    )
    func pinned() throws {
        for amount: Int64 in [0, 5] {
            let team = budget(1_000, every: .hour)
            let scopes = try Scopes(budgets: [team])
            var times = (0..<4).map { noon + .seconds(3_600 * $0) }
            var first = try scopes.admit(amount, at: times[0])
            var second = try scopes.admit(amount, at: times[1])
            var third = try scopes.admit(amount, at: times[2])
            var fourth = try scopes.admit(amount, at: times[3])
            times.append(noon + .seconds(3_600 * 4))
            #expect(team.status(now: times[4], pause: giveWay).span.until == times[4])
            // Ends with a bill beyond it, which is in its own window.
            _ = second.settle(cost: usd(70), tokens: 0, now: start)
            #expect(team.figures(at: times[4]) == [0, 0])
            #expect(team.status(now: times[4], pause: giveWay).span.from == times[4])
            _ = first.settle(cost: usd(70), tokens: 0, now: start)
            _ = third.settle(cost: .zero, tokens: 0, now: start)
            _ = fourth.settle(cost: usd(70), tokens: 0, now: start)
            #expect(team.figures(at: times[4]) == [0, 0])
        }
    }

    @Test("a hold tightened to nothing or settled in parts keeps its window too")
    func pinnedByNothing() throws {
        let team = budget(1_000, every: .hour)
        let scopes = try Scopes(budgets: [team])
        var tightened = try scopes.admit(100)
        tightened.tighten(to: .zero)
        _ = tightened.settle(part: .zero, cost: usd(1))
        var parts = try scopes.admit(100)
        _ = parts.settle(part: usd(100), cost: usd(100))
        #expect(team.figures() == [101, 0])
        for hour in 1...20 { #expect(team.figures(at: noon + .seconds(3_600 * Int64(hour))) == [0, 0]) }
        let last = noon + .seconds(3_600 * 20)
        _ = tightened.settle(cost: usd(30), tokens: 0, now: start)
        try parts.add(usd(50), wallTime: last, pause: giveWay)
        _ = parts.settle(cost: usd(50), tokens: 0, now: start)
        #expect(team.figures(at: last) == [0, 0])
    }

    @Test("raises are in force at once, add up, and expire by themselves")
    func raises() throws {
        let team = budget(100, every: .hour)
        let scopes = try Scopes(budgets: [team])
        #expect(scopes.refusal(101) != nil)
        let (soon, later) = (noon + .seconds(60), noon + .seconds(7_200))
        #expect(try team.raise(by: usd(50), until: soon, now: noon, pause: giveWay) == usd(150))
        #expect(try team.raise(by: usd(10), until: later, now: noon, pause: giveWay) == usd(160))
        #expect(scopes.refusal(160) == nil && scopes.refusal(161) != nil)
        #expect(scopes.refusal(110, at: soon) == nil && scopes.refusal(111, at: soon) != nil)
        #expect(scopes.refusal(110, at: noon + .seconds(3_600)) == nil)
        #expect(scopes.refusal(101, at: later) != nil && scopes.refusal(100, at: later) == nil)
        team.setLimit(usd(20), now: later, pause: giveWay)
        #expect(scopes.refusal(20, at: later) == nil && scopes.refusal(21, at: later) != nil)
    }

    @Test("a raise that cannot be is refused")
    func badRaises() throws {
        let team = budget(100)
        #expect(throws: RaiseError.notARaise) { try team.raise(by: .zero, until: .never, now: noon, pause: giveWay) }
        #expect(throws: RaiseError.alreadyExpired) {
            try team.raise(by: usd(1), until: noon, now: noon, pause: giveWay)
        }
        #expect(throws: RaiseError.tooLarge) { try team.raise(by: .greatest, until: .never, now: noon, pause: giveWay) }
        for _ in 0..<Budget.raiseLimit { _ = try team.raise(by: usd(1), until: .never, now: noon, pause: giveWay) }
        #expect(throws: RaiseError.tooMany) { try team.raise(by: usd(1), until: .never, now: noon, pause: giveWay) }
        #expect(try Scopes(budgets: [team]).refusal(164) == nil)
    }

    @Test("what costs nothing fits into a budget whose limit was lowered below what is spent")
    func lowered() throws {
        let team = budget(100, spent: 90)
        team.setLimit(usd(50), now: noon, pause: giveWay)
        let scopes = try Scopes(budgets: [team])
        #expect(scopes.refusal(0) == nil && scopes.refusal(1) != nil)
        #expect(scopes.room(wallTime: noon, pause: giveWay) == .zero)
    }

    @Test("a hold lives in a class across its life and ends once")
    func inAClass() throws {
        final class Exchange { var admitted: Admitted? }
        let team = budget(100)
        let exchange = Exchange()
        exchange.admitted = try Scopes(budgets: [team]).admit(40)
        exchange.admitted?.tighten(to: usd(30))
        #expect(team.figures() == [0, 30])
        let warnings = exchange.admitted?.settle(cost: usd(7), tokens: 0, now: start)
        #expect(warnings == [])
        exchange.admitted = nil
        #expect(team.figures() == [7, 0])
    }
}
