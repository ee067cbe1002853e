public import WeirBase

/// How a route puts its targets in order. One instance serves one route on one loop and may keep what it needs from decision to decision.
///
/// A strategy sees only targets that may be called at once: conditions, canaries and breakers are the router's. A new one is a file in this folder and
/// its line in `Registry.swift`.
public protocol Strategy: AnyObject {
    /// Puts all targets of `choice.ready`, none else, in order: the first choice, then what comes closest to it.
    func order(_ choice: borrowing Choice, into order: inout TargetOrder)
}

/// What a strategy decides by.
public struct Choice: ~Escapable {
    /// The targets that may be called; at least one.
    public let ready: SmallSet
    /// A hash of what the request's prompt cache hangs on: its key, a header. Nil where the request has none.
    public let stickyKey: UInt64?
    /// A random number for this one decision.
    public let random: UInt64
    public let now: Instant
    private let states: Span<TargetState>
    private let slots: Span<Int>

    @_lifetime(copy states, copy slots)
    init(
        ready: SmallSet, stickyKey: UInt64?, random: UInt64, now: Instant, states: Span<TargetState>, slots: Span<Int>
    ) {
        self.ready = ready
        self.stickyKey = stickyKey
        self.random = random
        self.now = now
        self.states = states
        self.slots = slots
    }

    /// The weighed mean of a target's time to first token, in nanoseconds; nil while nothing is known of it.
    public func latency(of target: Int) -> Double? { states[slots[target]].latency.mean }

    /// Whether that is recent enough to go by.
    public func isFresh(_ target: Int) -> Bool { states[slots[target]].latency.isFresh(at: now) }

    /// Attempts under way at a target.
    public func outstanding(at target: Int) -> Int { states[slots[target]].outstanding }
}
