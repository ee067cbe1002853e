import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

// Until the first content has gone to the client another target may take over, and nobody sees it. So where there is another one, an answer is looked
// at before any of it is sent: a stream until its first event with content, any other until it is whole, both within a bound.
extension Gateway {
    /// So much of an answer is held back at most; a longer beginning without content is the answer.
    private static let heldAnswer = 128 << 10

    /// What an answer's beginning shows.
    enum Beginning {
        /// It is the answer.
        case good
        /// Too little has come.
        case open
        case failed(Refusal)
    }

    /// Judges what has come of an answer of status 2xx.
    func beginning(of exchange: Exchange, _ upstream: Connection, isStream: Bool) -> Beginning {
        let bytes = upstream.unread
        let body = bytes.extracting(exchange.answer.count..<bytes.count)
        guard body.count < Gateway.heldAnswer else { return .good }
        switch exchange.answer.framing {
        case .none: return .good
        case .length(let length):
            if isStream { return firstContent(body, exchange, isOver: body.count >= length) }
            return body.count >= length || length > Gateway.heldAnswer ? .good : .open
        case .untilClose: return isStream ? firstContent(body, exchange, isOver: false) : .good
        case .chunked:
            var decoder = ChunkedDecoder()
            var offset = 0
            var plain = ByteBuffer(capacity: body.count)
            do throws(HTTPError) {
                while true {
                    switch try decoder.next(in: body, from: &offset, limits: .upstream) {
                    case .data(let range): plain.append(body.extracting(range.bounds))
                    case .needsMore: return isStream ? firstContent(plain.span, exchange, isOver: false) : .open
                    case .end: return isStream ? firstContent(plain.span, exchange, isOver: true) : .good
                    }
                }
            } catch { return .failed(.upstreamFailed(.badAnswer)) }
        }
    }

    private func firstContent(_ body: Span<UInt8>, _ exchange: Exchange, isOver: Bool) -> Beginning {
        let meter = exchange.call.endpoint.meter(isStream: true, strips: false, collectsText: false)
        var unused = ByteBuffer()
        _ = meter.feed(body, into: &unused)
        if meter.contentEvents > 0 { return .good }
        if meter.hasError { return .failed(.upstreamStatus(502, retryAfter: nil)) }
        if meter.isDone { return .good }
        return isOver ? .failed(.upstreamFailed(.badAnswer)) : .open
    }

    /// Waits for more of an answer that was held back.
    @inline(never)
    func awaitMore(_ reply: Reply, _ exchange: Exchange, _ client: Connection) async throws(Refusal) {
        if exchange.call.translated != nil { return try await awaitMoreTranslated(reply, exchange, client) }
        let upstream = reply.connection
        upstream.readDeadline = min(reply.deadline, loop.now + reply.upstream.provider.timeouts.idle)
        var problem: ConnectionError?
        do throws(ConnectionError) { try await upstream.fill() } catch { problem = error }
        // Bytes may have come and the connection have been given up in one turn, because the client has gone: then nothing is left of them.
        if problem == nil, upstream.unreadCount >= exchange.answer.count { return }
        reply.upstream.pool.discard(upstream)
        guard client.isUsable || exchange.drains else {
            exchange.ending = .clientGone
            throw .upstreamFailed(.connection(.aborted))
        }
        throw .upstreamFailed(problem == .timedOut ? .tooSlow : .connection(problem ?? .aborted))
    }
}
