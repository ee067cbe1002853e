import WeirBase
import WeirLedger
import WeirStore

/// Writes a ledger of any size, the same for the same seed: teams, keys, models and tags as a company of some hundred applications has them.
struct Generator {
    private let store: Store
    private let writer: JournalWriter
    private var ids: RequestIDs
    private var state: UInt64
    private let teams: [NameNumber]
    private let keys: [[NameNumber]]
    private let models: [NameNumber]
    private let targets: [NameNumber]
    private let providers: [NameNumber]
    private let tags: [NameNumber]
    private let prices: NameNumber

    init(_ store: Store, seed: UInt64) {
        self.store = store
        let names = store.names
        writer = store.journal(loop: 0)
        ids = RequestIDs(node: 0, after: store.lastRequest)
        state = seed
        teams = (0..<20).map { names.number(.team, "team-\($0)") }
        keys = (0..<20).map { team in (0..<3).map { names.number(.key, "key-\(team)-\($0)") } }
        models = (0..<6).map { names.number(.model, "model-\($0)") }
        targets = (0..<6).map { names.number(.target, "model-\($0)-2026-01-01") }
        providers = ["openai", "claude", "bedrock"].map { names.number(.provider, $0) }
        tags = [.none] + ["prod", "test"].map { names.tags([(name: "env", value: $0)]) }
        prices = names.number(.priceVersion, "2026-11-01")
    }

    /// Writes `count` requests from `start` on, `step` apart (nanoseconds), flushing every 16.
    mutating func write(_ count: Int, from start: Int64, step: Int64) throws {
        for index in 0..<count {
            let now = start + Int64(index) * step
            let random = next()
            let id = ids.next(wallClock: now)
            let (team, model) = (Int(random % 20), Int(random >> 8 % 6))
            let cost = Money(nanoUSD: Int64(random >> 16 & 0xF_FFFF))
            writer.hold(
                HoldRecord(
                    request: id, at: now, held: Money(nanoUSD: cost.nanoUSD * 3), team: teams[team],
                    key: keys[team][Int(random >> 40 % 3)], model: models[model], tags: tags[Int(random >> 44 % 3)],
                    provider: providers[model % 3], target: targets[model]))
            var usage = Usage()
            usage.input = Int(random >> 20 & 0x1FFF)
            usage.cachedInput = usage.input / 4
            usage.output = Int(random >> 33 & 0x3FF)
            writer.settle(
                SettleRecord(request: id, at: now + 900_000_000, status: .complete, cost: cost),
                with: AttemptRecord(
                    at: now, cost: cost, provider: providers[model % 3], target: targets[model], priceVersion: prices,
                    durationMicroseconds: 900_000, firstByteMicroseconds: 300_000, status: .exact, httpStatus: 200,
                    usage: usage))
            if index % 16 == 15 { try writer.flush() }
        }
        try writer.flush()
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
