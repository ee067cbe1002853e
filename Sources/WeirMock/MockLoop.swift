import WeirBase
import WeirLoop
import WeirMockScript
import WeirWire

/// The mock on one loop: reads requests, finds the answer, plays it.
final class MockLoop: @unchecked Sendable {  // confined to its loop's thread
    let server: MockServer
    let loop: EventLoop
    private let limits: HTTPLimits
    private var cache = AnswerCache()
    /// Where an event is made before its chunk's size is known.
    var scratch = ByteBuffer(capacity: 4_096)

    init(_ server: MockServer, _ loop: EventLoop) {
        self.server = server
        self.loop = loop
        var limits = HTTPLimits()
        limits.headBytes = MockOptions.Limits.headBytes
        limits.bodyBytes = MockOptions.Limits.bodyBytes
        self.limits = limits
    }

    /// Serves a connection to its end.
    func serve(_ connection: Connection) async {
        var head = RequestHead()
        do throws(ConnectionError) {
            while try await readHead(&head, connection) {
                let reply = try await readBody(head, connection)
                guard try await finish(reply, head, connection) else { return }
            }
        } catch {
            connection.abort()
        }
    }

    // MARK: Receiving

    /// - Returns: whether there is a request.
    private func readHead(_ head: inout RequestHead, _ connection: Connection) async throws(ConnectionError) -> Bool {
        head.reset()
        while true {
            do throws(HTTPError) {
                if connection.unreadCount > 0, try head.read(connection.unread, limits: limits) != nil { return true }
            } catch {
                answer(Refusal(status: error.status, message: error.message), server.nextNumber(), true, connection)
                return false
            }
            do throws(ConnectionError) {
                try await connection.fill()
            } catch {
                if error == .endOfStream, connection.unreadCount == 0 { return false }
                throw error
            }
        }
    }

    /// Waits for the whole body and decides the reply.
    private func readBody(_ head: borrowing RequestHead, _ connection: Connection) async throws(ConnectionError)
        -> Reply
    {
        switch head.framing {
        case .chunked, .untilClose:
            sendContinue(head, connection)
            return try await readChunkedBody(head, connection)
        case .none, .length:
            var bytes = head.count
            if case .length(let length) = head.framing { bytes += length }
            if connection.unreadCount < bytes {
                sendContinue(head, connection)
                connection.reserveUnread(bytes)
                while connection.unreadCount < bytes { try await connection.fill() }
            }
            let message = connection.unread
            let reply = reply(
                to: head, message.extracting(0..<head.count), message.extracting(head.count..<bytes), connection)
            connection.consume(bytes)
            return reply
        }
    }

    private func sendContinue(_ head: borrowing RequestHead, _ connection: Connection) {
        if head.expectsContinue { connection.withOutput { $0.append("HTTP/1.1 100 Continue\r\n\r\n") } }
    }

    private func readChunkedBody(_ head: borrowing RequestHead, _ connection: Connection) async throws(ConnectionError)
        -> Reply
    {
        var headBytes = ByteBuffer()
        headBytes.append(connection.unread.extracting(0..<head.count))
        connection.consume(head.count)
        var chunks = ChunkedDecoder()
        var body = ByteBuffer()
        while true {
            do throws(HTTPError) {
                connection.consume(try chunks.append(connection.unread, to: &body, limits))
            } catch {
                answer(Refusal(status: error.status, message: error.message), server.nextNumber(), true, connection)
                return .closed
            }
            guard !chunks.isEnded, body.count <= limits.bodyBytes else { break }
            try await connection.fill()
        }
        return reply(to: head, headBytes.span, body.span, connection)
    }

    // MARK: Deciding

    /// What is left to do for a request.
    enum Reply {
        /// The answer is written.
        case written
        /// The answer is written, and the connection ends with it.
        case closed
        /// A scripted answer is to be played.
        case play(PreparedAnswer, AnswerNumber)
    }

    /// Finds the reply; simple ones are written at once.
    private func reply(
        to head: borrowing RequestHead, _ headBytes: Span<UInt8>, _ body: Span<UInt8>, _ connection: Connection
    ) -> Reply {
        var route = Route(
            headBytes.extracting(head.methodName.bounds), headBytes.extracting(head.path.bounds),
            query: headBytes.extracting((head.query ?? ByteRange(start: 0, end: 0)).bounds))
        if case .control(let call) = route {
            answer(call, !head.keepsAlive, connection)
            return .written
        }
        let number = server.nextNumber()
        server.requests.add(number, head: headBytes, body: body)
        do throws(Refusal) {
            route.takeFields(of: head, headBytes)
            try checkKey(route.service, head, headBytes, body)
            switch route {
            case .ask(let call):
                let prepared = try cache.answer(to: call, body, defaults: server.options.defaults)
                return .play(server.withFault(prepared, number), number)
            default:
                try answerEcho(route, head, headBytes, body, number, connection)
                return .written
            }
        } catch {
            server.bill.add(.refused(error.status, number, route))
            answer(error, number, !head.keepsAlive, connection, as: route.service)
            return .written
        }
    }

    /// - Returns: whether another request may follow.
    private func finish(
        _ reply: Reply, _ head: borrowing RequestHead, _ connection: Connection
    ) async throws(ConnectionError) -> Bool {
        switch reply {
        case .closed: return false
        case .written: return head.keepsAlive
        case .play(let prepared, let number):
            let player = Player(prepared, number, self, connection)
            return try await player.play() && head.keepsAlive
        }
    }

    // MARK: Simple answers

    func answer(
        _ refusal: Refusal, _ number: AnswerNumber, _ closes: Bool, _ connection: Connection,
        as service: Service = .openAI
    ) {
        var body = ByteBuffer()
        refusal.appendBody(to: &body, for: service, number)
        var head = AnswerHead(number: number, service: service, closes: closes)
        head.status = refusal.status
        head.retryAfter = refusal.retryAfter
        head.exception = refusal.awsException
        answer(head, body.span, connection)
    }

    func answer(_ head: AnswerHead, _ body: Span<UInt8>, _ connection: Connection) {
        var head = head
        head.framing = .length(body.count)
        connection.withOutput(reserving: body.count + 512) { out in
            head.append(to: &out)
            out.append(body)
        }
    }

    private func answer(_ call: Route.Control, _ closes: Bool, _ connection: Connection) {
        var body = ByteBuffer()
        switch call {
        case .billed(let after, let limit): server.bill.append(after: after, limit: limit, to: &body)
        case .requests(let last): server.requests.append(last: last, to: &body)
        case .reset:
            server.reset()
            body.append("{\"ok\":true}")
        }
        answer(AnswerHead(number: AnswerNumber(0), closes: closes), body.span, connection)
    }
}
