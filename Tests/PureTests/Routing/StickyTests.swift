import Testing
import WeirBase
import WeirRouting

@Suite("sticky") struct StickyTests {
    private func order(_ router: borrowing Router, _ key: UInt64?, random: UInt64 = 0) -> [Int] {
        router.order(of: 0, for: RoutedRequest(id: 1, stickyKey: key), at: dawn, random: random).list
    }

    @Test("the same key has the same order, on every loop and whatever else is drawn")
    func same() throws {
        let one = try Router([plan("sticky", 5, seed: 1)])
        let other = try Router([plan("sticky", 5, seed: 2)])
        for key in UInt64(0)..<500 { #expect(order(one, key, random: key) == order(other, key, random: ~key)) }
    }

    @Test("keys are spread by weight", arguments: [[1, 1], [1, 1, 1, 1], [9, 1], [1, 2, 3, 4], [1, 0, 1]])
    func spread(weights: [Int]) throws {
        let router = try Router([plan("sticky", weights.count, weights: weights)])
        var counts = Array(repeating: 0, count: weights.count)
        for key in UInt64(0)..<20_000 { counts[order(router, stableHash("key \(key)"))[0]] += 1 }
        for (count, weight) in zip(counts, weights) {
            let share = Double(weight) / Double(weights.reduce(0, +))
            #expect(abs(Double(count) - 20_000 * share) <= 5 * (20_000 * share * (1 - share)).squareRoot())
        }
    }

    @Test("a lost target moves only its own keys, by weight, and gets the same ones back")
    func lost() throws {
        var router = try Router([plan("sticky", 4, weights: [2, 1, 1, 2])])
        let before = (UInt64(0)..<6_000).map { order(router, $0) }
        router.breakTarget(1)
        var moved = [0, 0, 0, 0]
        for key in UInt64(0)..<6_000 {
            let old = before[Int(key)]
            let new = order(router, key)
            #expect(new == old.filter { $0 != 1 } + [1])
            if old[0] == 1 { moved[new[0]] += 1 }
        }
        let all = moved.reduce(0, +)
        #expect(moved[1] == 0 && abs(moved[0] - all * 2 / 5) < 100 && abs(moved[3] - all * 2 / 5) < 100)
        let back = (UInt64(0)..<6_000).map { key in
            router.order(of: 0, for: RoutedRequest(id: 1, stickyKey: key), at: dawn + .seconds(1), random: 0).list
        }
        #expect(back == before)
    }

    @Test("a target that is added takes keys for itself and moves no other; order in the file does not matter")
    func added() throws {
        let names = ["openai", "azure", "local", "new"]
        let four = try Router([
            RoutePlan(strategy: "sticky", targets: names.map { RoutePlan.Target(name: $0) })
        ])
        let three = try Router([
            RoutePlan(strategy: "sticky", targets: [2, 0, 1].map { RoutePlan.Target(name: names[$0]) })
        ])
        var taken = 0
        for key in UInt64(0)..<4_000 {
            let new = names[order(four, key)[0]]
            if new == "new" { taken += 1 } else { #expect(new == names[[2, 0, 1][order(three, key)[0]]]) }
        }
        #expect(abs(taken - 1_000) < 140)
    }

    @Test("a request without a key goes where chance sends it")
    func keyless() throws {
        let router = try Router([plan("sticky", 2)])
        var dice = Dice(9)
        let found = (0..<2_000).map { _ in order(router, nil, random: dice.next())[0] }
        #expect(abs(found.count { $0 == 0 } - 1_000) < 120)
    }
}
