import WeirBase
import WeirLedger

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
    /// attempts (the one rounding) is the last one's.
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
        key.provider = (last ?? earlier.last)?.provider.value ?? hold.provider.value
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
