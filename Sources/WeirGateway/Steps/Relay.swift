import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

// The answer goes on as it comes: each read of the upstream is forwarded in the same turn. A JSON answer keeps its length; everything else is
// sent chunked, so that a cut can be told from an end. The meter reads the usage from what passes.
extension Gateway {
    /// Begins the answer, and forwards what has come of its body: for most JSON answers that is all of it, and nothing is awaited.
    @inline(never)  // see `admit`
    func relay(
        _ reply: Reply, _ exchange: Exchange, to client: Connection
    ) -> RelayStart {
        if exchange.call.translated != nil { return relayTranslated(reply, exchange, to: client) }
        let hasNext = hasNext(exchange)
        guard !isGatewaysOwnFailure(exchange.answer.status),
            !hasNext || !Gateway.isFaultOfTarget(exchange.answer.status)
        else {
            return .failed(giveUp(reply, exchange, on: client))
        }
        let upstream = reply.connection
        let isStream = isEventStream(exchange.answer, upstream.unread)
        if hasNext, exchange.answer.status / 100 == 2 {
            switch beginning(of: exchange, upstream, isStream: isStream) {
            case .good: break
            case .open: return .held
            case .failed(let refusal):
                client.setCompanion(nil)
                reply.upstream.pool.discard(upstream)
                return .failed(refusal)
            }
        }
        let whole = isStream ? nil : wholeBody(exchange.answer, upstream)
        let reading = whole.map { exchange.call.endpoint.read(whole: upstream.unread.extracting($0)) }
        guard isStream || isPlausible(exchange, upstream, isWhole: reading?.isComplete)
        else {
            // A refusal in a proxy's or a server's own words keeps its status.
            return .failed(
                exchange.answer.status / 100 == 4
                    ? giveUp(reply, exchange, on: client) : discardAnswer(reply, on: client))
        }
        let framing = exchange.answer.framing
        var keepsAlive = exchange.head.keepsAlive && !isDraining
        let isChunked: Bool
        switch framing {
        case .none, .length: isChunked = isStream && exchange.call.injectsUsage
        case .chunked, .untilClose: isChunked = true
        }
        if isChunked, exchange.head.version == .http10 { keepsAlive = false }
        exchange.status = exchange.answer.status
        if let reading {
            exchange.usage = reading.usage
            exchange.tier = reading.tier
            if exchange.slot != nil, exchange.target?.pricing.tariff != nil {
                exchange.knownCost = cost(of: exchange)
            }
        }
        noteFirstToken(exchange)
        client.consume(exchange.requestBytes)
        writeHead(
            exchange, upstream, isStream: isStream, isChunked: isChunked, keepsAlive: keepsAlive, to: client)
        upstream.consume(exchange.answer.count)
        if let whole {
            return .over(relayWhole(whole.count, reply, exchange, to: client, keepsAlive: keepsAlive))
        }
        let endpoint = exchange.call.endpoint
        let body = RelayedBody(
            reply, framing: framing, isStream: isStream,
            endsItself: isStream ? endpoint.hasTerminalEvent : endpoint.answersInJSON,
            meter: endpoint.meter(
                isStream: isStream, strips: isStream && exchange.call.injectsUsage,
                collectsText: isStream && countsAnswer(exchange)))
        body.begin(
            isChunked ? exchange.head.version == .http10 ? .untilClose : .chunked : .kept, keepsAlive: keepsAlive,
            to: client)
        do throws(HTTPError) {
            guard try body.forward(from: upstream, to: client, &scratch) else { return .body(body) }
            return .over(end(.complete, body, reply, exchange, to: client))
        } catch {
            return .over(end(.upstreamBroke(.badAnswer), body, reply, exchange, to: client))
        }
    }

    /// Writes a body of `count` bytes that has come whole and was metered.
    private func relayWhole(
        _ count: Int, _ reply: Reply, _ exchange: Exchange, to client: Connection, keepsAlive: Bool
    ) -> Outcome {
        let upstream = reply.connection
        client.withOutput(reserving: count) { $0.append(upstream.unread.extracting(0..<count)) }
        upstream.consume(count)
        client.setCompanion(nil)
        exchange.sentBytes = count
        giveBack(reply, exchange)
        return keepsAlive ? .keepAlive : .close
    }

    func giveBack(_ reply: Reply, _ exchange: Exchange) {
        let pool = reply.upstream.pool
        if exchange.answer.keepsAlive { pool.giveBack(reply.connection) } else { pool.discard(reply.connection) }
    }

    /// What is left to do of an answer that has begun.
    enum RelayStart {
        case over(Outcome)
        case body(RelayedBody)
        /// Nothing of it was sent, for it is none.
        case failed(Refusal)
        /// Nothing of it was sent yet: more of it must come.
        case held
    }

    /// Relays the rest of an answer's body.
    func relayRest(_ body: RelayedBody, _ exchange: Exchange, to client: Connection) async -> Outcome {
        let how = await relayBody(body, exchange, to: client)
        return end(how, body, body.reply, exchange, to: client)
    }

    func end(
        _ how: BodyEnd, _ body: RelayedBody, _ reply: Reply, _ exchange: Exchange, to client: Connection
    ) -> Outcome {
        client.setCompanion(nil)
        // What the end itself tells belongs to the count.
        let outcome = finish(how, body, reply, exchange, to: client)
        exchange.usage = body.meter.usage
        exchange.tier = body.meter.tier
        exchange.contentEvents = body.meter.contentEvents
        // Where the provider has said how much it was, nobody asks for the rest of the count.
        if body.meter.collectsText, exchange.usage == .none { count(body, exchange, isLast: true) }
        exchange.sentBytes = body.sent
        return outcome
    }

    /// So many bytes of an answer's text wait to be counted. Most answers are shorter, and end with the provider's own count.
    private static let countedBytes = 2_048

    /// Whether an answer's text is counted as it passes, because its cost or its tokens matter and the provider may not come to tell them.
    func countsAnswer(_ exchange: Exchange) -> Bool {
        guard textCounter.counts(answersOf: exchange.model) else { return false }
        return exchange.caller?.isBounded == true || exchange.target?.pricing.tariff != nil
    }

    /// More of a stream's content has passed.
    @inline(never)
    private func noteContent(_ body: RelayedBody, _ exchange: Exchange) {
        exchange.contentEvents = body.meter.contentEvents
        if body.meter.textCount >= Gateway.countedBytes { count(body, exchange) }
        if let rate = body.rate {
            body.updatePassedTokens()
            meter(exchange, output: body.passedTokens, rate)
        }
    }

    private func count(_ body: RelayedBody, _ exchange: Exchange, isLast: Bool = false) {
        guard let tally = body.tally else { return }
        body.meter.takeText { textCounter.feed($0.span, tally, exchange.model) }
        if isLast { textCounter.finish(tally, exchange.model) }
        exchange.countedTokens = tally.tokens
    }

    /// How a body's relay ended.
    enum BodyEnd {
        case complete
        case clientGone
        case upstreamBroke(Refusal.UpstreamFailure)
    }

    private func relayBody(_ body: RelayedBody, _ exchange: Exchange, to client: Connection) async -> BodyEnd {
        let upstream = body.reply.connection
        upstream.unreadLimit = 131_072
        client.readDeadline = .never
        client.writeDeadline = body.reply.deadline
        if body.isStream { body.rate = liveRate(exchange) }
        while true {
            if client.unsentCount > Connection.highWater {
                do throws(ConnectionError) { try await client.drained() } catch {
                    guard exchange.drains else { return .clientGone }
                    // Nobody reads what is written from here on: it goes nowhere.
                    client.abort()
                }
            }
            if upstream.unreadCount == 0 {
                let idle = body.reply.upstream.provider.timeouts.idle
                upstream.readDeadline = min(body.reply.deadline, loop.now + idle)
                do throws(ConnectionError) {
                    try await upstream.fill()
                } catch {
                    guard client.isUsable || exchange.drains else { return .clientGone }
                    if error == .endOfStream, body.mayEndWithConnection { return .complete }
                    return .upstreamBroke(error == .timedOut ? .tooSlow : .connection(error))
                }
            }
            do throws(HTTPError) {
                if try body.forward(from: upstream, to: client, &scratch) { return .complete }
            } catch { return .upstreamBroke(.badAnswer) }
            if body.meter.hasProblem { return .upstreamBroke(.badAnswer) }
            if body.meter.contentEvents != exchange.contentEvents { noteContent(body, exchange) }
        }
    }

    private func finish(
        _ end: BodyEnd, _ body: RelayedBody, _ reply: Reply, _ exchange: Exchange, to client: Connection
    ) -> Outcome {
        let pool = reply.upstream.pool
        client.writeDeadline = .never  // the provider's time is over, not the client's to read what it was sent
        switch end {
        case .complete:
            guard body.finish(to: client, &scratch) else {
                return finish(.upstreamBroke(.badAnswer), body, reply, exchange, to: client)
            }
            body.endChunks(to: client)
            giveBack(reply, exchange)
            if !client.isUsable {
                // It was read to its end for the provider's count.
                counts.clientsGone += 1
                exchange.ending = .clientGone
            }
            return body.keepsAlive ? .keepAlive : .close
        case .clientGone:
            counts.clientsGone += 1
            exchange.ending = .clientGone
            pool.discard(reply.connection)
            client.abort()
            return .close
        case .upstreamBroke(let failure):
            pool.discard(reply.connection)
            if body.finishBroken(to: client) { return body.keepsAlive ? .keepAlive : .close }
            counts.upstreamBreaks += 1
            exchange.ending = .upstreamBroke
            if body.isStream, body.meter.isBetweenEvents, body.clientFraming != .kept {
                // A client whose API has events with names gets the error as one of them and reads on to the end of the body, after which its
                // connection goes on.
                let endsChunks = body.clientFraming == .chunked && exchange.call.endpoint.hasNamedEvents
                // What the provider itself has told is told once.
                if !body.meter.hasError { tell(client, of: failure, body, exchange) }
                if endsChunks {
                    body.endChunks(to: client)
                    if body.keepsAlive { return .keepAlive }
                }
                client.finish()
            } else if body.clientFraming == .untilClose {
                // An end in order is all that says that the answer is whole: it must not come.
                client.abort()
            } else {
                client.finish()
            }
            return .close
        }
    }

    /// Writes the error event of a stream that broke. Between two events the client can be told; in the middle of one, or of a JSON answer, only
    /// a cut is honest: the missing last chunk, the missing bytes or the reset are what its library notices.
    private func tell(
        _ client: Connection, of failure: Refusal.UpstreamFailure, _ body: RelayedBody, _ exchange: Exchange
    ) {
        scratch.removeAll()
        let refusal = Refusal.upstreamBroke(failure)
        if let answer = body.meter as? TranslatedAnswer {
            // Its writer knows what is open.
            answer.fail(refusal.problem, &scratch)
        } else {
            refusal.appendEvent(
                to: &scratch, of: exchange.call.endpoint, exchange.id, after: body.meter.events)
        }
        let isChunked = body.clientFraming == .chunked
        client.withOutput { if isChunked { $0.appendChunk(scratch) } else { $0.append(scratch) } }
    }

    func isEventStream(_ head: borrowing ResponseHead, _ bytes: Span<UInt8>) -> Bool {
        guard let type = head.fields.value(.contentType) else { return false }
        return bytes.starts(type, withIgnoringCaseOf: "text/event-stream")
    }

    /// Whether an answer to a JSON request that is no stream can be what it says: JSON, and, where all of it has come, a whole object. What
    /// a proxy on the way says in HTML with status 200 must not pass for an answer.
    /// - Parameter isWhole: whether the body is a whole JSON object; nil where not all of it has come.
    private func isPlausible(_ exchange: Exchange, _ upstream: Connection, isWhole: Bool?) -> Bool {
        guard exchange.call.endpoint.answersInJSON, exchange.answer.framing != .none else { return true }
        let bytes = upstream.unread
        guard let type = exchange.answer.fields.value(.contentType),
            bytes.starts(type, withIgnoringCaseOf: "application/json")
        else {
            return false
        }
        return isWhole ?? true
    }

    /// Where a body lies that has come whole with its head, as most do; nil if not all of it has come.
    private func wholeBody(_ head: borrowing ResponseHead, _ upstream: Connection) -> Range<Int>? {
        guard case .length(let length) = head.framing, upstream.unreadCount >= head.count + length else { return nil }
        return head.count..<head.count + length
    }

    private func discardAnswer(_ reply: Reply, on client: Connection) -> Refusal {
        client.setCompanion(nil)
        reply.upstream.pool.discard(reply.connection)
        return .upstreamFailed(.badAnswer)
    }

    /// Statuses that speak of the gateway's credential or of the provider's health: the client gets the gateway's own words.
    private func isGatewaysOwnFailure(_ status: Int) -> Bool {
        switch status {
        case 401, 403, 408, 409, 429: true
        default: status >= 500
        }
    }

    /// Reads what a refusal says of the gateway's credential, where all of it is here: a quota that is used up is told from a rate only by words.
    private func noteFault(_ reply: Reply, _ exchange: Exchange) {
        guard [401, 402, 403, 429].contains(exchange.answer.status),
            let body = wholeBody(exchange.answer, reply.connection)
        else { return }
        let bytes = reply.connection.unread
        let retryAfter = exchange.answer.fields.value(.retryAfter).flatMap { $0.count <= 64 ? bytes.text($0) : nil }
        exchange.fault = reply.upstream.dialect.problem(
            status: exchange.answer.status, errorType: nil, retryAfter: retryAfter, body: bytes.extracting(body))
    }

    /// Lets go of an answer whose status is all that counts.
    private func giveUp(_ reply: Reply, _ exchange: Exchange, on client: Connection) -> Refusal {
        let connection = reply.connection
        var retryAfter: [UInt8]?
        if let value = exchange.answer.fields.value(.retryAfter), value.count <= 64 {
            retryAfter = Array(connection.unread.text(value).utf8)
        }
        noteFault(reply, exchange)
        client.setCompanion(nil)
        // An error's body that is already here is read, so that the connection can go on; one that is not would have to be waited for.
        connection.consume(exchange.answer.count)
        var isRead = exchange.answer.framing == .none
        if case .length(let length) = exchange.answer.framing, length <= connection.unreadCount {
            connection.consume(length)
            isRead = true
        }
        if isRead, exchange.answer.keepsAlive {
            reply.upstream.pool.giveBack(connection)
        } else {
            reply.upstream.pool.discard(connection)
        }
        return .upstreamStatus(exchange.answer.status, retryAfter: retryAfter)
    }
}
