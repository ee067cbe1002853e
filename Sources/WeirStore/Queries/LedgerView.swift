internal import Foundation
internal import GRDB
import WeirBase
import WeirLedger

/// The whole ledger at one moment: a snapshot of the tables and what the journals have on top of it. Made for one question and then dropped.
///
/// This is how a question sees every request that is over without anybody's help: the tables say how far they are, and the rest is read from the
/// journals, the gateway's own or another process's.
struct LedgerView {
    let db: Database
    let names: NameTable
    /// What the journals have on top of the tables.
    let tail: TailSink
    /// Requests that are not over.
    let open: [OpenRequest]

    /// What of the journals a question wants to know. A gigabyte of them has millions of rows: sums are made as they pass.
    enum Interest {
        /// Sums between these borders, milliseconds since 1970, in order.
        case sums(borders: [Int64])
        /// Every row.
        case rows
    }

    /// - Parameter tail: was mapped before the snapshot was taken.
    init(_ db: Database, _ tail: JournalTail, _ interest: Interest) throws {
        self.db = db
        var state = try FoldState(db)
        let sink = TailSink(names: state.names, interest)
        for loop in Set(tail.loops).union(state.folds.keys).sorted() {
            var fold = state.folds[loop] ?? JournalFold(loop: loop, at: .start(of: tail.firstSegment(of: loop) ?? 1))
            tail.read(&fold, into: sink)
            state.folds[loop] = fold
        }
        names = sink.names
        self.tail = sink
        open = state.folds.values.flatMap { Array($0.open.values) }
    }

    // MARK: Sums

    /// Gives the parts of all sums of requests that came in [from, until), milliseconds since 1970: whole days and hours from the roll-ups, the rest
    /// from rows. The same key comes more than once.
    /// - Parameters from, until: borders that the view was made with.
    func sums(from: Int64, until: Int64, _ add: (RollupKey, RollupSums) -> Void) throws {
        guard from < until else { return }
        let hour: Int64 = 3_600_000
        let firstHour = -(-from).floored(by: hour)
        let lastHour = until.floored(by: hour)
        if firstHour < lastHour {
            try rowSums(from: from, until: firstHour * hour, add)
            try rollupSums(hours: firstHour..<lastHour, add)
            try rowSums(from: lastHour * hour, until: until, add)
        } else {
            try rowSums(from: from, until: until, add)
        }
        tail.sums(from: from, until: until, add)
    }

    private func rollupSums(hours: Range<Int64>, _ add: (RollupKey, RollupSums) -> Void) throws {
        let firstDay = -(-hours.lowerBound).floored(by: 24)
        let lastDay = hours.upperBound.floored(by: 24)
        guard firstDay < lastDay else { return try rollup("rollup_hour", hours, add) }
        try rollup("rollup_hour", hours.lowerBound..<firstDay * 24, add)
        try rollup("rollup_day", firstDay..<lastDay, add)
        try rollup("rollup_hour", lastDay * 24..<hours.upperBound, add)
    }

    private func rollup(_ table: String, _ units: Range<Int64>, _ add: (RollupKey, RollupSums) -> Void) throws {
        guard !units.isEmpty else { return }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT team, key, model, provider, tags, sum(requests), sum(input), sum(output), sum(nano_usd),
                    sum(estimated_nano_usd) FROM \(table) WHERE unit >= ? AND unit < ? GROUP BY 1, 2, 3, 4, 5
                """, arguments: [units.lowerBound, units.upperBound])
        while let row = try rows.next() {
            add(
                RollupKey(team: row[0], key: row[1], model: row[2], provider: row[3], tags: row[4]),
                RollupSums(requests: row[5], input: row[6], output: row[7], cost: row[8], estimated: row[9]))
        }
    }

    private func rowSums(from: Int64, until: Int64, _ add: (RollupKey, RollupSums) -> Void) throws {
        guard from < until else { return }
        let ids = RequestID(firstAt: from).value..<RequestID(firstAt: until).value
        for month in try Month.all(db) where month.ids.overlaps(ids) {
            try rows(of: month, ids: ids) { row in
                Contribution.of(
                    row.hold, earlier: Array(row.attempts.dropLast()), last: row.attempts.last, cost: row.cost,
                    estimated: row.estimated, add: add)
            }
        }
        let adjustments = try Row.fetchCursor(
            db,
            sql: """
                SELECT team, key, model, provider, tags, nano_usd, estimated_nano_usd FROM adjustment
                WHERE request >= ? AND request < ?
                """, arguments: [ids.lowerBound, ids.upperBound])
        while let row = try adjustments.next() {
            add(
                RollupKey(team: row[0], key: row[1], model: row[2], provider: row[3], tags: row[4]),
                RollupSums(cost: row[5], estimated: row[6]))
        }
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
        let cursor = try Row.fetchCursor(
            db, sql: "SELECT * FROM \(month.table) WHERE id >= ? AND id < ? ORDER BY id",
            arguments: [ids.lowerBound, ids.upperBound])
        while let row = try cursor.next() { try body(LedgerView.stored(row, month)) }
    }

    private static func stored(_ row: Row, _ month: Month) throws -> StoredRow {
        let id = RequestID(value: row[0])
        func name(_ column: Int) -> NameNumber { NameNumber(value: row[column]) }
        guard let status = RequestStatus(rawValue: row[5]),
            let attempts = AttemptRecord.list(Array(row[10] as Data).span)
        else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(month.table): row \(id) holds no request")
        }
        let hold = HoldRecord(
            request: id, at: id.unixMilliseconds * 1_000_000, held: Money(nanoUSD: row[8]), team: name(1),
            key: name(2), model: name(3), tags: name(4), provider: attempts.last?.provider ?? .none,
            target: attempts.last?.target ?? .none)
        return StoredRow(
            hold: hold, attempts: attempts, status: status, cost: Money(nanoUSD: row[6]),
            estimated: Money(nanoUSD: row[7]), microseconds: row[9])
    }
}
