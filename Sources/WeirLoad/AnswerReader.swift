import WeirBase
import WeirLoop
import WeirWire

/// Reads the answers of one connection. Its memory is used again for the next one.
struct AnswerReader: ~Copyable {
    private let limits: HTTPLimits
    private(set) var head = ResponseHead()
    /// The body as far as it has come, transfer coding removed; of a stream, from the first event that was not checked.
    private(set) var body = ByteBuffer()
    /// Bytes of the body, over all.
    private(set) var received = 0
    private(set) var isComplete = false
    /// Where an answer's text most often begins: in the body, or in an event's data.
    private var hint = 0
    private var chunks = ChunkedDecoder()
    private var scanner = SSEScanner()

    init(_ limits: HTTPLimits) { self.limits = limits }

    /// Reads the head and what of the body came with it.
    mutating func readHead(_ connection: Connection) async throws(AnswerError) {
        body.removeAll()
        received = 0
        isComplete = false
        chunks = ChunkedDecoder()
        scanner = SSEScanner()
        repeat { try await parseHead(connection) } while head.isInterim
        try take(connection)
    }

    private mutating func parseHead(_ connection: Connection) async throws(AnswerError) {
        var end = HeadEnd()
        while true {
            do throws(HTTPError) {
                if connection.unreadCount > 0, let bytes = try end.find(in: connection.unread, limit: limits.headBytes) {
                    try head.parse(connection.unread, to: bytes, toHead: false, limits: limits)
                    connection.consume(bytes)
                    return
                }
            } catch {
                throw AnswerError(.head, "\(error.message) in \(excerpt(connection.unread))")
            }
            try await fill(connection)
        }
    }

    /// Waits for more of the body.
    mutating func readMore(_ connection: Connection) async throws(AnswerError) {
        do throws(ConnectionError) {
            try await connection.fill()
        } catch {
            if error == .endOfStream, head.framing == .untilClose {
                isComplete = true
                return
            }
            throw AnswerReader.error(error, "after \(received) bytes of the body")
        }
        try take(connection)
    }

    /// Reads the rest of the body.
    mutating func readRest(_ connection: Connection) async throws(AnswerError) {
        while !isComplete { try await readMore(connection) }
    }

    private mutating func take(_ connection: Connection) throws(AnswerError) {
        let before = body.count
        switch head.framing {
        case .none: isComplete = true
        case .length(let length):
            let count = min(length - received, connection.unreadCount)
            body.append(connection.unread.extracting(0..<count))
            connection.consume(count)
            isComplete = received + count == length
        case .chunked: try takeChunks(connection)
        case .untilClose:
            body.append(connection.unread)
            connection.consume(connection.unreadCount)
        }
        received += body.count - before
    }

    private mutating func takeChunks(_ connection: Connection) throws(AnswerError) {
        var offset = 0
        do throws(HTTPError) {
            let piece = connection.unread
            steps: while true {
                switch try chunks.next(in: piece, at: &offset) {
                case .data(let range): body.append(piece, range)
                case .needsMore: break steps
                case .end(let at):
                    offset = at
                    isComplete = true
                    break steps
                }
            }
        } catch {
            throw AnswerError(.chunk, "\(error.message) after \(received) bytes of the body")
        }
        connection.consume(offset)
    }

    /// Checks the events that are complete.
    /// - Returns: how many had data; [DONE] does not count.
    mutating func checkEvents(_ exam: inout Exam) throws(AnswerError) -> Int {
        var (count, end) = (0, 0)
        // Copies, because the spans hold the whole reader.
        var (scanner, hint) = (scanner, hint)
        while let event = scanner.next(in: body.span, from: end) {
            end = Int(event.range.end)
            guard event.dataLines > 0 else { continue }
            let wasDone = exam.isDone
            if event.dataLines == 1 {
                try exam.check(event: body.span.extracting(event.data.bounds), hint: &hint)
            } else {
                var joined = ByteBuffer()
                event.appendData(of: body.span, to: &joined)
                try exam.check(event: joined.span, hint: &hint)
            }
            if exam.isDone == wasDone { count += 1 }
        }
        (self.scanner, self.hint) = (scanner, hint)
        if end == body.count { body.removeAll() } else { body.removeFirst(end) }
        return count
    }

    /// Checks a whole body.
    mutating func checkBody(_ exam: Exam) throws(AnswerError) {
        var hint = hint
        try exam.check(body: body.span, hint: &hint)
        self.hint = hint
    }

    private func fill(_ connection: Connection) async throws(AnswerError) {
        do throws(ConnectionError) {
            try await connection.fill()
        } catch {
            throw AnswerReader.error(error, "before the head")
        }
    }

    private static func error(_ error: ConnectionError, _ place: String) -> AnswerError {
        AnswerError(error == .timedOut ? .timeout : .cut, "\(error) \(place)")
    }
}
