import WeirBase
import WeirLoop
import WeirWire

/// A client of the gateway: one connection, on which it does what was drawn, good or bad.
final class SimulatedClient: @unchecked Sendable {  // confined to the run's thread
    /// What a client does with its connection.
    enum Script: CaseIterable {
        /// Asks once or several times, one after the other, and waits for each answer.
        case polite
        /// Asks several times before it reads the first answer.
        case pipelined
        /// Reads with pauses, long ones where nothing is healed yet.
        case slow
        /// What has a typed error for an answer: wrong keys, models, paths; health and models.
        case other
        /// Goes away before the answer's end.
        case leaver
        /// Ends its side after the request, and still reads.
        case halfClosed
        /// Sends the beginning of a request, then nothing.
        case silent
        /// Sends what is no request.
        case garbage

        static let good: [Script] = [.polite, .polite, .pipelined, .slow, .other]
    }

    private let world: World
    private let index: Int
    private var random: Randomness
    private var loop: EventLoop { world.loop }
    /// Whether it speaks HTTP/1.0: it knows no chunks, and an answer without a length ends with its connection.
    private var isOld = false

    init(_ world: World, index: Int, random: Randomness) {
        self.world = world
        self.index = index
        self.random = random
    }

    /// Runs the client; connects after a while.
    func run() async {
        defer { world.activeClients -= 1 }
        await wait(random.size(upTo: 2_000_000))
        let script = world.isHealed ? random.pick(Script.good) : random.pick(Script.good + Script.allCases)
        // One that pipelines counts on a connection that goes on.
        isOld = script != .pipelined && random.chance(100)
        world.log.note(loop.now, .client, index, isOld ? 1 : 0, "\(script)")
        let connection: Connection
        do throws(ConnectionError) {
            connection = try await loop.connect(
                to: .loopback(port: World.gatewayPort), deadline: loop.now + .seconds(30))
        } catch {
            if world.isHealed, !world.isDraining { world.fail("client \(index) cannot connect: \(error)") }
            return
        }
        connection.unreadLimit = 1 << 20
        await follow(script, connection)
        if random.chance(300) { connection.abort() } else { connection.finish() }
    }

    private func follow(_ script: Script, _ connection: Connection) async {
        switch script {
        case .polite: await askOneByOne(connection, pause: .zero)
        case .slow:
            let longest = world.isHealed ? 20_000 : 3_000_000
            await askOneByOne(connection, pause: .microseconds(Int64(random.size(upTo: longest))))
        case .pipelined: await askAtOnce(connection)
        case .other: await askForOther(connection)
        case .leaver: await leave(connection)
        case .halfClosed: await closeHalf(connection)
        case .silent: await fallSilent(connection)
        case .garbage: await sendGarbage(connection)
        }
    }

    // MARK: Good clients

    private func askOneByOne(_ connection: Connection, pause: TimeSpan) async {
        var lastBegin = loop.now
        for turn in 0..<random.within(1...4) {
            if turn > 0, random.chance(300) { await wait(random.size(upTo: world.isHealed ? 5_000_000 : 20_000_000)) }
            let question = world.ask(&random)
            let begin = loop.now
            guard await send(question, connection) else { return }
            let answer = await ReceivedAnswer.read(connection, on: loop, pause: pause)
            var circumstances = circumstances(connection)
            // The gateway counts from when it had sent the last answer, which may have been long before this client had read it.
            circumstances.mayBeStale = turn > 0 && begin - lastBegin > .seconds(10)
            circumstances.took = loop.now - begin
            lastBegin = begin
            // One that sends or reads too slowly for the gateway's limits is cut off by right.
            circumstances.isHonest = pause < .milliseconds(200) && loop.now - begin < .seconds(55)
            world.judge(answer, to: question, circumstances)
            guard answer.end == .complete, answer.keepsAlive, connection.isUsable else { return }
        }
    }

    private func askAtOnce(_ connection: Connection) async {
        let questions = (0..<random.within(2...4)).map { _ in world.ask(&random) }
        for question in questions { guard await send(question, connection) else { return } }
        let begin = loop.now
        var mayHaveEnded = false
        for question in questions {
            let answer = await ReceivedAnswer.read(connection, on: loop)
            var circumstances = circumstances(connection)
            circumstances.mayBeStale = mayHaveEnded
            circumstances.isHonest = !mayHaveEnded && loop.now - begin < .seconds(55)
            world.judge(answer, to: question, circumstances)
            guard answer.end == .complete else { return }
            if !answer.keepsAlive { mayHaveEnded = true }
        }
    }

    private func askForOther(_ connection: Connection) async {
        let key = "authorization: Bearer \(World.keys[0])\r\n"
        let host = "host: gateway\r\n"
        let unknown = #"{"model":"nobody","messages":[]}"#
        let (text, status): (String, Int) = random.pick([
            ("GET /health HTTP/1.1\r\n\(host)\r\n", 200),
            ("HEAD /health HTTP/1.1\r\n\(host)\r\n", 200),
            ("HEAD /v2/nothing HTTP/1.1\r\n\(host)\(key)\r\n", 404),
            ("GET /v1/models HTTP/1.0\r\n\(key)\r\n", 200),
            ("GET /v1/models HTTP/1.1\r\n\(host)\(key)\r\n", 200),
            ("GET /v1/models/fast HTTP/1.1\r\n\(host)\(key)\r\n", 200),
            ("GET /v1/models HTTP/1.1\r\n\(host)\r\n", 401),
            ("GET /v1/models HTTP/1.1\r\n\(host)authorization: Bearer sk-other\r\n\r\n", 401),
            ("GET /v2/nothing HTTP/1.1\r\n\(host)\(key)\r\n", 404),
            ("DELETE /health HTTP/1.1\r\n\(host)\(key)\r\n", 405),
            (
                "POST /v1/chat/completions HTTP/1.1\r\n\(host)\(key)content-length: \(unknown.utf8.count)\r\n\r\n\(unknown)",
                404
            ),
            ("POST /v1/chat/completions HTTP/1.1\r\n\(host)\(key)content-length: 3\r\n\r\n{]}", 400),
            ("POST /v1/chat/completions HTTP/1.1\r\n\(host)\(key)content-length: 300000\r\n\r\n", 413),
        ])
        guard await send(Array(text.utf8), connection) else { return }
        let isHead = text.hasPrefix("HEAD")
        let answer = await ReceivedAnswer.read(connection, on: loop, to: isHead ? .head : .get)
        world.log.note(loop.now, .answer, -1, answer.body.count, "\(answer.status) \(answer.end)")
        guard !world.driver.isDisturbed(connection), !world.isDraining else { return }
        if answer.end != .complete || answer.status != status {
            world.fail("client \(index): \(answer.status) \(answer.end) in place of \(status) for \(text.prefix(60))")
        }
        let isError = answer.body.starts(with: Array(#"{"error":{"#.utf8))
        if isError != (status >= 400 && !isHead) || isHead && connection.unreadCount > 0 {
            world.fail("client \(index): status \(status) with \(String(decoding: answer.body, as: UTF8.self))")
        }
    }

    // MARK: Bad clients

    private func leave(_ connection: Connection) async {
        let question = world.ask(&random)
        guard await send(question, connection) else { return }
        if random.chance(300) { return await wait(random.size(upTo: 5_000_000)) }
        let limit = random.size(upTo: max(1, question.expected.count))
        let answer = await ReceivedAnswer.read(connection, on: loop, upTo: limit)
        world.judge(answer, to: question, circumstances(connection))
    }

    private func closeHalf(_ connection: Connection) async {
        let question = world.ask(&random)
        guard await send(question, connection) else { return }
        while connection.unsentCount > 0, connection.isUsable { await wait(1_000) }
        guard connection.isUsable else { return }
        loop.driver.shutdownSending(connection)
        let answer = await ReceivedAnswer.read(connection, on: loop)
        var circumstances = circumstances(connection)
        circumstances.isHonest = false
        world.judge(answer, to: question, circumstances)
        connection.abort()
    }

    /// Half a head or half a body: the gateway ends that by itself, with a typed error where it can.
    private func fallSilent(_ connection: Connection) async {
        let bytes = request(world.ask(&random))
        guard await send(Array(bytes.prefix(random.below(bytes.count))), connection) else { return }
        let answer = await ReceivedAnswer.read(connection, on: loop, patience: .seconds(120))
        if answer.ending == .timedOut, !world.driver.isDisturbed(connection) {
            world.fail("client \(index) was silent for 120 s and is still connected")
        }
        if answer.end == .complete, answer.status != 408, answer.status != 413 {
            world.fail("client \(index) sent half a request and got \(answer.status)")
        }
    }

    private func sendGarbage(_ connection: Connection) async {
        var bytes = (0..<random.size(upTo: 3_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        switch random.below(4) {
        case 0: bytes = Array("GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n".utf8)
        case 1: bytes = Array("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n".utf8) + bytes
        case 2:
            // A good request of which some bytes are wrong.
            bytes = request(world.ask(&random))
            let head = bytes.firstRange(of: [13, 10, 13, 10])?.lowerBound ?? bytes.count
            bytes[random.below(head)] = UInt8(truncatingIfNeeded: random.next())
            guard await send(bytes, connection) else { return }
            _ = await ReceivedAnswer.read(connection, on: loop, patience: .seconds(120))
            return
        default: break
        }
        guard await send(bytes, connection) else { return }
        let answer = await ReceivedAnswer.read(connection, on: loop, patience: .seconds(120))
        if answer.ending == .timedOut, !world.driver.isDisturbed(connection) {
            world.fail("client \(index) sent garbage and is still connected after 120 s")
        }
        if answer.status == 200 { world.fail("client \(index) sent garbage and got 200") }
    }

    // MARK: Parts

    private func circumstances(_ connection: Connection) -> World.Circumstances {
        World.Circumstances(isDisturbed: world.driver.isDisturbed(connection), isOld: isOld)
    }

    private func wait(_ microseconds: Int) async {
        guard microseconds > 0 else { return }
        await loop.sleep(until: loop.now + .microseconds(Int64(microseconds)))
    }

    /// The bytes of a request.
    private func request(_ question: Question) -> [UInt8] {
        let body = question.body()
        var head = "POST \(question.path) HTTP/1.\(isOld ? 0 : 1)\r\nhost: gateway:8080\r\n"
        if isOld, random.chance(500) { head += "connection: keep-alive\r\n" }
        let key = World.keys[question.number % 2]
        head += random.chance(800) ? "authorization: Bearer \(key)\r\n" : "x-api-key: \(key)\r\n"
        if random.chance(800) { head += "content-type: application/json\r\n" }
        if !isOld, random.chance(50) { head += "expect: 100-continue\r\n" }
        guard question.isChunkedUpload, !isOld else {
            return Array((head + "content-length: \(body.count)\r\n\r\n").utf8) + body
        }
        var bytes = Array((head + "transfer-encoding: chunked\r\n\r\n").utf8)
        var rest = body[...]
        while !rest.isEmpty {
            let count = random.chance(700) ? rest.count : random.size(upTo: rest.count)
            bytes += Array((String(count, radix: 16) + "\r\n").utf8) + rest.prefix(count) + [13, 10]
            rest = rest.dropFirst(count)
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    private func send(_ question: Question, _ connection: Connection) async -> Bool {
        world.log.note(loop.now, .request, question.number, index)
        return await send(request(question), connection)
    }

    /// Sends bytes, in one piece or several.
    /// - Returns: false where the connection has ended.
    private func send(_ bytes: [UInt8], _ connection: Connection) async -> Bool {
        var rest = bytes[...]
        let isSplit = random.chance(300)
        while !rest.isEmpty {
            let count = isSplit ? max(rest.count / 8, random.size(upTo: rest.count)) : rest.count
            let part = Array(rest.prefix(count))
            connection.write(part.span)
            rest = rest.dropFirst(count)
            // A full connection is waited for below 64 KiB only, so that a client may read while much is unsent.
            if isSplit { await wait(random.below(200_000)) }
        }
        return connection.isOpen
    }
}
