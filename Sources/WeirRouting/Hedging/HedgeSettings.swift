public import WeirBase

/// When a second attempt is started beside one that keeps its client waiting.
public struct HedgeSettings: Hashable, Sendable {
    /// No attempt is hedged sooner than this. Not negative.
    public var shortestWait = TimeSpan.milliseconds(200)
    /// With fewer measurements of a target nobody can say that an attempt is late. At least 1, at most `LatencyHistogram.capacity / 2`.
    public var minimumSamples = 50
    /// What hedges may cost: thousandths of what all other attempts have cost in the window. 0 to 1000.
    public var extraPerMille = 30
    /// Over how long the two are compared. A second to a year.
    public var window = TimeSpan.seconds(3_600)

    public init() {}

    /// Whether all settings are within their bounds; `HedgeBudget.init` demands it.
    public var isValid: Bool {
        shortestWait >= .zero && (1...LatencyHistogram.capacity / 2).contains(minimumSamples)
            && (0...1_000).contains(extraPerMille) && window >= .seconds(1) && window <= .seconds(366 * 86_400)
    }

    /// How long an attempt waits for its first token before another one is started: as long as 95 of 100 take.
    /// - Returns: nil where too little is known of the target.
    public func wait(for latency: LatencyEstimate) -> TimeSpan? {
        latency.p95(ofAtLeast: minimumSamples).map { max($0, shortestWait) }
    }
}
