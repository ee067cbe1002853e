internal import GRDB

/// A key that was made by command, as the store keeps it. Only hashes of its secrets are kept.
public struct KeyRow: Hashable, Sendable {
    public var id: String
    public var team: String?
    /// What it may use and what bounds it, as JSON: the store only keeps it.
    public var settings: String
    /// Wall clock, nanoseconds since 1970; `Int64.max`: never.
    public var expires: Int64
    public var created: Int64
    public var revoked: Int64?
    /// The newest first.
    public var secrets: [SecretRow]

    public init(
        id: String, team: String?, settings: String, expires: Int64, created: Int64, revoked: Int64?,
        secrets: [SecretRow]
    ) {
        self.id = id
        self.team = team
        self.settings = settings
        self.expires = expires
        self.created = created
        self.revoked = revoked
        self.secrets = secrets
    }
}

/// The hash of one secret.
public struct SecretRow: Hashable, Sendable {
    /// SHA-256 in 64 hexadecimal digits.
    public var sha256: String
    /// Wall clock, nanoseconds since 1970, until when it opens; `Int64.max`: without an end.
    public var until: Int64

    public init(sha256: String, until: Int64) {
        self.sha256 = sha256
        self.until = until
    }
}

/// Who did what when: one row a change, never changed itself.
public struct AuditRow: Hashable, Sendable {
    /// Wall clock, nanoseconds since 1970.
    public var at: Int64
    public var actor: String
    /// `key.create`, `key.rotate`, `key.revoke`, `budget.raise`, ...
    public var action: String
    /// What was changed: the id of a key, the name of a team.
    public var subject: String
    public var details: String

    public init(at: Int64, actor: String, action: String, subject: String, details: String) {
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.details = details
    }
}

/// A budget that was raised for a time.
public struct RaiseRow: Hashable, Sendable {
    public var team: String
    /// Which of the team's budgets, as the configuration writes it: its window and its time zone.
    public var budget: String
    public var nanoUSD: Int64
    /// Wall clock, nanoseconds since 1970.
    public var from: Int64
    public var until: Int64

    public init(team: String, budget: String, nanoUSD: Int64, from: Int64, until: Int64) {
        self.team = team
        self.budget = budget
        self.nanoUSD = nanoUSD
        self.from = from
        self.until = until
    }
}
