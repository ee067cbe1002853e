internal import GRDB
import WeirBase

/// Inserts rows into a month's table, many with one statement: what a statement costs by itself is a third of a row.
final class RowInsertion {
    /// A row's integers; its bytes come behind them.
    typealias Integers = InlineArray<10, Int64>
    /// Rows of one statement: more gain nothing.
    private static let batch = 16

    private let one: RawStatement
    private let many: RawStatement
    private var integers: [Integers] = []
    /// The rows' bytes one after the other, and where each ends.
    private var bytes = ByteBuffer(capacity: 4 << 10)
    private var ends: [Int] = []

    init(into table: String, _ db: Database) throws {
        let row = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        one = try RawStatement(db, sql: "INSERT INTO \(table) VALUES \(row)")
        let rows = repeatElement(row, count: Self.batch).joined(separator: ", ")
        many = try RawStatement(db, sql: "INSERT INTO \(table) VALUES \(rows)")
    }

    /// Adds a row; it may be inserted with a later one.
    func add(_ row: Integers, _ record: borrowing ByteBuffer) throws {
        integers.append(row)
        bytes.append(record)
        ends.append(bytes.count)
        guard integers.count == Self.batch else { return }
        defer { clear() }
        try run(many, rows: 0..<Self.batch)
    }

    /// Inserts the rows that were added and are not there yet.
    func finish() throws {
        defer { clear() }
        for row in integers.indices { try run(one, rows: row..<row + 1) }
    }

    private func run(_ statement: RawStatement, rows: Range<Int>) throws {
        var column = 0
        for row in rows {
            statement.bind(integers[row], from: column)
            column += Integers.count
            statement.bind(bytes.span.extracting((row == 0 ? 0 : ends[row - 1])..<ends[row]), at: column)
            column += 1
        }
        try statement.step()
    }

    private func clear() {
        integers.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        bytes.removeAll()
    }
}
