import WeirBase
import WeirLedger
import WeirStore

/// Requests of one loop, as the gateway writes them: each step flushed.
struct Load {
    let names: LedgerNames
    let writer: JournalWriter
    private var ids: RequestIDs
    var now: Int64

    init(_ store: Store, loop: Int = 0, at now: Int64) {
        names = store.names
        writer = store.journal(loop: loop)
        ids = RequestIDs(node: loop, after: store.lastRequest)
        self.now = now
    }

    mutating func hold(team: String, model: String, held: Int64, tags: [(String, String)] = []) throws -> RequestID {
        let id = ids.next(wallClock: now)
        writer.hold(
            HoldRecord(
                request: id, at: now, held: Money(nanoUSD: held), team: names.number(.team, team),
                key: names.number(.key, team + "-key"), model: names.number(.model, model),
                tags: names.tags(tags.map { (name: $0.0, value: $0.1) }),
                provider: names.number(.provider, "openai"), target: names.number(.target, model)))
        try writer.flush()
        return id
    }

    func attempt(model: String, cost: Int64, provider: String = "openai", number: UInt8 = 1) -> AttemptRecord {
        var usage = Usage()
        usage.input = 100
        usage.output = 20
        return AttemptRecord(
            at: now, cost: Money(nanoUSD: cost), provider: names.number(.provider, provider),
            target: names.number(.target, model), priceVersion: names.number(.priceVersion, "v1"), number: number,
            status: .exact, httpStatus: 200, usage: usage)
    }

    func settle(_ id: RequestID, model: String, cost: Int64) throws {
        writer.settle(
            SettleRecord(request: id, at: now + 1_000_000, status: .complete, cost: Money(nanoUSD: cost)),
            with: attempt(model: model, cost: cost))
        try writer.flush()
    }

    mutating func complete(team: String, model: String, cost: Int64, tags: [(String, String)] = []) throws {
        let id = try hold(team: team, model: model, held: cost * 2, tags: tags)
        try settle(id, model: model, cost: cost)
    }
}
