import WeirBase
import WeirBudget
import WeirConfig
import WeirDialects
import WeirLedger
import WeirLoop

// A target has failed, and nothing of its answer has gone to the client: the next one is called, as if the first had never been asked.
extension Gateway {
    /// Whether the request could go on to another target.
    func hasNext(_ exchange: Exchange) -> Bool {
        guard let route = exchange.route, !exchange.isBoundToProvider else { return false }
        return route.next(after: exchange.tried) != nil
    }

    /// Turns to the next target: what the last one has cost is recorded, the next one is held for.
    /// - Throws: `refusal` where there is no next target, the client has gone, or no budget has room for another attempt beside what the first one may
    ///   have cost.
    @inline(never)
    func moveOn(after refusal: Refusal, _ exchange: Exchange, _ client: Connection) throws(Refusal) {
        client.setCompanion(nil)
        guard refusal.isFaultOfTarget, client.isUsable, exchange.ending == .complete, !exchange.isOffRecord,
            hasNext(exchange)
        else { throw refusal }
        let cost = cost(of: exchange, endedBy: refusal)
        let failed = attempt(exchange, cost)
        if exchange.slot != nil {
            guard books.isAvailable else { throw refusal }
            try holdAgain(beside: cost, exchange, refusal)
        }
        guard planAgain(exchange, client) else { throw refusal }
        if exchange.slot != nil { books.note(failed, of: exchange) }
        counts.failovers += 1
        exchange.earlierCost = exchange.earlierCost.adding(cost.money)
        if cost.status != .exact { exchange.earlierEstimate = exchange.earlierEstimate.adding(cost.money) }
        exchange.beginAttempt()
        if exchange.slot != nil, let caller = exchange.caller {
            books.hold(holdRecord(exchange, caller, isFirst: false), exchange, for: client)
        }
    }

    /// Holds for another attempt, where what the first one held may be spent.
    private func holdAgain(
        beside cost: Exchange.Cost, _ exchange: Exchange, _ refusal: Refusal
    ) throws(Refusal) {
        guard cost.money > .zero else { return }
        do throws(BudgetRefusal) {
            try exchange.admitted?.add(exchange.attemptHeld, wallTime: exchange.at) { loop.letOthersRun() }
        } catch { throw refusal }
        let before = exchange.held
        exchange.held = exchange.admitted?.held ?? exchange.held
        books.holdsMore(exchange.held - before)
    }

    /// What the attempt has cost that ended so.
    private func cost(of exchange: Exchange, endedBy refusal: Refusal) -> Exchange.Cost {
        exchange.refusedAs = refusal.requestStatus
        exchange.ending = .refused
        defer { exchange.ending = .complete }
        return cost(of: exchange)
    }
}

extension ModelRoute {
    /// The next target in the order of the configuration that was not called yet.
    func next(after tried: UInt64) -> Int? {
        targets.indices.first { $0 < 64 && tried & (1 << UInt64($0)) == 0 }
    }
}

extension Refusal {
    /// Whether another target may do better: the provider or its credential is at fault, not the request.
    var isFaultOfTarget: Bool {
        switch self {
        case .upstreamFailed: true
        case .upstreamStatus(let status, _): Gateway.isFaultOfTarget(status)
        case .upstreamProblem(let problem):
            switch problem.kind {
            case .invalidRequest, .contextLength, .contentPolicy: false
            case .credential, .quota, .modelNotFound, .rateLimit, .overloaded, .server, .timeout, .malformed: true
            }
        default: false
        }
    }
}

extension Gateway {
    /// Statuses that speak of the gateway's credential, of a model that the provider does not have, or of the provider's health.
    static func isFaultOfTarget(_ status: Int) -> Bool {
        switch status {
        case 401, 402, 403, 404, 408, 409, 425, 429: true
        default: status >= 500
        }
    }
}
