public import WeirBase

/// How many requests or tokens a scope may use in a minute, shared by all loops: GCRA (ITU-T I.371) on one word, the moment at which all that
/// was taken will have been paid off at the steady rate. What is taken may put it ahead of now by the burst at most.
///
/// Tokens are taken by estimate and given back when their number is known. Over any span of time, what was taken less what was given back is
/// at most the burst and what the rate gives in that span, but for tokens that an answer used beyond its estimate: those are taken afterwards,
/// whatever the limit.
public final class RateLimit: Sendable {
    public enum Unit: String, Sendable { case requests, tokens }

    public let scope: Scope
    public let unit: Unit
    public let perMinute: Int
    /// What may be taken at once after a rest.
    public let burst: Int

    /// Nanoseconds that pay off one unit, rounded down; so a limit that does not divide a minute is exceeded by under `perMinute` / 60e9.
    private let interval: Int64
    /// The burst as time.
    private let tolerance: Int64
    /// Nanoseconds of `Instant`.
    private let paidOff: DecisionWord

    /// The largest rate and burst.
    public static let greatest = 1_000_000_000
    /// The largest debt that tokens beyond an estimate make: what a provider says must not shut a team out for long.
    private static let greatestDebt = TimeSpan.seconds(3_600).nanoseconds
    /// Times beyond 73 years from the clock's origin are taken for it, so that sums stay within 63 bits.
    private static let farthest: Int64 = 1 << 61

    /// A limit with its whole burst, or with what `old`, which it takes the place of, has left.
    /// - Precondition: `perMinute` and `burst` are 1 to `greatest`, and the burst lasts at most a day.
    public init(scope: Scope, unit: Unit, perMinute: Int, burst: Int? = nil, continuing old: RateLimit? = nil) {
        let burst = burst ?? perMinute
        precondition((1...Self.greatest).contains(perMinute) && (1...Self.greatest).contains(burst))
        self.scope = scope
        self.unit = unit
        self.perMinute = perMinute
        self.burst = burst
        interval = 60_000_000_000 / Int64(perMinute)
        tolerance = interval * Int64(burst)
        precondition(tolerance <= TimeSpan.seconds(86_400).nanoseconds)
        paidOff = DecisionWord(old?.paidOff.value ?? -Self.farthest)
    }

    func enter(_ pause: () -> Void) { paidOff.enter(pause) }

    /// Units that may be taken at `now`.
    private func room(at now: Instant) -> Int64 {
        let now = Self.bounded(now)
        return max((tolerance - (max(paidOff.value, now) - now)) / interval, 0)
    }

    /// Ends a decision that found room and takes `amount`.
    func leave(taking amount: Int64, at now: Instant) {
        let seen = paidOff.value
        paidOff.leave(adding: max(seen, Self.bounded(now)) + amount * interval - seen)
    }

    /// Ends a decision without a change.
    func leave() { paidOff.leave(adding: 0) }

    /// Gives back what was taken and not used, or takes what was used beyond.
    /// - Precondition: at least 0; `taken` was taken in a decision.
    func settle(taken: Int64, used: Int64, at now: Instant) {
        if used <= taken {
            if used < taken { paidOff.add((used - taken) * interval) }
            return
        }
        let debt = paidOff.value - Self.bounded(now)
        let (excess, overflow) = (used - taken).multipliedReportingOverflow(by: interval)
        let room = max(Self.greatestDebt - max(debt, 0), 0)
        paidOff.add(overflow ? room : min(excess, room))
    }

    /// What the answer's head tells at `now`.
    func status(at now: Instant) -> RateStatus {
        let moment = Self.bounded(now)
        return RateStatus(
            limit: perMinute, remaining: Int(room(at: now)),
            reset: TimeSpan(nanoseconds: max(paidOff.value - moment, 0)))
    }

    /// Why `amount` is not to be had at `now`; nil if it is.
    func refusal(of amount: Int64, at now: Instant) -> RateRefusal? {
        let ahead = max(paidOff.value, Self.bounded(now)) - Self.bounded(now)
        if amount <= Int64(burst) && ahead + amount * interval <= tolerance { return nil }
        let status = status(at: now)
        guard amount <= Int64(burst) else {
            return RateRefusal(scope: scope, unit: unit, asked: amount, wait: nil, rate: status)
        }
        let wait = status.reset.nanoseconds + amount * interval - tolerance
        return RateRefusal(
            scope: scope, unit: unit, asked: amount, wait: TimeSpan(nanoseconds: max(wait, 0)), rate: status)
    }

    private static func bounded(_ now: Instant) -> Int64 { min(max(now.nanoseconds, -farthest), farthest) }
}

/// The figures of `x-ratelimit-limit-*`, `-remaining-*` and `-reset-*`.
public struct RateStatus: Hashable, Sendable {
    /// Units a minute.
    public let limit: Int
    /// Units that may be used at once.
    public let remaining: Int
    /// Until the whole burst is there again.
    public let reset: TimeSpan

    /// Whether it has a smaller share left.
    func isTighter(than other: RateStatus) -> Bool { remaining * other.limit < other.remaining * limit }
}

/// Of each unit the limit that has the smallest share left; nil where there is none.
public struct RateStatuses: Sendable {
    public private(set) var requests: RateStatus?
    public private(set) var tokens: RateStatus?

    mutating func add(_ status: RateStatus, of unit: RateLimit.Unit) {
        switch unit {
        case .requests: if requests.map({ status.isTighter(than: $0) }) ?? true { requests = status }
        case .tokens: if tokens.map({ status.isTighter(than: $0) }) ?? true { tokens = status }
        }
    }
}

/// A rate has no room for a request now.
public struct RateRefusal: Error, Hashable, Sendable {
    public let scope: Scope
    public let unit: RateLimit.Unit
    /// Units.
    public let asked: Int64
    /// After which there is room if nobody else takes it; nil if there never is, because it is more than the burst.
    public let wait: TimeSpan?
    public let rate: RateStatus

    /// The value of `retry-after`: `wait` in seconds, rounded up, at least 1.
    public var retryAfterSeconds: Int? {
        wait.map { max(Int(($0.nanoseconds + 999_999_999) / 1_000_000_000), 1) }
    }
}
