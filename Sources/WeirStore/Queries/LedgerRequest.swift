internal import GRDB
public import WeirBase
public import WeirLedger

/// A request as the ledger knows it, with names in place of numbers.
public struct LedgerRequest: Hashable, Sendable {
    public struct Attempt: Hashable, Sendable {
        public let provider: String
        /// The model as the provider names it.
        public let target: String
        /// Empty where nothing was priced.
        public let priceVersion: String
        public let status: AttemptStatus
        public let httpStatus: Int
        public let usage: Usage
        /// What besides the usage decided the price (`AttemptRecord.context`).
        public let context: UInt16
        public let cost: Money
        /// Nanoseconds since 1970.
        public let at: Int64
        public let durationMicroseconds: Int
        public let firstByteMicroseconds: Int
    }

    /// A later correction of its cost.
    public struct Adjustment: Hashable, Sendable {
        /// Whose attempts were billed anew.
        public let provider: String
        /// Added to the cost; may be negative.
        public let delta: Money
    }

    public let id: RequestID
    public let team: String
    public let key: String
    public let model: String
    /// `env=prod,feature=search`; empty without tags.
    public let tags: String
    public let status: RequestStatus
    public let cost: Money
    public let estimated: Money
    public let held: Money
    /// From the hold to the settle.
    public let microseconds: Int64
    public let attempts: [Attempt]
    /// The oldest first.
    public let adjustments: [Adjustment]
}

extension LedgerView {
    /// Gives the requests with ids in `ids`, in order: rows of the tables, with those of the journals between them.
    func requests(_ ids: Range<Int64>, _ body: (LedgerRequest) throws -> Void) throws {
        let adjustments = try adjustments(ids)
        var rest = tail.rows.filter { ids.contains($0.settle.request.value) }
            .sorted { $0.settle.request < $1.settle.request }[...]
        func giveTail(before id: Int64) throws {
            while let row = rest.first, row.settle.request.value < id {
                rest.removeFirst()
                try body(
                    request(
                        StoredRow(
                            hold: row.hold, attempts: row.attempts, status: row.settle.status, cost: row.settle.cost,
                            estimated: row.settle.estimated,
                            microseconds: max(0, row.settle.at &- row.hold.at) / 1_000), adjustments))
            }
        }
        for month in try Month.all(db) where month.ids.overlaps(ids) {
            try rows(of: month, ids: ids) { row in
                try giveTail(before: row.hold.request.value)
                try body(request(row, adjustments))
            }
        }
        try giveTail(before: .max)
    }

    private func adjustments(_ ids: Range<Int64>) throws -> [RequestID: [LedgerRequest.Adjustment]] {
        var all: [RequestID: [LedgerRequest.Adjustment]] = [:]
        func add(_ request: RequestID, _ provider: NameNumber, _ delta: Money) {
            all[request, default: []].append(
                LedgerRequest.Adjustment(provider: names.text(provider.value), delta: delta))
        }
        let query = try RawStatement(
            db,
            sql: """
                SELECT request, provider, nano_usd FROM adjustment WHERE request >= ? AND request < ?
                ORDER BY id
                """)
        try query.rows([ids.lowerBound, ids.upperBound]) { row in
            add(RequestID(value: row[0]), row.name(1), row.money(2))
        }
        for adjustment in tail.adjustments where ids.contains(adjustment.request.value) {
            add(adjustment.request, adjustment.provider, adjustment.delta)
        }
        return all
    }

    private func request(
        _ row: StoredRow, _ adjustments: [RequestID: [LedgerRequest.Adjustment]]
    ) -> LedgerRequest {
        func text(_ number: NameNumber) -> String { names.text(number.value) }
        return LedgerRequest(
            id: row.hold.request, team: text(row.hold.team), key: text(row.hold.key), model: text(row.hold.model),
            tags: text(row.hold.tags), status: row.status, cost: row.cost, estimated: row.estimated,
            held: row.hold.held, microseconds: row.microseconds,
            attempts: row.attempts.map { attempt in
                LedgerRequest.Attempt(
                    provider: text(attempt.provider), target: text(attempt.target),
                    priceVersion: text(attempt.priceVersion), status: attempt.status,
                    httpStatus: Int(attempt.httpStatus), usage: attempt.usage, context: attempt.context,
                    cost: attempt.cost, at: attempt.at,
                    durationMicroseconds: Int(attempt.durationMicroseconds),
                    firstByteMicroseconds: Int(attempt.firstByteMicroseconds))
            }, adjustments: adjustments[row.hold.request] ?? [])
    }
}
