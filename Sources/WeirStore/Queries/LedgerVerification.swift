internal import GRDB
public import WeirBase
import WeirLedger

/// What a check of a whole ledger found.
public struct LedgerVerification: Sendable {
    /// Segments that were read from their first record on.
    public internal(set) var segments = 0
    /// Rows that the journals still have and that were compared with the tables.
    public internal(set) var compared = 0
    /// Rows that only the journals have yet.
    public internal(set) var unfolded = 0
    /// Rows of the tables, and their cost with corrections.
    public internal(set) var rows: Int64 = 0
    public internal(set) var cost = Money.zero
    public internal(set) var adjustments: Int64 = 0
    public internal(set) var months = 0
    /// Requests with a hold and without a settle.
    public internal(set) var open = 0
    /// Everything that is not as it must be; empty is well.
    public internal(set) var findings: [String] = []
}

extension LedgerReader {
    /// Checks everything that can be checked: every record of the journals that are there; that their rows are in the tables as they were written; that
    /// hours, days and months are the sums of the rows; that nothing is open but what another process has in flight; the database's own structure.
    public func verify() throws(StoreError) -> LedgerVerification {
        let journals = try JournalTail(folder: path)
        return try view(journals, .rows) { view in
            var found = LedgerVerification()
            found.open = view.open.count
            found.unfolded = view.tail.rows.count
            if !isOwnedByAnother, found.open > 0 {
                found.findings.append("\(found.open) requests are open, and nobody serves them")
            }
            try view.verifyStructure(&found)
            try view.verifyJournals(journals, &found)
            for month in try Month.all(view.db) { try view.verifyMonth(month, &found) }
            return found
        }
    }
}

extension LedgerView {
    fileprivate func verifyStructure(_ found: inout LedgerVerification) throws {
        let lines = try String.fetchAll(db, sql: "PRAGMA quick_check(20)")
        if lines != ["ok"] { found.findings += lines.map { "database: \($0)" } }
    }

    /// Reads all segments anew, also what is folded, and compares the rows.
    fileprivate func verifyJournals(_ journals: JournalTail, _ found: inout LedgerVerification) throws {
        let unfolded = Set(tail.rows.map(\.settle.request))
        for loop in journals.loops {
            found.segments += journals.count(of: loop)
            let sink = ComparingSink(db)
            var fold = JournalFold(loop: loop, at: .start(of: journals.firstSegment(of: loop) ?? 1))
            journals.read(&fold, into: sink)
            if let failure = sink.failure { throw failure }
            found.compared += sink.compared
            found.findings += sink.findings
            for request in sink.missing where !unfolded.contains(request) {
                found.findings.append("request \(request) is in the journal of loop \(loop) and not in the tables")
            }
        }
    }

    /// Sums the rows of a month and compares the roll-ups with that, sum by sum.
    fileprivate func verifyMonth(_ month: Month, _ found: inout LedgerVerification) throws {
        found.months += 1
        var expected: [RollupKey: RollupSums] = [:]
        try rows(of: month, ids: month.ids) { row in
            found.rows += 1
            found.cost = found.cost.adding(row.cost)
            Contribution.of(
                row.hold, earlier: Array(row.attempts.dropLast()), last: row.attempts.last, cost: row.cost,
                estimated: row.estimated
            ) { expected[$0, default: RollupSums()].add($1) }
        }
        let query = try RawStatement(
            db,
            sql: """
                SELECT team, key, model, provider, tags, nano_usd, estimated_nano_usd FROM adjustment
                WHERE request >= ? AND request < ?
                """)
        try query.rows([month.ids.lowerBound, month.ids.upperBound]) { row in
            found.adjustments += 1
            found.cost = found.cost.adding(row.money(5))
            expected[LedgerView.key(row), default: RollupSums()].add(RollupSums(cost: row[5], estimated: row[6]))
        }
        for level in RollupLevel.allCases {
            var sums: [RollupKey: RollupSums] = [:]
            let units = level.unit(of: month.start)..<level.unit(of: month.next.start)
            try rollupSums(level, units) { sums[$0, default: RollupSums()].add($1) }
            let wrong = Set(sums.keys).union(expected.keys).filter { sums[$0] != expected[$0] }
            for key in wrong.sorted(by: { names.text($0.team) < names.text($1.team) }).prefix(20) {
                found.findings.append(
                    "\(month.number): the sums by \(level) of team \(names.text(key.team)), key \(names.text(key.key)), "
                        + "model \(names.text(key.model)) are not those of the rows")
            }
        }
    }
}

/// Compares each row of a journal with the one in the tables.
private final class ComparingSink: FoldSink {
    private let db: Database
    private(set) var compared = 0
    private(set) var missing: [RequestID] = []
    private(set) var findings: [String] = []
    private(set) var failure: (any Error)?
    private var queries: [Month: RawStatement?] = [:]

    init(_ db: Database) { self.db = db }

    func name(_ space: NameSpace, _ text: String) -> NameNumber { NameNumber(value: 1) }

    func settled(_ row: borrowing SettledRequest) {
        let settle = row.settle
        do {
            var isThere = false
            try query(Month(of: settle.request))?.rows([settle.request.value]) { stored in
                isThere = true
                if stored[0] != settle.cost.nanoUSD || stored[1] != settle.estimated.nanoUSD
                    || stored[2] != Int64(settle.status.rawValue)
                {
                    findings.append("request \(settle.request) is not in the tables as it is in the journal")
                }
            }
            if isThere { compared += 1 } else { missing.append(settle.request) }
        } catch { failure = failure ?? error }
    }

    func adjusted(_ adjustment: AdjustmentRecord) {}

    func problem(_ problem: JournalProblem) {
        // A hold may lie in a segment that is folded and gone.
        if case .withoutHold = problem { return }
        findings.append(problem.description)
    }

    private func query(_ month: Month) throws -> RawStatement? {
        if let known = queries[month] { return known }
        let fresh =
            try Month.all(db).contains(month)
            ? RawStatement(db, sql: "SELECT nano_usd, estimated_nano_usd, status FROM \(month.table) WHERE id = ?")
            : nil
        queries[month] = .some(fresh)
        return fresh
    }
}
