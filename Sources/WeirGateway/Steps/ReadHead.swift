import WeirBase
import WeirConfig
import WeirLoop
import WeirWire

extension Gateway {
    /// Waits for a request and parses its head, which stays unread in the connection.
    /// - Returns: whether there is a request to answer; if not, the connection is to be closed.
    func readHead(_ exchange: inout Exchange, from client: Connection) async -> Bool {
        exchange.head.reset()
        client.unreadLimit = max(65_536, limits.headBytes + 1)
        client.readDeadline =
            loop.now + (client.unreadCount > 0 ? policy.limits.headTimeout : policy.limits.idleTimeout)
        var isFirst = client.unreadCount == 0
        while true {
            do throws(HTTPError) {
                if client.unreadCount > 0, let length = try exchange.head.read(client.unread, limits: limits) {
                    begin(&exchange)
                    exchange.requestBytes = length
                    return true
                }
            } catch {
                refuseHead(.http(error), &exchange, on: client)
                return false
            }
            if isDraining, client.unreadCount == 0 { return false }
            client.isAtRest = client.unreadCount == 0
            do throws(ConnectionError) {
                try await client.fill()
                client.isAtRest = false
                if isFirst {
                    isFirst = false
                    client.readDeadline = loop.now + policy.limits.headTimeout
                }
            } catch {
                if error == .timedOut, client.unreadCount > 0 { refuseHead(.headTimedOut, &exchange, on: client) }
                return false
            }
        }
    }

    /// Answers what is no request, and records it. The connection is closed after it.
    private func refuseHead(_ refusal: Refusal, _ exchange: inout Exchange, on client: Connection) {
        begin(&exchange)
        _ = refuse(refusal, &exchange, on: client)
        record(exchange)
    }

    private func begin(_ exchange: inout Exchange) {
        exchange.begin(requestIDs.next(wallClock: loop.readWallClock()), at: loop.now)
    }
}
