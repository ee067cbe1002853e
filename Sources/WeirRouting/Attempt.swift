public import WeirBase

/// One call of a target that is under way. It ends exactly once, in `Router.finish`, on every path that a request can take.
public struct Attempt: ~Copyable, Sendable {
    /// How it ended.
    public enum Ending: Sendable {
        /// With an answer, or by the client's own fault.
        case succeeded
        /// By the target's fault: no connection, no answer in time, a status that speaks of its health.
        case failed
        /// Before that could be said: the client left, or another attempt was faster.
        case abandoned
    }

    /// Index of the target in its route.
    public let target: Int
    public let began: Instant
    /// Whether the breaker waits for its verdict, or was passed because there was no other target.
    public let permit: Breaker.Permit
    let slot: Int
    let generation: UInt32
    /// Whether the breaker has heard of it.
    var hasVerdict = false
    private var isOpen = true

    init(target: Int, began: Instant, permit: Breaker.Permit, slot: Int, generation: UInt32) {
        self.target = target
        self.began = began
        self.permit = permit
        self.slot = slot
        self.generation = generation
    }

    deinit { assert(!isOpen, "an attempt left the pipeline without finish") }

    mutating func close() { isOpen = false }
}
