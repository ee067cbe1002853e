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
        bind(integers, from: 0)
        try step()
    }

    /// Runs the statement with what was bound.
    func step() throws {
        let code = unsafe sqlite3_step(statement.sqliteStatement)
        unsafe sqlite3_reset(statement.sqliteStatement)
        try check(code)
    }

    /// Binds `integers` to the parameters from `first` (0 the first) on.
    func bind<let count: Int>(_ integers: InlineArray<count, Int64>, from first: Int) {
        for index in 0..<count {
            unsafe sqlite3_bind_int64(statement.sqliteStatement, Int32(first + index + 1), integers[index])
        }
    }

    /// Binds `bytes` to a parameter, 0 the first. They are not copied: they stay where they are until the step is over.
    func bind(_ bytes: Span<UInt8>, at parameter: Int) {
        _ = unsafe bytes.withUnsafeBufferPointer { bytes in
            // Nothing at all is bound as no bytes, not as NULL.
            if bytes.isEmpty {
                unsafe sqlite3_bind_zeroblob(statement.sqliteStatement, Int32(parameter + 1), 0)
            } else {
                unsafe sqlite3_bind_blob(
                    statement.sqliteStatement, Int32(parameter + 1), bytes.baseAddress, Int32(bytes.count), nil)
            }
        }
    }

    /// Gives the rows of a query with `integers`.
    func rows<let count: Int>(_ integers: InlineArray<count, Int64>, _ body: (RawRow) throws -> Void) throws {
        bind(integers, from: 0)
        let row = unsafe RawRow(handle: statement.sqliteStatement)
        defer { unsafe sqlite3_reset(statement.sqliteStatement) }
        while true {
            let code = unsafe sqlite3_step(statement.sqliteStatement)
            guard code == SQLITE_ROW else { return try check(code) }
            try body(row)
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
