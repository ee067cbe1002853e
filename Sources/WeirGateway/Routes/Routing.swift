import WeirBase
import WeirBudget
import WeirConfig
import WeirDialects
import WeirLoop
import WeirRouting
import WeirWire

// Which target a request tries, and what its answer tells of the target. A model with one target has no choice to make and costs nothing here.
extension Gateway {
    /// Finds the model's targets, if the key may use it, and puts them in the order in which the request tries them.
    func beginRoute(
        of model: Int, _ exchange: Exchange, _ client: Connection, bodyBytes: Int
    ) throws(Refusal) -> ModelRoute {
        guard exchange.allows(model: model) else {
            throw .modelNotAllowed(Gateway.shown(policy.models[model].name))
        }
        let route = routes[model]
        exchange.model = model
        exchange.route = route
        guard route.targets.count > 1 else { return route }
        retries.noteRequest()
        var request = RoutedRequest(id: UInt64(bitPattern: exchange.id.value))
        if route.isSticky { request.stickyKey = stickyKey(policy.models[model].stickyKey, exchange, client) }
        if route.hasConditions { request.eligible = eligible(model, exchange, bodyBytes) }
        exchange.order = router.order(of: model, for: request, at: loop.now, random: draw())
        return route
    }

    /// The next target to try: its attempt begins.
    /// - Returns: its place in the route; nil if none is left.
    func startNext(_ exchange: Exchange, _ route: ModelRoute) -> Int? {
        guard route.targets.count > 1 else {
            guard exchange.tried.isEmpty else { return nil }
            exchange.tried.insert(0)
            return 0
        }
        assert(exchange.attempt == nil, "an attempt begins before the last one has ended")
        exchange.attempt = router.start(exchange.order, of: exchange.model, tried: &exchange.tried, at: loop.now)
        return exchange.attempt?.target
    }

    /// Whether the request could go on to another target.
    func hasNext(_ exchange: Exchange) -> Bool {
        guard let route = exchange.route, route.targets.count > 1, !exchange.isBoundToProvider else { return false }
        return router.hasNext(exchange.order, of: exchange.model, tried: exchange.tried, at: loop.now)
    }

    /// The answer's first content is here: its target is well, and so fast.
    func noteFirstToken(_ exchange: Exchange) {
        guard exchange.attempt != nil else { return }
        router.firstToken(&exchange.attempt!, at: loop.now)
    }

    /// Ends the attempt that is under way.
    func endAttempt(_ exchange: Exchange, _ ending: Attempt.Ending) {
        guard let attempt = exchange.attempt.take() else { return }
        router.finish(attempt, ending, at: loop.now, random: draw())
    }

    /// Ends it as the refusal says that it ended.
    func endAttempt(_ exchange: Exchange, after refusal: Refusal) {
        guard exchange.attempt != nil else { return }
        guard exchange.ending != .clientGone, refusal.isFaultOfTarget else {
            return endAttempt(exchange, refusal.isOfProvider ? .succeeded : .abandoned)
        }
        guard let wait = pause(after: refusal, exchange) else { return endAttempt(exchange, .failed) }
        // One that asks for patience works, and gets it.
        if exchange.attempt != nil { router.setAside(exchange.attempt!, until: loop.now + wait, at: loop.now) }
        endAttempt(exchange, .abandoned)
    }

    /// How long a provider that limits its clients wants to be left alone; nil where the refusal says something else.
    private func pause(after refusal: Refusal, _ exchange: Exchange) -> TimeSpan? {
        let problem: UpstreamProblem?
        switch refusal {
        case .upstreamProblem(let told): problem = told
        case .upstreamStatus(429, _): problem = exchange.fault ?? UpstreamProblem(.rateLimit, "")
        default: problem = nil
        }
        return problem?.pause
    }

    // MARK: What routing knows of a request

    private func stickyKey(_ kind: Policy.StickyKey, _ exchange: Exchange, _ client: Connection) -> UInt64? {
        let bytes = client.unread
        if case .header(let name) = kind {
            for index in exchange.head.fields.indices {
                let field = exchange.head.fields[index]
                if bytes.text(field.name).lowercased() == name { return stableHash(bytes.text(field.value)) }
            }
        }
        return exchange.directory.map { stableHash($0.callers.callers[exchange.key].id) }
    }

    private func eligible(_ model: Int, _ exchange: Exchange, _ bodyBytes: Int) -> SmallSet {
        guard let directory = exchange.directory else { return SmallSet(first: SmallSet.limit) }
        let caller = directory.callers.callers[exchange.key]
        return router.eligible(
            of: model, key: caller.id, team: directory.teamName(of: exchange.key) ?? "", bodyBytes: bodyBytes
        ) { name, value in
            exchange.tags.contains { $0.name == name && $0.value == value }
                || caller.tags.contains { $0.name == name && $0.value == value }
        }
    }

    private func draw() -> UInt64 {
        randomState &+= 0x9E37_79B9_7F4A_7C15
        return mixed(randomState)
    }
}

extension UpstreamProblem {
    /// How long whoever limits its clients wants to be left alone; nil where it says something else.
    var pause: TimeSpan? {
        switch kind {
        case .rateLimit: retryAfter ?? .seconds(1)
        case .quota: retryAfter ?? .seconds(60)
        default: nil
        }
    }
}

extension RoutePlan {
    /// What the configuration says of a model.
    init(_ model: Policy.Model, _ policy: Policy, tariffs: [Tariff?], at unixSeconds: Int64, seed: UInt64) {
        let targets = zip(model.targets, tariffs).map { target, tariff in
            RoutePlan.Target(
                name: "\(policy.providers[target.provider].name)/\(target.model)", weight: target.weight,
                cost: RoutePlan.typicalCost(tariff, at: unixSeconds), condition: target.condition)
        }
        let canary = model.targets.firstIndex { $0.trialShare != nil }.map { place in
            Canary(target: place, share: model.targets[place].trialShare!, name: model.name)
        }
        self.init(strategy: model.strategy, targets: targets, canary: canary, seed: seed)
    }

    /// What an ordinary chat costs there: what is unpriced comes last.
    private static func typicalCost(_ tariff: Tariff?, at unixSeconds: Int64) -> Money {
        var usage = Usage()
        usage.input = 1_000
        usage.output = 300
        guard case .billed(let bill) = tariff?.bill(usage, at: unixSeconds) else { return .greatest }
        return bill.amount
    }
}
