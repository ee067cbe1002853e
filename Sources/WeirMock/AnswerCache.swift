import WeirBase
import WeirMockScript

/// An answer to a request, ready to be sent any number of times.
final class PreparedAnswer {
    let ask: Ask
    let format: any AnswerFormat
    /// Head and body of an answer that is no stream and not too large to keep; the number's digits are zeros.
    let whole: [UInt8]?
    /// Where the number's digits go in `whole`.
    let numberOffsets: [Int]

    init(_ ask: Ask) {
        self.ask = ask
        format = ask.format
        guard !ask.streams, ask.directive.status == 200,
            ask.directive.events * ask.directive.bytesPerEvent * ask.count <= MockOptions.Limits.preparedBytes
        else {
            whole = nil
            numberOffsets = []
            return
        }
        var buffer = ByteBuffer()
        Self.appendWhole(ask, format, AnswerNumber(0), to: &buffer)
        let bytes = buffer.span.indices.map { buffer.span[$0] }
        whole = bytes
        numberOffsets = Self.offsets(of: Array("mock0000000000000000".utf8), in: bytes).map { $0 + 4 }
    }

    /// Appends the whole answer with `number` in it.
    func append(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        guard let whole else { return Self.appendWhole(ask, format, number, to: &buffer) }
        let span = whole.span
        var from = 0
        for offset in numberOffsets {
            buffer.append(span.extracting(from..<offset))
            number.append(to: &buffer)
            from = offset + AnswerNumber.digits
        }
        buffer.append(span.extracting(from..<span.count))
    }

    private static func appendWhole(
        _ ask: Ask, _ format: any AnswerFormat, _ number: AnswerNumber, to buffer: inout ByteBuffer
    ) {
        var body = ByteBuffer()
        if ask.directive.garbage == .json {
            body.append("<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>")
        } else {
            format.appendBody(number, to: &body)
        }
        var head = AnswerHead(number: number, closes: ask.directive.closes)
        head.framing = ask.directive.closeDelimited ? .close : .length(body.count)
        if ask.directive.garbage == .json { head.contentType = "text/html" }
        head.append(to: &buffer)
        buffer.append(body.span)
    }

    private static func offsets(of needle: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard bytes.count >= needle.count else { return [] }
        return (0...(bytes.count - needle.count)).filter {
            bytes[$0] == needle[0] && bytes[$0..<($0 + needle.count)].elementsEqual(needle)
        }
    }
}

/// The head of an answer.
struct AnswerHead {
    enum Framing { case length(Int), chunked, close }

    var status = 200
    var number: AnswerNumber
    var contentType: StaticString = "application/json"
    var framing = Framing.length(0)
    var closes: Bool
    var retryAfter: Int?

    init(number: AnswerNumber, closes: Bool) {
        self.number = number
        self.closes = closes
    }

    func append(to buffer: inout ByteBuffer) {
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: status)
        buffer.append(" ")
        buffer.append(Refusal.reason(status))
        buffer.append("\r\ncontent-type: ")
        buffer.append(contentType)
        buffer.append("\r\nx-request-id: req_mock")
        number.append(to: &buffer)
        buffer.append("\r\nopenai-version: 2020-10-01\r\nopenai-processing-ms: 1\r\n")
        buffer.append("x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\n")
        if let retryAfter {
            buffer.append("retry-after: ")
            buffer.append(decimal: retryAfter)
            buffer.append("\r\n")
        }
        if closes { buffer.append("connection: close\r\n") }
        switch framing {
        case .length(let bytes):
            buffer.append("content-length: ")
            buffer.append(decimal: bytes)
            buffer.append("\r\n\r\n")
        case .chunked: buffer.append("transfer-encoding: chunked\r\n\r\n")
        case .close: buffer.append("\r\n")
        }
    }
}

/// Answers that were made, by the bytes of their requests: a load generator asks the same things over and over, and a hit costs a hash and a
/// comparison. Bounded by bytes; when it is full it begins anew.
struct AnswerCache {
    private struct Entry {
        let endpoint: Ask.Endpoint
        let body: [UInt8]
        let answer: PreparedAnswer
    }

    private var entries: [UInt64: Entry] = [:]
    private var bytes = 0

    /// A hash of a body's two ends: where a directive and a prompt's beginning are. Bodies that differ only between them drive each other out,
    /// and are told apart all the same, for a hit is compared whole.
    private static func key(_ body: Span<UInt8>) -> UInt64 {
        let end = 512
        guard body.count > 2 * end else { return stableHash(body) }
        let tail = stableHash(body.extracting((body.count - end)..<body.count), seed: UInt64(body.count))
        return stableHash(body.extracting(0..<end), seed: tail)
    }

    /// The answer to `body` at `endpoint`; makes it where it is not there.
    mutating func answer(
        to body: Span<UInt8>, at endpoint: Ask.Endpoint, defaults: Directive
    ) throws(Refusal) -> PreparedAnswer {
        guard body.count <= MockOptions.Limits.keptBodyBytes else {
            return PreparedAnswer(try AskReader.read(body, endpoint, defaults: defaults))
        }
        let hash = Self.key(body)
        if let entry = entries[hash], entry.endpoint == endpoint, isEqual(entry.body.span, body) { return entry.answer }
        let answer = PreparedAnswer(try AskReader.read(body, endpoint, defaults: defaults))
        if bytes > MockOptions.Limits.cacheBytes {
            entries.removeAll()
            bytes = 0
        }
        entries[hash] = Entry(endpoint: endpoint, body: body.indices.map { body[$0] }, answer: answer)
        bytes += body.count + (answer.whole?.count ?? 0) + 512
        return answer
    }
}
