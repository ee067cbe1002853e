import WeirBase
import WeirMockScript

/// An answer to a request, ready to be sent any number of times.
final class PreparedAnswer {
    let ask: Ask
    let call: Call
    let format: any AnswerFormat
    /// Head and body of an answer that is no stream and not too large to keep; the number's digits are zeros.
    let whole: [UInt8]?
    /// Where the number's digits go in `whole`.
    let numberOffsets: [Int]

    init(_ ask: Ask, of call: Call) {
        self.ask = ask
        self.call = call
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
        var head = AnswerHead(number: number, service: ask.service, closes: ask.directive.closes)
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

/// Answers that were made, by the bytes of their requests: a load generator asks the same things over and over, and a hit costs a hash and a
/// comparison. Bounded by bytes; when it is full it begins anew.
struct AnswerCache {
    private struct Entry {
        let call: Call
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

    /// The answer to `call` with `body`; makes it where it is not there.
    mutating func answer(
        to call: Call, _ body: Span<UInt8>, defaults: Directive
    ) throws(Refusal) -> PreparedAnswer {
        guard body.count <= MockOptions.Limits.keptBodyBytes else {
            return PreparedAnswer(try call.read(body, defaults: defaults), of: call)
        }
        let hash = Self.key(body)
        if let entry = entries[hash], entry.call == call, isEqual(entry.body.span, body) { return entry.answer }
        let answer = PreparedAnswer(try call.read(body, defaults: defaults), of: call)
        if bytes > MockOptions.Limits.cacheBytes {
            entries.removeAll()
            bytes = 0
        }
        entries[hash] = Entry(call: call, body: body.indices.map { body[$0] }, answer: answer)
        bytes += body.count + (answer.whole?.count ?? 0) + 512
        return answer
    }
}
