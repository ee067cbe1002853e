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
        guard let directory = exchange.directory else { return }
        exchange.accounts.append(contentsOf: directory.accounts[exchange.key])
        if !directory.tagAccounts.isEmpty { addTagAccounts(exchange, directory) }
        let pricing = exchange.model >= 0 ? pricings[exchange.model] : nil
        exchange.held.begin()
        for account in exchange.accounts {
            for budget in account.budgets { exchange.held.add(window(of: budget, at: exchange.at)) }
        }
        let isBudgeted = !exchange.held.isEmpty
        let bound = try bound(exchange, pricing, isBudgeted: isBudgeted)
        guard books.isAvailable else {
            // What costs nothing that anybody counts may go on; it has no row.
            guard pricing?.tariff == nil, !isBudgeted else { throw .ledgerUnavailable }
            return
        }
        try takeLimits(exchange)
        do throws(Refusal) {
            try holdMoney(bound, exchange, pricing, client)
            guard books.open(holdRecord(exchange, directory), exchange, for: client) else {
                _ = exchange.held.settle(cost: .zero, at: exchange.at)
                throw .ledgerUnavailable
            }
        } catch {
            giveLimitsBack(exchange, used: 0)
            throw error
        }
        exchange.isAdmitted = true
    }

    private func addTagAccounts(_ exchange: Exchange, _ directory: Directory) {
        let own = directory.callers.callers[exchange.key].tags
        let found = (own + exchange.tags).compactMap { directory.tagAccounts[$0] }
        // Tags come before teams and keys, in the order of their accounts, as everybody takes them.
        let sorted = found.sorted { ($0.budgets.first?.index ?? 0) < ($1.budgets.first?.index ?? 0) }
        exchange.accounts.insert(contentsOf: sorted, at: 0)
    }

    /// The window of now of a budget, as this loop knows it.
    private func window(of budget: Budget, at now: WallTime) -> BudgetWindow {
        while budgetViews.count <= budget.index { budgetViews.append(nil) }
        if budgetViews[budget.index] == nil { budgetViews[budget.index] = BudgetView(budget) }
        return budgetViews[budget.index]!.window(at: now)
    }

    // MARK: Money

    /// The most that the request can cost; zero where it has no price and needs none.
    private func bound(
        _ exchange: Exchange, _ pricing: TargetPricing?, isBudgeted: Bool
    ) throws(Refusal) -> Money {
        guard exchange.cost != .nothing else { return .zero }
        let bound = pricing?.tariff.flatMap { tariff in
            exchange.demand?.worst.flatMap { tariff.bound($0, at: exchange.at.seconds, exchange.demand?.context) }
        }
        if let bound { return bound }
        guard isBudgeted else { return .zero }
        guard exchange.model >= 0 else { throw .unpricedPath }
        let name = Gateway.shown(policy.models[exchange.model].name)
        throw pricing?.tariff == nil ? .unpriced(model: name) : .unbounded(model: name)
    }

    /// Holds the bound; where a budget has less room, a smaller one: with the prompt's texts counted, then with a shorter answer.
    private func holdMoney(
        _ bound: Money, _ exchange: Exchange, _ pricing: TargetPricing?, _ client: Connection
    ) throws(Refusal) {
        do throws(HeldBudgets.Refusal) {
            try exchange.held.hold(bound, at: exchange.at)
            limitUnasked(exchange, pricing, client)
        } catch {
            guard let tariff = pricing?.tariff, var demand = exchange.demand, demand.isCountable else {
                throw budgetRefusal(error, exchange)
            }
            demand.input = min(demand.input ?? .max, countInput(exchange, client))
            try holdLess(demand, tariff, exchange, client, error)
        }
    }

    private func holdLess(
        _ counted: Demand, _ tariff: Tariff, _ exchange: Exchange, _ client: Connection, _ first: HeldBudgets.Refusal
    ) throws(Refusal) {
        var demand = counted
        var refusal = first
        // Others take and give meanwhile: a room that was seen may be gone, and is looked at again a few times.
        for _ in 0..<4 {
            guard let worst = demand.worst else { break }
            let seconds = exchange.at.seconds
            guard
                let most = tariff.greatestOutput(
                    within: exchange.held.room(at: exchange.at), worst, at: seconds, demand.context)
            else { break }
            demand.output = min(counted.output, most)
            guard exchange.cost != .inputAndOutput || demand.output >= min(counted.output, Demand.leastOutput) else { break }
            guard let worst = demand.worst, let bound = tariff.bound(worst, at: seconds, demand.context) else { break }
            do throws(HeldBudgets.Refusal) {
                try exchange.held.hold(bound, at: exchange.at)
            } catch {
                refusal = error
                continue
            }
            exchange.demand = demand
            if demand.output < counted.output || !demand.isAsked {
                limitOutput(exchange, to: demand.output, client)
            }
            return
        }
        throw budgetRefusal(refusal, exchange)
    }

    /// An answer whose length nobody has bounded is bounded here, or the hold would bound nothing.
    private func limitUnasked(_ exchange: Exchange, _ pricing: TargetPricing?, _ client: Connection) {
        guard !exchange.held.isEmpty, let pricing, !pricing.isOwnLimit, exchange.cost == .inputAndOutput,
            let demand = exchange.demand, !demand.isAsked
        else { return }
        limitOutput(exchange, to: demand.output, client)
    }

    private func limitOutput(_ exchange: Exchange, to tokens: Int, _ client: Connection) {
        exchange.outputLimit = tokens
        withBody(exchange, client) { body in
            do throws(OpenAIRequestError) {
                guard case .json(let shape) = exchange.call.endpoint.kind else { return }
                let request = try OpenAIRequest.parse(body, as: shape)
                guard exchange.call.splice?.limitOutput(of: request, to: tokens) == true else { return }
            } catch { preconditionFailure("a body that was read is none: \(error)") }
        }
    }

    /// The input's bound with its texts counted: what is no text keeps its bytes as the bound.
    private func countInput(_ exchange: Exchange, _ client: Connection) -> Int {
        withBody(exchange, client) { body in
            do throws(OpenAIRequestError) {
                guard case .json(let shape) = exchange.call.endpoint.kind else { return body.count }
                let request = try OpenAIRequest.parse(body, as: shape)
                return inputCounter.bound(request, body, exchange.model)
            } catch { return body.count }
        }
    }

    /// Lends the request's body.
    func withBody<Result>(_ exchange: Exchange, _ client: Connection, _ use: (Span<UInt8>) -> Result) -> Result {
        exchange.hasDecodedBody
            ? exchange.withDecodedBody { use($0.span) } : use(client.unread.extracting(exchange.bodyRange.bounds))
    }

    private func budgetRefusal(_ refusal: HeldBudgets.Refusal, _ exchange: Exchange) -> Refusal {
        let window = refusal.window
        let (spent, total) = (window.spent, window.total)
        return .budgetExceeded(
            BudgetRefusal(
                scope: window.budget.scope, name: window.budget.name, limit: window.budget.limit(at: exchange.at),
                spent: spent, held: max(.zero, total - spent), needed: refusal.amount,
                resets: window.until == .never ? nil : window.until))
    }

    // MARK: Limits

    /// Takes a place under every limit, or none.
    private func takeLimits(_ exchange: Exchange) throws(Refusal) {
        for (index, account) in exchange.accounts.enumerated() {
            guard account.concurrency != nil || account.requests != nil || account.tokens != nil else { continue }
            if exchange.tokensTaken == 0 {
                exchange.tokensTaken = exchange.demand?.tokens(bodyBytes: exchange.bodyRange.count) ?? 0
            }
            guard let refusal = take(account, exchange) else { continue }
            for earlier in exchange.accounts[..<index] { giveBack(earlier, exchange.tokensTaken, isRefused: true) }
            exchange.accounts.removeAll(keepingCapacity: true)
            throw .rateLimited(refusal)
        }
    }

    /// Takes what one account's limits ask for, or nothing.
    private func take(_ account: Account, _ exchange: Exchange) -> RateRefusal? {
        let scope = account.owner.description
        if let concurrency = account.concurrency, !concurrency.take() {
            return RateRefusal(scope: scope, limit: .concurrent(concurrency.limit), wait: .seconds(1))
        }
        if let requests = account.requests, let wait = requests.take(1, at: loop.now) {
            account.concurrency?.giveBack()
            return RateRefusal(scope: scope, limit: .requests(requests.perMinute), wait: wait)
        }
        if let tokens = account.tokens, let wait = tokens.take(exchange.tokensTaken, at: loop.now) {
            account.concurrency?.giveBack()
            account.requests?.giveBack(1)
            return RateRefusal(
                scope: scope, limit: .tokens(tokens.perMinute, asked: exchange.tokensTaken), wait: wait)
        }
        return nil
    }

    /// Gives back what the request did not use: its place always, of its tokens the rest.
    func giveLimitsBack(_ exchange: Exchange, used: Int, isRefused: Bool = true) {
        for account in exchange.accounts { giveBack(account, exchange.tokensTaken - used, isRefused: isRefused) }
        exchange.accounts.removeAll(keepingCapacity: true)
    }

    private func giveBack(_ account: Account, _ tokens: Int, isRefused: Bool) {
        account.concurrency?.giveBack()
        if isRefused { account.requests?.giveBack(1) }
        account.tokens?.giveBack(tokens)
    }

    // MARK: Ledger

    private func holdRecord(_ exchange: Exchange, _ directory: Directory) -> HoldRecord {
        let names = directory.names[exchange.key]
        var tags = names.tags
        if !exchange.tags.isEmpty {
            let own = directory.callers.callers[exchange.key].tags
            let brought = exchange.tags.filter { tag in !own.contains { $0.name == tag.name } }
            tags = ledgerNames.tags((own + brought).map { ($0.name, $0.value) })
        }
        let model = exchange.model >= 0 ? modelNames[exchange.model] : passThroughNames
        return HoldRecord(
            request: exchange.id, at: exchange.at.nanoseconds, held: exchange.held.amount, team: names.team,
            key: names.key, model: model.model, tags: tags, provider: model.provider, target: model.target)
    }
}
