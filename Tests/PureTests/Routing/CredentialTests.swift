import Testing
import WeirBase
import WeirRouting

@Suite("credentials of a provider") struct CredentialTests {
    private func set(_ weights: [Int], seed: UInt64 = 0) throws -> CredentialSet {
        try CredentialSet(credentials(weights), seed: seed)
    }

    private func credentials(_ weights: [Int]) -> [CredentialSet.Credential] {
        weights.enumerated().map { CredentialSet.Credential(id: UInt64($0) + 100, weight: $1) }
    }

    @Test("each is used as often as its weight says", arguments: [[1], [1, 1, 1], [5, 1, 1], [0, 2], [0, 0]])
    func weights(weights: [Int]) throws {
        for seed: UInt64 in [0, 1 << 62, .max] {
            var set = try set(weights, seed: seed)
            let total = max(weights.reduce(0, +), 1)
            let picks = (0..<10 * total).compactMap { _ in set.pick(at: dawn) }
            #expect(picks.count == 10 * total)
            // Where none has weight the first one stands in.
            let expected = weights.contains { $0 > 0 } ? weights.map { $0 * 10 } : [10, 0]
            #expect(weights.indices.map { index in picks.count { $0 == index } } == expected)
        }
    }

    @Test("one that is set aside is used by nobody until its time, and its share goes to the others")
    func setAside() throws {
        var set = try set([1, 1, 2])
        set.setAside(102, .exhausted, until: dawn + .seconds(10))
        set.setAside(102, .refused, until: dawn + .seconds(3))
        set.setAside(999, .refused, until: .never)
        #expect(set.standing(of: 2, at: dawn) == .setAside(.exhausted, until: dawn + .seconds(10)))
        var counts = [0, 0, 0]
        for _ in 0..<100 { if let pick = set.pick(at: dawn + .seconds(9)) { counts[pick] += 1 } }
        #expect(counts == [50, 50, 0] && set.firstReturn(at: dawn) == nil)
        counts = [0, 0, 0]
        for _ in 0..<100 { if let pick = set.pick(at: dawn + .seconds(10)) { counts[pick] += 1 } }
        #expect(counts == [25, 25, 50] && set.standing(of: 2, at: dawn + .seconds(10)) == .usable)
    }

    @Test("where all are set aside there is none, and when the first comes back is known")
    func none() throws {
        var set = try set([1, 1])
        set.setAside(100, .refused, until: dawn + .seconds(60))
        set.setAside(101, .exhausted, until: dawn + .seconds(20))
        #expect(set.pick(at: dawn) == nil && set.firstReturn(at: dawn) == dawn + .seconds(20))
        #expect(set.pick(at: dawn + .seconds(20)) == 1)
        set.restore(100)
        set.restore(7)
        #expect(set.pick(at: dawn) == 0)
    }

    @Test("a request does not get again what it has tried")
    func tried() throws {
        var set = try set([1, 1, 1])
        for first in 0..<3 {
            var tried = SmallSet()
            for _ in 0..<3 { if let pick = set.pick(besides: tried, at: dawn) { tried.insert(pick) } }
            #expect(tried == SmallSet(first: 3) && set.pick(besides: tried, at: dawn) == nil, "round \(first)")
        }
    }

    @Test("another set keeps the state of those that stay, wherever they stand in it")
    func replace() throws {
        var set = try set([1, 1, 1])
        set.setAside(101, .refused, until: dawn + .seconds(60))
        set.setAside(102, .exhausted, until: dawn + .seconds(30))
        try set.replace(with: [.init(id: 7), .init(id: 102, weight: 3), .init(id: 100), .init(id: 101)])
        #expect(set.usable(at: dawn) == SmallSet(bits: 0b0101))
        #expect(set.standing(of: 1, at: dawn) == .setAside(.exhausted, until: dawn + .seconds(30)))
        #expect(set.standing(of: 3, at: dawn) == .setAside(.refused, until: dawn + .seconds(60)))
        // An attempt that began before ends by identity, not by place.
        set.setAside(100, .exhausted, until: dawn + .seconds(5))
        #expect(set.usable(at: dawn) == SmallSet(bits: 0b0001))
    }

    @Test("what is wrong with a set is said, and the set in force stays")
    func mistakes() throws {
        var set = try set([1, 1])
        func error(_ credentials: [CredentialSet.Credential]) -> RoutingError? {
            do throws(RoutingError) {
                try set.replace(with: credentials)
                return nil
            } catch { return error }
        }
        #expect(error([]) == .badCredentialCount(0))
        #expect(error(credentials(Array(repeating: 1, count: 65))) == .badCredentialCount(65))
        #expect(error(credentials([1, -1])) == .badWeight(-1))
        #expect(error([.init(id: 255), .init(id: 255)]) == .duplicate("ff"))
        #expect(set.credentials == credentials([1, 1]))
        #expect(error(credentials(Array(repeating: 1_000_000, count: 64))) == nil)
        for _ in 0..<10_000 { #expect(set.pick(at: dawn) != nil) }
    }
}
