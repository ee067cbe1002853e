import Testing
import WeirBase
import WeirRouting

@Suite("weighted") struct WeightedTests {
    /// The first choices of so many requests.
    private func picks(_ router: borrowing Router, _ count: Int, eligible: SmallSet = SmallSet(first: 64)) -> [Int] {
        (0..<count).compactMap { id in
            router.order(of: 0, for: RoutedRequest(id: UInt64(id), eligible: eligible), at: dawn, random: 0).first
        }
    }

    @Test("picks of one target are spread out, as nginx does it")
    func smooth() throws {
        let router = try Router([plan("weighted", 3, weights: [5, 1, 1])])
        #expect(picks(router, 7) == [0, 0, 1, 0, 2, 0, 0])
    }

    static let weights = [[1], [1, 1], [9, 1], [1, 0, 3], [1, 2, 3, 4, 5], [1_000_000, 1], [7, 7, 7, 7, 7, 7, 7]]

    @Test("each round gives each target exactly its weight, wherever it begins", arguments: weights)
    func rounds(weights: [Int]) throws {
        let total = weights.reduce(0, +)
        guard total < 1_000 else { return try nearly(weights) }
        for seed: UInt64 in [0, 1, 1 << 60, .max] {
            let router = try Router([plan("weighted", weights.count, weights: weights, seed: seed)])
            for _ in 0..<3 {
                let found = picks(router, total)
                #expect(weights.indices.map { target in found.count { $0 == target } } == weights)
            }
        }
    }

    /// At any time a target has had its share but for less than the number of targets.
    private func nearly(_ weights: [Int]) throws {
        let router = try Router([plan("weighted", weights.count, weights: weights)])
        let found = picks(router, 5_000)
        let total = Double(weights.reduce(0, +))
        for target in weights.indices {
            let share = Double(found.count { $0 == target }) - 5_000 * Double(weights[target]) / total
            #expect(abs(share) < Double(weights.count))
        }
    }

    @Test("while a target is out of rotation the others share its requests by their weights")
    func failed() throws {
        var router = try Router([plan("weighted", 3, weights: [2, 1, 1])])
        router.breakTarget(1)
        let found = picks(router, 300)
        #expect(found.count { $0 == 0 } == 200 && found.count { $0 == 2 } == 100)
    }

    @Test("behind the first choice stands whose turn is next; without weight a target only stands in")
    func rest() throws {
        let router = try Router([plan("weighted", 4, weights: [0, 1, 3, 0])])
        for _ in 0..<40 {
            let order = router.order(of: 0, for: RoutedRequest(id: 0), at: dawn, random: 0).list
            #expect(Set(order.prefix(2)) == [1, 2] && Array(order.suffix(2)) == [0, 3])
        }
        #expect(picks(router, 3, eligible: SmallSet(bits: 0b1001)) == [0, 0, 0])
    }

    @Test("requests whose conditions differ leave each group its own shares")
    func groups() throws {
        let router = try Router([plan("weighted", 4, weights: [1, 2, 1, 3])])
        var counts = [0, 0, 0, 0]
        for id in 0..<2_400 {
            let eligible = SmallSet(bits: id % 2 == 0 ? 0b0011 : 0b1100)
            let order = router.order(of: 0, for: RoutedRequest(id: UInt64(id), eligible: eligible), at: dawn, random: 0)
            if let first = order.first { counts[first] += 1 }
        }
        #expect(counts == [400, 800, 300, 900])
    }
}
