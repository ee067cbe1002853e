internal import GRDB

/// The tables of `weir.db`. A migration, once released, is never changed; the next change is the next migration.
enum Schema {
    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("ledger 1") { db in
            try db.execute(sql: ledger)
            for level in RollupLevel.allCases { try db.execute(sql: rollup(level)) }
        }
        migrator.registerMigration("keys 1") { db in try db.execute(sql: KeyTables.first) }
        return migrator
    }

    private static let ledger = """
        -- What rows name: teams, keys, models, sets of tags. Numbers are never used again.
        CREATE TABLE name (
            id INTEGER PRIMARY KEY,
            space INTEGER NOT NULL,
            text TEXT NOT NULL,
            UNIQUE (space, text));

        -- How far each loop's journal is in the tables. Changed in the transaction that inserts the rows.
        CREATE TABLE journal (
            loop INTEGER PRIMARY KEY,
            segment INTEGER NOT NULL,
            offset INTEGER NOT NULL);

        -- Requests that were not over where the journal was read to, as the records that said so.
        CREATE TABLE open_request (
            id INTEGER PRIMARY KEY,
            loop INTEGER NOT NULL,
            records BLOB NOT NULL);

        -- Later corrections. A row of a request is never changed.
        CREATE TABLE adjustment (
            id INTEGER PRIMARY KEY,
            request INTEGER NOT NULL,
            at INTEGER NOT NULL,
            nano_usd INTEGER NOT NULL,
            estimated_nano_usd INTEGER NOT NULL,
            team INTEGER NOT NULL, key INTEGER NOT NULL, model INTEGER NOT NULL, tags INTEGER NOT NULL,
            provider INTEGER NOT NULL,
            price_version INTEGER NOT NULL);
        CREATE INDEX adjustment_request ON adjustment (request);

        -- The months that have a table of request rows (`Month.create`), as 202610.
        CREATE TABLE month (month INTEGER PRIMARY KEY);
        """

    /// Sums by hour, day and month (UTC), kept in the transaction that inserts the rows. Months are sums of days, and those of hours: the longer a
    /// question's time, the fewer rows it reads for it.
    private static func rollup(_ level: RollupLevel) -> String {
        """
        CREATE TABLE \(level.table) (
            unit INTEGER NOT NULL,
            team INTEGER NOT NULL, key INTEGER NOT NULL, model INTEGER NOT NULL, provider INTEGER NOT NULL,
            tags INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            input INTEGER NOT NULL, output INTEGER NOT NULL,
            nano_usd INTEGER NOT NULL, estimated_nano_usd INTEGER NOT NULL,
            PRIMARY KEY (unit, team, key, model, provider, tags)) WITHOUT ROWID;
        """
    }
}
