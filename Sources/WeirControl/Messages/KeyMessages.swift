internal import WeirBase
internal import WeirBudget
internal import WeirConfig

/// What `POST /keys` takes.
public struct KeyRequest: Codable, Sendable {
    /// A name of its own; else one is made.
    public var id: String?
    public var team: String?
    public var models: [String]?
    public var tags: [String: String]?
    /// A date, or a date and time.
    public var expires: String?
    public var budgets: [BudgetMessage]?
    public var limits: LimitsMessage?

    public init() {}
}

/// What `POST /keys/ID/rotate` takes.
public struct RotateRequest: Codable, Sendable {
    /// Until when the old secret is good beside the new one: seconds from now.
    public var grace_seconds: Int

    public init(graceSeconds: Int) { grace_seconds = graceSeconds }
}

/// A key with its secret: the only message that holds one, sent once.
public struct NewKeyMessage: Codable, Sendable {
    public var id: String
    public var team: String?
    public var secret: String
    /// nil: never.
    public var expires: String?
    /// Until when the secret before this one is good; nil if there is none.
    public var old_secret_until: String?
}

/// A key as lists show it.
public struct KeyMessage: Codable, Sendable {
    public var id: String
    public var team: String?
    /// `file` (in the configuration) or `command`.
    public var source: String
    /// `active`, `expired`, `revoked`, or `orphaned`: its team is not in the configuration any more.
    public var status: String
    public var models: [String]?
    public var tags: [String: String]
    public var created: String?
    public var expires: String?
    public var revoked: String?
    /// The secrets that open it now.
    public var secrets: Int
    public var budgets: [BudgetMessage]
    public var limits: LimitsMessage
}

/// A budget as it is set.
public struct BudgetMessage: Codable, Hashable, Sendable {
    public var limit_nano_usd: Int64
    /// `hour`, `day`, `week`, `month`, `year`; nil: for life.
    public var every: String?
    public var timezone: String?
    /// Percentages at which a warning is logged.
    public var warn: [Int]?

    public init(limit: Int64, every: String?) {
        limit_nano_usd = limit
        self.every = every
    }
}

/// Rate limits as they are set.
public struct LimitsMessage: Codable, Hashable, Sendable {
    public var requests_per_minute: Int?
    public var tokens_per_minute: Int?
    public var concurrent: Int?

    public init() {}
}

extension BudgetMessage {
    init(_ budget: Policy.Budget) {
        limit_nano_usd = budget.limit.nanoUSD
        every = budget.every == .life ? nil : budget.every.rawValue
        timezone = budget.timezone
        warn = budget.warnings
    }

    func budget() throws(ControlFailure) -> Policy.Budget {
        guard limit_nano_usd >= 0 else { throw .invalid("a budget's limit is not negative") }
        var period = Policy.Budget.Period.life
        if let every {
            guard let known = Policy.Budget.Period(rawValue: every) else {
                throw .invalid("a budget's window is hour, day, week, month or year, not \(every)")
            }
            period = known
        }
        let shares = warn ?? [80]
        guard shares.allSatisfy({ (1...100).contains($0) }) else {
            throw .invalid("a warning's share is 1 to 100 percent")
        }
        let name = timezone ?? "UTC"
        do throws(TimeZoneProblem) {
            return Policy.Budget(
                limit: Money(nanoUSD: limit_nano_usd), every: period, timezone: name, zone: try .named(name),
                warnings: shares.sorted())
        } catch { throw .invalid("\(name) is no time zone that this machine knows; write for example Europe/Berlin") }
    }
}

extension LimitsMessage {
    init(_ limits: Policy.RateLimits) {
        requests_per_minute = limits.requestsPerMinute
        tokens_per_minute = limits.tokensPerMinute
        concurrent = limits.concurrent
    }

    func limits() throws(ControlFailure) -> Policy.RateLimits {
        for value in [requests_per_minute, tokens_per_minute, concurrent] {
            guard let value else { continue }
            guard (1...1_000_000_000).contains(value) else { throw .invalid("a limit is 1 to 1000000000") }
        }
        var limits = Policy.RateLimits()
        limits.requestsPerMinute = requests_per_minute
        limits.tokensPerMinute = tokens_per_minute
        limits.concurrent = concurrent
        return limits
    }
}
