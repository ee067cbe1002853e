import Testing
import WeirBase
import WeirLedger
import WeirStore

@Suite("Questions to the ledger") struct QueryTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    struct Fact {
        let milliseconds: Int64
        let team: String
        let model: String
        let feature: String
        let cost: Int64
        let isFailover: Bool
    }

    /// Requests over three months, many at the borders of hours, days and months; a part is left in the journal.
    func fill(_ store: Store) throws -> [Fact] {
        var load = Load(store, at: 0)
        var facts: [Fact] = []
        let borders: [Int64] = [
            1_790_812_800_000, 1_793_491_200_000, 1_793_491_200_000 + 3_600_000, 1_793_491_200_000 + 86_400_000,
            1_796_083_200_000,
        ]
        var number = 0
        for border in borders {
            for offset: Int64 in [-7_200_001, -3_600_000, -1, 0, 1, 1_800_000, 3_599_999, 3_600_000, 50_000_000] {
                for _ in 0..<3 {
                    number += 1
                    let fact = Fact(
                        milliseconds: border + offset, team: "team-\(number % 4)", model: "model-\(number % 3)",
                        feature: number % 5 == 0 ? "" : "f\(number % 5)", cost: Int64(number * number),
                        isFailover: number % 7 == 0)
                    facts.append(fact)
                }
            }
        }
        facts.sort { $0.milliseconds < $1.milliseconds }
        for (index, fact) in facts.enumerated() {
            load.now = fact.milliseconds * 1_000_000
            let tags = fact.feature.isEmpty ? [] : [("feature", fact.feature), ("env", "prod")]
            let id = try load.hold(team: fact.team, model: fact.model, held: fact.cost * 2, tags: tags)
            if fact.isFailover {
                load.writer.attempt(load.attempt(model: fact.model, cost: 1, provider: "first"), of: id)
            }
            try load.settle(id, model: fact.model, cost: fact.cost)
            if index == facts.count * 2 / 3 { try store.foldNow() }
        }
        return facts
    }

    @Test("any range gives the sums of a naive count over all requests, wherever its edges lie and whatever is folded")
    func naive() throws {
        let store = try Store(folder.path, at: 0)
        let facts = try fill(store)
        let borders: [Int64] = [
            0, 1_790_812_800_000, 1_790_812_800_001, 1_793_491_199_999, 1_793_491_200_000, 1_793_494_799_999,
            1_793_494_800_000, 1_793_500_000_000, 1_793_577_600_000, 1_796_083_200_000, 1_796_083_200_001, .max,
        ]
        for isFolded in [false, true] {
            if isFolded { try store.foldNow() }
            for from in borders {
                for until in borders where from < until {
                    let span = SpendQuestion.Span(from: from, until: until)
                    let inside = facts.filter { $0.milliseconds >= from && $0.milliseconds < until }
                    for (columns, key) in [
                        ([SpendColumn.team, .model], { (fact: Fact) in [fact.team, fact.model] }),
                        ([.tag("feature")], { [$0.feature] }), ([], { _ in [] }),
                    ] {
                        let rows = try store.spend(SpendQuestion(by: columns, spans: [span]))
                        let groups = Dictionary(grouping: inside, by: key)
                        #expect(rows.count == groups.count)
                        for row in rows {
                            let group = groups[row.values] ?? []
                            #expect(row.requests == group.count)
                            #expect(row.cost.nanoUSD == group.reduce(0) { $0 + $1.cost })
                            #expect(
                                row.inputTokens == group.reduce(0) { $0 + ($1.isFailover ? 200 : 100) })
                        }
                    }
                    let spent = try store.spent([
                        SpentQuestion(.team("team-1"), from: from, until: until),
                        SpentQuestion(.key("team-1-key"), from: from, until: until),
                        SpentQuestion(.tag(name: "feature", value: "f2"), from: from, until: until),
                    ])
                    let team = inside.filter { $0.team == "team-1" }.reduce(0) { $0 + $1.cost }
                    let tag = inside.filter { $0.feature == "f2" }.reduce(0) { $0 + $1.cost }
                    #expect(spent.map(\.nanoUSD) == [team, team, tag])
                }
            }
        }
        let found = try store.ledger.verify()
        #expect(found.findings == [] && found.rows == Int64(facts.count) && found.months == 4)
    }

    @Test("by provider each attempt's cost is its own provider's, and the sum is the bill")
    func providers() throws {
        let store = try Store(folder.path, at: 0)
        let facts = try fill(store)
        let span = SpendQuestion.Span(from: 0, until: .max)
        let rows = try store.spend(SpendQuestion(by: [.provider], spans: [span]))
        let failovers = Int64(facts.filter(\.isFailover).count)
        let total = facts.reduce(0) { $0 + $1.cost }
        #expect(rows.map(\.values) == [["openai"], ["first"]])
        #expect(rows.map(\.cost.nanoUSD) == [total - failovers, failovers])
        #expect(rows.map(\.requests) == [Int64(facts.count), 0])
    }

    @Test("a request without an attempt counts with no provider, in the sums as in its row")
    func withoutAttempt() throws {
        let store = try Store(folder.path, at: 0)
        var load = Load(store, at: 1_790_812_800_000_000_000)
        let id = try load.hold(team: "team", model: "model", held: 5)
        load.writer.settle(
            SettleRecord(request: id, at: load.now + 1_000_000, status: .upstreamUnavailable, cost: .zero), with: nil)
        try load.writer.flush()
        let everything = SpendQuestion(by: [.provider], spans: [.init(from: 0, until: .max)])
        for isFolded in [false, true] {
            if isFolded { try store.foldNow() }
            let rows = try store.spend(everything)
            #expect(rows.map(\.values) == [[""]] && rows.map(\.requests) == [1])
        }
        #expect(try store.ledger.verify().findings == [])
    }

    @Test("every request comes out once, in order, and by its id, folded or not")
    func requests() throws {
        let store = try Store(folder.path, at: 0)
        let facts = try fill(store)
        for isFolded in [false, true] {
            if isFolded { try store.foldNow() }
            var all: [LedgerRequest] = []
            try store.ledger.requests { all.append($0) }
            #expect(all.map(\.cost.nanoUSD) == facts.map(\.cost))
            #expect(zip(all, all.dropFirst()).allSatisfy { $0.id < $1.id })
            let failover = try #require(all.first { $0.attempts.count == 2 })
            #expect(failover.attempts.map(\.provider) == ["first", "openai"])
            #expect(try store.ledger.request(failover.id) == failover)
            #expect(try store.ledger.request(RequestID(value: 5)) == nil)
        }
    }
}
