public import WeirBase

/// When a breaker opens and for how long.
public struct BreakerSettings: Hashable, Sendable {
    /// So many failures in a row open it. 1 to 64.
    public var consecutiveFailures = 5
    /// So large a share of the recent attempts opens it: failures in a thousand. 1 to 1000.
    public var failurePerMille = 500
    /// How many of the last attempts count as recent. 1 to 64.
    public var windowAttempts = 32
    /// Below so many recent attempts a share says nothing. 1 to `windowAttempts`.
    public var minimumAttempts = 10
    /// After so long without a verdict the recent attempts are forgotten: a night's pause makes old failures worthless.
    public var memory = TimeSpan.seconds(60)
    /// How long it stays open for the first time; each failed probe doubles that.
    public var firstPause = TimeSpan.seconds(1)
    /// The longest that it stays open, jitter included. At least `firstPause`.
    public var longestPause = TimeSpan.seconds(60)
    /// By how much a pause is shortened at random, in thousandths: so that the loops of a process, and the processes of a service, do not all probe
    /// at the same moment. 0 to 999.
    public var jitterPerMille = 250
    /// A probe without a verdict blocks other probes for so long.
    public var probePatience = TimeSpan.seconds(30)
    /// The longest that a provider's Retry-After may set a target aside; what is longer counts as this.
    public var longestSetAside = TimeSpan.seconds(600)

    public init() {}

    /// Whether all settings are within their bounds; `Breaker.init` demands it.
    public var isValid: Bool {
        let counts =
            (1...64).contains(consecutiveFailures) && (1...1_000).contains(failurePerMille)
            && (1...64).contains(windowAttempts) && (1...windowAttempts).contains(minimumAttempts)
        let spans =
            memory > .zero && firstPause > .zero && longestPause >= firstPause && longestPause <= Self.greatestSpan
            && probePatience > .zero && longestSetAside >= .zero
        return counts && spans && (0..<1_000).contains(jitterPerMille)
    }

    /// The longest pause that can be set: a day.
    public static let greatestSpan = TimeSpan.seconds(86_400)

    /// The pause of the `round`th opening in a row, 0 being the first: doubled each time, at most `longestPause`, and shortened by what `random`
    /// says of the jitter.
    func pause(round: Int, random: UInt64) -> TimeSpan {
        var nanoseconds = firstPause.nanoseconds
        for _ in 0..<round where nanoseconds < longestPause.nanoseconds {
            nanoseconds = min(nanoseconds * 2, longestPause.nanoseconds)
        }
        let jitter = nanoseconds / 1_000 * Int64(jitterPerMille)
        guard jitter > 0 else { return .nanoseconds(nanoseconds) }
        return .nanoseconds(nanoseconds - Int64(random.scaled(below: Int(jitter) + 1)))
    }
}
