import WeirBase
import WeirLoop
import WeirMockScript

/// The mock on one loop: reads requests, finds the answer, plays it.
final class MockLoop: @unchecked Sendable {  // confined to its loop's thread
    let server: MockServer
    let loop: EventLoop
    private var cache = AnswerCache()
    /// Where an event is made before its chunk's size is known.
    var scratch = ByteBuffer(capacity: 4_096)

    init(_ server: MockServer, _ loop: EventLoop) {
        self.server = server
        self.loop = loop
    }

    /// Serves a connection to its end.
    func serve(_ connection: Connection) async {
        do throws(ConnectionError) {
            while true {
                guard case .head(let head) = try await readHead(connection) else { return }
                let reply = try await readBody(head, connection)
                guard try await finish(reply, head, connection) else { return }
            }
        } catch {
            connection.abort()
        }
    }

    // MARK: Receiving

    private enum HeadRead { case head(MessageHead), end }

    private func readHead(_ connection: Connection) async throws(ConnectionError) -> HeadRead {
        while true {
            if connection.unreadCount > 0 {
                do throws(MessageError) {
                    if let head = try MessageHead.read(connection.unread) { return .head(head) }
                } catch {
                    answer(Refusal(status: 400, message: "This is no HTTP/1.1 request."), server.nextNumber(), true, connection)
                    return .end
                }
            }
            do throws(ConnectionError) {
                try await connection.fill()
            } catch {
                if error == .endOfStream, connection.unreadCount == 0 { return .end }
                throw error
            }
        }
    }

    /// Waits for the whole body and decides the reply.
    private func readBody(_ head: MessageHead, _ connection: Connection) async throws(ConnectionError) -> Reply {
        let length = head.contentLength ?? 0
        guard length <= MockOptions.Limits.bodyBytes else {
            answer(Refusal(status: 413, message: "Request too large."), server.nextNumber(), true, connection)
            return .closed
        }
        let bytes = head.bytes + length
        if head.expectsContinue, connection.unreadCount < bytes || head.isChunked {
            connection.withOutput { $0.append("HTTP/1.1 100 Continue\r\n\r\n") }
        }
        guard !head.isChunked else { return try await readChunkedBody(head, connection) }
        if connection.unreadCount < bytes {
            connection.reserveUnread(bytes)
            while connection.unreadCount < bytes { try await connection.fill() }
        }
        let message = connection.unread
        let reply = reply(
            to: head, message.extracting(0..<head.bytes), message.extracting(head.bytes..<bytes), connection)
        connection.consume(bytes)
        return reply
    }

    private func readChunkedBody(_ head: MessageHead, _ connection: Connection) async throws(ConnectionError) -> Reply {
        var headBytes = ByteBuffer()
        headBytes.append(connection.unread.extracting(0..<head.bytes))
        connection.consume(head.bytes)
        var chunks = ChunkReader()
        var body = ByteBuffer()
        while true {
            do throws(MessageError) {
                connection.consume(try chunks.feed(connection.unread, into: &body))
            } catch {
                answer(Refusal(status: 400, message: "Bad chunk."), server.nextNumber(), true, connection)
                return .closed
            }
            guard !chunks.isDone, body.count <= MockOptions.Limits.bodyBytes else { break }
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
        to head: MessageHead, _ headBytes: Span<UInt8>, _ body: Span<UInt8>, _ connection: Connection
    ) -> Reply {
        guard let (method, target) = head.request(of: headBytes) else {
            answer(Refusal(status: 400, message: "This is no HTTP/1.1 request."), server.nextNumber(), true, connection)
            return .closed
        }
        let route = Route(headBytes.extracting(method.bounds), headBytes.extracting(target.bounds))
        if case .control(let call) = route {
            answer(call, head.closes, connection)
            return .written
        }
        let number = server.nextNumber()
        server.requests.add(number, head: headBytes, body: body)
        do throws(Refusal) {
            try checkKey(head, headBytes)
            switch route {
            case .ask(let endpoint):
                let prepared = try cache.answer(to: body, at: endpoint, defaults: server.options.defaults)
                return .play(server.withFault(prepared, number), number)
            default:
                try answerEcho(route, head, headBytes, body, number, connection)
                return .written
            }
        } catch {
            server.bill.add(.refused(error.status, number, route))
            answer(error, number, head.closes, connection)
            return .written
        }
    }

    private func checkKey(_ head: MessageHead, _ headBytes: Span<UInt8>) throws(Refusal) {
        guard let key = server.options.key else { return }
        guard let range = head.authorization else { throw .invalidKey }
        var expected = ByteBuffer()
        expected.append("Bearer ")
        key.reveal { expected.append($0) }
        guard isEqual(expected.span, headBytes.extracting(range.bounds)) else { throw .invalidKey }
    }

    /// - Returns: whether another request may follow.
    private func finish(
        _ reply: Reply, _ head: MessageHead, _ connection: Connection
    ) async throws(ConnectionError) -> Bool {
        switch reply {
        case .closed: return false
        case .written: return !head.closes
        case .play(let prepared, let number):
            let player = Player(prepared, number, self, connection)
            return try await player.play() && !head.closes
        }
    }

    // MARK: Simple answers

    func answer(_ refusal: Refusal, _ number: AnswerNumber, _ closes: Bool, _ connection: Connection) {
        var body = ByteBuffer()
        refusal.appendBody(to: &body)
        var head = AnswerHead(number: number, closes: closes)
        head.status = refusal.status
        head.retryAfter = refusal.retryAfter
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
