import WeirBase
import WeirWire

@testable import WeirDialects

/// What the tests of chat completions say in one word.
enum OpenAIChatFixture {
    static func whole(_ body: String) -> [AnswerEvent] {
        var events: [AnswerEvent] = []
        OpenAIChatAnswerReader.read(whole: Array(body.utf8).span) { events.append($0) }
        return events
    }

    /// The events of a stream whose bytes come in `parts`.
    static func events(_ parts: [[UInt8]]) -> [AnswerEvent] {
        var events: [AnswerEvent] = []
        var reader = OpenAIChatAnswerReader()
        var scanner = SSEScanner()
        var carry: [UInt8] = []
        var isPartial = false
        func take(_ event: SSEEvent, _ bytes: [UInt8]) {
            guard event.dataLines > 0 else { return }
            var data = ByteBuffer()
            event.appendData(of: bytes.span, to: &data)
            reader.read(event: bytes.span.extracting(event.name.bounds), data.span) { events.append($0) }
        }
        for part in parts {
            var at = scanner.leadingLineFeed(in: part.span)
            if isPartial {
                let end = scanner.findEnd(in: part.span, from: at)
                carry += part[at..<(end ?? part.count)]
                guard let end else { continue }
                if let event = scanner.complete(carry.span) { take(event, carry) }
                carry = []
                isPartial = false
                at = end
            }
            while at < part.count, let event = scanner.next(in: part.span, from: at) {
                take(event, part)
                at = Int(event.range.end)
            }
            if at < part.count {
                carry = Array(part[at...])
                isPartial = true
            }
        }
        reader.finish { events.append($0) }
        return events
    }

    static func events(_ wire: String) -> [AnswerEvent] { events([Array(wire.utf8)]) }

    /// The events of a stream with `chunks`, and `[DONE]` if it is not cut.
    static func stream(_ chunks: [String], isDone: Bool = true) -> [AnswerEvent] {
        events(chunks.map { "data: \($0)\n\n" }.joined() + (isDone ? "data: [DONE]\n\n" : ""))
    }

    /// A chunk of choice 0.
    static func chunk(_ delta: String, finish: String? = nil) -> String {
        #"{"id":"i","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{\#(delta)},"finish_reason":\#(finish.map { "\"\($0)\"" } ?? "null")}]}"#
    }

    static func answer(_ message: String, finish: String = "stop", rest: String = "") -> String {
        #"{"id":"i","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant",\#(message)},"logprobs":null,"finish_reason":"\#(finish)"}]\#(rest)}"#
    }

    static func problem(_ status: Int, _ body: String, retryAfter: String? = nil) -> UpstreamProblem {
        OpenAIChatAnswerReader.problem(status: status, retryAfter: retryAfter, body: Array(body.utf8).span)
    }
}
