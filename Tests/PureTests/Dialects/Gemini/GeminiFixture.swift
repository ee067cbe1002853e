import WeirBase
import WeirWire

@testable import WeirDialects

/// What the tests of Gemini's dialect say in one word.
enum GeminiFixture {
    /// The body for `request`, or why there is none.
    static func write(
        _ request: ChatRequest, model: String = "gemini-2.5-flash", _ notes: inout TranslationNotes
    ) throws(Untranslatable) -> String {
        var out = ByteBuffer()
        try GeminiRequestWriter.write(request, to: TargetOptions(model: model), &notes, &out)
        return out.text()
    }

    static func ask(_ change: (inout ChatRequest) -> Void) -> ChatRequest {
        var request = ChatRequest()
        request.messages = [ChatMessage(.user, [.text("Hi")])]
        change(&request)
        return request
    }

    static func whole(_ body: String) -> [AnswerEvent] {
        var events: [AnswerEvent] = []
        GeminiAnswerReader.read(whole: Array(body.utf8).span) { events.append($0) }
        return events
    }

    static func stream(_ chunks: [String], isCut: Bool = false) -> [AnswerEvent] {
        var events: [AnswerEvent] = []
        var reader = GeminiAnswerReader()
        for chunk in chunks { reader.read(event: Span(), Array(chunk.utf8).span) { events.append($0) } }
        if !isCut { reader.finish { events.append($0) } }
        return events
    }

    static func problem(_ status: Int, _ body: String, retryAfter: String? = nil) -> UpstreamProblem {
        GeminiAnswerReader.problem(status: status, retryAfter: retryAfter, body: Array(body.utf8).span)
    }
}
