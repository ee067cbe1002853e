import Testing
import WeirBase
import WeirRouting

@Suite("routing strategies") struct StrategyTests {
    @Test("the registry knows each name once", arguments: Registry.strategies.map(\.name))
    func registry(name: String) {
        #expect(Registry.strategies.filter { $0.name == name }.count == 1)
        #expect(Registry.strategy(named: name)?.name == name && Registry.strategy(named: name + "x") == nil)
    }

    @Test("every strategy orders exactly the targets that are eligible, those out of rotation last")
    func exact() throws {
        for (entry, count) in Registry.strategies.flatMap({ entry in [1, 2, 3, 7, 64].map { (entry, $0) } }) {
            var dice = Dice(stableHash(entry.name))
            let weights = (0..<count).map { _ in dice.below(4) }
            var router = try Router([plan(entry.name, count, weights: weights)])
            var shut = SmallSet()
            for target in 0..<count where dice.chance(perMille: 300) {
                router.breakTarget(target)
                shut.insert(target)
            }
            for _ in 0..<200 {
                let eligible = SmallSet(bits: dice.next()).intersection(SmallSet(first: count))
                let request = RoutedRequest(
                    id: dice.next(), stickyKey: dice.chance(perMille: 500) ? dice.next() : nil, eligible: eligible)
                let order = router.order(of: 0, for: request, at: dawn, random: dice.next())
                #expect(order.count == eligible.count && order.members == eligible, "\(entry.name) of \(count)")
                #expect(Set(order.list) == Set((0..<count).filter(eligible.contains)), "\(entry.name) of \(count)")
                #expect(order.readyCount == eligible.subtracting(shut).count, "\(entry.name) of \(count)")
                #expect(order.list.dropFirst(order.readyCount).allSatisfy(shut.contains), "\(entry.name) of \(count)")
            }
        }
    }

    @Test("priority keeps the configuration's order, and puts a dead target last until it is to be probed")
    func priority() throws {
        var router = try Router([plan("priority", 3)])
        let request = RoutedRequest(id: 1)
        #expect(router.order(of: 0, for: request, at: dawn, random: 0).list == [0, 1, 2])
        router.breakTarget(0)
        #expect(router.order(of: 0, for: request, at: dawn, random: 0).list == [1, 2, 0])
        #expect(router.order(of: 0, for: request, at: dawn + .seconds(1), random: 0).list == [0, 1, 2])
    }

    @Test("where all are out of rotation, the one that comes back first is in front")
    func allShut() throws {
        var router = try Router([plan("priority", 3)])
        router.breakTarget(2, at: dawn)
        router.breakTarget(0, at: dawn + .milliseconds(200))
        router.breakTarget(1, at: dawn + .milliseconds(100))
        let order = router.order(of: 0, for: RoutedRequest(id: 1), at: dawn + .milliseconds(300), random: 0)
        #expect(order.list == [2, 1, 0] && order.readyCount == 0)
    }

    static let costs: [(costs: [Int64], order: [Int])] = [
        ([3, 1, 2], [1, 2, 0]), ([5, 5, 5], [0, 1, 2]), ([2, 1, 2], [1, 0, 2]), ([.max, 0, 1], [1, 2, 0]),
    ]

    @Test(
        "lowest cost goes from the cheapest to the dearest, equal ones in the configuration's order", arguments: costs)
    func cost(costs: [Int64], order: [Int]) throws {
        var router = try Router([plan("lowest_cost", 3, costs: costs)])
        #expect(router.order(of: 0, for: RoutedRequest(id: 1), at: dawn, random: 0).list == order)
        router.breakTarget(order[0])
        let next = router.order(of: 0, for: RoutedRequest(id: 1), at: dawn, random: 0)
        #expect(next.list == Array(order[1...]) + [order[0]])
    }

    @Test("what is wrong with a plan is said")
    func mistakes() {
        func error(_ plan: RoutePlan) -> RoutingError? {
            do throws(RoutingError) {
                _ = try Router([plan])
                return nil
            } catch { return error }
        }
        #expect(error(plan("fastest", 1)) == .unknownStrategy("fastest"))
        #expect(error(plan("priority", 0)) == .badTargetCount(0))
        #expect(error(plan("priority", 65)) == .badTargetCount(65))
        #expect(error(plan("weighted", 1, weights: [-1])) == .badWeight(-1))
        #expect(error(plan("weighted", 1, weights: [1_000_001])) == .badWeight(1_000_001))
        let twice = RoutePlan(strategy: "priority", targets: [.init(name: "a"), .init(name: "a")])
        #expect(error(twice) == .duplicate("a"))
        #expect(error(plan("priority", 2, canary: Canary(target: 2, share: share(1), name: "c"))) == .noSuchTarget(2))
        #expect(error(plan("priority", 2, shadow: Shadow(target: -1, share: share(1), name: "s"))) == .noSuchTarget(-1))
        #expect(error(plan("priority", 1, canary: Canary(target: 0, share: share(1), name: "c"))) == .badTargetCount(1))
        var deep = Condition.key("k")
        for _ in 0..<40 { deep = .not(deep) }
        #expect(error(plan("priority", 1, conditions: [0: deep])) == .conditionTooDeep)
    }
}
