internal import GRDB
internal import GRDBSQLite
import WeirBase
import WeirLedger

/// The one statement that runs once a request, through SQLite's own calls: GRDB's boxes of arguments cost more than the insert.
final class RowInsert {
    private let statement: Statement
    private let database: Database

    /// - Parameter statement: has as many parameters as a caller binds.
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
