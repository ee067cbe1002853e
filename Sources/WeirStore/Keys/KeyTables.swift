/// The tables of what people change by command: keys, raised budgets, and the trail of all changes.
enum KeyTables {
    static let first = """
        CREATE TABLE client_key (
            id TEXT PRIMARY KEY,
            team TEXT,
            settings TEXT NOT NULL,
            expires INTEGER NOT NULL,
            created INTEGER NOT NULL,
            revoked INTEGER);

        -- Hashes only. Two rows of a key while one secret takes the other's place.
        CREATE TABLE key_secret (
            key TEXT NOT NULL REFERENCES client_key (id),
            sha256 TEXT NOT NULL UNIQUE,
            until INTEGER NOT NULL);

        CREATE TABLE budget_raise (
            id INTEGER PRIMARY KEY,
            team TEXT NOT NULL,
            budget TEXT NOT NULL,
            nano_usd INTEGER NOT NULL,
            at INTEGER NOT NULL,
            until INTEGER NOT NULL);

        -- Rows are only ever added.
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            details TEXT NOT NULL);
        CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
        CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
        """
}
