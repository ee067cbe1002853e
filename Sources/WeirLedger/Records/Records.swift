public import WeirBase

/// Money set aside for a request before an upstream is called: one record for the first attempt, and one for each further attempt that needs a hold
/// of its own, with what the request holds in all from then on.
public struct HoldRecord: Hashable, Sendable {
    public var request: RequestID
    /// Wall clock, nanoseconds since 1970.
    public var at: Int64
    /// What is held for the request in all.
    public var held: Money
    public var team: NameNumber
    public var key: NameNumber
    /// The model as the client named it.
    public var model: NameNumber
    /// The request's tags as one name (`LedgerNames.tags`); `none` without tags.
    public var tags: NameNumber
    /// The target that is called next: where recovery books what a cut request had cost.
    public var provider: NameNumber
    public var target: NameNumber
    /// Whether it is the request's first.
    public var isFirst: Bool

    public init(
        request: RequestID, at: Int64, held: Money, team: NameNumber, key: NameNumber, model: NameNumber,
        tags: NameNumber = .none, provider: NameNumber, target: NameNumber, isFirst: Bool = true
    ) {
        self.isFirst = isFirst
        self.request = request
        self.at = at
        self.held = held
        self.team = team
        self.key = key
        self.model = model
        self.tags = tags
        self.provider = provider
        self.target = target
    }
}

/// One call of a target and what it cost.
public struct AttemptRecord: Hashable, Sendable {
    /// Wall clock at the call, nanoseconds since 1970.
    public var at: Int64
    public var cost: Money
    public var provider: NameNumber
    /// The model as the provider names it.
    public var target: NameNumber
    /// The price table's version that `cost` was computed with; `none` where nothing was priced.
    public var priceVersion: NameNumber
    /// From the call to the end of the answer, and to its first byte; microseconds, at most 71 minutes are told apart.
    public var durationMicroseconds: UInt32
    public var firstByteMicroseconds: UInt32
    /// From 1.
    public var number: UInt8
    public var status: AttemptStatus
    /// The upstream's; 0 where it did not answer.
    public var httpStatus: UInt16
    public var usage: Usage
    /// What besides the usage decided the price, a service tier for instance: `BillingContext.rawValue`, so that it can be billed again.
    public var context: UInt16

    public init(
        at: Int64, cost: Money, provider: NameNumber, target: NameNumber, priceVersion: NameNumber = .none,
        durationMicroseconds: UInt32 = 0, firstByteMicroseconds: UInt32 = 0, number: UInt8 = 1, status: AttemptStatus,
        httpStatus: UInt16, usage: Usage = Usage(), context: UInt16 = 0
    ) {
        self.at = at
        self.cost = cost
        self.provider = provider
        self.target = target
        self.priceVersion = priceVersion
        self.durationMicroseconds = durationMicroseconds
        self.firstByteMicroseconds = firstByteMicroseconds
        self.number = number
        self.status = status
        self.httpStatus = httpStatus
        self.usage = usage
        self.context = context
    }
}

/// The end of a request: its hold is gone, and this is what it cost. The last attempt travels in the same record.
public struct SettleRecord: Hashable, Sendable {
    public var request: RequestID
    /// Wall clock, nanoseconds since 1970.
    public var at: Int64
    public var status: RequestStatus
    /// What the request cost in all: the bill. Attempts add up to it but for the one rounding, which the last attempt's provider bears.
    public var cost: Money
    /// The part of `cost` that no provider has confirmed.
    public var estimated: Money

    public init(request: RequestID, at: Int64, status: RequestStatus, cost: Money, estimated: Money = .zero) {
        self.request = request
        self.at = at
        self.status = status
        self.cost = cost
        self.estimated = estimated
    }
}

/// A later correction of a request's cost: a row of its own, for a settled row is never changed. It counts in the hour of its request.
public struct AdjustmentRecord: Hashable, Sendable {
    public var request: RequestID
    /// Wall clock, nanoseconds since 1970.
    public var at: Int64
    /// Added to what the request had cost; may be negative.
    public var delta: Money
    /// Added to the estimated part of the cost; usually 0 or what becomes certain, negated.
    public var estimatedDelta: Money
    public var team: NameNumber
    public var key: NameNumber
    public var model: NameNumber
    public var tags: NameNumber
    public var provider: NameNumber
    public var priceVersion: NameNumber

    public init(
        request: RequestID, at: Int64, delta: Money, estimatedDelta: Money = .zero, team: NameNumber, key: NameNumber,
        model: NameNumber, tags: NameNumber = .none, provider: NameNumber, priceVersion: NameNumber
    ) {
        self.request = request
        self.at = at
        self.delta = delta
        self.estimatedDelta = estimatedDelta
        self.team = team
        self.key = key
        self.model = model
        self.tags = tags
        self.provider = provider
        self.priceVersion = priceVersion
    }
}
