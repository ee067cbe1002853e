import WeirBase
import WeirConfig
import WeirLoop

/// How long an answer's head may be waited for. The provider's `first_byte` counts from when the system had taken all of the request: sending a
/// large one over a slow link is no fault of the provider's. While it is being sent, `idle` bounds the time in which nothing of it gets on.
struct HeadPatience {
    private let timeouts: Policy.Timeouts
    /// When all of the answer must have come.
    private let last: Instant
    /// When the request was written.
    private let begin: Instant

    init(_ timeouts: Policy.Timeouts, until last: Instant, from begin: Instant) {
        self.timeouts = timeouts
        self.last = last
        self.begin = begin
    }

    /// When to look first. Nothing is sent yet; mostly all of it will be at once, and then nobody looks at the sending again.
    var firstDeadline: Instant { min(last, begin + min(timeouts.firstByte, timeouts.idle)) }

    /// The deadline as far as the sending has got.
    func deadline(of connection: Connection) -> Instant {
        let isSent = connection.unsentCount == 0
        return min(last, max(begin, connection.lastSent) + (isSent ? timeouts.firstByte : timeouts.idle))
    }
}
