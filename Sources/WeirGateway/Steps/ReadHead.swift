import WeirBase
import WeirConfig
import WeirLoop
import WeirWire

extension Gateway {
    /// Waits for a request and parses its head, which stays unread in the connection.
    /// - Returns: the exchange that begins with it; nil if there is none to answer, and the connection is to be closed.
    func readHead(from client: Connection) async -> Exchange? {
        client.unreadLimit = max(65_536, limits.headBytes + 1)
        if client.unreadCount == 0 {
            guard await waitForRequest(client) else { return nil }
        }
        client.readDeadline = loop.now + policy.limits.headTimeout
        let exchange = takeExchange()
        while true {
            do throws(HTTPError) {
                if let length = try exchange.head.read(client.unread, limits: limits) {
                    begin(exchange)
                    exchange.requestBytes = length
                    return exchange
                }
            } catch {
                refuseHead(.http(error), exchange, on: client)
                return nil
            }
            do throws(ConnectionError) { try await client.fill() } catch {
                if error == .timedOut {
                    refuseHead(.headTimedOut, exchange, on: client)
                } else {
                    giveBack(exchange)
                }
                return nil
            }
        }
    }

    /// Waits at rest for a request's first bytes.
    /// - Returns: whether some have come.
    private func waitForRequest(_ client: Connection) async -> Bool {
        guard !isDraining else { return false }
        client.readDeadline = loop.now + policy.limits.idleTimeout
        client.isAtRest = true
        defer { client.isAtRest = false }
        do throws(ConnectionError) { try await client.fill() } catch { return false }
        return true
    }

    /// Answers what is no request, and records it. The connection is closed after it.
    private func refuseHead(_ refusal: Refusal, _ exchange: Exchange, on client: Connection) {
        begin(exchange)
        _ = refuse(refusal, exchange, on: client)
        record(exchange)
        giveBack(exchange)
    }

    private func begin(_ exchange: Exchange) {
        let wall = loop.readWallClock()
        exchange.begin(requestIDs.next(wallClock: wall), at: loop.now, WallTime(nanoseconds: wall))
    }

    // MARK: Exchanges

    private static let spareExchanges = 256

    /// An exchange at its beginning.
    private func takeExchange() -> Exchange {
        let exchange = spares.popLast() ?? Exchange()
        exchange.head.reset()
        return exchange
    }

    /// Takes an exchange back that is over.
    func giveBack(_ exchange: Exchange) {
        guard spares.count < Gateway.spareExchanges else { return }
        if exchange.decodedBody.capacity > 65_536 { exchange.decodedBody = ByteBuffer() }
        spares.append(exchange)
    }
}
