import WeirBase
import WeirLoop
import WeirWire

/// One answer as a client has got it, or as much of it as came.
struct ReceivedAnswer: Sendable {
    var status = 0
    var body: [UInt8] = []
    var keepsAlive = false
    /// The gateway's id of the request.
    var request: RequestID?
    var end = End.noHead

    enum End: Equatable, Sendable {
        /// Nothing of it, or not its whole head.
        case noHead
        case complete
        /// It ends before its framing says so.
        case cut(ConnectionError)
        /// Its framing is wrong.
        case malformed(String)
        /// The client had seen enough.
        case left
    }

    /// Why the connection ended where there is no head.
    var ending: ConnectionError?

    /// Reads an answer from `connection`.
    /// - Parameters:
    ///   - method: what was asked: the answer to HEAD has no body.
    ///   - limit: bytes of body after which the client leaves.
    ///   - pause: waits so long before each read.
    static func read(
        _ connection: Connection, on loop: EventLoop, to method: HTTPMethod = .post, upTo limit: Int = .max,
        pause: TimeSpan = .zero, patience: TimeSpan = .seconds(300)
    ) async -> ReceivedAnswer {
        var answer = ReceivedAnswer()
        connection.readDeadline = loop.now + patience
        do throws(HTTPError) {
            guard let framing = try await answer.readHead(connection, method) else { return answer }
            try await answer.readBody(connection, loop, framing, limit, pause)
        } catch { answer.end = .malformed(error.message) }
        return answer
    }

    /// - Returns: nil where the connection ended before.
    private mutating func readHead(
        _ connection: Connection, _ method: HTTPMethod
    ) async throws(HTTPError) -> Framing? {
        var head = ResponseHead()
        while true {
            if connection.unreadCount > 0,
                let count = try head.read(connection.unread, answering: method, limits: .upstream)
            {
                request = head.fields.value(.xRequestID).flatMap { RequestID(connection.unread.text($0)) }
                connection.consume(count)
                guard head.isInterim else { break }
                head = ResponseHead()
                continue
            }
            do throws(ConnectionError) { try await connection.fill() } catch {
                ending = error
                return nil
            }
        }
        status = head.status
        keepsAlive = head.keepsAlive
        return head.framing
    }

    private mutating func readBody(
        _ connection: Connection, _ loop: EventLoop, _ framing: Framing, _ limit: Int, _ pause: TimeSpan
    ) async throws(HTTPError) {
        var decoder = ChunkedDecoder()
        var chunked = ByteBuffer()
        // A reader that has got more slowly than this, be it its own doing or the network's, has got enough.
        let lastMoment = loop.now + .seconds(240)
        while true {
            var isComplete = false
            switch framing {
            case .none: isComplete = true
            case .length(let length):
                let count = min(length - body.count, connection.unreadCount)
                take(connection.unread.extracting(0..<count))
                connection.consume(count)
                isComplete = body.count == length
            case .untilClose:
                take(connection.unread)
                connection.consume(connection.unreadCount)
            case .chunked:
                var offset = 0
                chunked.removeAll()
                reading: while true {
                    switch try decoder.next(in: connection.unread, from: &offset, limits: .upstream) {
                    case .data(let range): chunked.append(connection.unread, range)
                    case .needsMore: break reading
                    case .end:
                        isComplete = true
                        break reading
                    }
                }
                connection.consume(offset)
                take(chunked.span)
            }
            if isComplete {
                end = .complete
                return
            }
            if body.count >= limit || loop.now > lastMoment {
                end = .left
                return
            }
            if pause > .zero {
                await loop.sleep(until: loop.now + pause)
                if connection.unreadCount > 0 { continue }
            }
            connection.readDeadline = loop.now + .seconds(300)
            do throws(ConnectionError) { try await connection.fill() } catch {
                end = error == .endOfStream && framing == .untilClose ? .complete : .cut(error)
                return
            }
        }
    }

    private mutating func take(_ bytes: Span<UInt8>) {
        for index in bytes.indices { body.append(bytes[index]) }
    }
}
