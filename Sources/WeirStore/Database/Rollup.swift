import WeirBase
import WeirLedger

/// How long a unit of time is that sums are kept for.
enum RollupLevel: Int, CaseIterable {
    case hour, day, month

    var table: String {
        switch self {
        case .hour: "rollup_hour"
        case .day: "rollup_day"
        case .month: "rollup_month"
        }
    }

    /// The next longer one.
    var next: RollupLevel? { RollupLevel(rawValue: rawValue + 1) }

    /// The unit in which `unixMilliseconds` lies: hours and days since 1970, months since the year 0.
    func unit(of unixMilliseconds: Int64) -> Int64 {
        switch self {
        case .hour: return unixMilliseconds.floored(by: 3_600_000)
        case .day: return unixMilliseconds.floored(by: 86_400_000)
        case .month:
            let date = CivilDate(daysSince1970: unixMilliseconds.floored(by: 86_400_000))
            return Int64(date.year * 12 + date.month - 1)
        }
    }

    /// The first millisecond of a unit.
    func start(of unit: Int64) -> Int64 {
        switch self {
        case .hour: return unit * 3_600_000
        case .day: return unit * 86_400_000
        case .month:
            let date = CivilDate(
                year: Int(unit.floored(by: 12)), month: Int(unit - unit.floored(by: 12) * 12) + 1, day: 1)
            return date.daysSince1970 * 86_400_000
        }
    }
}

/// What sums are kept by, besides time: numbers of the table `name`.
struct RollupKey: Hashable {
    var team: UInt32
    var key: UInt32
    var model: UInt32
    var provider: UInt32
    var tags: UInt32
}

/// Sums of requests.
struct RollupSums: Equatable {
    var requests: Int64 = 0
    var input: Int64 = 0
    var output: Int64 = 0
    var cost: Int64 = 0
    var estimated: Int64 = 0

    mutating func add(_ other: RollupSums) {
        requests &+= other.requests
        input &+= other.input
        output &+= other.output
        cost = Money(nanoUSD: cost).adding(Money(nanoUSD: other.cost)).nanoUSD
        estimated = Money(nanoUSD: estimated).adding(Money(nanoUSD: other.estimated)).nanoUSD
    }
}

/// What a row or an adjustment adds to which sums: the one place that says so, for roll-ups, for rows at the edges of a range and for what is
/// still in the journal.
enum Contribution {
    /// A request counts once, with the provider of its last attempt; each attempt's tokens and cost count with its own. What the bill says on top of its
    /// attempts (the one rounding) is the last one's. Without an attempt it counts with no provider, not with the one that its hold was for: a row
    /// knows of providers by its attempts alone, and must give the same sums.
    static func of(
        _ hold: HoldRecord, earlier: [AttemptRecord], last: AttemptRecord?, cost: Money, estimated: Money,
        add: (RollupKey, RollupSums) -> Void
    ) {
        var key = RollupKey(
            team: hold.team.value, key: hold.key.value, model: hold.model.value, provider: 0, tags: hold.tags.value)
        var rest = RollupSums(requests: 1, cost: cost.nanoUSD, estimated: estimated.nanoUSD)
        for attempt in earlier {
            key.provider = attempt.provider.value
            let part = sums(of: attempt)
            rest.cost = Money(nanoUSD: rest.cost).adding(Money(nanoUSD: 0 &- part.cost)).nanoUSD
            rest.estimated = Money(nanoUSD: rest.estimated).adding(Money(nanoUSD: 0 &- part.estimated)).nanoUSD
            add(key, part)
        }
        key.provider = (last ?? earlier.last)?.provider.value ?? 0
        if let last {
            rest.input = Int64(last.usage.input)
            rest.output = Int64(last.usage.output)
        }
        add(key, rest)
    }

    private static func sums(of attempt: AttemptRecord) -> RollupSums {
        RollupSums(
            input: Int64(attempt.usage.input), output: Int64(attempt.usage.output), cost: attempt.cost.nanoUSD,
            estimated: attempt.status == .exact ? 0 : attempt.cost.nanoUSD)
    }

    static func of(_ adjustment: AdjustmentRecord, add: (RollupKey, RollupSums) -> Void) {
        add(
            RollupKey(
                team: adjustment.team.value, key: adjustment.key.value, model: adjustment.model.value,
                provider: adjustment.provider.value, tags: adjustment.tags.value),
            RollupSums(cost: adjustment.delta.nanoUSD, estimated: adjustment.estimatedDelta.nanoUSD))
    }
}
