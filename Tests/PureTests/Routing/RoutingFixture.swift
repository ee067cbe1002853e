import WeirBase
import WeirRouting

/// Where the tests' clock begins.
let dawn = Instant(nanoseconds: 1_000_000_000_000)

/// The tests' only source of chance: the same seed gives the same numbers everywhere.
struct Dice {
    private var count: UInt64

    init(_ seed: UInt64) { count = mixed(seed) }

    mutating func next() -> UInt64 {
        count &+= 1
        return mixed(count)
    }

    /// 0 to `bound - 1`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func chance(perMille: Int) -> Bool { below(1_000) < perMille }

    mutating func span(_ range: ClosedRange<Int>) -> TimeSpan {
        .microseconds(Int64(range.lowerBound + below(range.count)))
    }
}

/// A route of one strategy whose targets are called `a`, `b`, `c`, ...
func plan(
    _ strategy: String, _ count: Int, weights: [Int]? = nil, costs: [Int64]? = nil, conditions: [Int: Condition] = [:],
    canary: Canary? = nil, shadow: Shadow? = nil, seed: UInt64 = 0
) -> RoutePlan {
    let targets = (0..<count).map { index in
        RoutePlan.Target(
            name: name(of: index), weight: weights?[index] ?? 1, cost: Money(nanoUSD: costs?[index] ?? 0),
            condition: conditions[index])
    }
    return RoutePlan(strategy: strategy, targets: targets, canary: canary, shadow: shadow, seed: seed)
}

/// `a` to `z`, then `a1` and so on.
func name(of index: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(index % 26)))
    return index < 26 ? letter : letter + String(index / 26)
}

func share(_ partsPerMillion: Int) -> Share {
    guard let share = Share(partsPerMillion: partsPerMillion) else { preconditionFailure("no share") }
    return share
}

extension TargetOrder {
    /// The targets from the first to the last.
    var list: [Int] { (0..<count).map { self[$0] } }
}

extension Router {
    /// Ends as many attempts at a target as open its breaker.
    mutating func breakTarget(_ target: Int, in route: Int = 0, at now: Instant = dawn) {
        var order = TargetOrder()
        order.append(target)
        for _ in 0..<BreakerSettings().consecutiveFailures {
            var tried = SmallSet()
            if let attempt = start(order, of: route, tried: &tried, at: now) {
                finish(attempt, .failed, at: now, random: 0)
            }
        }
    }

    /// Plays one attempt at a target that takes so long to its first token, and then succeeds.
    mutating func measure(_ target: Int, _ span: TimeSpan, in route: Int = 0, at now: Instant = dawn) {
        var order = TargetOrder()
        order.append(target)
        var tried = SmallSet()
        if var attempt = start(order, of: route, tried: &tried, at: now) {
            firstToken(&attempt, at: now + span)
            finish(attempt, .succeeded, at: now + span, random: 0)
        }
    }
}

extension Router {
    /// Starts an attempt that a test can keep in a list.
    mutating func startBoxed(_ order: TargetOrder, tried: inout SmallSet, in route: Int = 0, at now: Instant) -> Box? {
        guard let attempt = start(order, of: route, tried: &tried, at: now) else { return nil }
        return Box(attempt)
    }

    /// The same at one target.
    mutating func startBoxed(at target: Int, in route: Int = 0, at now: Instant) -> Box? {
        var order = TargetOrder()
        order.append(target)
        var tried = SmallSet()
        return startBoxed(order, tried: &tried, in: route, at: now)
    }
}

/// An attempt that a test keeps in a list.
final class Box {
    private var attempt: Attempt?
    let target: Int
    let permit: Breaker.Permit

    init(_ attempt: consuming Attempt) {
        target = attempt.target
        permit = attempt.permit
        self.attempt = consume attempt
    }

    func firstToken(_ router: inout Router, at now: Instant) {
        guard var attempt = attempt.take() else { return }
        router.firstToken(&attempt, at: now)
        self.attempt = consume attempt
    }

    func setAside(_ router: inout Router, until moment: Instant, at now: Instant) {
        guard let attempt = attempt.take() else { return }
        router.setAside(attempt, until: moment, at: now)
        self.attempt = consume attempt
    }

    func finish(_ router: inout Router, _ ending: Attempt.Ending, at now: Instant, random: UInt64 = 0) {
        guard let attempt = attempt.take() else { return }
        router.finish(attempt, ending, at: now, random: random)
    }
}
