/// Counts of time spans, log-linear as HdrHistogram does it: exact below 128 ns, then 128 steps to each doubling, so a value is off by less
/// than 0.8 %. Recording touches one counter and allocates nothing.
public struct Histogram: Sendable {
    /// Steps to a doubling, as a power of two.
    private static let precisionBits = 7
    /// Longest span told apart: 2^42 ns, over an hour; longer ones count as that.
    private static let rangeBits = 42
    private static let size = (rangeBits - precisionBits + 2) << precisionBits

    private var counts: [UInt64]
    public private(set) var count: UInt64 = 0
    /// Nanoseconds.
    public private(set) var max: Int64 = 0
    private var sum: Int64 = 0

    public init() { counts = Array(repeating: 0, count: Histogram.size) }

    /// Records a span in nanoseconds; a negative one counts as 0.
    public mutating func record(_ nanoseconds: Int64) {
        let value = Swift.max(0, nanoseconds)
        counts[Self.slot(of: value)] &+= 1
        count &+= 1
        sum &+= value
        if value > max { max = value }
    }

    public mutating func merge(_ other: Histogram) {
        for slot in counts.indices { counts[slot] &+= other.counts[slot] }
        count &+= other.count
        sum &+= other.sum
        max = Swift.max(max, other.max)
    }

    /// Nanoseconds; 0 without any record.
    public var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

    /// The span below or at which the share `quantile` (0 to 1) of all records lies, in nanoseconds; the upper end of its step, at most `max`.
    public func value(at quantile: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let wanted = Swift.max(1, UInt64((quantile * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for slot in counts.indices {
            seen &+= counts[slot]
            if seen >= wanted { return min(max, Self.highest(in: slot)) }
        }
        return max
    }

    private static func slot(of value: Int64) -> Int {
        let bounded = min(value, (1 << Int64(rangeBits)) - 1)
        let shift = Swift.max(0, 64 - bounded.leadingZeroBitCount - precisionBits - 1)
        return shift << precisionBits + Int(bounded >> Int64(shift))
    }

    private static func highest(in slot: Int) -> Int64 {
        let shift = Swift.max(0, slot >> precisionBits - 1)
        let step = Int64(slot - shift << precisionBits)
        return (step + 1) << Int64(shift) - 1
    }
}
