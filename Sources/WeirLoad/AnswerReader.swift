import WeirBase
import WeirLoop
import WeirWire

/// Reads the answers of one connection. Its memory is used again for the next one.
///
/// A class, because the compiler (6.3.1) does not end on a non-copyable struct with mutating asynchronous functions of this shape.
final class AnswerReader {
    private let limits: HTTPLimits
    private(set) var head = ResponseHead()
    private(set) var content = AnswerContent()

    init(_ limits: HTTPLimits) { self.limits = limits }

    /// Reads the head and what of the body came with it.
    func readHead(_ connection: Connection) async throws(AnswerError) {
        content.reset()
        try await readOneHead(connection)
        while head.isInterim { try await readOneHead(connection) }
        try content.take(connection, head.framing)
    }

    private func readOneHead(_ connection: Connection) async throws(AnswerError) {
        head.reset()
        while try !parseHead(connection) {
            do throws(ConnectionError) {
                try await connection.fill()
            } catch {
                throw AnswerError(error == .timedOut ? .timeout : .cut, "\(error) before the head")
            }
        }
    }

    /// - Returns: whether the head has come.
    private func parseHead(_ connection: Connection) throws(AnswerError) -> Bool {
        guard connection.unreadCount > 0 else { return false }
        do throws(HTTPError) {
            guard let bytes = try head.read(connection.unread, answering: .post, limits: limits) else { return false }
            connection.consume(bytes)
            return true
        } catch {
            throw AnswerError(.head, "\(error.message) in \(excerpt(connection.unread))")
        }
    }

    /// Waits for more of the body.
    func readMore(_ connection: Connection) async throws(AnswerError) {
        do throws(ConnectionError) {
            try await connection.fill()
        } catch {
            if error == .endOfStream, head.framing == .untilClose { return content.endByClose() }
            throw AnswerError(
                error == .timedOut ? .timeout : .cut, "\(error) after \(content.received) bytes of the body")
        }
        try content.take(connection, head.framing)
    }

    /// Reads the rest of the body.
    func readRest(_ connection: Connection) async throws(AnswerError) {
        while !content.isComplete { try await readMore(connection) }
    }

    /// Checks the events that are complete.
    /// - Returns: how many had data; [DONE] does not count.
    func checkEvents(_ exam: inout Exam) throws(AnswerError) -> Int { try content.checkEvents(&exam) }

    /// Checks a whole body.
    func checkBody(_ exam: Exam) throws(AnswerError) { try content.checkBody(exam) }
}

/// The body of an answer as it comes.
struct AnswerContent: ~Copyable {
    /// The body, transfer coding removed; of a stream, from the first event on that was not checked.
    private var body = ByteBuffer()
    /// Bytes of the body, over all.
    private(set) var received = 0
    private(set) var isComplete = false
    private var chunks = ChunkedDecoder()
    private var scanner = SSEScanner()
    /// Where an answer's text most often begins: in the body, or in an event's data.
    private var hint = 0

    /// The beginning of the body, for messages.
    var beginning: String { excerpt(body.span) }

    mutating func reset() {
        body.removeAll()
        received = 0
        isComplete = false
        chunks = ChunkedDecoder()
        scanner = SSEScanner()
    }

    /// The connection has ended, and with it the body.
    mutating func endByClose() { isComplete = true }

    /// Takes what of the body has come.
    mutating func take(_ connection: Connection, _ framing: Framing) throws(AnswerError) {
        let before = body.count
        switch framing {
        case .none: isComplete = true
        case .length(let length):
            let count = min(length - received, connection.unreadCount)
            body.append(connection.unread.extracting(0..<count))
            connection.consume(count)
            isComplete = received + count == length
        case .chunked:
            do throws(HTTPError) {
                connection.consume(try chunks.append(connection.unread, to: &body, .upstream))
            } catch {
                throw AnswerError(.chunk, "\(error.message) after \(received) bytes of the body")
            }
            isComplete = chunks.isEnded
        case .untilClose:
            body.append(connection.unread)
            connection.consume(connection.unreadCount)
        }
        received += body.count - before
    }

    mutating func checkEvents(_ exam: inout Exam) throws(AnswerError) -> Int {
        var count = 0
        var end = 0
        // Copies, because the spans hold the whole of this.
        var scanner = scanner
        var hint = hint
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
        self.scanner = scanner
        self.hint = hint
        if end == body.count { body.removeAll() } else { body.removeFirst(end) }
        return count
    }

    mutating func checkBody(_ exam: Exam) throws(AnswerError) {
        var hint = hint
        try exam.check(body: body.span, hint: &hint)
        self.hint = hint
    }
}
