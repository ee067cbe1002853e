import Testing
import WeirBase
import WeirLedger
import WeirStore

@Suite("Corrections of the ledger") struct AdjustTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private static let now: Int64 = 1_793_491_200_000_000_000

    private static func audit(_ recorded: [RecordedCorrection]) -> AuditRow {
        AuditRow(at: now, actor: "test", action: "prices.recompute", subject: "all", details: "\(recorded.count)")
    }

    private func correction(_ id: RequestID, from before: Int64, to after: Int64) -> Correction {
        Correction(
            request: id, provider: "openai", before: Money(nanoUSD: before), after: Money(nanoUSD: after),
            priceVersion: "00000000000000ab")
    }

    private func spent(_ store: Store) throws -> [String: Int64] {
        let rows = try store.spend(
            SpendQuestion(by: [.team], spans: [SpendQuestion.Span(from: 0, until: .max)]))
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.values[0], $0.cost.nanoUSD) })
    }

    @Test("a correction counts once, in the hour of its request, and with its audit row, also after a restart")
    func once() throws {
        var ids: [RequestID] = []
        do {
            let store = try Store(folder.path, at: Self.now)
            var load = Load(store, at: Self.now)
            for (team, cost) in [("a", Int64(100)), ("a", 200), ("b", 300)] {
                let id = try load.hold(team: team, model: "m", held: 1_000, tags: [("env", "prod")])
                try load.settle(id, model: "m", cost: cost)
                ids.append(id)
                load.now += 7_200_000_000_000
            }
            // They were not folded yet: whoever corrects them has read them in the journal.
            let corrections = [correction(ids[0], from: 100, to: 150), correction(ids[2], from: 300, to: 0)]
            let recorded = try store.adjust(corrections, at: Self.now, audit: Self.audit)
            #expect(recorded.map(\.delta.nanoUSD) == [50, -300])
            #expect(recorded.map(\.team) == ["a", "b"] && recorded[0].key == "a-key" && recorded[0].tags == "env=prod")
            #expect(try spent(store) == ["a": 350, "b": 0])
            // Sent again, or made from what another one has changed meanwhile.
            #expect(try store.adjust(corrections, at: Self.now, audit: Self.audit).isEmpty)
            #expect(try spent(store) == ["a": 350, "b": 0])
            #expect(try store.audit(limit: 10).count == 1, "where nothing was recorded there is nothing to audit")
            // The next correction begins where the last one ended.
            #expect(
                try store.adjust([correction(ids[0], from: 150, to: 90)], at: Self.now, audit: Self.audit).count == 1)
        }
        let store = try Store(folder.path, at: Self.now)
        #expect(try spent(store) == ["a": 290, "b": 0])
        let hour = SpendQuestion.Span(
            from: Self.now / 1_000_000, until: Self.now / 1_000_000 + 3_600_000)
        let first = try store.spend(SpendQuestion(by: [.team], spans: [hour]))
        #expect(first.count == 1 && first[0].cost.nanoUSD == 90 && first[0].requests == 1)
        #expect(try store.ledger.verify().findings.isEmpty)
    }

    @Test("what the ledger does not say is not corrected")
    func refused() throws {
        let store = try Store(folder.path, at: Self.now)
        var load = Load(store, at: Self.now)
        let id = try load.hold(team: "a", model: "m", held: 1_000)
        try load.settle(id, model: "m", cost: 100)
        let open = try load.hold(team: "a", model: "m", held: 1_000)
        var other = correction(id, from: 100, to: 50)
        other.provider = "nobody"
        for wrong in [
            correction(id, from: 99, to: 50), correction(id, from: 100, to: 100), correction(id, from: 100, to: -1),
            correction(RequestID(value: id.value + 1_000_000), from: 0, to: 5), correction(open, from: 0, to: 5), other,
        ] {
            #expect(try store.adjust([wrong], at: Self.now, audit: Self.audit).isEmpty)
        }
        #expect(try spent(store) == ["a": 100])
        #expect(try store.audit(limit: 10).isEmpty)
    }

    @Test("requests that go on while corrections are written keep their names and sums")
    func beside() throws {
        let store = try Store(folder.path, at: Self.now)
        var load = Load(store, at: Self.now)
        for round in 0..<20 {
            let id = try load.hold(team: "team-\(round)", model: "model-\(round)", held: 1_000)
            try load.settle(id, model: "model-\(round)", cost: 100)
            var made = correction(id, from: 100, to: 107)
            made.priceVersion = String(repeating: "0", count: 14) + "\(10 + round)"
            #expect(try store.adjust([made], at: Self.now, audit: Self.audit).count == 1)
            try load.complete(team: "later-\(round)", model: "m", cost: 10)
        }
        let sums = try spent(store)
        #expect(sums.count == 40 && sums.values.reduce(0, +) == 20 * 117)
        #expect(sums["team-7"] == 107 && sums["later-7"] == 10)
    }
}
