public import WeirBase

/// How long to wait before the same target is called again: doubled from retry to retry up to a bound, and then drawn at random from nothing up to that
/// ("full jitter": of all forms it makes the fewest calls collide). A provider that says how long to wait is waited for.
public struct Backoff: Hashable, Sendable {
    /// The longest wait before the first retry. Positive.
    public let first: TimeSpan
    /// The longest wait before any. At least `first`, at most a day.
    public let longest: TimeSpan
    /// A request does not wait longer than this for what Retry-After says. Not negative.
    public let patience: TimeSpan

    /// - Precondition: all are within their bounds.
    public init(
        first: TimeSpan = .milliseconds(250), longest: TimeSpan = .seconds(8), patience: TimeSpan = .seconds(10)
    ) {
        precondition(first > .zero && longest >= first && longest <= .seconds(86_400) && patience >= .zero)
        self.first = first
        self.longest = longest
        self.patience = patience
    }

    /// How long to wait before a retry, 0 being the first one. With `retryAfter` at least so long, and at most `first` longer, since everybody
    /// else was told the same moment.
    /// - Returns: nil if the provider wants more patience than there is.
    /// - Precondition: `retry` is not negative.
    public func wait(before retry: Int, retryAfter: TimeSpan? = nil, random: UInt64) -> TimeSpan? {
        precondition(retry >= 0)
        if let retryAfter, retryAfter > .zero {
            guard retryAfter <= patience else { return nil }
            return retryAfter + draw(upTo: first, random)
        }
        var bound = first.nanoseconds
        for _ in 0..<retry {
            guard bound < longest.nanoseconds else { break }
            bound *= 2
        }
        return draw(upTo: min(.nanoseconds(bound), longest), random)
    }

    private func draw(upTo bound: TimeSpan, _ random: UInt64) -> TimeSpan {
        .nanoseconds(Int64(random.scaled(below: Int(bound.nanoseconds) + 1)))
    }
}
