import Testing
import WeirBase
import WeirLedger
import WeirStore

@Suite("Store") struct StoreTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// 2026-10-15 12:00 UTC, in nanoseconds.
    static let noon: Int64 = 1_792_065_600_000_000_000

    @Test("what is written is in the spend at once, folded or not, and after a restart")
    func spendAtOnce() throws {
        let month = SpendQuestion.Span(
            from: Self.noon / 1_000_000 - 86_400_000, until: Self.noon / 1_000_000 + 86_400_000)
        let question = SpendQuestion(by: [.team, .model], spans: [month])
        do {
            let store = try Store(folder.path, at: Self.noon)
            var load = Load(store, at: Self.noon)
            try load.complete(team: "search", model: "gpt-4o", cost: 1_000)
            try load.complete(team: "search", model: "gpt-4o", cost: 234)
            try load.complete(team: "ads", model: "fast", cost: 7)
            let expected = [["search", "gpt-4o"], ["ads", "fast"]]
            let unfolded = try store.spend(question)
            #expect(unfolded.map(\.values) == expected)
            #expect(unfolded.map(\.cost.nanoUSD) == [1_234, 7])
            try store.foldNow()
            #expect(try store.spend(question) == unfolded)
            try store.foldNow()
            #expect(try store.spend(question) == unfolded)
        }
        let store = try Store(folder.path, at: Self.noon)
        #expect(store.recovery == RecoveryReport())
        #expect(try store.spend(question).map(\.cost.nanoUSD) == [1_234, 7])
    }

    @Test("a request that was cut is settled as interrupted between what was metered and its hold")
    func interrupted() throws {
        let id: RequestID
        do {
            let store = try Store(folder.path, at: Self.noon)
            var load = Load(store, at: Self.noon)
            var live = try store.liveTable(loop: 0)
            id = try load.hold(team: "search", model: "gpt-4o", held: 5_000)
            let opened = live.open(id)
            let slot = try #require(opened)
            live.meter(slot, cost: Money(nanoUSD: 777), input: 10, output: 3)
            try store.foldNow()
        }
        for isFirst in [true, false] {
            let store = try Store(folder.path, at: Self.noon + 1_000_000_000)
            #expect(store.recovery.interrupted == (isFirst ? 1 : 0))
            #expect(store.lastRequest == id)
            try store.foldNow()
            let spent = try store.spent([
                SpentQuestion(.team("search"), from: 0, until: .max / 2),
                SpentQuestion(.team("ads"), from: 0, until: .max / 2),
            ])
            #expect(spent == [Money(nanoUSD: 777), .zero])
        }
    }

    @Test("one process owns a folder; a second is told who has it")
    func secondProcess() throws {
        let store = try Store(folder.path, at: Self.noon)
        #expect {
            _ = try Store(store.path, at: Self.noon)
        } throws: { error in
            "\(error)".contains("in use by another weir (process ")
        }
    }
}
