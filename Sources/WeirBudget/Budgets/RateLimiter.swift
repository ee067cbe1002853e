internal import Synchronization
public import WeirBase

/// A rate per minute as one word shared by all loops: the generic cell rate algorithm. The word is the moment at which all that was taken would be
/// earned again; a minute's amount may be taken at once.
public final class RateLimiter: Sendable {
    public let perMinute: Int
    private static let minute: Int64 = 60_000_000_000
    /// Monotonic nanoseconds.
    private let fullAt = Atomic<Int64>(.min)

    /// - Parameter perMinute: 1 to 10^9.
    public init(perMinute: Int) {
        precondition((1...1_000_000_000).contains(perMinute))
        self.perMinute = perMinute
    }

    /// The time that `count` takes to be earned, rounded up.
    private func span(_ count: Int) -> Int64 {
        let (high, low) = Int64(count).multipliedFullWidth(by: RateLimiter.minute)
        let (whole, rest) = Int64(perMinute).dividingFullWidth((high, low))
        return rest == 0 ? whole : whole + 1
    }

    /// Takes `count` if there is so much.
    /// - Returns: nil if it was taken; else how long it lasts until there may be so much, `.max` if never.
    func take(_ count: Int, at now: Instant) -> TimeSpan? {
        guard count <= perMinute else { return TimeSpan(nanoseconds: .max) }
        let span = span(count)
        var standing = fullAt.load(ordering: .relaxed)
        while true {
            let wanted = max(standing, now.nanoseconds) + span
            let excess = wanted - now.nanoseconds - RateLimiter.minute
            guard excess <= 0 else { return TimeSpan(nanoseconds: excess) }
            let result = fullAt.weakCompareExchange(expected: standing, desired: wanted, ordering: .relaxed)
            if result.exchanged { return nil }
            standing = result.original
        }
    }

    /// Gives back what was taken and not used; a negative count takes more, beyond the limit if need be.
    func giveBack(_ count: Int) {
        guard count != 0 else { return }
        let span = span(Int(min(count.magnitude, 1_000_000_000)))
        if count > 0 { fullAt.subtract(span, ordering: .relaxed) } else { fullAt.add(span, ordering: .relaxed) }
    }

    /// What may be taken at once now, and how long it lasts until all may.
    public func standing(at now: Instant) -> (remaining: Int, reset: TimeSpan) {
        let owed = max(fullAt.load(ordering: .relaxed), now.nanoseconds) - now.nanoseconds
        let free = max(0, RateLimiter.minute - owed)
        let (high, low) = free.multipliedFullWidth(by: Int64(perMinute))
        return (Int(RateLimiter.minute.dividingFullWidth((high, low)).quotient), TimeSpan(nanoseconds: owed))
    }
}

/// A number of requests under way, shared by all loops.
public final class Concurrency: Sendable {
    public let limit: Int
    private let count = Atomic<Int>(0)

    public init(limit: Int) { self.limit = limit }

    func take() -> Bool {
        var standing = count.load(ordering: .relaxed)
        while standing < limit {
            let result = count.weakCompareExchange(expected: standing, desired: standing + 1, ordering: .relaxed)
            if result.exchanged { return true }
            standing = result.original
        }
        return false
    }

    func giveBack() { count.subtract(1, ordering: .relaxed) }

    /// Requests under way.
    public var current: Int { count.load(ordering: .relaxed) }
}
