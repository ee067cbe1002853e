import WeirBase
import WeirLoop
import WeirWire

/// A provider's server: reads requests, checks that they are what the gateway should have made of the client's, and does what was drawn.
final class SimulatedUpstream: @unchecked Sendable {  // confined to the run's thread
    private let world: World
    private let index: Int
    private var random: Randomness
    private(set) var connections = 0

    init(_ world: World, index: Int, random: Randomness) {
        self.world = world
        self.index = index
        self.random = random
    }

    func serve(_ connection: Connection) async {
        connections += 1
        defer { connections -= 1 }
        connection.unreadLimit = 1 << 20
        var isFirst = true
        while connection.isUsable {
            guard let number = await readRequest(connection) else { return }
            let act = UpstreamAct(&random, isHealed: world.isHealed)
            world.log.note(world.loop.now, .attempt, number, Int(connection.handle), "\(act)")
            world.attempts[number].append(World.Attempt(upstream: index, act: act, isFirstOnConnection: isFirst))
            checkAttempts(number)
            world.books?.upstreamCalled()
            isFirst = false
            guard await perform(act, number, connection) else { return }
            // Some servers close a connection after an answer, at once or when it was idle for a moment.
            if random.chance(150) {
                connection.readDeadline = world.loop.now + .microseconds(Int64(random.size(upTo: 5_000_000)))
                do throws(ConnectionError) { try await connection.fill() } catch {
                    if !world.isHealed, random.chance(300) { connection.abort() }
                    return
                }
            }
        }
    }

    /// A question comes twice only where a pooled connection may have been closed; then the second time on a new one.
    private func checkAttempts(_ number: Int) {
        let attempts = world.attempts[number].filter { $0.upstream == index }
        if attempts.count > 2 { world.fail("question \(number) was sent \(attempts.count) times") }
        if attempts.count == 2, !attempts[1].isFirstOnConnection {
            world.fail("question \(number) was sent again on a connection that was not new")
        }
    }

    // MARK: The request

    /// - Returns: the question's number; nil where the connection has ended.
    private func readRequest(_ connection: Connection) async -> Int? {
        var head = RequestHead()
        connection.readDeadline = world.loop.now + .seconds(300)
        do {
            while true {
                if connection.unreadCount > 0, try head.read(connection.unread, limits: HTTPLimits()) != nil { break }
                try await connection.fill()
            }
            guard case .length(let length) = head.framing else {
                world.fail("upstream \(index) got a request with \(head.framing)")
                return nil
            }
            while connection.unreadCount < head.count + length { try await connection.fill() }
            let bytes = connection.unread
            check(head, bytes)
            let path = bytes.text(head.path)
            let body = (head.count..<head.count + length).map { bytes[$0] }
            connection.consume(head.count + length)
            return check(body, path)
        } catch let error as HTTPError {
            world.fail("upstream \(index) got a malformed request: \(error.message)")
        } catch {}
        return nil
    }

    private func check(_ head: borrowing RequestHead, _ bytes: Span<UInt8>) {
        let credential = head.fields.value(.authorization).map { bytes.text($0) } ?? "nothing"
        if credential != "Bearer \(World.credentials[index])" {
            world.fail("upstream \(index) got \(credential) for its credential")
        }
    }

    private func check(_ body: [UInt8], _ path: String) -> Int? {
        guard let number = Question.number(in: body), number < world.questions.count else {
            world.fail("upstream \(index) got a body without a question of \(body.count) bytes")
            return nil
        }
        let question = world.questions[number]
        if path != question.path { world.fail("upstream \(index) was asked question \(number) at \(path)") }
        // Where a budget has little room left, the gateway bounds the answer: with the first member.
        let isBounded = world.books != nil && question.isBounded(body, to: index)
        if !isBounded, body != question.body(to: index) {
            world.fail("upstream \(index) got question \(number) with a body that is not the client's")
        }
        if question.modelName(at: index) == nil || (question.isSecond(index) && !world.hasAlternatives) {
            world.fail("question \(number) went to upstream \(index)")
        }
        return number
    }

    // MARK: The answer

    /// - Returns: whether the connection goes on.
    private func perform(_ act: UpstreamAct, _ number: Int, _ connection: Connection) async -> Bool {
        switch act {
        case .answer(let framing, let pause, let interim):
            await wait(pause)
            if interim { write("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n", connection) }
            let keeps = framing != .untilClose && !random.chance(200)
            guard await send(number, framing, .max, pause: pause, keeps: keeps, connection) else { return false }
            return keeps
        case .cut(let framing, let after, let isReset):
            guard await send(number, framing, after, pause: 0, keeps: true, connection) else { return false }
            await wait(random.pick([0, 5]))
            if isReset { connection.abort() }
            return false
        case .stall(let framing, let after):
            guard await send(number, framing, after, pause: 0, keeps: true, connection) else { return false }
            await waitForEnd(connection)
            return false
        case .silence:
            await waitForEnd(connection)
            return false
        case .hangUp(let isReset):
            if isReset { connection.abort() }
            return false
        case .status(let status):
            let body = #"{"error":{"message":"no","type":"server_error","param":null,"code":"no_\#(status)"}}"#
            write(
                "HTTP/1.1 \(status) No\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)",
                connection)
            return random.chance(700)
        case .garbage(let index):
            write(UpstreamAct.nonsense[index], connection)
            await waitForEnd(connection)
            return false
        case .page:
            write("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n<p>hi</p>", connection)
            return true
        }
    }

    /// Sends the answer's first `limit` bytes of body, or all but as many where that is negative.
    /// - Returns: whether the connection still stands.
    private func send(
        _ number: Int, _ framing: UpstreamAct.Framing, _ limit: Int, pause: Int, keeps: Bool, _ connection: Connection
    ) async -> Bool {
        let question = world.questions[number]
        let pieces = question.answer(withUsage: true)
        let total = pieces.reduce(0) { $0 + $1.count }
        var head = "HTTP/1.1 200 OK\r\ncontent-type: "
        head += question.isStream ? "text/event-stream; charset=utf-8\r\n" : "application/json\r\n"
        head += "x-request-id: up-\(number)\r\n"
        switch framing {
        case .length: head += "content-length: \(total)\r\n"
        case .chunked: head += "transfer-encoding: chunked\r\n"
        case .untilClose: break
        }
        write(head + (keeps ? "\r\n" : "connection: close\r\n\r\n"), connection)
        let place = world.attempts[number].count - 1
        // A cut or a stall leaves something out.
        var left = limit == .max ? total : limit < 0 ? max(0, total + limit) : min(limit, total - 1)
        for piece in pieces where left > 0 {
            let part = piece.prefix(left)
            left -= part.count
            write(part, framing, connection)
            world.attempts[number][place].bodyBytes += part.count
            do throws(ConnectionError) { try await connection.drained() } catch { return false }
            if pause > 0, random.chance(300) { await wait(pause) }
            guard connection.isUsable else { return false }
        }
        if framing == .chunked, limit == .max {
            write(random.chance(100) ? "0\r\nx-t: 1\r\n\r\n" : "0\r\n\r\n", connection)
        }
        return connection.isUsable
    }

    /// Writes a piece, in one chunk or several.
    private func write(_ bytes: ArraySlice<UInt8>, _ framing: UpstreamAct.Framing, _ connection: Connection) {
        guard framing == .chunked else {
            let all = Array(bytes)
            return connection.write(all.span)
        }
        var rest = bytes
        while !rest.isEmpty {
            let count = random.chance(200) ? random.size(upTo: rest.count) : rest.count
            let part = Array(rest.prefix(count))
            connection.withOutput { out in
                out.append(hexadecimal: count)
                out.append("\r\n")
                out.append(part)
                out.append("\r\n")
            }
            rest = rest.dropFirst(count)
        }
    }

    private func write(_ text: String, _ connection: Connection) { connection.withOutput { $0.append(text) } }

    private func wait(_ milliseconds: Int) async {
        guard milliseconds > 0 else { return }
        await world.loop.sleep(until: world.loop.now + .microseconds(Int64(random.below(milliseconds * 1_000))))
    }

    /// Waits for the gateway to give up.
    private func waitForEnd(_ connection: Connection) async {
        connection.readDeadline = world.loop.now + .seconds(200)
        do throws(ConnectionError) {
            while true { try await connection.fill() }
        } catch {
            if error == .timedOut, !world.driver.isDisturbed(connection) {
                world.fail("upstream \(index) waited 200 s for the gateway to give up")
            }
        }
    }
}
