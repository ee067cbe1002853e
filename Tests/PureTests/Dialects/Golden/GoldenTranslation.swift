import WeirBase
import WeirDialects
import WeirWire

/// The translations that golden files show, found by the words of their headings.
enum GoldenTranslation {
    struct Unknown: Error {
        let title: String
    }

    static var readers: [String: any ChatRequestReader.Type] {
        [
            "chat": OpenAIChatRequestReader.self, "responses": OpenAIResponsesRequestReader.self,
            "messages": AnthropicRequestReader.self,
        ]
    }
    static var writers: [String: any ChatRequestWriter.Type] {
        [
            "openai": OpenAIChatRequestWriter.self, "anthropic": AnthropicRequestWriter.self,
            "gemini": GeminiRequestWriter.self, "bedrock": BedrockRequestWriter.self,
        ]
    }
    static var answerReaders: [String: any AnswerReader.Type] {
        [
            "openai": OpenAIChatAnswerReader.self, "anthropic": AnthropicAnswerReader.self,
            "gemini": GeminiAnswerReader.self, "bedrock": BedrockAnswerReader.self,
        ]
    }
    static var answerWriters: [String: (whole: any AnswerWriter.Type, stream: any AnswerWriter.Type)] {
        [
            "chat": (OpenAIChatAnswerWriter.self, OpenAIChatStreamWriter.self),
            "responses": (OpenAIResponsesAnswerWriter.self, OpenAIResponsesStreamWriter.self),
            "messages": (AnthropicAnswerWriter.self, AnthropicStreamWriter.self),
        ]
    }

    // MARK: Requests

    /// What `DIALECT MODEL [self-hosted]` gets of a request of `SURFACE request`.
    static func request(_ input: GoldenCase.Section, to title: [String]) throws -> String {
        guard let reader = readers[input.words[0]], let writer = writers[title[0]], title.count >= 2 else {
            throw Unknown(title: title.joined(separator: " "))
        }
        var notes = TranslationNotes()
        let body = Array(input.text.utf8)
        let target = TargetOptions(model: title[1], isSelfHosted: title.last == "self-hosted")
        var out = ByteBuffer()
        do throws(Untranslatable) {
            try writer.write(try reader.read(body.span, &notes), to: target, &notes, &out)
        } catch {
            return (error.isMistake ? "mistake" : "refused") + " at \(error.param): \(error.message)"
        }
        let dropped = notes.dropped.isEmpty ? "" : "dropped: " + notes.dropped.joined(separator: ", ") + "\n"
        return dropped + (try PrettyJSON.lines(text(out)))
    }

    // MARK: Answers

    /// What clients of a surface see of `DIALECT answer`, `DIALECT stream` or `DIALECT status NUMBER [RETRY-AFTER]`.
    static func answer(_ input: GoldenCase.Section, on surface: String) throws -> String {
        let words = input.words
        guard let reader = answerReaders[words[0]], let writer = answerWriters[surface], words.count >= 2 else {
            throw Unknown(title: input.title)
        }
        switch words[1] {
        case "answer":
            return try PrettyJSON.lines(written(whole(input.text, reader), by: writer.whole))
        case "stream":
            let wire = written(stream(input.text, reader), by: writer.stream)
            // A client drops an event without the blank line behind it.
            return wire.hasSuffix("\n\n") ? String(wire.dropLast(2)) : wire + "(cut)"
        default:
            let problem = reader.problem(
                status: Int(words[2]) ?? 0, retryAfter: words.count > 3 ? words[3] : nil,
                body: Array(input.text.utf8).span)
            return try told(problem, on: surface)
        }
    }

    /// What the gateway makes of an error status: its kind, and the body that the client gets if no other target is left.
    private static func told(_ problem: UpstreamProblem, on surface: String) throws -> String {
        let wait = problem.retryAfter.map { ", again after \($0.milliseconds) ms" } ?? ""
        var out = ByteBuffer()
        if surface == "messages" {
            AnthropicErrorShape(problem).append(to: &out)
        } else {
            OpenAIErrorShape(problem).append(to: &out)
        }
        return "\(problem.kind)\(wait)\n" + (try PrettyJSON.lines(text(out)))
    }

    static func whole(_ body: String, _ reader: any AnswerReader.Type) -> [AnswerEvent] {
        var events: [AnswerEvent] = []
        reader.read(whole: Array(body.utf8).span) { events.append($0) }
        return events
    }

    /// The events of a stream in the notation of SSE, which stands for Bedrock's frames as well.
    static func stream(_ text: String, _ reader: any AnswerReader.Type) -> [AnswerEvent] {
        var events: [AnswerEvent] = []
        var reader = reader.init()
        var scanner = SSEScanner()
        let bytes = Array((text + "\n\n").utf8)
        var at = 0
        while let event = scanner.next(in: bytes.span, from: at) {
            at = Int(event.range.end)
            guard event.dataLines > 0 else { continue }
            var data = ByteBuffer()
            event.appendData(of: bytes.span, to: &data)
            reader.read(event: bytes.span.extracting(event.name.bounds), data.span) { events.append($0) }
        }
        reader.finish { events.append($0) }
        return events
    }

    static func written(_ events: [AnswerEvent], by writer: any AnswerWriter.Type) -> String {
        var request = ChatRequest()
        request.model = "alias"
        request.choices = 2
        request.logprobs = true
        var writer = writer.init(AnswerContext(id: "0123456789abc", created: 1_790_000_000, request: request))
        var out = ByteBuffer()
        for event in events { writer.write(event, to: &out) }
        return text(out)
    }

    static func text(_ buffer: borrowing ByteBuffer) -> String {
        let bytes = buffer.span
        return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
}
