internal import GRDB
internal import GRDBSQLite
import WeirBase
import WeirLedger

/// A statement that runs once a request or reads many rows, through SQLite's own calls: GRDB's boxes of arguments and values cost more than
/// SQLite's work.
final class RawStatement {
    private let statement: Statement
    private let database: Database

    init(_ db: Database, sql: String) throws {
        statement = try db.makeStatement(sql: sql)
        database = db
    }

    /// Runs the statement with `integers`.
    func run<let count: Int>(_ integers: InlineArray<count, Int64>) throws {
        bind(integers)
        let code = unsafe sqlite3_step(statement.sqliteStatement)
        unsafe sqlite3_reset(statement.sqliteStatement)
        try check(code)
    }

    /// Runs the statement with `integers` and then `bytes`.
    func run<let count: Int>(_ integers: InlineArray<count, Int64>, _ bytes: borrowing ByteBuffer) throws {
        bind(integers)
        let handle = unsafe statement.sqliteStatement
        let code = unsafe bytes.span.withUnsafeBufferPointer { bytes in
            // No copy: the bytes outlive the step. Nothing at all is bound as no bytes, not as NULL.
            if bytes.isEmpty {
                unsafe sqlite3_bind_zeroblob(handle, Int32(count + 1), 0)
            } else {
                unsafe sqlite3_bind_blob(handle, Int32(count + 1), bytes.baseAddress, Int32(bytes.count), nil)
            }
            let code = unsafe sqlite3_step(handle)
            unsafe sqlite3_reset(handle)
            return code
        }
        try check(code)
    }

    /// Gives the rows of a query with `integers`.
    func rows<let count: Int>(_ integers: InlineArray<count, Int64>, _ body: (RawRow) throws -> Void) throws {
        bind(integers)
        let row = unsafe RawRow(handle: statement.sqliteStatement)
        defer { unsafe sqlite3_reset(statement.sqliteStatement) }
        while true {
            let code = unsafe sqlite3_step(statement.sqliteStatement)
            guard code == SQLITE_ROW else { return try check(code) }
            try body(row)
        }
    }

    private func bind<let count: Int>(_ integers: InlineArray<count, Int64>) {
        for index in 0..<count {
            unsafe sqlite3_bind_int64(statement.sqliteStatement, Int32(index + 1), integers[index])
        }
    }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_DONE else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
        }
    }
}

/// The row that a statement is at; valid until the next.
@safe
struct RawRow {
    fileprivate let handle: OpaquePointer

    subscript(column: Int) -> Int64 { unsafe sqlite3_column_int64(handle, Int32(column)) }

    /// A number of the table `name`.
    func number(_ column: Int) -> UInt32 { UInt32(truncatingIfNeeded: self[column]) }

    func name(_ column: Int) -> NameNumber { NameNumber(value: number(column)) }

    func money(_ column: Int) -> Money { Money(nanoUSD: self[column]) }

    /// Lends the bytes of a blob.
    func withBytes<Result>(_ column: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        guard let start = unsafe sqlite3_column_blob(handle, Int32(column)) else { return body(Span()) }
        let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
        let bytes = unsafe UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt8.self), count: count)
        return unsafe body(Span(_unsafeElements: bytes))
    }
}
