public import WeirBase

/// How long a target takes to its first token: a mean in which older measurements weigh less, and the time that most answers keep to.
///
/// The mean halves a measurement's weight in each half-life, by time and not by number, so that a busy target's mean is not more nervous than that of
/// an idle one; measurements of the same moment weigh the same.
public struct LatencyEstimate: Sendable {
    private var halfLife: TimeSpan
    /// Measurements and their sum in nanoseconds, weighed by age as of `updated`.
    private var weight = 0.0
    private var sum = 0.0
    private var updated = Instant.past
    private var histogram: LatencyHistogram

    /// - Precondition: `halfLife` is positive.
    public init(halfLife: TimeSpan = .seconds(10)) {
        precondition(halfLife > .zero)
        self.halfLife = halfLife
        histogram = LatencyHistogram()
    }

    /// The same with another half-life from now on.
    /// - Precondition: `halfLife` is positive.
    func with(halfLife: TimeSpan) -> LatencyEstimate {
        precondition(halfLife > .zero)
        var other = self
        other.halfLife = halfLife
        return other
    }

    /// Whether something was measured within the last three half-lives.
    public func isFresh(at now: Instant) -> Bool {
        updated != .past && Double((now - updated).nanoseconds) < Self.halfLives * Double(halfLife.nanoseconds)
    }

    private static let halfLives = 3.0

    /// The weighed mean in nanoseconds, stale or not; nil before anything was measured.
    public var mean: Double? { weight > 0 ? sum / weight : nil }

    /// Notes one time to first token. Negative ones count as none at all.
    public mutating func record(_ span: TimeSpan, at now: Instant) {
        let span = max(span, .zero)
        fade(to: now)
        weight += 1
        sum += Double(span.nanoseconds)
        histogram.record(span)
    }

    /// Notes that there was no token after `span`, of an attempt that was given up then. It counts if it is longer than the mean: otherwise a target
    /// that is always overtaken would never be known as slow.
    public mutating func recordAtLeast(_ span: TimeSpan, at now: Instant) {
        guard Double(span.nanoseconds) > mean ?? 0 else { return }
        record(span, at: now)
    }

    /// The time within which 95 of 100 answers begin: never below that of the measurements, and at most an eighth above it.
    /// - Returns: nil with fewer than `count` measurements in memory.
    public func p95(ofAtLeast count: Int) -> TimeSpan? { histogram.quantile(perMille: 950, ofAtLeast: count) }

    private mutating func fade(to now: Instant) {
        defer { updated = max(updated, now) }
        guard isFresh(at: now) else { return (weight, sum) = (0, 0) }
        guard now > updated else { return }
        let share = powerOfHalf(Double((now - updated).nanoseconds) / Double(halfLife.nanoseconds))
        (weight, sum) = (weight * share, sum * share)
    }
}
