import WeirBase

/// What was counted: by one loop while it runs, then by all.
public struct LoadTally: Sendable {
    /// Answers that ended within the window.
    public var requests = 0
    /// Events of streams that came within the window.
    public var events = 0
    public var receivedBytes: UInt64 = 0
    /// Connections opened over the whole run.
    public var connects = 0
    /// Wrong answers of the whole run, by kind.
    public var errors: [AnswerError.Kind: Int] = [:]
    /// The first of each kind.
    public var examples: [AnswerError.Kind: String] = [:]
    /// From the request, or from its scheduled time, to the end of the answer.
    public var latency = Histogram()
    /// To the first event of a stream.
    public var firstEvent = Histogram()
    /// From one event of a stream to the next; events that came in one read are 0 apart.
    public var gap = Histogram()

    public init() {}

    public var errorCount: Int { errors.values.reduce(0, +) }

    mutating func count(_ error: AnswerError) {
        errors[error.kind, default: 0] += 1
        if examples[error.kind] == nil { examples[error.kind] = error.detail }
    }

    mutating func merge(_ other: LoadTally) {
        requests += other.requests
        events += other.events
        receivedBytes += other.receivedBytes
        connects += other.connects
        errors.merge(other.errors) { $0 + $1 }
        examples.merge(other.examples) { first, _ in first }
        latency.merge(other.latency)
        firstEvent.merge(other.firstEvent)
        gap.merge(other.gap)
    }
}
