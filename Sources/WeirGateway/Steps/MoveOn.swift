import WeirBase
import WeirBudget
import WeirConfig
import WeirDialects
import WeirLedger
import WeirLoop
import WeirRouting
import WeirWire

// A target has failed, and nothing of its answer has gone to the client: the next one is called, as if the first had never been asked.
extension Gateway {
    /// Turns to the next target: what the last one has cost is recorded, the next one is held for.
    /// - Throws: `refusal` where there is no next target, the client has gone, or no budget has room for another attempt beside what the first one may
    ///   have cost.
    @inline(never)
    func moveOn(after refusal: Refusal, _ exchange: Exchange, _ client: Connection) throws(Refusal) {
        client.setCompanion(nil)
        guard refusal.isFaultOfTarget, client.isUsable, exchange.ending == .complete, !exchange.isOffRecord else {
            throw refusal
        }
        let tryAgain = setAsideCredential(after: refusal, exchange)
        guard tryAgain || hasNext(exchange), retries.takeRetry(at: loop.now) else { throw refusal }
        let cost = cost(of: exchange, endedBy: refusal)
        let failed = attempt(exchange, cost)
        if exchange.slot != nil {
            guard books.isAvailable else { throw refusal }
            try holdAgain(beside: cost, exchange, refusal)
        }
        if !tryAgain {
            endAttempt(exchange, after: refusal)
            guard planAgain(exchange, client) else { throw refusal }
            exchange.triedCredentials = SmallSet()
        }
        if exchange.slot != nil { books.note(failed, of: exchange) }
        counts.failovers += 1
        exchange.earlierCost = exchange.earlierCost.adding(cost.money)
        if cost.status != .exact { exchange.earlierEstimate = exchange.earlierEstimate.adding(cost.money) }
        exchange.beginAttempt()
        if exchange.slot != nil, let caller = exchange.caller {
            books.hold(holdRecord(exchange, caller, isFirst: false), exchange, for: client)
        }
    }

    /// Sets the credential aside that a provider has refused or whose quota or rate is used up.
    /// - Returns: whether the same target can be asked with another one.
    private func setAsideCredential(after refusal: Refusal, _ exchange: Exchange) -> Bool {
        let problem: UpstreamProblem
        switch refusal {
        case .upstreamProblem(let told): problem = told
        case .upstreamStatus(let status, _):
            guard let fault = exchange.fault ?? Gateway.fault(ofCredential: status) else { return false }
            problem = fault
        default: return false
        }
        let upstream = upstreams[exchange.provider]
        let (reason, wait): (CredentialSet.Reason, TimeSpan)
        if let pause = problem.pause {
            (reason, wait) = (.exhausted, pause)
        } else if problem.kind == .credential {
            (reason, wait) = (.refused, .seconds(60))
        } else {
            return false
        }
        if let source = upstream.setAside(exchange.credential, reason, until: loop.now + wait),
            problem.kind != .rateLimit
        {
            let what = reason == .refused ? "is refused" : "has used up its quota"
            log?.problem(
                "provider \(upstream.provider.name): the credential \(source) \(what) (\(problem.code ?? "\(exchange.answer.status)")); it is set aside for \(wait.milliseconds / 1_000) s"
            )
        }
        exchange.triedCredentials.insert(exchange.credential)
        return !exchange.isBoundToProvider
            && upstream.hasCredential(besides: exchange.triedCredentials, at: loop.now)
    }

    /// What a status says of the credential, whatever the words.
    private static func fault(ofCredential status: Int) -> UpstreamProblem? {
        switch status {
        case 401, 403: UpstreamProblem(.credential, "")
        case 402: UpstreamProblem(.quota, "")
        case 429: UpstreamProblem(.rateLimit, "")
        default: nil
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

extension Refusal {
    /// Whether it tells what the provider has said, and not that it was not asked.
    var isOfProvider: Bool {
        switch self {
        case .upstreamStatus, .upstreamProblem, .upstreamFailed: true
        default: false
        }
    }

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
