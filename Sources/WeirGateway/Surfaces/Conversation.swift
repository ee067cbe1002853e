import WeirBase
import WeirDialects

/// A client's request read into the neutral form: made when a target is to be asked in another dialect, and kept for the targets after it.
final class Conversation {
    /// The surface that it came in on, and that its answer goes out on.
    enum Kind {
        case chat, responses, messages
    }

    let kind: Kind
    var request: ChatRequest
    /// What reading it has dropped.
    let notes: TranslationNotes

    /// Reads `body`, valid JSON.
    init(_ kind: Kind, _ body: Span<UInt8>) throws(Untranslatable) {
        self.kind = kind
        var notes = TranslationNotes()
        switch kind {
        case .chat: request = try OpenAIChatRequestReader.read(body, &notes)
        case .responses: request = try OpenAIResponsesRequestReader.read(body, &notes)
        case .messages: request = try AnthropicRequestReader.read(body, &notes)
        }
        self.notes = notes
    }

    /// What the client calls a member of its request that the writers, who do not know it, call as chat completions do.
    func clientName(of member: String) -> String {
        switch (kind, member) {
        case (.chat, _): member
        case (.messages, "stop"): "stop_sequences"
        case (.messages, "user"): "metadata.user_id"
        case (.messages, "parallel_tool_calls"): "tool_choice.disable_parallel_tool_use"
        case (.messages, "response_format"): "output_config.format"
        case (.messages, "reasoning_effort"): request.reasoning.effort == nil ? "thinking" : "output_config.effort"
        case (.messages, "reasoning"): "thinking"
        case (.responses, "response_format"): "text.format"
        case (.responses, "verbosity"): "text.verbosity"
        case (.responses, "reasoning_effort"): "reasoning.effort"
        case (.responses, "reasoning"): "input.reasoning"
        // Several items make one message: no index would be the client's.
        case (.responses, _): member.hasPrefix("messages[") ? "input" : member
        // What stands behind the last index is chat completions' name of a part: the index alone says where it is.
        case (.messages, _): if let end = member.lastIndex(of: "]") { String(member[...end]) } else { member }
        }
    }

    /// What writes the answer.
    func writer(stream: Bool, _ context: AnswerContext) -> any AnswerWriter {
        switch (kind, stream) {
        case (.chat, false): OpenAIChatAnswerWriter(context)
        case (.chat, true): OpenAIChatStreamWriter(context)
        case (.responses, false): OpenAIResponsesAnswerWriter(context)
        case (.responses, true): OpenAIResponsesStreamWriter(context)
        case (.messages, false): AnthropicAnswerWriter(context)
        case (.messages, true): AnthropicStreamWriter(context)
        }
    }
}

/// A request as it goes to an upstream of another dialect.
final class TranslatedCall {
    private let body: ByteBuffer
    /// With its query.
    let path: String
    /// `anthropic-version`, where the dialect has it.
    let apiVersion: String?
    /// Members of the client's request that were left out.
    let dropped: [String]

    init(body: consuming ByteBuffer, path: String, apiVersion: String?, dropped: [String]) {
        self.body = body
        self.path = path
        self.apiVersion = apiVersion
        self.dropped = dropped
    }

    var bodyCount: Int { body.count }

    /// Lends the body: a span of it cannot leave a class.
    func withBody(_ use: (borrowing ByteBuffer) -> Void) { use(body) }
}
