public import WeirBase

/// Keeps a failing target out of rotation and lets it back when it works again. Pure: the caller brings time and chance.
///
/// - Closed: all attempts are admitted. It opens after some failures in a row, or when failures are a large share of the recent attempts.
/// - Open: none is admitted until the pause is over.
/// - Probing: the first attempt after the pause is the probe, and all others are refused until it has a verdict. Success closes the breaker;
///   failure opens it again for twice as long. A probe that never gets a verdict gives way to another one after some time.
///
/// What counts as a failure is the caller's decision. A verdict counts once it is known, which is at an answer's first byte and not at its end. One
/// on an attempt that began before the breaker opened changes nothing: it tells of the past.
///
/// Beside that, a target can be set aside until a moment that its provider named (Retry-After). That is no failure and needs no probe.
public struct Breaker: Sendable {
    private enum State {
        case closed
        case open(until: Instant)
        /// Another probe may start at `until`.
        case probing(until: Instant)
    }

    /// Whether attempts may start.
    public enum Availability: Hashable, Sendable {
        case ready
        /// One attempt may start, and will be the probe.
        case probe
        /// None may, at the earliest until then.
        case shut(until: Instant)
    }

    /// What an attempt was admitted as. It goes back with the verdict.
    public struct Permit: Hashable, Sendable {
        /// `forced` past an open breaker, because there is no other target.
        public enum Kind: Sendable { case regular, probe, forced }
        public let kind: Kind
        fileprivate let era: UInt32
    }

    private var settings: BreakerSettings
    private var state = State.closed
    /// How often it has opened: tells verdicts on earlier attempts.
    private var era: UInt32 = 0
    /// Openings in a row without a time of health between them.
    private var round = 0
    /// The recent attempts, the last one in the lowest bit, 1 being a failure.
    private var history: UInt64 = 0
    private var attempts = 0
    private var lastVerdict = Instant.past
    private var asideUntil = Instant.past

    /// - Precondition: the settings are valid.
    public init(_ settings: BreakerSettings = BreakerSettings()) {
        precondition(settings.isValid, "settings of a breaker out of bounds")
        self.settings = settings
    }

    /// The same under other settings: a pause that has begun stays as it is.
    /// - Precondition: the settings are valid.
    func with(_ settings: BreakerSettings) -> Breaker {
        precondition(settings.isValid, "settings of a breaker out of bounds")
        var other = self
        other.settings = settings
        return other
    }

    /// Whether an attempt may start at `now`, told without starting one.
    public func availability(at now: Instant) -> Availability {
        switch state {
        case .closed: return now < asideUntil ? .shut(until: asideUntil) : .ready
        case .open(let until), .probing(let until):
            let reopening = max(until, asideUntil)
            return now < reopening ? .shut(until: reopening) : .probe
        }
    }

    /// Starts an attempt, if one may start at `now`. While one attempt probes, all others are refused.
    /// - Returns: nil if none may start.
    public mutating func admit(at now: Instant) -> Permit? {
        switch availability(at: now) {
        case .shut: return nil
        case .ready: return Permit(kind: .regular, era: era)
        case .probe:
            state = .probing(until: now + settings.probePatience)
            return Permit(kind: .probe, era: era)
        }
    }

    /// Starts an attempt whatever the state, for a request that has no other target left.
    public mutating func force(at now: Instant) -> Permit {
        if let permit = admit(at: now) { return permit }
        return Permit(kind: .forced, era: era)
    }

    /// The attempt got an answer that is the target's success, or the client's own fault.
    public mutating func succeeded(_ permit: Permit, at now: Instant) {
        guard permit.era == era else { return }
        switch state {
        case .closed: note(failure: false, at: now)
        case .open, .probing:
            // A forced attempt that succeeds tells the same as a probe.
            state = .closed
            (history, attempts) = (0, 0)
            note(failure: false, at: now)
        }
    }

    /// The attempt failed by the target's fault. `random` draws the jitter of the pause that may follow.
    public mutating func failed(_ permit: Permit, at now: Instant, random: UInt64) {
        guard permit.era == era else { return }
        switch (state, permit.kind) {
        case (.closed, _):
            note(failure: true, at: now)
            if isFailing { open(at: now, random) }
        case (.open, .probe), (.probing, .probe): open(at: now, random)
        // Requests without another target would keep it shut ever longer, each by its failure.
        case (.open, _), (.probing, _): break
        }
    }

    /// The attempt ended before anybody could say whether the target works: the client left, or another attempt was faster.
    public mutating func abandoned(_ permit: Permit, at now: Instant) {
        guard permit.era == era, permit.kind == .probe, case .probing = state else { return }
        state = .open(until: now)
    }

    /// Sets the target aside until a moment that its provider named; an earlier moment than the one in force changes nothing.
    public mutating func setAside(until moment: Instant, at now: Instant) {
        asideUntil = max(asideUntil, min(moment, now + settings.longestSetAside))
    }

    private mutating func note(failure: Bool, at now: Instant) {
        if lastVerdict == .past || now > lastVerdict + settings.memory { (history, attempts) = (0, 0) }
        lastVerdict = now
        history = history << 1 | (failure ? 1 : 0)
        attempts = min(attempts + 1, 64)
        // As many successes in a row as failures open it: it is well again, and its next pause is a first one.
        if attempts >= settings.consecutiveFailures, history.trailingZeroBitCount >= settings.consecutiveFailures {
            round = 0
        }
    }

    private var isFailing: Bool {
        if (~history).trailingZeroBitCount >= settings.consecutiveFailures { return true }
        let count = min(attempts, settings.windowAttempts)
        guard count >= settings.minimumAttempts else { return false }
        let failures = (history & SmallSet(first: count).bits).nonzeroBitCount
        return failures * 1_000 >= count * settings.failurePerMille
    }

    private mutating func open(at now: Instant, _ random: UInt64) {
        state = .open(until: now + settings.pause(round: round, random: random))
        era &+= 1
        round = min(round + 1, 64)
        (history, attempts) = (0, 0)
    }
}
