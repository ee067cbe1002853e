import WeirBase
import WeirBudget
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

// Answers of Weir's own: health, models, refusals.
extension Gateway {
    func respond(health exchange: Exchange, on client: Connection) -> Outcome {
        scratch.removeAll()
        scratch.append(isDraining ? #"{"status":"draining"}"# : #"{"status":"ok"}"#)
        return respond(isDraining ? 503 : 200, exchange, on: client)
    }

    /// The one place where a refusal becomes an answer.
    @inline(never)  // see `admit`
    func refuse(_ refusal: Refusal, _ exchange: Exchange, on client: Connection) -> Outcome {
        if exchange.ending == .complete { exchange.ending = .refused }
        exchange.refusedAs = refusal.requestStatus
        endAttempt(exchange, after: refusal)
        guard client.isUsable, exchange.ending != .clientGone else {
            counts.clientsGone += 1
            exchange.ending = .clientGone
            client.abort()
            return .close
        }
        if case .upstreamFailed(.connection(.tls(let reason))) = refusal {
            log?.problem("provider \(policy.providers[exchange.provider].name): \(reason)")
        }
        scratch.removeAll()
        refusal.append(to: &scratch, on: exchange.surface, exchange.id)
        return respond(refusal.status(on: exchange.surface), exchange, on: client, refusal)
    }

    /// Sends `scratch` as a JSON answer. The connection goes on only if the request was read whole and nothing demands its end.
    func respond(
        _ status: Int, _ exchange: Exchange, on client: Connection, _ refusal: Refusal? = nil
    ) -> Outcome {
        exchange.status = status
        exchange.sentBytes = scratch.count
        let isRead = isBodyRead(exchange, client)
        let keepsAlive = exchange.head.keepsAlive && isRead && !isDraining && refusal?.closes != true
        if isRead { client.consume(min(exchange.requestBytes, client.unreadCount)) }
        client.withOutput(reserving: 512 + scratch.count) { out in
            out.appendStatusLine(status)
            out.append("content-type: application/json\r\n")
            appendOwnFields(exchange, to: &out)
            switch refusal {
            case .methodNotAllowed(let allow):
                out.append("allow: ")
                out.append(allow)
                out.append("\r\n")
            case .upstreamStatus(_, .some(let value)):
                out.append("retry-after: ")
                out.append(value)
                out.append("\r\n")
            case .upstreamProblem(let problem):
                if let span = problem.retryAfter {
                    out.appendField("retry-after", decimal: Int((span.milliseconds + 999) / 1_000))
                }
            case .notAdmitted(let refusal):
                if let seconds = refusal.retryAfterSeconds {
                    out.appendField("retry-after", decimal: seconds)
                } else {
                    out.append("x-should-retry: false\r\n")
                }
            default: break
            }
            out.appendField("content-length", decimal: scratch.count)
            appendConnection(keepsAlive, exchange.head, to: &out)
            out.append("\r\n")
            if exchange.head.method != .head { out.append(scratch) }
        }
        return keepsAlive ? .keepAlive : .close
    }

    /// Whether the request's body is all there, so that what follows is the next request.
    private func isBodyRead(_ exchange: Exchange, _ client: Connection) -> Bool {
        switch exchange.head.framing {
        case .none: return true
        case .length(let length):
            let total = exchange.head.count + length
            return exchange.requestBytes == total && client.unreadCount >= total
        case .chunked, .untilClose: return exchange.requestBytes > exchange.head.count
        }
    }

    /// The id, and where the time went.
    func appendOwnFields(_ exchange: Exchange, to out: inout ByteBuffer) {
        out.append("x-request-id: ")
        exchange.id.append(to: &out)
        out.append("\r\nrequest-id: ")
        exchange.id.append(to: &out)
        out.append("\r\nserver-timing: weir;dur=")
        let now = loop.readClock()
        var own = now - exchange.accepted
        if exchange.answered != .past {
            own = (exchange.called - exchange.accepted) + (now - exchange.answered)
        } else if exchange.called != .past {
            own = exchange.called - exchange.accepted
        }
        appendMilliseconds(own, to: &out)
        if exchange.answered != .past {
            out.append(", upstream;dur=")
            appendMilliseconds(exchange.answered - exchange.called, to: &out)
        }
        out.append("\r\n")
        guard let rates = exchange.rates else { return }
        let statuses = rates.rateStatus(now: loop.now)
        switch exchange.surface {
        case .openAI: append(statuses, to: &out)
        case .anthropic: appendAnthropic(statuses, exchange, to: &out)
        }
    }

    /// The same as Anthropic's answers tell it.
    private func appendAnthropic(_ rates: RateStatuses, _ exchange: Exchange, to out: inout ByteBuffer) {
        let now = exchange.at.nanoseconds + (loop.now - exchange.accepted).nanoseconds
        func append(_ kind: StaticString, _ limit: Int, _ remaining: Int, _ reset: TimeSpan) {
            for (name, value) in [("-limit: ", "\(limit)"), ("-remaining: ", "\(remaining)")] {
                out.append("anthropic-ratelimit-")
                out.append(kind)
                out.append(name)
                out.append(value)
                out.append("\r\n")
            }
            out.append("anthropic-ratelimit-")
            out.append(kind)
            out.append("-reset: ")
            out.append("\(WallTime(nanoseconds: now + reset.nanoseconds))")
            out.append("\r\n")
        }
        if let rate = rates.requests { append("requests", rate.limit, rate.remaining, rate.reset) }
        if let rate = rates.tokens { append("tokens", rate.limit, rate.remaining, rate.reset) }
    }

    /// What is left of the tightest limits, as OpenAI's own answers tell it.
    private func append(_ rates: RateStatuses, to out: inout ByteBuffer) {
        if let requests = rates.requests {
            out.append("x-ratelimit-limit-requests: ")
            out.append(decimal: requests.limit)
            out.append("\r\nx-ratelimit-remaining-requests: ")
            out.append(decimal: requests.remaining)
            out.append("\r\nx-ratelimit-reset-requests: ")
            out.append(decimal: Int(requests.reset.milliseconds))
            out.append("ms\r\n")
        }
        if let tokens = rates.tokens {
            out.append("x-ratelimit-limit-tokens: ")
            out.append(decimal: tokens.limit)
            out.append("\r\nx-ratelimit-remaining-tokens: ")
            out.append(decimal: tokens.remaining)
            out.append("\r\nx-ratelimit-reset-tokens: ")
            out.append(decimal: Int(tokens.reset.milliseconds))
            out.append("ms\r\n")
        }
    }

    /// What the answer has cost, in dollars with nine decimals, where that is known so early.
    func appendCost(_ exchange: Exchange, to out: inout ByteBuffer) {
        guard let cost = exchange.knownCost?.money else { return }
        out.append("x-weir-cost-usd: ")
        out.append(decimal: Int(cost.nanoUSD / 1_000_000_000))
        out.append(UInt8(ascii: "."))
        out.append(decimal: Int(cost.nanoUSD % 1_000_000_000), digits: 9)
        out.append("\r\n")
    }

    /// Milliseconds with three decimals.
    private func appendMilliseconds(_ span: TimeSpan, to out: inout ByteBuffer) {
        let micros = Int(max(0, span.nanoseconds) / 1_000)
        out.append(decimal: micros / 1_000)
        out.append(UInt8(ascii: "."))
        out.append(decimal: micros % 1_000, digits: 3)
    }

    func appendConnection(_ keepsAlive: Bool, _ head: borrowing RequestHead, to out: inout ByteBuffer) {
        if !keepsAlive {
            out.append("connection: close\r\n")
        } else if head.version == .http10 {
            out.append("connection: keep-alive\r\n")
        }
    }
}
