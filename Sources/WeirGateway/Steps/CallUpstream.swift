import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirWire

/// An upstream's answer whose head has come and is read (`Exchange.answer`); it lies unread in the connection, its body behind it.
struct Reply {
    var connection: Connection
    var upstream: Upstream
    /// When all of the answer must have come.
    var deadline: Instant
}

extension Gateway {
    /// Sends the request and waits for the answer's head. Sends it once more where a pooled connection turns out to be closed.
    func callUpstream(
        _ exchange: Exchange, for client: Connection
    ) async throws(Refusal) -> Reply {
        let upstream = upstreams[exchange.provider]
        let timeouts = upstream.provider.timeouts
        let deadline = exchange.accepted + timeouts.total
        exchange.attempts += 1
        exchange.credential = upstream.pickCredential(besides: exchange.triedCredentials, at: loop.now)
        var fresh = false
        while true {
            let connection: Connection
            let isReused: Bool
            // An idle connection is the usual case, and costs no await.
            if !fresh, let idle = upstream.pool.takeIdle() {
                (connection, isReused) = (idle, true)
            } else {
                isReused = false
                do throws(ConnectionError) {
                    connection = try await upstream.pool.connect(until: min(deadline, loop.now + timeouts.connect))
                } catch {
                    if !client.isUsable { exchange.ending = .clientGone }
                    throw .upstreamFailed(.connection(error))
                }
            }
            // The request lies in the client's connection and goes with it. What was never sent need not be read to its end.
            guard client.isUsable else {
                upstream.pool.giveBack(connection)
                exchange.ending = .clientGone
                throw .upstreamFailed(.connection(.aborted))
            }
            exchange.upstream = connection
            guard !exchange.isOffRecord else {
                upstream.pool.giveBack(connection)
                throw .ledgerUnavailable
            }
            if !exchange.drains { client.setCompanion(connection) }
            write(exchange, client, to: connection, upstream)
            exchange.called = loop.readClock()
            let patience = HeadPatience(timeouts, until: deadline, from: loop.now)
            connection.readDeadline = patience.firstDeadline
            connection.writeDeadline = deadline
            exchange.answer.reset()
            connection.unreadLimit = 262_144
            do throws(UpstreamBreak) {
                while try !readAnswerHead(exchange, from: connection) {
                    do throws(ConnectionError) {
                        try await connection.fill()
                    } catch {
                        guard error == .timedOut, goesOnWaiting(connection, patience) else {
                            throw connection.unreadCount == 0 ? .before(error) : .within(error)
                        }
                    }
                }
                exchange.answered = loop.now
                return Reply(connection: connection, upstream: upstream, deadline: deadline)
            } catch {
                client.setCompanion(nil)
                upstream.pool.discard(connection)
                guard !exchange.isOffRecord else { throw .ledgerUnavailable }
                guard client.isUsable || exchange.drains else {
                    exchange.ending = .clientGone
                    throw .upstreamFailed(.connection(.aborted))
                }
                switch error {
                case .before(.endOfStream), .before(.reset):
                    guard isReused, !fresh else { throw .upstreamFailed(.connection(.reset)) }
                    counts.staleRetries += 1
                    fresh = true
                case .before(.timedOut): throw .upstreamFailed(.noFirstByte)
                case .before(let other), .within(let other): throw .upstreamFailed(.connection(other))
                case .malformed: throw .upstreamFailed(.badAnswer)
                }
            }
        }
    }

    /// Why there is no answer: the connection broke before its first byte, or within its head, or it is malformed.
    private enum UpstreamBreak: Error {
        case before(ConnectionError)
        case within(ConnectionError)
        case malformed
    }

    /// Reads on in the answer's head, past interim ones.
    /// - Returns: whether it is complete.
    private func readAnswerHead(_ exchange: Exchange, from connection: Connection) throws(UpstreamBreak) -> Bool {
        while connection.unreadCount > 0 {
            do throws(HTTPError) {
                let bytes = connection.unread
                guard try exchange.answer.read(bytes, answering: exchange.head.method, limits: .upstream) != nil else {
                    return false
                }
            } catch { throw .malformed }
            guard exchange.answer.isInterim else { return true }
            connection.consume(exchange.answer.count)
        }
        return false
    }

    /// Whether a time-out came only because nobody had looked how far the sending has got.
    private func goesOnWaiting(_ connection: Connection, _ patience: HeadPatience) -> Bool {
        let deadline = patience.deadline(of: connection)
        guard connection.isUsable, deadline > loop.now else { return false }
        connection.readDeadline = deadline
        return true
    }
}
