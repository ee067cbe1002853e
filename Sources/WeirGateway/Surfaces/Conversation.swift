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
