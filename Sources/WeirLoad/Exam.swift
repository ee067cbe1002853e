import WeirBase
import WeirMockScript
import WeirWire

/// Why an answer counts as wrong.
public struct AnswerError: Error, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case connect, cut, timeout, status, head, chunk, json, content, usage, done, errorEvent = "error_event", id
    }
    public var kind: Kind
    /// For the first example of its kind.
    public var detail: String

    public init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}

/// What one request must be answered with, and the request: made once, used many times.
final class Question: Sendable {
    /// The request, head and body.
    let request: [UInt8]
    /// The text of the answer as the mock spells it inside JSON strings.
    let text: [UInt8]
    /// The same, escapes resolved: for an answer that spells it another way.
    let plain: [UInt8]
    let outputTokens: Int
    let ask: Ask

    init(_ plan: LoadPlan, seed: UInt64) {
        var ask = Ask(endpoint: plan.endpoint, directive: plan.directive)
        ask.seed = seed
        ask.streams = plan.streams
        ask.wantsStreamUsage = plan.streams && plan.endpoint != .responses
        self.ask = ask
        outputTokens = ask.usage.output
        request = Question.request(plan, ask)
        var buffer = ByteBuffer()
        if plan.endpoint == .embeddings {
            Embedding(seed: seed, index: 0, dimensions: plan.directive.dimensions).appendNumbers(to: &buffer)
        } else if plan.directive.tool != nil {
            ToolArguments.appendAll(of: ask.content(), to: &buffer)
        } else {
            ask.content().appendAll(as: .json, to: &buffer)
        }
        let spelling = bytes(of: buffer)
        text = spelling
        plain =
            plan.endpoint == .embeddings
            ? [] : Array(JSONText.string(spelling.span, ByteRange(start: 0, end: spelling.count)).utf8)
    }

    private static func request(_ plan: LoadPlan, _ ask: Ask) -> [UInt8] {
        var body = ByteBuffer()
        body.append("{\"model\":")
        body.append(jsonString: plan.model)
        switch plan.endpoint {
        case .chat: body.append(",\"messages\":[{\"role\":\"user\",\"content\":\"")
        case .completions: body.append(",\"prompt\":\"")
        case .responses, .embeddings, .moderations: body.append(",\"input\":\"")
        case .messages, .messageTokens, .generate, .generateTokens, .converse: break  // never asked for
        }
        let line = "#mock seed=\(ask.seed)" + (plan.directiveText.isEmpty ? "" : " " + plan.directiveText)
        body.append(line)
        body.append("\\n")
        let filler = max(0, plan.promptBytes - line.utf8.count - 1)
        Content(seed: ~ask.seed, pieces: 1, bytesPerPiece: filler).append(0, as: .json, to: &body)
        body.append("\"")
        if plan.endpoint == .chat { body.append("}]") }
        if plan.streams { body.append(",\"stream\":true") }
        if ask.wantsStreamUsage { body.append(",\"stream_options\":{\"include_usage\":true}") }
        body.append("}")

        var request = ByteBuffer()
        request.append("POST ")
        request.append(plan.path)
        request.append(" HTTP/1.1\r\nhost: ")
        request.append(plan.host)
        if let key = plan.key {
            request.append("\r\nauthorization: Bearer ")
            key.reveal { request.append($0) }
        }
        request.append(
            "\r\naccept: application/json\r\nuser-agent: weir-load\r\ncontent-type: application/json\r\ncontent-length: "
        )
        request.append(decimal: body.count)
        request.append("\r\n\r\n")
        request.append(body.span)
        return bytes(of: request)
    }
}

/// Checks one answer as it comes. What passes through a proxy unchanged is compared as it stands, at the place where the last event had it;
/// everything else is parsed and compared as text.
struct Exam {
    private let question: Question
    /// How much of the text has come: bytes of `question.text`, or of `question.plain` once a spelling differed.
    private var position = 0
    private var isPlain = false
    private var hasFinished = false
    private var hasUsage = false
    private(set) var isDone = false

    init(_ question: Question) { self.question = question }

    // MARK: Whole answers

    /// Checks the body of an answer that is no stream.
    func check(body: Span<UInt8>, hint: inout Int) throws(AnswerError) {
        let expected = question.text
        let text = expected.span
        if hint > 0, matches(body, at: hint, text),
            question.ask.directive.omitsUsage || claimsTokens(body, from: hint + text.count)
        {
            return
        }
        let place = try AnswerShape.place(of: body, question.ask)
        guard let content = place.text else { throw AnswerError(.json, "no content in \(excerpt(body))") }
        if isEqual(body.extracting(content.bounds), text) {
            hint = Int(content.start)
        } else {
            let plain = Array(JSONText.string(body, content).utf8)
            guard plain == question.plain else { throw wrongContent(plain, question.plain) }
        }
        guard let tokens = place.outputTokens else {
            if question.ask.directive.omitsUsage { return }
            throw AnswerError(.usage, "no usage in \(excerpt(body))")
        }
        guard tokens == question.outputTokens || question.ask.endpoint == .embeddings else {
            throw AnswerError(.usage, "\(tokens) output tokens instead of \(question.outputTokens)")
        }
    }

    private func matches(_ body: Span<UInt8>, at hint: Int, _ text: Span<UInt8>) -> Bool {
        let end = hint + text.count
        guard end < body.count, question.ask.endpoint == .embeddings || body[end] == UInt8(ascii: "\"") else {
            return false
        }
        return isEqual(body.extracting(hint..<end), text)
    }

    /// Whether the right number of output tokens is claimed behind the content.
    private func claimsTokens(_ body: Span<UInt8>, from start: Int) -> Bool {
        let name: StaticString
        switch question.ask.endpoint {
        case .chat, .completions: name = "\"completion_tokens\":"
        case .responses: name = "\"output_tokens\":"
        case .embeddings, .moderations, .messages, .messageTokens, .generate, .generateTokens, .converse: return true
        }
        guard let at = find(name, in: body, from: start) else { return false }
        var value = 0
        var digit = at
        while digit < body.count, body[digit] &- UInt8(ascii: "0") < 10, value < 1 << 40 {
            value = value * 10 + Int(body[digit] &- UInt8(ascii: "0"))
            digit += 1
        }
        return digit > at && value == question.outputTokens
    }

    // MARK: Streams

    /// Checks the data of one event.
    /// - Parameter hint: where the text began in the last event that had some; the next one's most often begins there, too.
    mutating func check(event data: Span<UInt8>, hint: inout Int) throws(AnswerError) {
        if isNext(data, at: hint) { return }
        if data.count == 6, data[0] == UInt8(ascii: "["), data[1] == UInt8(ascii: "D") {
            isDone = true
            return
        }
        guard !isDone else { throw AnswerError(.done, "an event after [DONE]: \(excerpt(data))") }
        let place = try AnswerShape.place(ofEvent: data, question.ask)
        if place.hasFinished { hasFinished = true }
        if let tokens = place.outputTokens {
            hasUsage = true
            guard tokens == question.outputTokens else {
                throw AnswerError(.usage, "\(tokens) output tokens instead of \(question.outputTokens)")
            }
        }
        if let text = place.text, !text.isEmpty {
            try take(data, text)
            hint = Int(text.start)
        }
    }

    /// The quick way: at `hint` begins a string that goes on exactly where the text was left.
    private mutating func isNext(_ data: Span<UInt8>, at hint: Int) -> Bool {
        guard !isPlain, !isDone, hint > 1, hint < data.count, data[hint - 1] == UInt8(ascii: "\""),
            data[hint - 2] == UInt8(ascii: ":")
        else { return false }
        let expected = question.text
        let text = expected.span
        let left = min(text.count - position, data.count - hint)
        guard left > 0 else { return false }
        let count = commonPrefix(data, hint, text, position, left)
        // The string must end where the comparison did: a quote that the text does not have, or has escaped.
        guard count > 0, hint + count < data.count, data[hint + count] == UInt8(ascii: "\""),
            data[hint + count - 1] != UInt8(ascii: "\\") || count == left, isDelta(data, hint)
        else { return false }
        position += count
        return true
    }

    /// Whether the member before `hint` is the one that carries text.
    private func isDelta(_ data: Span<UInt8>, _ hint: Int) -> Bool {
        let name: StaticString =
            switch question.ask.endpoint {
            case .chat: question.ask.directive.tool == nil ? "\"content\":\"" : "\"arguments\":\""
            case .responses: "\"delta\":\""
            default: "\"text\":\""
            }
        let start = hint - name.utf8CodeUnitCount
        return start >= 0 && hasText(name, in: data, at: start)
    }

    private mutating func take(_ data: Span<UInt8>, _ range: ByteRange) throws(AnswerError) {
        if !isPlain {
            let expected = question.text
            let text = expected.span
            let end = position + range.count
            if end <= text.count, isEqual(data.extracting(range.bounds), text.extracting(position..<end)) {
                position = end
                return
            }
            position = JSONText.string(text, ByteRange(start: 0, end: position)).utf8.count
            isPlain = true
        }
        let came = Array(JSONText.string(data, range).utf8)
        let end = position + came.count
        guard end <= question.plain.count, question.plain[position..<end].elementsEqual(came) else {
            throw wrongContent(came, Array(question.plain[position..<min(end, question.plain.count)]))
        }
        position = end
    }

    /// The stream has ended: all must have come.
    func checkEnd() throws(AnswerError) {
        let all = isPlain ? question.plain.count : question.text.count
        guard position == all else {
            throw AnswerError(.content, "the stream ended after \(position) of \(all) bytes of text")
        }
        guard hasFinished else { throw AnswerError(.done, "no finish reason") }
        guard isDone || question.ask.endpoint == .responses else { throw AnswerError(.done, "no [DONE]") }
        let wantsUsage = question.ask.wantsStreamUsage || question.ask.endpoint == .responses
        guard hasUsage || !wantsUsage || question.ask.directive.omitsUsage else {
            throw AnswerError(.usage, "no usage in the stream")
        }
    }

    private func wrongContent(_ came: [UInt8], _ expected: [UInt8]) -> AnswerError {
        AnswerError(
            .content, "got \(excerpt(came.span)) instead of \(excerpt(expected.span)) (seed \(question.ask.seed))")
    }
}

// MARK: Bytes

/// The beginning of `bytes`, for messages.
func excerpt(_ bytes: Span<UInt8>) -> String {
    let shown = (0..<min(160, bytes.count)).map { bytes[$0] }
    return "\"" + String(decoding: shown, as: UTF8.self) + (bytes.count > 160 ? "...\"" : "\"")
}

func bytes(of buffer: borrowing ByteBuffer) -> [UInt8] {
    let span = buffer.span
    return span.indices.map { span[$0] }
}

/// How many of `limit` bytes are the same in both, eight at a time.
func commonPrefix(_ left: Span<UInt8>, _ leftStart: Int, _ right: Span<UInt8>, _ rightStart: Int, _ limit: Int) -> Int {
    let (one, other) = unsafe (left.bytes, right.bytes)
    var at = 0
    while at &+ 8 <= limit {
        // Bounds-checked, and any eight bytes are a UInt64.
        let (a, b) = unsafe (
            one.unsafeLoadUnaligned(fromByteOffset: leftStart &+ at, as: UInt64.self),
            other.unsafeLoadUnaligned(fromByteOffset: rightStart &+ at, as: UInt64.self)
        )
        if a != b { return at &+ (a ^ b).trailingZeroBitCount / 8 }
        at &+= 8
    }
    while at < limit, left[leftStart &+ at] == right[rightStart &+ at] { at &+= 1 }
    return at
}

func hasText(_ name: StaticString, in bytes: Span<UInt8>, at start: Int) -> Bool {
    guard start + name.utf8CodeUnitCount <= bytes.count else { return false }
    for index in 0..<name.utf8CodeUnitCount where unsafe bytes[start + index] != name.utf8Start[index] { return false }
    return true
}

/// Where `name` ends first in `bytes` from `start` on.
func find(_ name: StaticString, in bytes: Span<UInt8>, from start: Int) -> Int? {
    let length = name.utf8CodeUnitCount
    var at = start
    while at + length <= bytes.count {
        if hasText(name, in: bytes, at: at) { return at + length }
        at += 1
    }
    return nil
}
