import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

// The answer goes on as it comes: each read of the upstream is forwarded in the same turn. A JSON answer keeps its length; everything else is
// sent chunked, so that a cut can be told from an end. The meter reads the usage from what passes.
extension Gateway {
    func relay(
        _ reply: Reply, of call: Call, _ exchange: inout Exchange, to client: Connection
    ) async -> Outcome {
        guard !isGatewaysOwnFailure(reply.head.status) else {
            return refuseUpstreamStatus(reply, &exchange, on: client)
        }
        let upstream = reply.connection
        let isStream = isEventStream(reply.head, upstream.unread)
        var plain = OpenAIResponseMeter()
        let isMetered = !isStream && meterIfWhole(reply, &plain)
        guard isStream || isPlausible(reply, call, isWhole: isMetered ? plain.isComplete : nil) else {
            // A refusal in a proxy's or a server's own words keeps its status.
            return reply.head.status / 100 == 4
                ? refuseUpstreamStatus(reply, &exchange, on: client) : refuseAnswer(reply, &exchange, on: client)
        }
        let framing = reply.head.framing
        var keepsAlive = exchange.head.keepsAlive && !isDraining
        let isChunked: Bool
        switch framing {
        case .none, .length: isChunked = isStream && call.splice?.injectsUsage == true
        case .chunked, .untilClose: isChunked = true
        }
        if isChunked, exchange.head.version == .http10 { keepsAlive = false }
        exchange.status = reply.head.status
        client.consume(exchange.requestBytes)
        writeHead(reply, call, exchange, isStream: isStream, isChunked: isChunked, keepsAlive: keepsAlive, to: client)
        upstream.consume(reply.head.count)
        var body = RelayedBody(
            framing: framing,
            clientFraming: isChunked ? exchange.head.version == .http10 ? .untilClose : .chunked : .kept,
            isStream: isStream, endsItself: isStream ? call.endpoint.hasTerminalEvent : answersInJSON(call),
            usesNamedEvents: call.usagePlace == .inResponse,
            meter: OpenAIStreamMeter(call.usagePlace, strips: isStream && call.splice?.injectsUsage == true),
            plain: plain, isMetered: isMetered)
        let end = await relayBody(&body, reply, to: client)
        client.setCompanion(nil)
        exchange.usage = isStream ? body.meter.report.usage : body.plain.usage
        let outcome = finish(end, &body, reply, &exchange, to: client, keepsAlive: keepsAlive)
        exchange.sentBytes = body.sent
        return outcome
    }

    /// How a body's relay ended.
    private enum BodyEnd {
        case complete
        case clientGone
        case upstreamBroke(Refusal.UpstreamFailure)
    }

    private func relayBody(_ body: inout RelayedBody, _ reply: Reply, to client: Connection) async -> BodyEnd {
        let upstream = reply.connection
        let idle = reply.upstream.provider.timeouts.idle
        upstream.unreadLimit = 131_072
        client.readDeadline = .never
        client.writeDeadline = reply.deadline
        while true {
            do throws(HTTPError) {
                if try body.forward(from: upstream, to: client, &scratch) { return .complete }
            } catch { return .upstreamBroke(.badAnswer) }
            if client.unsentCount > Connection.highWater {
                do throws(ConnectionError) { try await client.drained() } catch { return .clientGone }
                if upstream.unreadCount > 0 { continue }
            }
            upstream.readDeadline = min(reply.deadline, loop.now + idle)
            do throws(ConnectionError) {
                try await upstream.fill()
            } catch {
                guard client.isUsable else { return .clientGone }
                if error == .endOfStream, body.mayEndWithConnection { return .complete }
                return .upstreamBroke(error == .timedOut ? .tooSlow : .connection(error))
            }
        }
    }

    private func finish(
        _ end: BodyEnd, _ body: inout RelayedBody, _ reply: Reply, _ exchange: inout Exchange, to client: Connection,
        keepsAlive: Bool
    ) -> Outcome {
        let pool = reply.upstream.pool
        client.writeDeadline = .never  // the provider's time is over, not the client's to read what it was sent
        switch end {
        case .complete:
            body.finish(to: client, &scratch)
            if reply.head.keepsAlive { pool.giveBack(reply.connection) } else { pool.discard(reply.connection) }
            return keepsAlive ? .keepAlive : .close
        case .clientGone:
            counts.clientsGone += 1
            exchange.ending = .clientGone
            pool.discard(reply.connection)
            client.abort()
            return .close
        case .upstreamBroke(let failure):
            pool.discard(reply.connection)
            if body.finishBroken(to: client) { return keepsAlive ? .keepAlive : .close }
            counts.upstreamBreaks += 1
            exchange.ending = .upstreamBroke
            if body.isStream, body.meter.isBetweenEvents, body.clientFraming != .kept {
                tell(client, of: failure, body)
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
    private func tell(_ client: Connection, of failure: Refusal.UpstreamFailure, _ body: borrowing RelayedBody) {
        let shape = Refusal.upstreamBroke(failure).shape
        scratch.removeAll()
        if body.usesNamedEvents {
            shape.appendResponsesEvent(sequence: body.meter.report.events, to: &scratch)
        } else {
            shape.appendEvent(to: &scratch)
        }
        let isChunked = body.clientFraming == .chunked
        let isLast = isChunked && body.usesNamedEvents
        client.withOutput {
            if isChunked { $0.appendChunk(scratch) } else { $0.append(scratch) }
            // A Responses client gets the error as an event like others and reads on to the end of the body.
            if isLast { $0.appendLastChunk() }
        }
    }

    // MARK: Head

    private func writeHead(
        _ reply: Reply, _ call: Call, _ exchange: borrowing Exchange, isStream: Bool, isChunked: Bool, keepsAlive: Bool,
        to client: Connection
    ) {
        let head = reply.head
        client.withOutput(reserving: head.count + 512 + min(reply.connection.unreadCount, 32_768)) { out in
            let bytes = reply.connection.unread
            out.appendStatusLine(head.status)
            var hasCacheControl = false
            for index in head.fields.indices {
                let field = head.fields[index]
                guard FieldFilter.response.passes(field) else { continue }
                if field.id == .cacheControl { hasCacheControl = true }
                out.appendField(copying: field, of: bytes)
            }
            if isStream {
                if !hasCacheControl { out.append("cache-control: no-cache\r\n") }
                out.append("x-accel-buffering: no\r\n")
            }
            appendOwnFields(exchange, to: &out)
            if call.model >= 0 { out.append(routeFields[call.model]) }
            if let id = head.fields.value(.xRequestID) {
                out.append("x-weir-upstream-request-id: ")
                out.append(bytes, id)
                out.append("\r\n")
            }
            if isChunked {
                if exchange.head.version != .http10 { out.append("transfer-encoding: chunked\r\n") }
            } else {
                switch head.framing {
                case .length(let length): out.appendField("content-length", decimal: length)
                case .none where head.status != 204 && head.status != 304:
                    appendLengthOfNothing(head, exchange, bytes, &out)
                default: break
                }
            }
            appendConnection(keepsAlive, exchange.head, to: &out)
            out.append("\r\n")
        }
    }

    /// The answer to HEAD has the length that GET would have had; another answer without a body has 0.
    private func appendLengthOfNothing(
        _ head: ResponseHead, _ exchange: borrowing Exchange, _ bytes: Span<UInt8>, _ out: inout ByteBuffer
    ) {
        if exchange.head.method == .head {
            guard let length = head.fields.value(.contentLength) else { return }
            out.append("content-length: ")
            out.append(bytes, length)
            out.append("\r\n")
        } else {
            out.append("content-length: 0\r\n")
        }
    }

    private func isEventStream(_ head: ResponseHead, _ bytes: Span<UInt8>) -> Bool {
        guard let type = head.fields.value(.contentType) else { return false }
        return bytes.starts(type, withIgnoringCaseOf: "text/event-stream")
    }

    /// Whether the endpoint's answer, where it is no stream, is a JSON object.
    private func answersInJSON(_ call: Call) -> Bool {
        if case .json = call.endpoint.kind { call.endpoint != .speech } else { false }
    }

    /// Whether an answer to a JSON request that is no stream can be what it says: JSON, and, where all of it has come, a whole object. What
    /// a proxy on the way says in HTML with status 200 must not pass for an answer.
    /// - Parameter isWhole: whether the body is a whole JSON object; nil where not all of it has come.
    private func isPlausible(_ reply: Reply, _ call: Call, isWhole: Bool?) -> Bool {
        guard answersInJSON(call), reply.head.framing != .none else { return true }
        let bytes = reply.connection.unread
        guard let type = reply.head.fields.value(.contentType),
            bytes.starts(type, withIgnoringCaseOf: "application/json")
        else {
            return false
        }
        return isWhole ?? true
    }

    /// Meters a body that has come whole with its head, as most do: what is judged before the answer begins is not read again later.
    private func meterIfWhole(_ reply: Reply, _ plain: inout OpenAIResponseMeter) -> Bool {
        let bytes = reply.connection.unread
        guard case .length(let length) = reply.head.framing, bytes.count >= reply.head.count + length else {
            return false
        }
        plain.feedWhole(bytes.extracting(reply.head.count..<reply.head.count + length))
        return true
    }

    private func refuseAnswer(_ reply: Reply, _ exchange: inout Exchange, on client: Connection) -> Outcome {
        client.setCompanion(nil)
        reply.upstream.pool.discard(reply.connection)
        return refuse(.upstreamFailed(.badAnswer), &exchange, on: client)
    }

    /// Statuses that speak of the gateway's credential or of the provider's health: the client gets the gateway's own words.
    private func isGatewaysOwnFailure(_ status: Int) -> Bool {
        switch status {
        case 401, 403, 408, 409, 429: true
        default: status >= 500
        }
    }

    private func refuseUpstreamStatus(_ reply: Reply, _ exchange: inout Exchange, on client: Connection) -> Outcome {
        let connection = reply.connection
        var retryAfter: [UInt8]?
        if let value = reply.head.fields.value(.retryAfter), value.count <= 64 {
            retryAfter = Array(connection.unread.text(value).utf8)
        }
        client.setCompanion(nil)
        // An error's body that is already here is read, so that the connection can go on; one that is not would have to be waited for.
        connection.consume(reply.head.count)
        var isRead = reply.head.framing == .none
        if case .length(let length) = reply.head.framing, length <= connection.unreadCount {
            connection.consume(length)
            isRead = true
        }
        if isRead, reply.head.keepsAlive {
            reply.upstream.pool.giveBack(connection)
        } else {
            reply.upstream.pool.discard(connection)
        }
        return refuse(.upstreamStatus(reply.head.status, retryAfter: retryAfter), &exchange, on: client)
    }
}
