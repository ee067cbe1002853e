import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

// Policy. Nothing of an answer in another dialect goes out before its first content, or, where it is no stream, before all of it has come: until then
// its status can still tell what went wrong, and another target take over. A beginning without content is held up to a bound.
extension Gateway {
    /// So much of a stream without content is held; a longer beginning is the answer.
    private static let heldBeginning = 128 << 10
    /// So much of an error's body is read.
    private static let errorBytes = 64 << 10

    /// Goes on with an answer in another dialect: reads what has come of it, and begins the client's where that can begin.
    @inline(never)  // see `admit`
    func relayTranslated(_ reply: Reply, _ exchange: Exchange, to client: Connection) -> RelayStart {
        let upstream = reply.connection
        guard exchange.answer.status / 100 == 2 else { return failTranslated(reply, exchange, on: client) }
        guard let body = exchange.heldAnswer ?? holdAnswer(reply, exchange) else {
            return .failed(giveUpAnswer(reply, on: client))
        }
        var isOver: Bool
        do throws(HTTPError) { isOver = try body.forward(from: upstream, to: client, &scratch) } catch {
            return .failed(giveUpAnswer(reply, on: client))
        }
        if exchange.answer.framing == .untilClose, exchange.isAnswerEnded { isOver = true }
        let isWhole = isOver && body.finish(to: client, &scratch)
        if let problem = body.meter.problem, body.meter.contentEvents == 0 || !body.isStream {
            client.setCompanion(nil)
            if isOver { giveBack(reply, exchange) } else { reply.upstream.pool.discard(upstream) }
            return .failed(.upstreamProblem(problem))
        }
        guard isOver || (body.isStream && mayBegin(body)) else { return .held }
        exchange.heldAnswer = nil
        begin(body, exchange, to: client, isWhole: isWhole)
        if body.meter.problem != nil {
            return .over(end(.upstreamBroke(.badAnswer), body, reply, exchange, to: client))
        }
        return isOver ? .over(end(.complete, body, reply, exchange, to: client)) : .body(body)
    }

    private func mayBegin(_ body: RelayedBody) -> Bool {
        body.meter.contentEvents > 0 || body.meter.problem != nil || body.heldCount > Gateway.heldBeginning
    }

    /// Waits for more of an answer that was held back.
    @inline(never)
    func awaitMoreTranslated(
        _ reply: Reply, _ exchange: Exchange, _ client: Connection
    ) async throws(Refusal) {
        let upstream = reply.connection
        let isError = exchange.heldAnswer == nil
        upstream.readDeadline = min(reply.deadline, loop.now + reply.upstream.provider.timeouts.idle)
        var problem: ConnectionError?
        do throws(ConnectionError) { try await upstream.fill() } catch { problem = error }
        // Bytes may have come and the connection have been given up in one turn, because the client has gone: then nothing is left of them.
        if problem == nil, upstream.unreadCount >= (isError ? exchange.answer.count : 1) { return }
        if problem == .endOfStream, isError || exchange.answer.framing == .untilClose {
            exchange.isAnswerEnded = true
            return
        }
        reply.upstream.pool.discard(upstream)
        guard client.isUsable || exchange.drains else {
            exchange.ending = .clientGone
            throw .upstreamFailed(.connection(.aborted))
        }
        throw .upstreamFailed(problem == .timedOut ? .tooSlow : .connection(problem ?? .aborted))
    }

    // MARK: Parts

    /// Makes what reads the answer and writes the client's.
    /// - Returns: nil if the answer is neither a stream nor JSON.
    private func holdAnswer(_ reply: Reply, _ exchange: Exchange) -> RelayedBody? {
        let upstream = reply.connection
        let bytes = upstream.unread
        guard let conversation = exchange.conversation, let type = exchange.answer.fields.value(.contentType) else {
            return nil
        }
        let form: TranslatedAnswer.Form
        if bytes.starts(type, withIgnoringCaseOf: "application/json") {
            form = .whole
        } else if bytes.starts(type, withIgnoringCaseOf: "text/event-stream") {
            form = .events
        } else if bytes.starts(type, withIgnoringCaseOf: "application/vnd.amazon.eventstream") {
            form = .frames
        } else {
            return nil
        }
        // A server that streams where nobody asked for it, or the other way round, is read as what it is.
        let isStream = conversation.request.stream
        let context = AnswerContext(
            id: exchange.id.description, created: exchange.at.seconds, request: conversation.request)
        let meter = TranslatedAnswer(
            form, reply.upstream.dialect.reader(), conversation.writer(stream: isStream, context),
            collectsText: isStream && countsAnswer(exchange))
        let body = RelayedBody(
            reply, framing: exchange.answer.framing, isStream: isStream, endsItself: false, meter: meter, isHeld: true)
        exchange.heldAnswer = body
        exchange.upstreamID = exchange.upstreamID(in: bytes).map { bytes.text($0) }
        upstream.unreadLimit = 262_144
        upstream.consume(exchange.answer.count)
        return body
    }

    /// Writes the head of the client's answer, and what was held of its body.
    private func begin(_ body: RelayedBody, _ exchange: Exchange, to client: Connection, isWhole: Bool) {
        exchange.status = 200
        noteFirstToken(exchange)
        exchange.usage = body.meter.usage
        if isWhole, exchange.slot != nil, exchange.target?.pricing.tariff != nil {
            exchange.knownCost = cost(of: exchange)
        }
        let length = body.isStream ? nil : body.heldCount
        let isChunked = length == nil && exchange.head.version != .http10
        let keepsAlive = exchange.head.keepsAlive && !isDraining && (isChunked || length != nil)
        client.consume(exchange.requestBytes)
        client.withOutput(reserving: 1_024) { out in
            out.appendStatusLine(200)
            if body.isStream {
                out.append("content-type: text/event-stream\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\n")
            } else {
                out.append("content-type: application/json\r\n")
            }
            appendOwnFields(exchange, to: &out)
            if let target = exchange.target {
                out.append(target.fields)
                out.appendField("x-weir-attempts", decimal: exchange.attempts)
            }
            appendCost(exchange, to: &out)
            appendDropped(exchange, to: &out)
            if let id = exchange.upstreamID {
                out.append("x-weir-upstream-request-id: ")
                out.append(id)
                out.append("\r\n")
            }
            if let length {
                out.appendField("content-length", decimal: length)
            } else if isChunked {
                out.append("transfer-encoding: chunked\r\n")
            }
            appendConnection(keepsAlive, exchange.head, to: &out)
            out.append("\r\n")
        }
        body.begin(
            length != nil ? .kept : isChunked ? .chunked : .untilClose, keepsAlive: keepsAlive, to: client)
    }

    /// The members of the request that its upstream has no like of. Their names may be a client's own: what has no place in a field is cut out.
    private func appendDropped(_ exchange: Exchange, to out: inout ByteBuffer) {
        guard let dropped = exchange.call.translated?.dropped, !dropped.isEmpty else { return }
        out.append("x-weir-dropped: ")
        for (place, name) in dropped.prefix(32).enumerated() {
            if place > 0 { out.append(", ") }
            for byte in name.utf8.prefix(64) where byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: ",") {
                out.append(byte)
            }
        }
        out.append("\r\n")
    }

    /// Reads an error's body, and what it says.
    private func failTranslated(_ reply: Reply, _ exchange: Exchange, on client: Connection) -> RelayStart {
        let upstream = reply.connection
        let bytes = upstream.unread
        let body = bytes.extracting(exchange.answer.count..<bytes.count)
        var plain = ByteBuffer(capacity: min(body.count, Gateway.errorBytes))
        guard let isRead = readError(body, exchange, into: &plain) else { return .held }
        func text(_ range: ByteRange?) -> String? { range.flatMap { $0.count <= 256 ? bytes.text($0) : nil } }
        let dialect = reply.upstream.dialect
        let problem = dialect.problem(
            status: exchange.answer.status,
            errorType: text(
                dialect.errorTypeField.flatMap { exchange.answer.fields.first(named: $0, in: bytes)?.value }),
            retryAfter: text(exchange.answer.fields.value(.retryAfter)), body: plain.span)
        client.setCompanion(nil)
        if isRead, exchange.answer.keepsAlive, case .length(let length) = exchange.answer.framing {
            upstream.consume(exchange.answer.count + length)
            reply.upstream.pool.giveBack(upstream)
        } else {
            reply.upstream.pool.discard(upstream)
        }
        return .failed(.upstreamProblem(problem))
    }

    /// Reads the body of an error as far as it counts.
    /// - Returns: nil if more of it must come; else whether it was read to its end.
    private func readError(_ body: Span<UInt8>, _ exchange: Exchange, into plain: inout ByteBuffer) -> Bool? {
        let isFull = body.count >= Gateway.errorBytes || exchange.isAnswerEnded
        switch exchange.answer.framing {
        case .none: return true
        case .length(let length):
            guard body.count >= length || isFull else { return nil }
            plain.append(body.extracting(0..<min(length, body.count, Gateway.errorBytes)))
            return body.count >= length
        case .untilClose:
            guard isFull else { return nil }
            plain.append(body)
            return false
        case .chunked:
            var decoder = ChunkedDecoder()
            var offset = 0
            do throws(HTTPError) {
                while true {
                    switch try decoder.next(in: body, from: &offset, limits: .upstream) {
                    case .data(let range): plain.append(body.extracting(range.bounds))
                    case .needsMore: return isFull ? false : nil
                    case .end: return false
                    }
                }
            } catch { return false }
        }
    }

    private func giveUpAnswer(_ reply: Reply, on client: Connection) -> Refusal {
        client.setCompanion(nil)
        reply.upstream.pool.discard(reply.connection)
        return .upstreamFailed(.badAnswer)
    }
}
