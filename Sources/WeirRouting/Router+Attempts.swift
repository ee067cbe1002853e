public import WeirBase

// From an order to an answer: attempts begin, are measured and end.
extension Router {
    /// Starts an attempt at the first target of the order that was not tried and whose breaker admits it. Where none does, and the request has not tried
    /// anything, the one that comes back first is called all the same: a refusal without a try helps nobody.
    /// - Returns: nil if there is nothing left to try. `tried` learns which one was taken.
    public mutating func start(
        _ order: TargetOrder, of route: Int, tried: inout SmallSet, at now: Instant
    ) -> Attempt? {
        var best: Int?
        for place in 0..<order.count where !tried.contains(order[place]) {
            let target = order[place]
            let slot = routes[route].slots[target]
            if let permit = states[slot].breaker.admit(at: now) {
                return begin(target, slot, permit, &tried, now)
            }
            if let other = best, reopening(routes[route].slots[other], now) <= reopening(slot, now) { continue }
            best = target
        }
        guard tried.isEmpty, let best else { return nil }
        let slot = routes[route].slots[best]
        return begin(best, slot, states[slot].breaker.force(at: now), &tried, now)
    }

    /// Whether `start` would find another target at `now`, told without starting an attempt: while one is left, an answer that fails before its first
    /// content can still be replaced.
    public func hasNext(_ order: TargetOrder, of route: Int, tried: SmallSet, at now: Instant) -> Bool {
        var rest = order.members.subtracting(tried)
        guard !tried.isEmpty else { return !rest.isEmpty }
        while let target = rest.popFirst() {
            if case .shut = availability(routes[route].slots[target], now) { continue }
            return true
        }
        return false
    }

    /// Starts an attempt at a route's shadow, unless its breaker is open.
    public mutating func startShadow(of route: Int, at now: Instant) -> Attempt? {
        guard let target = routes[route].shadow?.target else { return nil }
        let slot = routes[route].slots[target]
        guard let permit = states[slot].breaker.admit(at: now) else { return nil }
        var tried = SmallSet()
        return begin(target, slot, permit, &tried, now)
    }

    private mutating func begin(
        _ target: Int, _ slot: Int, _ permit: Breaker.Permit, _ tried: inout SmallSet, _ now: Instant
    ) -> Attempt {
        tried.insert(target)
        states[slot].outstanding += 1
        return Attempt(target: target, began: now, permit: permit, slot: slot, generation: generation)
    }

    /// The answer has begun: the breaker hears of it, and how long it took is measured. The second time it says nothing.
    public mutating func firstToken(_ attempt: inout Attempt, at now: Instant) {
        guard attempt.generation == generation, !attempt.hasVerdict else { return }
        attempt.hasVerdict = true
        states[attempt.slot].breaker.succeeded(attempt.permit, at: now)
        states[attempt.slot].latency.record(now - attempt.began, at: now)
    }

    /// How long the attempt waits for its first token before another one is started beside it; nil where too little is known of its target.
    public func hedgeWait(_ attempt: borrowing Attempt, _ settings: HedgeSettings) -> TimeSpan? {
        guard attempt.generation == generation else { return nil }
        return settings.wait(for: states[attempt.slot].latency)
    }

    /// Sets the target aside until a moment that its provider named (Retry-After). How the attempt ended is said by `finish`.
    public mutating func setAside(_ attempt: borrowing Attempt, until moment: Instant, at now: Instant) {
        guard attempt.generation == generation else { return }
        states[attempt.slot].breaker.setAside(until: moment, at: now)
    }

    /// Ends an attempt. One of another router changes nothing. `random` draws the jitter of a pause that may follow.
    public mutating func finish(
        _ attempt: consuming Attempt, _ ending: Attempt.Ending, at now: Instant, random: UInt64
    ) {
        attempt.close()
        guard attempt.generation == generation else { return }
        let slot = attempt.slot
        assert(states[slot].outstanding > 0, "more attempts ended than began")
        states[slot].outstanding -= 1
        switch ending {
        case .succeeded where !attempt.hasVerdict: states[slot].breaker.succeeded(attempt.permit, at: now)
        case .failed: states[slot].breaker.failed(attempt.permit, at: now, random: random)
        case .abandoned where !attempt.hasVerdict:
            states[slot].breaker.abandoned(attempt.permit, at: now)
            states[slot].latency.recordAtLeast(now - attempt.began, at: now)
        case .succeeded, .abandoned: break
        }
    }

    /// What is known of a target, for decisions about hedging, for metrics and for explanations.
    public func status(of target: Int, in route: Int, at now: Instant) -> TargetStatus {
        let state = states[routes[route].slots[target]]
        return TargetStatus(
            availability: state.breaker.availability(at: now), latency: state.latency, outstanding: state.outstanding)
    }
}
