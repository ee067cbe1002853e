internal import GRDB

extension Store {
    /// The keys that were made by command, the oldest first.
    public func keys() throws(StoreError) -> [KeyRow] {
        try read { db in
            let secrets = try Row.fetchAll(db, sql: "SELECT key, sha256, until FROM key_secret ORDER BY rowid DESC")
            let byKey = Dictionary(grouping: secrets) { $0["key"] as String }
            return try Row.fetchAll(db, sql: "SELECT * FROM client_key ORDER BY created, id").map { row in
                let id: String = row["id"]
                return KeyRow(
                    id: id, team: row["team"], settings: row["settings"], expires: row["expires"],
                    created: row["created"], revoked: row["revoked"],
                    secrets: (byKey[id] ?? []).map { SecretRow(sha256: $0["sha256"], until: $0["until"]) })
            }
        }
    }

    /// Writes a key, new or changed, and the audit row of the change, in one transaction.
    public func put(_ key: KeyRow, audit: AuditRow) throws(StoreError) {
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO client_key (id, team, settings, expires, created, revoked) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET team = excluded.team, settings = excluded.settings,
                        expires = excluded.expires, revoked = excluded.revoked
                    """, arguments: [key.id, key.team, key.settings, key.expires, key.created, key.revoked])
            try db.execute(sql: "DELETE FROM key_secret WHERE key = ?", arguments: [key.id])
            for secret in key.secrets.reversed() {  // the newest gets the highest rowid
                try db.execute(
                    sql: "INSERT INTO key_secret (key, sha256, until) VALUES (?, ?, ?)",
                    arguments: [key.id, secret.sha256, secret.until])
            }
            try Store.insert(audit, db)
        }
    }

    /// The newest rows of the audit trail, the newest first.
    public func audit(limit: Int) throws(StoreError) -> [AuditRow] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM audit ORDER BY id DESC LIMIT ?", arguments: [limit]).map { row in
                AuditRow(
                    at: row["at"], actor: row["actor"], action: row["action"], subject: row["subject"],
                    details: row["details"])
            }
        }
    }

    /// Writes that a budget is raised for a time, with its audit row.
    public func add(_ raise: RaiseRow, audit: AuditRow) throws(StoreError) {
        try write { db in
            try db.execute(
                sql: "INSERT INTO budget_raise (team, budget, nano_usd, at, until) VALUES (?, ?, ?, ?, ?)",
                arguments: [raise.team, raise.budget, raise.nanoUSD, raise.from, raise.until])
            try Store.insert(audit, db)
        }
    }

    /// Raises that are in force at `now`, wall clock in nanoseconds since 1970.
    public func raises(at now: Int64) throws(StoreError) -> [RaiseRow] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM budget_raise WHERE until > ? ORDER BY id", arguments: [now]).map {
                RaiseRow(
                    team: $0["team"], budget: $0["budget"], nanoUSD: $0["nano_usd"], from: $0["at"], until: $0["until"])
            }
        }
    }

    static func insert(_ audit: AuditRow, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO audit (at, actor, action, subject, details) VALUES (?, ?, ?, ?, ?)",
            arguments: [audit.at, audit.actor, audit.action, audit.subject, audit.details])
    }
}
