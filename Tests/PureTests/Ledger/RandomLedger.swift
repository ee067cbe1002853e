import WeirBase
import WeirLedger

/// SplitMix64 (Steele, Lea, Flood 2014).
struct LedgerChance {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() >> 1) % bound }
}

/// One loop's gateway in small: requests begin, fail over and end in random order, and a model says what the ledger must hold.
struct RandomLedger {
    let names: LedgerNames
    let storage: MemoryStorage
    let writer: JournalWriter
    private(set) var open: [RequestID: OpenRequest] = [:]
    private(set) var settled: [RequestID: RowSink.Row] = [:]
    private var chance: LedgerChance
    private var nextID: Int64

    /// - Parameter segment: where the writer goes on.
    init(loop: Int, segment: UInt32 = 1, storage: MemoryStorage, names: LedgerNames = LedgerNames(), seed: UInt64) {
        self.names = names
        self.storage = storage
        writer = JournalWriter(loop: loop, startingAt: segment, names: names, storage: storage)
        chance = LedgerChance(seed: seed)
        nextID = Int64(loop + 1) << 40 + Int64(segment) << 20
    }

    /// Runs `turns` turns: a few records each, and then a flush.
    mutating func run(turns: Int) throws {
        for _ in 0..<turns {
            for _ in 0...chance.below(4) { step() }
            try writer.flush()
        }
    }

    private mutating func step() {
        switch chance.below(8) {
        case 0...3: hold()
        case 4: failOver()
        default: settle()
        }
    }

    private mutating func hold() {
        nextID += 1
        let hold = HoldRecord(
            request: RequestID(value: nextID), at: Int64(chance.below(1 << 40)), held: money(),
            team: name(.team), key: name(.key), model: name(.model),
            tags: chance.below(3) == 0 ? names.tags([("feature", "f\(chance.below(5))")]) : .none,
            provider: name(.provider), target: name(.target))
        writer.hold(hold)
        open[hold.request] = OpenRequest(hold: hold)
    }

    private mutating func failOver() {
        guard let request = pick(), let before = open[request] else { return }
        let attempt = attempt(number: before.attempts.count + 1)
        writer.attempt(attempt, of: request)
        var hold = before.hold
        hold.held = Money(nanoUSD: hold.held.nanoUSD + money().nanoUSD)
        hold.provider = name(.provider)
        hold.isFirst = false
        writer.hold(hold)
        open[request] = OpenRequest(hold: hold, attempts: before.attempts + [attempt])
    }

    private mutating func settle() {
        guard let request = pick(), let before = open.removeValue(forKey: request) else { return }
        let last = chance.below(10) == 0 ? nil : attempt(number: before.attempts.count + 1)
        let settle = SettleRecord(
            request: request, at: Int64(chance.below(1 << 40)),
            status: RequestStatus.allCases[chance.below(RequestStatus.allCases.count)], cost: money(),
            estimated: money())
        writer.settle(settle, with: last)
        settled[request] = RowSink.Row(
            hold: before.hold, attempts: before.attempts + (last.map { [$0] } ?? []), settle: settle)
    }

    private mutating func attempt(number: Int) -> AttemptRecord {
        var usage = Usage()
        usage.input = chance.below(100_000)
        if chance.below(2) == 0 { usage.cachedInput = chance.below(1_000) }
        usage.output = chance.below(2_000)
        if chance.below(4) == 0 { usage.reasoningOutput = chance.below(500) }
        if chance.below(8) == 0 { usage.audioMilliseconds = Int(Int32.max) }
        return AttemptRecord(
            at: Int64(chance.below(1 << 40)), cost: money(), provider: name(.provider), target: name(.target),
            priceVersion: name(.priceVersion), durationMicroseconds: UInt32(chance.below(1 << 32)),
            firstByteMicroseconds: UInt32(chance.below(1 << 32)), number: UInt8(clamping: number),
            status: AttemptStatus.allCases[chance.below(3)], httpStatus: UInt16(chance.below(600)), usage: usage,
            context: chance.below(3) == 0 ? UInt16(1 + chance.below(65_535)) : 0)
    }

    private mutating func pick() -> RequestID? {
        let sorted = open.keys.sorted()
        return sorted.isEmpty ? nil : sorted[chance.below(sorted.count)]
    }

    private mutating func money() -> Money { Money(nanoUSD: Int64(chance.below(1 << 30))) }

    private mutating func name(_ space: NameSpace) -> NameNumber {
        names.number(space, "\(space)-\(chance.below(space == .team ? 40 : 6))")
    }
}
