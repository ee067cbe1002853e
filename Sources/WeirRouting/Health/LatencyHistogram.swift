public import WeirBase

/// Times to first token, counted in buckets whose width is an eighth of an octave's beginning: from 128 microseconds to 71 minutes, what lies outside
/// in the first and the last one. 400 bytes, whatever is recorded. At 1,024 measurements all counts are halved, so that the last few hundred decide.
public struct LatencyHistogram: Sendable {
    private static let octaves = 25
    private static let lowestBits = 7
    /// After so many the counts are halved.
    public static let capacity = 1_024

    private var counts = InlineArray<200, UInt16>(repeating: 0)
    /// Measurements in memory.
    public private(set) var total = 0

    public init() {}

    /// Counts one time; negative ones as none at all.
    public mutating func record(_ span: TimeSpan) {
        if total == Self.capacity { halve() }
        counts[Self.bucket(of: span)] += 1
        total += 1
    }

    /// The upper edge of the bucket in which so many thousandths of all measurements are reached.
    /// - Returns: nil with fewer than `count` measurements, or none.
    /// - Precondition: `perMille` is 1 to 1000.
    public func quantile(perMille: Int, ofAtLeast count: Int) -> TimeSpan? {
        precondition((1...1_000).contains(perMille))
        guard total > 0, total >= count else { return nil }
        let rank = (total * perMille + 999) / 1_000
        var seen = 0
        for bucket in counts.indices {
            seen += Int(counts[bucket])
            if seen >= rank { return Self.upperEdge(of: bucket) }
        }
        preconditionFailure("a histogram's total is not that of its buckets")
    }

    private mutating func halve() {
        total = 0
        for bucket in counts.indices {
            counts[bucket] /= 2
            total += Int(counts[bucket])
        }
    }

    private static func bucket(of span: TimeSpan) -> Int {
        let microseconds = UInt64(max(span.microseconds, 0))
        guard microseconds >> UInt64(lowestBits) > 0 else { return 0 }
        let octave = 63 - microseconds.leadingZeroBitCount
        guard octave < lowestBits + octaves else { return octaves * 8 - 1 }
        let eighth = Int(microseconds >> UInt64(octave - 3)) & 7
        return (octave - lowestBits) * 8 + eighth
    }

    private static func upperEdge(of bucket: Int) -> TimeSpan {
        let width = Int64(1) << Int64(bucket / 8 + lowestBits - 3)
        return .microseconds(width * Int64(bucket % 8 + 9))
    }
}
