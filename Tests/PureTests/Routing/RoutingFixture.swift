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
