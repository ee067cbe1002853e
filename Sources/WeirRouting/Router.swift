public import WeirBase

/// Decides for one loop which target a request tries, and learns from how attempts end. Pure: time and chance are arguments, and no decision takes
/// memory.
///
/// A request asks once for an order of targets (`order`), and then for one attempt after another (`start`) until one is answered; between the two the
/// world may change, so a breaker is asked again when its target's turn comes. What is known of a target is known for all routes
/// that lead to it, and stays when the configuration changes. Requests finish with the router that they began with.
public struct Router: ~Copyable {
    var states: [TargetState] = []
    let routes: [Route]
    /// Tells attempts of the router before the last change of the configuration.
    let generation: UInt32

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
        let known = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0) })
        var slots: [String: Int] = [:]
        var states: [TargetState] = []
        var routes: [Route] = []
        for plan in plans {
            for target in plan.targets where slots[target.name] == nil {
                slots[target.name] = states.count
                var state = TargetState(
                    name: target.name, breaker: Breaker(breaker), latency: LatencyEstimate(halfLife: halfLife))
                if let old = known[target.name] {
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
        let slots = routes[route].slots
        var candidates = routes[route].regular.intersection(request.eligible)
        var order = TargetOrder()
        if let canary = routes[route].canary, request.eligible.contains(canary.target), canary.includes(request) {
            if case .shut = availability(slots[canary.target], now) {
                candidates.insert(canary.target)
            } else {
                order.append(canary.target)
            }
        }
        var ready = SmallSet()
        var rest = candidates
        while let target = rest.popFirst() {
            if case .shut = availability(slots[target], now) { continue }
            ready.insert(target)
        }
        if !ready.isEmpty {
            let choice = Choice(
                ready: ready, stickyKey: request.stickyKey, random: random, now: now, states: states.span,
                slots: slots.span)
            routes[route].strategy.order(choice, into: &order)
        }
        order.readyCount = order.count
        let shut = candidates.subtracting(ready)
        if !shut.isEmpty {
            order.append(shut) { Double(self.reopening(slots[$0], now).nanoseconds) }
        }
        return order
    }

    /// The target that gets a copy of the request; nil where none does.
    public func shadow(of route: Int, for request: RoutedRequest) -> Int? {
        guard let shadow = routes[route].shadow, request.eligible.contains(shadow.target), shadow.includes(request)
        else { return nil }
        return shadow.target
    }

    func availability(_ slot: Int, _ now: Instant) -> Breaker.Availability {
        states[slot].breaker.availability(at: now)
    }

    /// When an attempt may start at the earliest.
    func reopening(_ slot: Int, _ now: Instant) -> Instant {
        if case .shut(let until) = availability(slot, now) { return until }
        return now
    }
}
