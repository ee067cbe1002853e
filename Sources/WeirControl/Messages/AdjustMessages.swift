internal import WeirBase
public import WeirStore

/// What `POST /adjustments` takes: costs that were found with other prices.
public struct AdjustRequest: Codable, Sendable {
    /// Of what time the requests are, for the audit trail.
    public var period: String
    public var changes: [ChangeMessage]

    public init(period: String, changes: [ChangeMessage]) {
        self.period = period
        self.changes = changes
    }

    /// The most changes of one message; each takes some 150 bytes of at most 1 MiB.
    public static let limit = 4_000
}

/// One provider's part of a request, billed again.
public struct ChangeMessage: Codable, Hashable, Sendable {
    public var request: String
    public var provider: String
    public var price_version: String
    public var before_nano_usd: Int64
    public var after_nano_usd: Int64

    public init(_ correction: Correction) {
        request = correction.request.description
        provider = correction.provider
        price_version = correction.priceVersion
        before_nano_usd = correction.before.nanoUSD
        after_nano_usd = correction.after.nanoUSD
    }

    /// nil if no request has such an id.
    var correction: Correction? {
        guard let id = RequestID(request) else { return nil }
        return Correction(
            request: id, provider: provider, before: Money(nanoUSD: before_nano_usd),
            after: Money(nanoUSD: after_nano_usd), priceVersion: price_version)
    }
}

/// What became of an `AdjustRequest`.
public struct AdjustMessage: Codable, Sendable {
    /// Adjustment rows that were written, and their sum. The others' costs had changed meanwhile.
    public var recorded: Int
    public var nano_usd: Int64
    /// Budgets that have reached a share of their limit at which they warn.
    public var warnings: [String]
}
