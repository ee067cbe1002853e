internal import GRDB
public import WeirBase
import WeirLedger

/// What somebody has found that a provider's part of a request costs.
public struct Correction: Hashable, Sendable {
    public var request: RequestID
    /// The provider whose attempts were billed anew: those whose usage is the provider's own.
    public var provider: String
    /// What these attempts cost by the ledger that was read, earlier corrections included.
    public var before: Money
    public var after: Money
    /// The prices that say so.
    public var priceVersion: String

    public init(request: RequestID, provider: String, before: Money, after: Money, priceVersion: String) {
        self.request = request
        self.provider = provider
        self.before = before
        self.after = after
        self.priceVersion = priceVersion
    }
}

/// A correction that was recorded, and whose money it is.
public struct RecordedCorrection: Hashable, Sendable {
    public let request: RequestID
    public let team: String
    public let key: String
    /// `env=prod,feature=search`; empty without tags.
    public let tags: String
    /// Added to the request's cost; may be negative.
    public let delta: Money
}

extension Store {
    /// Records corrections as adjustment rows, and one audit row for all of them, in one transaction. They count in the hours of their requests.
    ///
    /// A correction is recorded only if the ledger still says what it was made from: so a correction that is sent twice, or that two people
    /// make at the same time, is recorded once.
    /// - Parameters:
    ///   - now: wall clock, nanoseconds since 1970.
    ///   - audit: makes the audit row of what was recorded; not called where nothing was.
    /// - Returns: what was recorded.
    public func adjust(
        _ corrections: [Correction], at now: Int64, audit: ([RecordedCorrection]) -> AuditRow
    ) throws(StoreError) -> [RecordedCorrection] {
        // Whoever made them may have read rows that are in the journals only.
        try foldNow()
        return try engine.write { db, sink in
            let writer = try CorrectionWriter(db, sink, at: now)
            var recorded: [RecordedCorrection] = []
            for correction in corrections {
                if let row = try writer.record(correction) { recorded.append(row) }
            }
            if !recorded.isEmpty { try Store.insert(audit(recorded), db) }
            return recorded
        }
    }
}

/// Compares corrections with the ledger and writes their rows.
private final class CorrectionWriter {
    private let db: Database
    private let sink: DatabaseSink
    private let now: Int64
    private let months: Set<Month>
    private var requests: [Month: RawStatement] = [:]
    private let earlier: RawStatement

    init(_ db: Database, _ sink: DatabaseSink, at now: Int64) throws {
        self.db = db
        self.sink = sink
        self.now = now
        months = Set(try Month.all(db))
        earlier = try RawStatement(db, sql: "SELECT provider, nano_usd FROM adjustment WHERE request = ?")
    }

    /// - Returns: nil if it changes nothing, or if the ledger does not say what it was made from.
    func record(_ correction: Correction) throws -> RecordedCorrection? {
        guard let row = try row(of: correction.request) else { return nil }
        let exact = row.attempts.filter { $0.status == .exact && text($0.provider) == correction.provider }
        guard let provider = exact.first?.provider else { return nil }
        var cost = exact.reduce(Money.zero) { $0.adding($1.cost) }
        try earlier.rows([correction.request.value]) { row in
            if row.name(0) == provider { cost = cost.adding(row.money(1)) }
        }
        guard cost == correction.before, correction.after >= .zero, correction.after != cost else { return nil }
        // Both are costs, and what is in the ledger is no less than nothing: the difference fits.
        let delta = correction.after.adding(Money(nanoUSD: 0 &- cost.nanoUSD))
        sink.adjusted(
            AdjustmentRecord(
                request: correction.request, at: now, delta: delta, team: row.hold.team, key: row.hold.key,
                model: row.hold.model, tags: row.hold.tags, provider: provider,
                priceVersion: sink.name(.priceVersion, correction.priceVersion)))
        return RecordedCorrection(
            request: correction.request, team: text(row.hold.team), key: text(row.hold.key), tags: text(row.hold.tags),
            delta: delta)
    }

    private func row(of request: RequestID) throws -> LedgerView.StoredRow? {
        let month = Month(of: request)
        guard months.contains(month) else { return nil }
        let query =
            try requests[month] ?? RawStatement(db, sql: "SELECT * FROM \(month.table) WHERE id = ?")
        requests[month] = query
        var found: LedgerView.StoredRow?
        try query.rows([request.value]) { found = try LedgerView.stored($0, month) }
        return found
    }

    private func text(_ number: NameNumber) -> String { sink.names.text(number.value) }
}
