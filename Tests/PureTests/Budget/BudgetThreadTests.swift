import Synchronization
import Testing
import WeirBase
import WeirBudget

/// Many threads, which begin together; what they did is counted apart from the engine.
@Suite("budgets under threads") struct BudgetThreadTests {
    private final class Count: Sendable {
        private let number = Atomic<Int64>(0)
        var value: Int64 { number.load(ordering: .sequentiallyConsistent) }
        /// - Returns: the number after.
        @discardableResult
        func add(_ change: Int64 = 1) -> Int64 {
            number.wrappingAdd(change, ordering: .sequentiallyConsistent).newValue
        }
    }

    /// Looks at a budget until `isOver`, and says whether it ever showed more than its limit or less than nothing.
    private func sample(_ budget: Budget, at wallTime: WallTime = noon, while isOn: () -> Bool) -> String? {
        repeat {
            let status = budget.status(now: wallTime, pause: giveWay)
            guard status.spent + status.held <= status.limit + status.overrun, status.held >= .zero else {
                return "\(status)"
            }
        } while isOn()
        return nil
    }

    static let shapes: [(threads: Int, scopes: Int)] = [2, 4, 8].flatMap { threads in
        [1, 2, 5].map { (threads, $0) }
    }

    @Test("of 10,000 requests against room for exactly 100 exactly 100 are admitted", arguments: shapes)
    func exactlyAsManyAsFit(threads: Int, scopes count: Int) throws {
        for round in 0..<20 {
            let tight = budget(100 * 7 + 6, "tight")
            let wide = (1..<max(count, 2)).map { budget(1_000_000, "wide \($0)") }
            let used = wide.map { _ in Count() }
            let (admitted, ended) = (Count(), Count())
            onThreads(threads + 1) { thread in
                if thread == threads {
                    let complaint = sample(tight) { ended.value < Int64(threads) }
                    #expect(complaint == nil)
                    return
                }
                var random = SeededGenerator(seed: UInt64(round * 100 + thread))
                // Each thread has some of the other scopes, named in some order, and each scope is on several threads.
                let others = Array(wide.indices.shuffled(using: &random).prefix(count - 1))
                guard let scopes = try? Scopes(budgets: (others.map { wide[$0] } + [tight]).shuffled(using: &random))
                else { return }
                for _ in 0..<10_000 / threads {
                    do throws(AdmissionRefusal) {
                        var request = try scopes.admit(7)
                        admitted.add()
                        for other in others { used[other].add() }
                        _ = request.settle(cost: usd(7), tokens: 0, now: start)
                    } catch {}
                }
                ended.add()
            }
            #expect(admitted.value == 100)
            #expect(tight.figures() == [700, 0])
            for (other, used) in zip(wide, used) { #expect(other.figures() == [used.value * 7, 0]) }
        }
    }

    @Test("nobody is refused because of a request that fits one budget and not the other", arguments: [2, 4, 8])
    func refusedOnesAreInvisible(threads: Int) throws {
        for _ in 0..<200 {
            let (open, exhausted, flickering) = (budget(100, "open"), budget(0, "exhausted"), budget(1, "flickering"))
            // Of `flickering` a thread holds all and gives it back, so that requests are refused in the midst of a decision too.
            let (alone, both, refusedBoth) = (
                try Scopes(budgets: [open]), try Scopes(budgets: [open, exhausted]),
                try Scopes(budgets: [flickering, exhausted])
            )
            let flicker = try Scopes(budgets: [flickering])
            let (admitted, wrong) = (Count(), Count())
            onThreads(threads) { thread in
                for _ in 0..<2_000 / threads {
                    switch thread % 2 {
                    case 0:
                        do throws(AdmissionRefusal) {
                            var request = try alone.admit(1)
                            admitted.add()
                            _ = request.settle(cost: usd(1), tokens: 0, now: start)
                        } catch {}
                    default:
                        if both.refusal(1) == nil || refusedBoth.refusal(1) == nil { wrong.add() }
                        if thread == 1, flicker.refusal(1) != nil { wrong.add() }
                    }
                }
            }
            #expect(admitted.value == 100 && wrong.value == 0)
            #expect(open.figures() == [100, 0] && exhausted.figures() == [0, 0] && flickering.figures() == [0, 0])
        }
    }

    @Test("two budgets that overlap are both filled to the last request", arguments: [2, 4, 8])
    func overlapping(threads: Int) throws {
        for _ in 0..<200 {
            let (first, second) = (budget(100, "first"), budget(60, "second"))
            let all = [
                try Scopes(budgets: [first]), try Scopes(budgets: [second, first]), try Scopes(budgets: [second]),
            ]
            let counts = [Count(), Count(), Count()]
            onThreads(threads) { thread in
                for attempt in 0..<1_200 / threads {
                    let which = (attempt + thread) % 3
                    do throws(AdmissionRefusal) {
                        var request = try all[which].admit(1)
                        counts[which].add()
                        _ = request.settle(cost: usd(1), tokens: 0, now: start)
                    } catch {}
                }
            }
            #expect(counts[0].value + counts[1].value == 100)
            #expect(counts[1].value + counts[2].value == 60)
        }
    }

    @Test(
        "holds that grow, shrink and settle at random costs leave nothing held and every cost spent",
        arguments: [2, 4, 8])
    func reconciles(threads: Int) throws {
        for round in 0..<10 {
            let (key, team) = (budget(3_000, "key"), budget(5_000, "team"))
            let scopes = [
                try Scopes(budgets: [key, team]), try Scopes(budgets: [team]), try Scopes(budgets: [team, key]),
            ]
            let (spent, spentByKey, ended) = (Count(), Count(), Count())
            onThreads(threads + 1) { thread in
                if thread == threads {
                    for budget in [key, team] {
                        let complaint = sample(budget) { ended.value < Int64(threads) }
                        #expect(complaint == nil)
                    }
                    return
                }
                var random = SeededGenerator(seed: UInt64(round * 100 + thread))
                for attempt in 0..<3_000 {
                    do throws(AdmissionRefusal) {
                        var request = try scopes[(thread + attempt) % 3].admit(
                            Int64.random(in: 0...900, using: &random))
                        do throws(BudgetRefusal) {
                            try request.add(usd(.random(in: 0...300, using: &random)), wallTime: noon, pause: giveWay)
                        } catch {}
                        request.tighten(to: usd(.random(in: 0...600, using: &random)))
                        let cost = Int64.random(in: 0...min(request.held.nanoUSD, 5), using: &random)
                        spent.add(cost)
                        if (thread + attempt) % 3 != 1 { spentByKey.add(cost) }
                        _ = request.settle(cost: usd(cost), tokens: 0, now: start)
                    } catch {}
                }
                ended.add()
            }
            #expect(key.figures() == [spentByKey.value, 0])
            #expect(team.figures() == [spent.value, 0])
            #expect(spent.value > 500)
        }
    }

    @Test(
        "each window has room for exactly 100, whoever begins it and whatever is still held in the last",
        arguments: [2, 4, 8])
    func rolls(threads: Int) throws {
        let hourly = budget(100, "hourly", every: .hour)
        let total = budget(1_000_000, "total")
        let rounds = 300
        let admitted = (0..<rounds).map { _ in Count() }
        let arrived = (0..<rounds).map { _ in Count() }
        let scopes = try Scopes(budgets: [hourly, total])
        onThreads(threads) { thread in
            var kept: [HeldBox] = []
            for round in 0..<rounds {
                arrived[round].add()
                while arrived[round].value < Int64(threads) { giveWay() }
                let now = noon + .seconds(3_600 * Int64(round))
                var next: [HeldBox] = []
                for attempt in 0..<400 / threads {
                    if attempt % 3 == 0, let last = kept.popLast() { last.settle(1) }
                    do throws(AdmissionRefusal) {
                        next.append(HeldBox(try scopes.admit(1, at: now)))
                        admitted[round].add()
                    } catch {}
                }
                for last in kept { last.settle(1) }
                kept = next
            }
            for last in kept { last.settle(1) }
        }
        #expect(admitted.allSatisfy { $0.value == 100 }, "\(admitted.map(\.value))")
        #expect(total.figures() == [Int64(rounds) * 100, 0])
        #expect(hourly.figures(at: noon + .seconds(3_600 * Int64(rounds - 1))) == [100, 0])
        for later in rounds..<rounds + 8 {
            #expect(hourly.figures(at: noon + .seconds(3_600 * Int64(later))) == [0, 0])
        }
    }

    @Test("a raise is exact while others ask", arguments: [2, 4, 8])
    func raises(threads: Int) throws {
        for _ in 0..<100 {
            let team = budget(50)
            let scopes = try Scopes(budgets: [team])
            let admitted = Count()
            onThreads(threads) { thread in
                for attempt in 0..<400 {
                    if thread == 0, attempt == 100 {
                        #expect(throws: Never.self) {
                            try team.raise(by: usd(70), until: .never, now: noon, pause: giveWay)
                        }
                    }
                    do throws(AdmissionRefusal) {
                        var request = try scopes.admit(1)
                        admitted.add()
                        _ = request.settle(cost: usd(1), tokens: 0, now: start)
                    } catch {}
                }
            }
            #expect(admitted.value == 120)
        }
    }

    @Test("each warning is given once", arguments: [2, 4, 8])
    func warnsOnce(threads: Int) throws {
        for _ in 0..<100 {
            let team = budget(1_000, warnAt: [50, 80, 100])
            let scopes = try Scopes(budgets: [team])
            let given = [Count(), Count(), Count()]
            onThreads(threads) { _ in
                for _ in 0..<1_000 / threads {
                    do throws(AdmissionRefusal) {
                        var request = try scopes.admit(1)
                        for warning in request.settle(cost: usd(1), tokens: 0, now: start) {
                            given[warning.percent == 50 ? 0 : warning.percent == 80 ? 1 : 2].add()
                        }
                    } catch {}
                }
            }
            #expect(given.map(\.value) == [1, 1, 1])
        }
    }

    @Test("rates and places are exact too, and refused requests are invisible to them", arguments: [2, 4, 8])
    func rates(threads: Int) throws {
        for _ in 0..<100 {
            let places = ConcurrencyLimit(scope: Scope(.team, "search"), limit: 3)
            let requests = RateLimit(scope: Scope(.team, "search"), unit: .requests, perMinute: 100)
            let tokens = RateLimit(scope: Scope(.team, "search"), unit: .tokens, perMinute: 10_000)
            let exhausted = budget(0, "exhausted")
            let poor = try Scopes(concurrency: [places], rates: [requests, tokens], budgets: [exhausted])
            let rich = try Scopes(concurrency: [places], rates: [requests, tokens])
            let unplaced = try Scopes(rates: [requests, tokens])
            let (admitted, underWay, wrong) = (Count(), Count(), Count())
            onThreads(threads) { thread in
                for attempt in 0..<1_000 / threads {
                    if thread % 2 == 1, attempt % 2 == 0 {
                        if poor.refusal(1, tokens: 1) == nil { wrong.add() }
                        continue
                    }
                    let isPlaced = attempt % 4 == 1
                    do throws(AdmissionRefusal) {
                        var request = try (isPlaced ? rich : unplaced).admit(1, tokens: 100)
                        if isPlaced, underWay.add() > 3 { wrong.add() }
                        admitted.add()
                        if isPlaced { underWay.add(-1) }
                        _ = request.settle(cost: .zero, tokens: 100, now: start)
                    } catch {}
                }
            }
            #expect(admitted.value == 100 && wrong.value == 0)
            #expect(places.underWay == 0)
        }
    }
}

/// A hold that outlives the function that made it.
private final class HeldBox {
    private var admitted: Admitted?

    init(_ admitted: consuming Admitted) { self.admitted = consume admitted }

    func settle(_ cost: Int64) { _ = admitted?.settle(cost: usd(cost), tokens: 0, now: start) }
}
