/// What must be equal in a gateway that runs, from both sides.
public struct InvariantsMessage: Codable, Sendable {
    /// Requests that are on record and not settled, and what they hold.
    public var open_requests: Int
    public var open_holds_nano_usd: Int64
    /// Each budget's counters in memory beside a query over the ledger.
    public var budgets: [BudgetInvariant]
    /// Whether every pair was equal. While requests end, a pair may be caught between its two halves.
    public var holds: Bool
}

/// A budget from both sides.
public struct BudgetInvariant: Codable, Sendable {
    public var scope: String
    public var every: String
    public var spent_nano_usd: Int64
    public var ledger_spent_nano_usd: Int64
    public var held_nano_usd: Int64
}
