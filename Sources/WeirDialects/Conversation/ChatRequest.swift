/// A chat request in no dialect: what every surface is read into and every upstream's request is written from, where the two dialects differ. Each
/// dialect maps to and from this form alone, so that n surfaces and m upstreams take n + m mappings.
///
/// What has no field here cannot cross dialects: its surface's reader refuses it, or drops it and says so (`TranslationNotes`).
public struct ChatRequest: Equatable, Sendable {
    /// The model as the client named it.
    public var model = ""
    /// Instructions before the conversation, in order.
    public var system: [Part] = []
    public var messages: [ChatMessage] = []
    public var tools: [ToolDefinition] = []
    public var toolChoice: ToolChoice?
    /// Names of the tools that may be called, where the client allows only some.
    public var allowedTools: [String]?
    /// Whether several tools may be called in one turn; nil leaves it to the provider.
    public var parallelToolCalls: Bool?
    /// Tokens of the answer, reasoning included.
    public var maxTokens: Int?
    public var temperature: JSONNumber?
    public var topP: JSONNumber?
    public var topK: JSONNumber?
    public var stop: [String] = []
    public var seed: JSONNumber?
    public var frequencyPenalty: JSONNumber?
    public var presencePenalty: JSONNumber?
    /// `{"TOKEN": BIAS}` as it was written.
    public var logitBias: RawJSON?
    /// How many answers are asked for.
    public var choices = 1
    public var logprobs = false
    public var topLogprobs: Int?
    public var format: AnswerFormat?
    public var reasoning = Reasoning()
    /// An opaque name of the end user.
    public var user: String?
    /// `default`, `flex`, `priority` and the like, in OpenAI's words.
    public var serviceTier: String?
    /// `low`, `medium`, `high`: how long the answer should be.
    public var verbosity: String?
    public var stream = false
    /// Whether the client asked for usage in its stream; Anthropic's and Responses' streams always have it.
    public var includeUsage = true
    /// What a Responses client wants to read again in its answer; no upstream's writer looks at it. Nil on other surfaces.
    public var echo: ResponsesEcho?

    public init() {}
}

/// One turn of a conversation.
public struct ChatMessage: Equatable, Sendable {
    public enum Role: Sendable { case system, user, assistant }

    public var role: Role
    public var parts: [Part]

    public init(_ role: Role, _ parts: [Part]) {
        self.role = role
        self.parts = parts
    }
}

/// A part of a message. Results of tools are parts of user messages and calls are parts of assistant messages, as Anthropic, Gemini and Bedrock have
/// it; OpenAI's tool messages are made of them.
public struct Part: Equatable, Sendable {
    public enum Content: Equatable, Sendable {
        case text(String)
        case image(Media, detail: String?)
        case document(Media, title: String?)
        case audio(Media)
        case toolCall(ToolCall)
        case toolResult(ToolResult)
        case reasoning(ReasoningText)
        /// Why the model would not answer.
        case refusal(String)
    }

    public var content: Content
    /// Whether the provider shall cache the prompt up to here, and for how long.
    public var cache: CacheMark?

    public init(_ content: Content, cache: CacheMark? = nil) {
        self.content = content
        self.cache = cache
    }

    public static func text(_ text: String) -> Part { Part(.text(text)) }
}

public enum CacheMark: Equatable, Sendable {
    /// The provider's usual time, five minutes at Anthropic and Bedrock.
    case usual
    case hour
}

/// Bytes of a kind, or where they are.
public struct Media: Equatable, Sendable {
    public enum Source: Equatable, Sendable {
        /// In base64, as it stood in the request.
        case base64(String)
        case url(String)
        /// A document as plain text.
        case text(String)
        /// A file that the provider keeps: bound to one provider.
        case file(String)
    }

    /// `image/png`; nil where only an address tells.
    public var type: String?
    public var source: Source

    public init(type: String?, _ source: Source) {
        self.type = type
        self.source = source
    }
}

/// A tool that the model has called.
public struct ToolCall: Equatable, Sendable {
    public var id: String
    public var name: String
    /// The arguments: a JSON object, compact or as the model wrote it. Empty arguments are `{}`.
    public var arguments: RawJSON
    /// What the provider wants to see again beside the call (Gemini's `thoughtSignature`), opaque.
    public var signature: String?

    public init(id: String, name: String, arguments: RawJSON, signature: String? = nil) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.signature = signature
    }
}

/// What a tool has answered.
public struct ToolResult: Equatable, Sendable {
    public var callID: String
    /// Texts, images and documents.
    public var parts: [Part]
    public var isError: Bool

    public init(callID: String, parts: [Part], isError: Bool = false) {
        self.callID = callID
        self.parts = parts
        self.isError = isError
    }
}

/// Reasoning that a model has shown, with what proves it to the provider that made it.
public struct ReasoningText: Equatable, Sendable {
    public var text: String
    public var signature: String?
    /// Reasoning that only the provider can read, instead of text.
    public var redacted: String?

    public init(text: String, signature: String? = nil, redacted: String? = nil) {
        self.text = text
        self.signature = signature
        self.redacted = redacted
    }
}
