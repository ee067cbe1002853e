import WeirBase
import WeirConfig
import WeirDialects
public import WeirLoop
import WeirRouting
import WeirWire

/// The life of a connection and of each request on it, top to bottom. A step is a file in `Steps/`.
extension Gateway {
    /// Serves a client's connection until it closes.
    public func serve(_ client: Connection) async {
        counts.clients += 1
        while client.isOpen {
            guard let exchange = await readHead(from: client) else { break }
            counts.requests += 1
            counts.active += 1
            var outcome = await answer(exchange, on: client)
            // A stream is relayed from here: the frame in which its request was read and sent is gone by then.
            if case .begun(let body) = outcome { outcome = await relayRest(body, exchange, to: client) }
            client.setCompanion(nil)
            endAttempt(exchange)
            let isSettled = settle(exchange, client)
            if awaitsDurability, isSettled { await makeDurable(answer: exchange, to: client) }
            counts.active -= 1
            record(exchange)
            giveBack(exchange)
            guard case .keepAlive = outcome, client.isUsable else { break }
            if client.unsentCount > Connection.highWater { guard await hasTaken(client) else { break } }
        }
        counts.clients -= 1
    }

    /// Waits until the client has taken most of what was written, so that one that sends request after request and reads no answer is not
    /// answered into memory.
    /// - Returns: whether it has done so in time.
    @inline(never)
    private func hasTaken(_ client: Connection) async -> Bool {
        client.writeDeadline = loop.now + policy.limits.idleTimeout
        do throws(ConnectionError) { try await client.drained() } catch {
            client.abort()
            return false
        }
        client.writeDeadline = .never
        return true
    }

    /// Tells routing how the last attempt has ended, where a refusal has not.
    @inline(never)  // see `admit`
    private func endAttempt(_ exchange: Exchange) {
        guard exchange.attempt != nil else { return }
        switch exchange.ending {
        case .complete: endAttempt(exchange, .succeeded)
        case .upstreamBroke: endAttempt(exchange, .failed)
        case .clientGone, .refused: endAttempt(exchange, .abandoned)
        }
    }

    /// What becomes of the connection after an answer.
    enum Outcome {
        case keepAlive, close
        /// The answer has begun, and the rest of it is to be relayed.
        case begun(RelayedBody)
    }

    private func answer(_ exchange: Exchange, on client: Connection) async -> Outcome {
        do throws(Refusal) {
            switch try admit(exchange, client) {
            case .answered(let outcome): return outcome
            case .call(let endpoint):
                // Each await costs, also one that finds all there: what need not wait is not awaited.
                if !takeBody(exchange, from: client) { try await readBody(exchange, from: client) }
                try resolve(endpoint, exchange, client)
                try hold(exchange, client)
                if exchange.call.isCountedHere { return respond(count: exchange, on: client) }
                if awaitsDurability, exchange.slot != nil { try await makeDurable(exchange, client) }
                spinIfAsked()
                // Each round is an attempt of a target. What it throws is no answer yet; `moveOn` throws it again where it is the last.
                while true {
                    do throws(Refusal) {
                        let reply = try await callUpstream(exchange, for: client)
                        while true {
                            switch relay(reply, exchange, to: client) {
                            case .over(let outcome): return outcome
                            case .body(let body): return .begun(body)
                            case .failed(let refusal): throw refusal
                            case .held: try await awaitMore(reply, exchange, client)
                            }
                        }
                    } catch { try moveOn(after: error, exchange, client) }
                    if awaitsDurability, exchange.slot != nil { try await makeDurable(exchange, client) }
                }
            }
        } catch {
            return refuse(error, exchange, on: client)
        }
    }

    /// Where a request goes that may come in.
    private enum Admission {
        case answered(Outcome)
        case call(Endpoint)
    }

    // Never inlined: what it holds for a moment would have its place in the frame of `answer` for as long as a stream lasts.
    @inline(never)
    private func admit(_ exchange: Exchange, _ client: Connection) throws(Refusal) -> Admission {
        let route = try findRoute(exchange, client)
        if case .health = route { return .answered(respond(health: exchange, on: client)) }
        try authenticate(exchange, client)
        try readTags(exchange, client)
        switch route {
        case .health: return .answered(.close)
        case .models(let id): return .answered(try respond(models: id, exchange, on: client))
        case .call(let endpoint): return .call(endpoint)
        }
    }

    // MARK: Durability against the loss of power

    /// Whether holds and settles are on the disk before anything depends on them.
    private var awaitsDurability: Bool { policy.durability == .power }

    // Not inlined, as whatever is rarely awaited: its frame lasts only while it does, and a stream's frames together stay within one slab of 984 bytes.
    /// Waits until the exchange's hold is on the disk.
    @inline(never)
    private func makeDurable(_ exchange: Exchange, _ client: Connection) async throws(Refusal) {
        await books.holdBecomesDurable(exchange, for: client)
        if exchange.isOffRecord { throw .ledgerUnavailable }
    }

    /// Keeps the answer's end back until the settle is on the disk.
    @inline(never)
    private func makeDurable(answer exchange: Exchange, to client: Connection) async {
        client.holdsOutput = true
        await books.settleBecomesDurable(exchange, for: client)
        client.holdsOutput = false
    }
}
