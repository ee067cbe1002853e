import WeirBase
import WeirConfig
import WeirLoop
import WeirWire

extension Gateway {
    /// Finds a body that has come whole with its head, as most do, or that there is none.
    /// - Returns: whether the body is there; if not, `readBody` waits for it.
    @inline(never)  // see `admit`
    func takeBody(_ exchange: Exchange, from client: Connection) -> Bool {
        let headBytes = exchange.head.count
        let total: Int
        switch exchange.head.framing {
        case .none, .untilClose: total = headBytes
        case .length(let length): total = headBytes + length
        case .chunked: return false
        }
        guard client.unreadCount >= total else { return false }
        exchange.bodyRange = ByteRange(start: headBytes, end: total)
        exchange.requestBytes = total
        return true
    }

    /// Reads the whole body. It stays unread in the connection, behind the head; that of a chunked request is decoded into the exchange.
    @inline(never)
    func readBody(_ exchange: Exchange, from client: Connection) async throws(Refusal) {
        switch exchange.head.framing {
        case .none, .untilClose: return
        case .length(let length):
            let total = exchange.head.count + length
            continueIfExpected(exchange.head, client)
            client.reserveUnread(total)
            client.unreadLimit = max(65_536, total)
            while !takeBody(exchange, from: client) { try await fillBody(client) }
        case .chunked: try await readChunked(exchange, from: client)
        }
    }

    private func readChunked(_ exchange: Exchange, from client: Connection) async throws(Refusal) {
        exchange.hasDecodedBody = true
        continueIfExpected(exchange.head, client)
        var decoder = ChunkedDecoder()
        var offset = exchange.head.count
        // Framing costs a few bytes per chunk; a client that sends a byte per chunk meets this bound before the one on the body.
        client.unreadLimit = exchange.head.count + limits.bodyBytes + limits.bodyBytes / 4 + 65_536
        while true {
            let step: ChunkedDecoder.Piece
            do throws(HTTPError) { step = try decoder.next(in: client.unread, from: &offset, limits: limits) } catch {
                throw .http(error)
            }
            switch step {
            case .data(let range):
                guard exchange.decodedBody.count + range.count <= limits.bodyBytes else {
                    throw .http(.bodyTooLarge(limit: limits.bodyBytes))
                }
                exchange.decodedBody.append(client.unread, range)
            case .needsMore: try await fillBody(client)
            case .end:
                exchange.requestBytes = offset
                return
            }
        }
    }

    private func fillBody(_ client: Connection) async throws(Refusal) {
        client.readDeadline = loop.now + policy.limits.idleTimeout
        do throws(ConnectionError) {
            try await client.fill()
        } catch {
            switch error {
            case .timedOut: throw .bodyTimedOut
            case .tooMuchUnread: throw .http(.bodyTooLarge(limit: limits.bodyBytes))
            default: throw .bodyCut
            }
        }
    }

    private func continueIfExpected(_ head: borrowing RequestHead, _ client: Connection) {
        guard head.expectsContinue, head.version != .http10, client.unreadCount == head.count else { return }
        client.withOutput { $0.append("HTTP/1.1 100 Continue\r\n\r\n") }
    }
}
