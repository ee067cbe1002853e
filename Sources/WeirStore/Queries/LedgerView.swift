internal import GRDB
import WeirBase
import WeirLedger

/// The whole ledger at one moment: a snapshot of the tables and what the journals have on top of it. Made for one question and then dropped.
///
/// This is how a question sees every request that is over without anybody's help: the tables say how far they are, and the rest is read from the
/// journals, the gateway's own or another process's.
struct LedgerView {
    let db: Database
    /// The year 2100, after the last request id.
    static let latest: Int64 = 4_102_444_800_000
    let names: NameTable
    /// What the journals have on top of the tables.
    let tail: TailSink
    /// Requests that are not over; empty with a tail that was read before.
    let open: [OpenRequest]

    /// - Parameters:
    ///   - journals: were mapped before the snapshot was taken.
    ///   - interest: what of them the question wants.
    init(_ db: Database, _ state: FoldState, _ journals: JournalTail, _ interest: TailSink.Interest) {
        self.db = db
        let sink = TailSink(names: state.names, interest)
        var folds = state.folds
        for loop in Set(journals.loops).union(folds.keys).sorted() {
            var fold =
                folds[loop] ?? JournalFold(loop: loop, at: .start(of: journals.firstSegment(of: loop) ?? 1))
            journals.read(&fold, into: sink)
            folds[loop] = fold
        }
        names = sink.names
        tail = sink
        open = folds.values.flatMap { Array($0.open.values) }
    }

    /// With a tail that has been read before and has not grown since.
    init(_ db: Database, tail: TailSink) {
        self.db = db
        self.tail = tail
        names = tail.names
        open = []
    }

    // MARK: Sums

    /// Gives the parts of all sums of requests that came in [from, until), milliseconds since 1970: whole months, days and hours from the
    /// roll-ups, the rest from rows. The same key comes more than once.
    /// - Parameters from, until: borders that the view was made with.
    func sums(from: Int64, until: Int64, _ add: (RollupKey, RollupSums) -> Void) throws {
        // No id is outside: nobody's borders can make the arithmetic overflow.
        let (first, last) = (max(from, 0), min(until, LedgerView.latest))
        if first < last { try storedSums(first..<last, .month, add) }
        tail.sums(from: from, until: until, add)
    }

    /// The whole units in the middle from the level's roll-up, and both edges from the next shorter one; below hours from rows.
    private func storedSums(
        _ range: Range<Int64>, _ level: RollupLevel?, _ add: (RollupKey, RollupSums) -> Void
    ) throws {
        guard !range.isEmpty else { return }
        guard let level else { return try rowSums(range, add) }
        let shorter = RollupLevel(rawValue: level.rawValue - 1)
        let first = level.unit(of: range.lowerBound - 1) + 1
        let last = level.unit(of: range.upperBound)
        guard first < last else { return try storedSums(range, shorter, add) }
        try storedSums(range.lowerBound..<level.start(of: first), shorter, add)
        try rollupSums(level, first..<last, add)
        try storedSums(level.start(of: last)..<range.upperBound, shorter, add)
    }

    func rollupSums(
        _ level: RollupLevel, _ units: Range<Int64>, _ add: (RollupKey, RollupSums) -> Void
    ) throws {
        let query = try RawStatement(
            db,
            sql: """
                SELECT team, key, model, provider, tags, requests, input, output, nano_usd, estimated_nano_usd
                FROM \(level.table) WHERE unit >= ? AND unit < ?
                """)
        try query.rows([units.lowerBound, units.upperBound]) { row in
            add(
                LedgerView.key(row),
                RollupSums(requests: row[5], input: row[6], output: row[7], cost: row[8], estimated: row[9]))
        }
    }

    private func rowSums(_ range: Range<Int64>, _ add: (RollupKey, RollupSums) -> Void) throws {
        let ids = RequestID(firstAt: range.lowerBound).value..<RequestID(firstAt: range.upperBound).value
        for month in try Month.all(db) where month.ids.overlaps(ids) {
            try rows(of: month, ids: ids) { row in
                Contribution.of(
                    row.hold, earlier: Array(row.attempts.dropLast()), last: row.attempts.last, cost: row.cost,
                    estimated: row.estimated, add: add)
            }
        }
        let adjustments = try RawStatement(
            db,
            sql: """
                SELECT team, key, model, provider, tags, nano_usd, estimated_nano_usd FROM adjustment
                WHERE request >= ? AND request < ?
                """)
        try adjustments.rows([ids.lowerBound, ids.upperBound]) { row in
            add(LedgerView.key(row), RollupSums(cost: row[5], estimated: row[6]))
        }
    }

    static func key(_ row: RawRow) -> RollupKey {
        RollupKey(
            team: row.number(0), key: row.number(1), model: row.number(2), provider: row.number(3), tags: row.number(4))
    }

    // MARK: Rows

    /// A row as it stands in its month's table.
    struct StoredRow {
        let hold: HoldRecord
        let attempts: [AttemptRecord]
        let status: RequestStatus
        let cost: Money
        let estimated: Money
        let microseconds: Int64
    }

    /// Gives the rows of a month with ids in `ids`, in order.
    func rows(of month: Month, ids: Range<Int64>, _ body: (StoredRow) throws -> Void) throws {
        let query = try RawStatement(db, sql: "SELECT * FROM \(month.table) WHERE id >= ? AND id < ? ORDER BY id")
        try query.rows([ids.lowerBound, ids.upperBound]) { try body(LedgerView.stored($0, month)) }
    }

    static func stored(_ row: RawRow, _ month: Month) throws -> StoredRow {
        let id = RequestID(value: row[0])
        guard let status = RequestStatus(rawValue: UInt8(truncatingIfNeeded: row[5])),
            let attempts = row.withBytes(10, AttemptRecord.list)
        else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(month.table): row \(id) holds no request")
        }
        let hold = HoldRecord(
            request: id, at: id.unixMilliseconds * 1_000_000, held: row.money(8), team: row.name(1), key: row.name(2),
            model: row.name(3), tags: row.name(4), provider: attempts.last?.provider ?? .none,
            target: attempts.last?.target ?? .none)
        return StoredRow(
            hold: hold, attempts: attempts, status: status, cost: row.money(6), estimated: row.money(7),
            microseconds: row[9])
    }
}
