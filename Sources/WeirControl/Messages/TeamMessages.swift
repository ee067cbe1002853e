internal import WeirBase
internal import WeirBudget

/// A team, or another scope, with what it may spend and what it has spent.
public struct TeamMessage: Codable, Sendable {
    public var team: String
    public var budgets: [BudgetStatusMessage]
    public var limits: LimitsMessage
}

/// A budget in its window of now. `spent + held` is at most the limit; `left` is what may still be held.
public struct BudgetStatusMessage: Codable, Hashable, Sendable {
    public var limit_nano_usd: Int64
    public var spent_nano_usd: Int64
    public var held_nano_usd: Int64
    public var left_nano_usd: Int64
    /// What providers billed beyond what was held.
    public var overrun_nano_usd: Int64
    /// `hour`, `day`, `week`, `month`, `year` or `life`.
    public var every: String
    /// nil where the window has no beginning or no end.
    public var from: String?
    public var until: String?

    init(_ status: BudgetStatus) {
        limit_nano_usd = status.limit.nanoUSD
        spent_nano_usd = status.spent.nanoUSD
        held_nano_usd = status.held.nanoUSD
        left_nano_usd = status.left.nanoUSD
        overrun_nano_usd = status.overrun.nanoUSD
        every = status.period.rawValue
        from = status.period == .life ? nil : status.span.from.description
        until = status.span.until.orNil?.description
    }
}

/// What `POST /teams/NAME/raise` takes.
public struct RaiseRequest: Codable, Sendable {
    public var nano_usd: Int64
    /// A date, or a date and time.
    public var until: String
    /// Which of the team's budgets, by its window; may be left out where there is one.
    public var every: String?

    public init(nanoUSD: Int64, until: String, every: String?) {
        nano_usd = nanoUSD
        self.until = until
        self.every = every
    }
}

/// A row of the audit trail.
public struct AuditMessage: Codable, Sendable {
    public var at: String
    public var actor: String
    public var action: String
    public var subject: String
    public var details: String
}
