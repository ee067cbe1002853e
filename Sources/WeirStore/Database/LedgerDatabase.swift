internal import GRDB

/// `weir.db` of a data folder: one writer and a few readers, write-ahead log.
struct LedgerDatabase: Sendable {
    let path: String
    let connection: any DatabaseWriter

    /// Opens the database, makes it if it is missing, and brings it to this version's tables.
    init(opening path: String) throws(StoreError) {
        self.path = path
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            configuration.maximumReaderCount = 3
            configuration.label = "weir-store"
            let pool = try DatabasePool(path: path, configuration: configuration)
            let migrator = Schema.migrator()
            guard try !pool.read(migrator.hasBeenSuperseded) else { throw StoreError.tooNew(path: path) }
            try migrator.migrate(pool)
            connection = pool
        } catch { throw LedgerDatabase.storeError(error, path) }
    }

    func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do { return try connection.write(body) } catch { throw LedgerDatabase.storeError(error, path) }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do { return try connection.read(body) } catch { throw LedgerDatabase.storeError(error, path) }
    }

    /// Closes all connections, so that the next process or store to open the file finds it at rest.
    func close() throws(StoreError) {
        do { try connection.close() } catch { throw LedgerDatabase.storeError(error, path) }
    }

    /// Brings the write-ahead log into the database file, durably.
    /// - Returns: false if readers kept it from finishing.
    func checkpoint() throws(StoreError) -> Bool {
        do {
            return try connection.writeWithoutTransaction { db in
                try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(FULL)") == 0
            }
        } catch { throw LedgerDatabase.storeError(error, path) }
    }

    static func storeError(_ error: any Error, _ path: String) -> StoreError {
        error as? StoreError ?? .database(path: path, message: (error as? DatabaseError)?.message ?? "\(error)")
    }
}
