import WeirBase
import WeirBudget
import WeirConfig
import WeirDialects
import WeirLedger
import WeirLoop

// Everything that a request needs before it may cost something, all or nothing: its places under the limits, its money in every budget that it falls
// into, and its hold in the ledger. What was taken comes back on the one path of `settle`, or right here where a later part refuses.
extension Gateway {
    /// Admits the request, or refuses it; then it has used nothing up.
    @inline(never)  // see `admit`
    func hold(_ exchange: Exchange, _ client: Connection) throws(Refusal) {
        guard let caller = exchange.caller else { return }
        var scopes = caller.scopes
        var isBudgeted = caller.isBudgeted
        var isRated = caller.isRated
        if !exchange.tags.isEmpty, let directory = exchange.directory, !directory.tagAccounts.isEmpty {
            try add(tagsOf: exchange, directory, to: &scopes, &isBudgeted, &isRated)
        }
        if isRated { exchange.rates = scopes }
        let pricing = exchange.route?.pricing
        let bound = try bound(exchange, pricing, isBudgeted: isBudgeted)
        // Without a ledger, what costs nothing that anybody counts may go on; it has no row.
        let isOnRecord = books.isAvailable
        guard isOnRecord || (pricing?.tariffs == nil && !isBudgeted) else { throw .ledgerUnavailable }
        var admitted = try admit(bound, scopes, exchange, pricing, client, isBudgeted: isBudgeted)
        exchange.held = admitted.held
        exchange.attemptHeld = admitted.held
        guard !isOnRecord || books.open(holdRecord(exchange, caller), exchange, for: client) else {
            _ = admitted.settle(cost: .zero, tokens: 0, now: loop.now)
            throw .ledgerUnavailable
        }
        exchange.admitted = consume admitted
        exchange.drains = caller.drains
    }

    /// Adds what bounds the tags that the request itself has brought.
    private func add(
        tagsOf exchange: Exchange, _ directory: Directory, to scopes: inout Scopes, _ isBudgeted: inout Bool,
        _ isRated: inout Bool
    ) throws(Refusal) {
        let accounts = exchange.tags.compactMap { directory.tagAccounts[$0] }
        guard !accounts.isEmpty else { return }
        do throws(ScopesError) {
            scopes = try scopes.adding(
                concurrency: accounts.compactMap(\.concurrency), rates: accounts.flatMap(\.rates),
                budgets: accounts.flatMap(\.budgets))
        } catch { throw .badTags("they have more than \(Scopes.limit) limits or budgets together") }
        if accounts.contains(where: { !$0.budgets.isEmpty }) { isBudgeted = true }
        if accounts.contains(where: { !$0.rates.isEmpty }) { isRated = true }
    }

    // MARK: Money

    /// The most that the request can cost; zero where it has no price and needs none.
    private func bound(
        _ exchange: Exchange, _ pricing: RoutePricing?, isBudgeted: Bool
    ) throws(Refusal) -> Money {
        guard exchange.cost != .nothing else { return .zero }
        if let pricing, let demand = exchange.demand, let worst = demand.worst,
            let bound = pricing.bound(worst, of: demand, at: exchange.at.seconds)
        {
            return bound
        }
        guard isBudgeted else { return .zero }
        guard exchange.model >= 0 else { throw .unpricedPath }
        let name = Gateway.shown(policy.models[exchange.model].name)
        throw pricing?.tariffs == nil ? .unpriced(model: name) : .unbounded(model: name)
    }

    /// Takes what the request needs; where a budget has less room than its bound, with a smaller one: its texts counted, then a shorter answer.
    private func admit(
        _ bound: Money, _ scopes: Scopes, _ exchange: Exchange, _ pricing: RoutePricing?, _ client: Connection,
        isBudgeted: Bool
    ) throws(Refusal) -> Admitted {
        let admitted: Admitted
        do throws(AdmissionRefusal) { admitted = try take(bound, scopes, exchange) } catch {
            guard case .budget = error, let pricing, pricing.tariffs != nil, var demand = exchange.demand,
                demand.isCountable
            else { throw .notAdmitted(error) }
            // Whoever has nothing left does not get a loop to count his prompt.
            guard scopes.room(wallTime: exchange.at, pause: letOthersRun) >= leastCost(demand, pricing, exchange) else {
                throw .notAdmitted(error)
            }
            demand.input = min(demand.input ?? .max, countInput(exchange, client))
            return try admitLess(demand, pricing, scopes, exchange, client, error)
        }
        guard !isBudgeted || limitUnasked(exchange, pricing, client) else { throw giveBack(admitted, exchange) }
        return admitted
    }

    /// What the request costs at least: no vocabulary has a token of more than 128 bytes.
    private func leastCost(_ demand: Demand, _ pricing: RoutePricing, _ exchange: Exchange) -> Money {
        var least = demand
        least.input = demand.input.map { $0 / 128 }
        least.output = min(demand.output, demand.leastOutput)
        return least.worst.flatMap { pricing.bound($0, of: demand, at: exchange.at.seconds) } ?? .zero
    }

    private func take(_ bound: Money, _ scopes: Scopes, _ exchange: Exchange) throws(AdmissionRefusal) -> Admitted {
        let tokens = exchange.demand?.tokens(bodyBytes: exchange.bodyRange.count) ?? 0
        return try scopes.admit(
            cost: bound, tokens: tokens, now: loop.now, wallTime: exchange.at, pause: letOthersRun)
    }

    private func admitLess(
        _ counted: Demand, _ pricing: RoutePricing, _ scopes: Scopes, _ exchange: Exchange, _ client: Connection,
        _ first: AdmissionRefusal
    ) throws(Refusal) -> Admitted {
        var demand = counted
        var refusal = first
        let seconds = exchange.at.seconds
        // Others take and give meanwhile: a room that was seen may be gone, and is looked at again a few times.
        for _ in 0..<4 {
            let room = scopes.room(wallTime: exchange.at, pause: letOthersRun)
            guard let worst = demand.worst,
                let most = pricing.greatestOutput(within: room, worst, of: demand, at: seconds)
            else { break }
            demand.output = min(counted.output, most)
            guard exchange.cost != .inputAndOutput || demand.output >= min(counted.output, demand.leastOutput),
                let smaller = demand.worst, let bound = pricing.bound(smaller, of: demand, at: seconds)
            else { break }
            exchange.demand = demand
            let admitted: Admitted
            do throws(AdmissionRefusal) { admitted = try take(bound, scopes, exchange) } catch {
                refusal = error
                continue
            }
            let isBounded = demand.output == counted.output && demand.isAsked
            guard isBounded || limitOutput(exchange, to: demand.output, client) else {
                throw giveBack(admitted, exchange)
            }
            return admitted
        }
        throw .notAdmitted(refusal)
    }

    /// Gives back what was taken for a request that no target can be asked for within its bound.
    private func giveBack(_ admitted: consuming Admitted, _ exchange: Exchange) -> Refusal {
        _ = admitted.settle(cost: .zero, tokens: 0, now: loop.now)
        return .notServed(model: Gateway.shown(policy.models[exchange.model].name))
    }

    /// An answer whose length nobody has bounded is bounded here, or the hold would bound nothing.
    /// - Returns: false if the request cannot be bounded so.
    private func limitUnasked(_ exchange: Exchange, _ pricing: RoutePricing?, _ client: Connection) -> Bool {
        guard let pricing, !pricing.isOwnLimit, exchange.cost == .inputAndOutput,
            let demand = exchange.demand, !demand.isAsked
        else { return true }
        return limitOutput(exchange, to: demand.output, client)
    }

    /// Bounds the output, in the body that is to be sent.
    /// - Returns: false if its dialect cannot say the request with that bound.
    private func limitOutput(_ exchange: Exchange, to tokens: Int, _ client: Connection) -> Bool {
        exchange.outputLimit = tokens
        if exchange.call.translated != nil { return translateAgain(exchange) }
        guard case .json(let shape) = exchange.call.endpoint.kind else { return true }
        withBody(exchange, client) { body in
            exchange.call.splice?.limitOutput(of: ScannedRequest.again(body, as: shape), to: tokens)
        }
        return true
    }

    /// The input's bound with its texts counted: what is no text keeps its bytes as the bound.
    private func countInput(_ exchange: Exchange, _ client: Connection) -> Int {
        withBody(exchange, client) { body in
            guard case .json(let shape) = exchange.call.endpoint.kind else { return body.count }
            return textCounter.bound(ScannedRequest.again(body, as: shape), body, exchange.model)
        }
    }

    /// Another loop has lost its processor in the midst of a decision about the same budget: this one's may help it on.
    private func letOthersRun() { loop.letOthersRun() }

    /// Lends the request's body.
    func withBody<Result>(_ exchange: Exchange, _ client: Connection, _ use: (Span<UInt8>) -> Result) -> Result {
        exchange.hasDecodedBody
            ? exchange.withDecodedBody { use($0.span) } : use(client.unread.extracting(exchange.bodyRange.bounds))
    }

    // MARK: Ledger

    func holdRecord(_ exchange: Exchange, _ caller: CallerStanding, isFirst: Bool = true) -> HoldRecord {
        var tags = caller.tags
        if !exchange.tags.isEmpty, let directory = exchange.directory {
            let own = directory.callers.callers[exchange.key].tags
            let brought = exchange.tags.filter { tag in !own.contains { $0.name == tag.name } }
            tags = ledgerNames.tags((own + brought).map { ($0.name, $0.value) })
        }
        let names = exchange.target?.names ?? passThroughNames
        return HoldRecord(
            request: exchange.id, at: exchange.at.nanoseconds, held: exchange.held, team: caller.team,
            key: caller.key, model: names.model, tags: tags, provider: names.provider, target: names.target,
            isFirst: isFirst)
    }
}
