internal import GRDB
internal import Glibc
import WeirBase
import WeirLedger

/// Takes what a fold gives, within one transaction, and writes rows as they come and sums at the end.
final class DatabaseSink: FoldSink {
    private let db: Database
    private(set) var names: NameTable
    private(set) var problems: [JournalProblem] = []
    private var hours: [UnitKey: RollupSums] = [:]
    /// The sums that were added to last: most rows belong where the one before did.
    private var lastSums: (key: UnitKey, sums: RollupSums)?
    private var inserts: [Month: RowInsertion] = [:]
    private var lastMonth: (ids: Range<Int64>, insertion: RowInsertion)?
    private var packed = ByteBuffer(capacity: 512)
    /// The first error; a sink cannot throw through the fold. The transaction is undone.
    private var failure: (any Error)?
    private(set) var rows = 0
    /// Whether a loop that shares this thread's core goes first.
    var givesWay = false

    private struct UnitKey: Hashable {
        let unit: Int64
        let key: RollupKey
    }

    init(_ db: Database, names: NameTable) {
        self.db = db
        self.names = names
    }

    func name(_ space: NameSpace, _ text: String) -> NameNumber {
        let name = NameTable.Name(space: space, text: text)
        if let number = names.numbers[name] { return NameNumber(value: number) }
        var number: UInt32 = 0
        attempt {
            try db.execute(
                sql: "INSERT INTO name (space, text) VALUES (?, ?)", arguments: [Int(space.rawValue), text])
            number = UInt32(truncatingIfNeeded: db.lastInsertedRowID)
            names.add(name, as: number)
        }
        return NameNumber(value: number)
    }

    func settled(_ row: borrowing SettledRequest) {
        guard failure == nil else { return }
        let (hold, earlier, last, settle) = (row.hold, row.earlier, row.last, row.settle)
        let request = row.request
        let isOrphan = row.isOrphan
        packed.removeAll()
        for attempt in earlier { attempt.append(to: &packed) }
        last?.append(to: &packed)
        attempt {
            let insertion = try insertion(for: request)
            // An orphan may be the second settle of a request whose row is there: the row stays as it is.
            if isOrphan {
                try insertion.finish()
                if try exists(request) { return }
            }
            try insertion.add(
                [
                    request.value, Int64(hold.team.value), Int64(hold.key.value), Int64(hold.model.value),
                    Int64(hold.tags.value), Int64(settle.status.rawValue), settle.cost.nanoUSD,
                    settle.estimated.nanoUSD, hold.held.nanoUSD, max(0, settle.at &- hold.at) / 1_000,
                ], packed)
            rows += 1
            // Whoever waits for this thread's core does so for some tens of microseconds, and not for the scheduler's slice of milliseconds.
            if givesWay, rows & 31 == 0 { sched_yield() }
            let hour = RollupLevel.hour.unit(of: request.unixMilliseconds)
            Contribution.of(hold, earlier: earlier, last: last, cost: settle.cost, estimated: settle.estimated) {
                add($1, to: UnitKey(unit: hour, key: $0))
            }
        }
    }

    func adjusted(_ adjustment: AdjustmentRecord) {
        attempt {
            try db.execute(
                sql: """
                    INSERT INTO adjustment (request, at, nano_usd, estimated_nano_usd, team, key, model, tags, provider,
                        price_version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    adjustment.request.value, adjustment.at, adjustment.delta.nanoUSD,
                    adjustment.estimatedDelta.nanoUSD, adjustment.team.value, adjustment.key.value,
                    adjustment.model.value, adjustment.tags.value, adjustment.provider.value,
                    adjustment.priceVersion.value,
                ])
            let hour = RollupLevel.hour.unit(of: adjustment.request.unixMilliseconds)
            Contribution.of(adjustment) { add($1, to: UnitKey(unit: hour, key: $0)) }
        }
    }

    private func add(_ sums: RollupSums, to key: UnitKey) {
        if lastSums?.key != key {
            putSums()
            lastSums = (key, RollupSums())
        }
        lastSums?.sums.add(sums)
    }

    private func putSums() {
        if let last = lastSums { hours[last.key, default: RollupSums()].add(last.sums) }
        lastSums = nil
    }

    func problem(_ problem: JournalProblem) { problems.append(problem) }

    /// Inserts the rows that are left, and adds the sums to the roll-ups.
    /// - Throws: the first error of all that was asked of the sink.
    func finish() throws {
        if let failure { throw failure }
        for insertion in inserts.values { try insertion.finish() }
        putSums()
        var sums = hours
        var level: RollupLevel? = .hour
        while let current = level {
            try add(sums, to: current)
            level = current.next
            guard let next = level else { return }
            var longer: [UnitKey: RollupSums] = [:]
            for (key, part) in sums {
                let unit = next.unit(of: current.start(of: key.unit))
                longer[UnitKey(unit: unit, key: key.key), default: RollupSums()].add(part)
            }
            sums = longer
        }
    }

    private func add(_ sums: [UnitKey: RollupSums], to level: RollupLevel) throws {
        let insert = try RawStatement(
            db,
            sql: """
                INSERT INTO \(level.table) (unit, team, key, model, provider, tags, requests, input, output, nano_usd,
                    estimated_nano_usd) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, input = input + excluded.input,
                    output = output + excluded.output, nano_usd = nano_usd + excluded.nano_usd,
                    estimated_nano_usd = estimated_nano_usd + excluded.estimated_nano_usd
                """)
        for (key, sums) in sums {
            try insert.run([
                key.unit, Int64(key.key.team), Int64(key.key.key), Int64(key.key.model), Int64(key.key.provider),
                Int64(key.key.tags), sums.requests, sums.input, sums.output, sums.cost, sums.estimated,
            ])
        }
    }

    private func insertion(for request: RequestID) throws -> RowInsertion {
        if let last = lastMonth, last.ids.contains(request.value) { return last.insertion }
        let month = Month(of: request)
        let insertion: RowInsertion
        if let known = inserts[month] {
            insertion = known
        } else {
            try month.create(db)
            insertion = try RowInsertion(into: month.table, db)
            inserts[month] = insertion
        }
        lastMonth = (month.ids, insertion)
        return insertion
    }

    private func exists(_ request: RequestID) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM \(Month(of: request).table) WHERE id = ?)",
            arguments: [request.value]) ?? false
    }

    private func attempt(_ body: () throws -> Void) {
        guard failure == nil else { return }
        do { try body() } catch { failure = error }
    }
}
