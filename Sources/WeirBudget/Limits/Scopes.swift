public import WeirBase

/// All that bounds the requests of one key: limits and budgets of the key, its team and its tags, made once and used for each of them.
///
/// Admission is one decision about all of them: it enters every one in an order that is the same everywhere, looks, and takes all or nothing. So
/// with room for exactly k requests exactly k of any number are admitted, whatever other scopes they have, and nobody is refused because of
/// something that is about to be given back.
public final class Scopes: Sendable {
    private let places: [ConcurrencyLimit]
    private let rates: [RateLimit]
    let budgets: [Budget]
    let chain: DecisionLink?

    /// Limits of each kind for one request.
    public static let limit = 16

    /// What is named twice counts once.
    /// - Throws: `tooMany` if there are more than `limit` of a kind.
    public init(
        concurrency: [ConcurrencyLimit] = [], rates: [RateLimit] = [], budgets: [Budget] = []
    ) throws(ScopesError) {
        places = inOrder(concurrency)
        self.rates = inOrder(rates)
        self.budgets = inOrder(budgets)
        guard max(places.count, self.rates.count, self.budgets.count) <= Self.limit else { throw .tooMany }

        // Places before rates before budgets, each kind in the order of `inOrder`: the one order in which all decisions enter.
        var chain: DecisionLink?
        for (place, budget) in self.budgets.enumerated().reversed() {
            chain = BudgetLink(budget, at: place, next: chain)
        }
        for rate in self.rates.reversed() { chain = RateLink(rate, next: chain) }
        for place in places.reversed() { chain = ConcurrencyLink(place, next: chain) }
        self.chain = chain
    }

    /// These and the limits and budgets of tags that one request brings.
    public func adding(
        concurrency: [ConcurrencyLimit] = [], rates: [RateLimit] = [], budgets: [Budget] = []
    ) throws(ScopesError) -> Scopes {
        try Scopes(
            concurrency: places + concurrency, rates: self.rates + rates, budgets: self.budgets + budgets)
    }

    /// Takes a place, the rates and a hold for one request, all or none of them; a refused request consumed nothing.
    ///
    /// `pause` is called when another loop has lost its processor in the midst of a decision; it should give up this one's.
    /// - Parameters:
    ///   - cost: the most that the request may cost.
    ///   - tokens: the most that it may use, input and output; what it does not use is given back.
    /// - Precondition: neither is negative.
    public func admit(
        cost: Money, tokens: Int, now: Instant, wallTime: WallTime, pause: () -> Void
    ) throws(AdmissionRefusal) -> Admitted {
        precondition(cost >= .zero && tokens >= 0)
        let claim = Claim(cost: cost.nanoUSD, tokens: Int64(tokens), now: now, wallTime: wallTime)
        var windows = WindowIndices()
        try chain?.look(claim)
        try chain?.take(claim, &windows, pause)
        return Admitted(self, claim, in: windows)
    }

    /// What a request may cost at most to fit into all budgets now; `Money.greatest` without a budget.
    public func room(wallTime: WallTime, pause: () -> Void) -> Money {
        budgets.reduce(.greatest) { min($0, $1.status(now: wallTime, pause: pause).left) }
    }

    /// The figures of the request rate and the token rate that have the smallest share left.
    public func rateStatus(now: Instant) -> RateStatuses {
        var statuses = RateStatuses()
        chain?.tell(now, &statuses)
        return statuses
    }
}

/// Which window each of a request's budgets held in: 4 bits each.
struct WindowIndices {
    private var bits: UInt64 = 0

    subscript(budget: Int) -> Int {
        @inline(__always) get { Int(bits &>> UInt64(4 * budget) & 0xF) }
        @inline(__always) set { bits |= UInt64(newValue) &<< UInt64(4 * budget) }
    }
}

/// Sorted by identity, each once.
private func inOrder<Limit: AnyObject>(_ limits: [Limit]) -> [Limit] {
    var ordered: [Limit] = []
    for limit in limits.sorted(by: { ObjectIdentifier($0) < ObjectIdentifier($1) }) where ordered.last !== limit {
        ordered.append(limit)
    }
    return ordered
}

public enum ScopesError: Error, Equatable, Sendable {
    /// More than `Scopes.limit` budgets, rates or concurrency limits.
    case tooMany
}

/// Why a request was not admitted.
public enum AdmissionRefusal: Error, Hashable, Sendable {
    case concurrency(scope: Scope, limit: Int)
    case rate(RateRefusal)
    case budget(BudgetRefusal)
}
