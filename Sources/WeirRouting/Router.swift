public import WeirBase

/// Decides for one loop which target a request tries, and learns from how attempts end. Pure: time and chance are arguments, and no decision takes
/// memory.
///
/// A request asks once for an order of targets (`order`), and then for one attempt after another (`start`) until one is answered; between the two the
/// world may change, so a breaker is asked again when its target's turn comes. What is known of a target is known for all routes
/// that lead to it, and stays when the configuration changes. Requests finish with the router that they began with.
public struct Router: ~Copyable {
    private var states: [TargetState] = []
    private let routes: [Route]
    /// Tells attempts of the router before the last change of the configuration.
    private let generation: UInt32

    /// - Throws: what is wrong with a plan.
    public init(
        _ plans: [RoutePlan], breaker: BreakerSettings = BreakerSettings(), halfLife: TimeSpan = .seconds(10)
    ) throws(RoutingError) {
        (routes, states) = try Self.build(plans, breaker, halfLife, known: [])
        generation = 0
    }

    /// A router for another configuration that knows of its targets what `old` knows of them. Attempts that are under way are not counted in it.
    /// - Throws: what is wrong with a plan.
    public init(
        _ plans: [RoutePlan], keeping old: borrowing Router, breaker: BreakerSettings = BreakerSettings(),
        halfLife: TimeSpan = .seconds(10)
    ) throws(RoutingError) {
        (routes, states) = try Self.build(plans, breaker, halfLife, known: old.states)
        generation = old.generation &+ 1
    }

    private static func build(
        _ plans: [RoutePlan], _ breaker: BreakerSettings, _ halfLife: TimeSpan, known: [TargetState]
    ) throws(RoutingError) -> ([Route], [TargetState]) {
        var slots: [String: Int] = [:]
        var states: [TargetState] = []
        var routes: [Route] = []
        for plan in plans {
            for target in plan.targets where slots[target.name] == nil {
                slots[target.name] = states.count
                var state = TargetState(
                    name: target.name, breaker: Breaker(breaker), latency: LatencyEstimate(halfLife: halfLife))
                if let old = known.first(where: { $0.name == target.name }) {
                    state.breaker = old.breaker.with(breaker)
                    state.latency = old.latency.with(halfLife: halfLife)
                }
                states.append(state)
            }
            routes.append(try Route(plan, slots: slots))
        }
        return (routes, states)
    }

    /// The targets of a route whose conditions a request meets. `hasTag` says whether it has a tag of that name and value.
    /// - Precondition: `route` is an index of a plan, here and below.
    public func eligible(
        of route: Int, key: String, team: String, bodyBytes: Int, hasTag: (String, String) -> Bool
    ) -> SmallSet {
        var eligible = routes[route].unconditional
        for index in routes[route].conditions.indices
        where routes[route].conditions[index].condition.holds(
            key: key, team: team, bodyBytes: bodyBytes, hasTag: hasTag)
        {
            eligible.insert(routes[route].conditions[index].target)
        }
        return eligible
    }

    /// In which order the request tries its targets: all that it may use, those whose breaker is open last, the one that comes back first in front.
    /// Empty only where no condition is met.
    public func order(of route: Int, for request: RoutedRequest, at now: Instant, random: UInt64) -> TargetOrder {
        let route = routes[route]
        var candidates = route.regular.intersection(request.eligible)
        var order = TargetOrder()
        if let canary = route.canary, request.eligible.contains(canary.target), canary.includes(request) {
            if case .shut = availability(route.slots[canary.target], now) {
                candidates.insert(canary.target)
            } else {
                order.append(canary.target)
            }
        }
        var ready = SmallSet()
        var rest = candidates
        while let target = rest.popFirst() {
            if case .shut = availability(route.slots[target], now) { continue }
            ready.insert(target)
        }
        if !ready.isEmpty {
            let choice = Choice(
                ready: ready, stickyKey: request.stickyKey, random: random, now: now, states: states.span,
                slots: route.slots.span)
            route.strategy.order(choice, into: &order)
        }
        order.readyCount = order.count
        let shut = candidates.subtracting(ready)
        if !shut.isEmpty { order.append(shut) { Double(self.reopening(route.slots[$0], now).nanoseconds) } }
        return order
    }

    /// The target that gets a copy of the request; nil where none does.
    public func shadow(of route: Int, for request: RoutedRequest) -> Int? {
        guard let shadow = routes[route].shadow, request.eligible.contains(shadow.target), shadow.includes(request)
        else { return nil }
        return shadow.target
    }

    private func availability(_ slot: Int, _ now: Instant) -> Breaker.Availability {
        states[slot].breaker.availability(at: now)
    }

    /// When an attempt may start at the earliest.
    private func reopening(_ slot: Int, _ now: Instant) -> Instant {
        if case .shut(let until) = availability(slot, now) { return until }
        return now
    }
}

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
