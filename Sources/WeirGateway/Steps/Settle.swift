import WeirBase
import WeirBudget
import WeirConfig
import WeirDialects
import WeirLedger
import WeirLoop
import WeirWire

// The one way out: whatever became of an admitted request, here it is billed, what it held and did not need goes back, and its record ends.
extension Gateway {
    /// Settles the exchange, once; one that was never admitted has nothing to settle.
    /// - Returns: whether it was settled.
    @inline(never)  // see `admit`
    func settle(_ exchange: Exchange, _ client: Connection) -> Bool {
        guard var admitted = exchange.admitted.take() else { return false }
        let cost = exchange.knownCost ?? cost(of: exchange)
        let tokens = cost.usage.input + cost.usage.output
        let total = cost.money.adding(exchange.earlierCost)
        for warning in admitted.settle(cost: total, tokens: tokens, now: loop.now) { warn(warning) }
        let estimated = exchange.earlierEstimate.adding(cost.status == .exact ? .zero : cost.money)
        // The wall clock as of the request's, and the time since: one clock is read already.
        let now = exchange.at.nanoseconds + (loop.now - exchange.accepted).nanoseconds
        let settle = SettleRecord(
            request: exchange.id, at: now, status: requestStatus(exchange), cost: total, estimated: estimated)
        books.settle(settle, with: hasOpenAttempt(exchange) ? attempt(exchange, cost) : nil, exchange, for: client)
        return true
    }

    /// Whether an attempt was made that is on no record yet. One whose connection was refused is one, too, though nothing was sent.
    private func hasOpenAttempt(_ exchange: Exchange) -> Bool {
        exchange.called != .past || (exchange.attempts > 0 && !exchange.isOffRecord)
    }

    func attempt(_ exchange: Exchange, _ cost: Exchange.Cost) -> AttemptRecord {
        let model = exchange.target?.names ?? passThroughNames
        // What could not even be sent took no time that anybody counts.
        let called = exchange.called == .past ? loop.now : exchange.called
        let duration = (loop.now - called).microseconds
        let first = exchange.answered == .past ? 0 : (exchange.answered - exchange.called).microseconds
        return AttemptRecord(
            at: exchange.at.nanoseconds + (called - exchange.accepted).nanoseconds, cost: cost.money,
            provider: model.provider, target: model.target, priceVersion: cost.version,
            durationMicroseconds: UInt32(clamping: duration), firstByteMicroseconds: UInt32(clamping: first),
            number: UInt8(clamping: exchange.attempts), status: cost.status,
            httpStatus: UInt16(clamping: exchange.answered == .past ? 0 : exchange.answer.status),
            usage: cost.usage, context: cost.context.rawValue)
    }

    private func requestStatus(_ exchange: Exchange) -> RequestStatus {
        switch exchange.ending {
        case .complete: exchange.answer.status < 400 ? .complete : .upstreamRefused
        case .clientGone: .clientGone
        case .upstreamBroke: .upstreamBroke
        case .refused: exchange.refusedAs
        }
    }

    // MARK: What it cost

    /// What the request has cost: the provider's own count where there is one.
    func cost(of exchange: Exchange) -> Exchange.Cost {
        let tariff = exchange.target?.pricing.tariff
        guard exchange.called != .past, exchange.cost != .nothing else { return Exchange.Cost() }
        // What was to be sent was taken back before it left.
        guard !exchange.isOffRecord else { return Exchange.Cost() }
        if case .read(let usage) = exchange.usage { return cost(usage, .exact, tariff, exchange) }
        // A refusal costs nothing, at every provider.
        if exchange.answered != .past, exchange.answer.status >= 400 { return Exchange.Cost() }
        // A stream is stopped where its client left it; what was not streamed may have been made to its end.
        guard exchange.isStream, exchange.ending == .clientGone || exchange.answered != .past else {
            return unknownCost(exchange)
        }
        return cost(estimatedUsage(exchange), .estimated, tariff, exchange)
    }

    private func cost(
        _ usage: Usage, _ status: AttemptStatus, _ tariff: Tariff?, _ exchange: Exchange
    ) -> Exchange.Cost {
        let context = billingContext(of: exchange)
        guard let tariff else { return Exchange.Cost(usage: usage, status: status, context: context) }
        switch tariff.bill(usage, at: exchange.at.seconds, context) {
        case .billed(let bill):
            return Exchange.Cost(
                money: bill.amount, usage: usage, status: status, version: versionName(bill.version),
                context: context)
        case .unpriced, .tooLarge:
            // Something was used that has no price: nobody knows what it costs, and the hold is the best bound.
            return Exchange.Cost(money: exchange.attemptHeld, usage: usage, status: .unknown)
        }
    }

    /// What decides the price: what was asked for, but of the service tiers the one that the provider says it was.
    private func billingContext(of exchange: Exchange) -> BillingContext {
        let asked = exchange.demand?.context ?? []
        guard let tier = exchange.tier, let served = BillingContext(tier) else { return asked }
        return asked.subtracting(.tiers).union(served)
    }

    /// A call that may have been served and billed, and nobody knows: its bound is spent until somebody does.
    private func unknownCost(_ exchange: Exchange) -> Exchange.Cost {
        Exchange.Cost(money: exchange.attemptHeld, usage: estimatedUsage(exchange), status: .unknown)
    }

    /// What had passed: four bytes of the request are a token; of the answer the text was counted, and where that could not be, an event with
    /// content is one.
    func estimatedUsage(_ exchange: Exchange) -> Usage {
        var usage = Usage()
        usage.input = min(1_000_000_000, (exchange.bodyRange.count + exchange.decodedBody.count + 3) / 4)
        let output = exchange.countedTokens > 0 ? exchange.countedTokens : exchange.contentEvents
        usage.output = min(1_000_000_000, output)
        return usage
    }

    /// The ledger's name of a version of prices; the same few come again and again.
    private func versionName(_ version: PriceVersion) -> NameNumber {
        if lastVersion.hash == version.hash { return lastVersion.number }
        if let known = versionNames[version.hash] {
            lastVersion = (version.hash, known)
            return known
        }
        let number = ledgerNames.number(.priceVersion, version.description)
        if versionNames.count >= 4_096 { versionNames.removeAll() }
        versionNames[version.hash] = number
        return number
    }

    /// What the live counts of a stream are computed with; nil where they cost nothing.
    func liveRate(_ exchange: Exchange) -> LiveRate? {
        guard exchange.slot != nil, let tariff = exchange.target?.pricing.tariff else { return nil }
        var usage = estimatedUsage(exchange)
        let context = billingContext(of: exchange)
        func bill(_ output: Int) -> Int64? {
            usage.output = output
            guard case .billed(let bill) = tariff.bill(usage, at: exchange.at.seconds, context) else { return nil }
            return bill.amount.nanoUSD
        }
        guard let base = bill(0), let more = bill(LiveRate.tokens) else { return nil }
        let start = Money(nanoUSD: base).adding(exchange.earlierCost).nanoUSD
        return LiveRate(input: usage.input, base: start, more: more - base, most: exchange.held)
    }

    /// Keeps the live counts of a stream, for the case that the process dies.
    func meter(_ exchange: Exchange, output: Int, _ rate: LiveRate) {
        books.meter(exchange, cost: rate.cost(output), input: rate.input, output: output)
    }

    /// What a stream has cost by the number of its tokens: a bill is a straight line in them, and computed once instead of at each event.
    struct LiveRate {
        /// What `more` is the price of.
        static let tokens = 1_000
        let input: Int
        let base: Int64
        let more: Int64
        let most: Money

        func cost(_ output: Int) -> Money {
            let (product, overflows) = more.multipliedReportingOverflow(by: Int64(output))
            guard !overflows else { return most }
            return min(Money(nanoUSD: base).adding(Money(nanoUSD: product / Int64(LiveRate.tokens))), most)
        }
    }

    private func warn(_ warning: BudgetWarning) {
        counts.budgetWarnings += 1
        log?.problem(warning.description)
    }
}

extension BillingContext {
    /// nil for a tier that has no prices of its own.
    fileprivate init?(_ tier: ServiceTier) {
        switch tier {
        case .standard: self = .defaultTier
        case .flex: self = .flex
        case .priority: self = .priority
        case .fast: self = .fastTier
        case .scale: return nil
        }
    }
}
