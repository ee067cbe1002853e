public import WeirBase

/// How many retries there may be in all, so that a provider in trouble gets fewer requests and not several times as many.
///
/// A bucket of tokens: each request puts a part of a token in, and so does each second; a retry takes a whole one. In any stretch of time there are at
/// most `capacity` retries, plus the share of its requests, plus the minimum for its seconds. Exact: tokens are counted in billionths.
public struct RetryBudget: Sendable {
    /// Retries in a thousand requests. 0 to 1000.
    public let perMille: Int
    /// Retries a second that are allowed whatever the number of requests. 0 to 1,000,000.
    public let perSecond: Int
    /// The most retries that can be saved up. 1 to 1,000,000.
    public let capacity: Int

    /// In billionths of a retry.
    private var balance: Int64
    private var filled: Instant

    private static let unit: Int64 = 1_000_000_000

    /// A full bucket.
    /// - Precondition: all are within their bounds.
    public init(perMille: Int = 200, perSecond: Int = 1, capacity: Int = 10, now: Instant) {
        precondition((0...1_000).contains(perMille) && (0...1_000_000).contains(perSecond))
        precondition((1...1_000_000).contains(capacity))
        self.perMille = perMille
        self.perSecond = perSecond
        self.capacity = capacity
        balance = Int64(capacity) * Self.unit
        filled = now
    }

    /// Retries that could be made at `now`.
    public func available(at now: Instant) -> Int {
        var filled = self
        filled.fill(to: now)
        return Int(filled.balance / Self.unit)
    }

    /// Counts a request: its first attempt, not its retries.
    public mutating func noteRequest() {
        add(Int64(perMille) * (Self.unit / 1_000))
    }

    /// Takes a retry out.
    /// - Returns: false if there is none; then nothing has changed.
    public mutating func takeRetry(at now: Instant) -> Bool {
        fill(to: now)
        guard balance >= Self.unit else { return false }
        balance -= Self.unit
        return true
    }

    private mutating func fill(to now: Instant) {
        guard now > filled else { return }
        // In a nanosecond each retry a second becomes a billionth. What is more than the bucket holds is not multiplied.
        let enough = Int64(capacity) * Self.unit / Int64(max(perSecond, 1)) + 1
        let (passed, overflow) = now.nanoseconds.subtractingReportingOverflow(filled.nanoseconds)
        add((overflow ? enough : min(passed, enough)) * Int64(perSecond))
        filled = now
    }

    private mutating func add(_ amount: Int64) { balance = min(balance + amount, Int64(capacity) * Self.unit) }
}
