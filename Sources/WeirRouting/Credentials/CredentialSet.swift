public import WeirBase

/// The credentials of a provider as one loop uses them: each in its turn by weight, except those that are set aside because their quota is used up or the
/// provider refused them.
public struct CredentialSet: Sendable {
    /// One of the set.
    public struct Credential: Hashable, Sendable {
        /// What it is known by when the configuration changes: a hash of its source or its secret.
        public let id: UInt64
        /// Its share, relative to the others'. 0 to 1,000,000; 0 only stands in for others.
        public let weight: Int

        public init(id: UInt64, weight: Int = 1) {
            self.id = id
            self.weight = weight
        }
    }

    /// Why a credential is set aside.
    public enum Reason: Hashable, Sendable {
        /// Its quota or its rate is used up.
        case exhausted
        /// The provider does not accept it (401, 403).
        case refused
    }

    /// Whether a credential is in use.
    public enum Standing: Hashable, Sendable {
        case usable
        case setAside(Reason, until: Instant)
    }

    private struct State {
        var until = Instant.past
        var reason = Reason.exhausted
    }

    /// In the order of the configuration.
    public private(set) var credentials: [Credential]
    private var states: [State]
    private var wheel: SmoothWheel

    /// `seed` says with which one the round begins: it differs from loop to loop.
    /// - Throws: `badCredentialCount` unless there are 1 to 64, `badWeight`, `duplicate` where two have the same id.
    public init(_ credentials: [Credential], seed: UInt64 = 0) throws(RoutingError) {
        guard (1...SmallSet.limit).contains(credentials.count) else { throw .badCredentialCount(credentials.count) }
        var ids = Set<UInt64>()
        for credential in credentials {
            guard (0...SmoothWheel.greatestWeight).contains(credential.weight) else {
                throw .badWeight(credential.weight)
            }
            guard ids.insert(credential.id).inserted else { throw .duplicate(String(credential.id, radix: 16)) }
        }
        self.credentials = credentials
        states = Array(repeating: State(), count: credentials.count)
        wheel = SmoothWheel(credentials.map(\.weight))
        wheel.turn(by: seed)
    }

    /// Another set in place of this one. Credentials that stay keep their state: what is set aside remains so.
    /// - Throws: as `init`; then nothing has changed.
    public mutating func replace(with credentials: [Credential], seed: UInt64 = 0) throws(RoutingError) {
        var other = try CredentialSet(credentials, seed: seed)
        for (index, credential) in credentials.enumerated() {
            if let old = self.index(of: credential.id) { other.states[index] = states[old] }
        }
        self = other
    }

    /// Picks the credential for an attempt, besides those that the request has tried.
    /// - Returns: its index; nil if none is usable.
    public mutating func pick(besides tried: SmallSet = SmallSet(), at now: Instant) -> Int? {
        wheel.pick(from: usable(at: now).subtracting(tried))
    }

    /// Those that are not set aside.
    public func usable(at now: Instant) -> SmallSet {
        var usable = SmallSet()
        for index in states.indices where states[index].until <= now { usable.insert(index) }
        return usable
    }

    /// Sets a credential aside until a moment; an earlier one than that in force changes nothing. One that is no longer in the set is ignored.
    public mutating func setAside(_ id: UInt64, _ reason: Reason, until: Instant) {
        guard let index = index(of: id), until > states[index].until else { return }
        states[index] = State(until: until, reason: reason)
    }

    /// Takes a credential back at once: somebody has raised its quota or repaired it. One that is not in the set is ignored.
    public mutating func restore(_ id: UInt64) {
        if let index = index(of: id) { states[index] = State() }
    }

    /// How a credential stands.
    /// - Precondition: `index` is one of `credentials`.
    public func standing(of index: Int, at now: Instant) -> Standing {
        let state = states[index]
        return state.until <= now ? .usable : .setAside(state.reason, until: state.until)
    }

    /// When the first of those that are set aside comes back; nil while one is usable.
    public func firstReturn(at now: Instant) -> Instant? {
        var first = Instant.never
        for state in states {
            guard state.until > now else { return nil }
            first = min(first, state.until)
        }
        return first
    }

    private func index(of id: UInt64) -> Int? { credentials.firstIndex { $0.id == id } }
}
