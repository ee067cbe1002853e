public import WeirBase

/// What a request asked for, as far as its answer depends on it.
public struct Ask: Sendable {
    public var endpoint: Endpoint
    /// Whose answer it is.
    public var service: Service
    /// The model's name as it stands inside the JSON string of the request.
    public var model: [UInt8] = []
    public var directive: Directive
    /// Seed of the content: the directive's, or a hash of the prompt.
    public var seed: UInt64 = 0
    public var streams = false
    /// The client wants the usage at the end of its stream.
    public var wantsStreamUsage = false
    /// Choices of a chat or text completion, inputs of an embedding or moderation.
    public var count = 1
    /// Embeddings as base64 of little-endian float32.
    public var base64 = false
    /// The answer shows what the model thought, signed.
    public var thinks = false
    /// A stream that is one JSON array instead of events (Gemini without `alt=sse`).
    public var isArray = false
    /// Input tokens that the answer claims.
    public var inputTokens = 0

    /// Whether the request's limit on the output has cut the answer short.
    public private(set) var isShortened = false

    public init(endpoint: Endpoint, directive: Directive = Directive()) {
        self.endpoint = endpoint
        service = endpoint.service
        self.directive = directive
    }

    public enum Endpoint: String, Hashable, Sendable, CaseIterable {
        case chat, completions, responses, embeddings, moderations
        /// Anthropic: messages, and the count of their tokens.
        case messages, messageTokens
        /// Gemini: generateContent or streamGenerateContent, and countTokens.
        case generate, generateTokens
        /// Bedrock: converse or converse-stream.
        case converse

        /// Who offers it first.
        public var service: Service {
            switch self {
            case .chat, .completions, .responses, .embeddings, .moderations: .openAI
            case .messages, .messageTokens: .anthropic
            case .generate, .generateTokens: .gemini
            case .converse: .bedrock
            }
        }
    }

    /// Bounds the output, reasoning included, to `tokens`.
    public mutating func limitOutput(to tokens: Int) {
        guard pieces + directive.reasoningTokens > tokens else { return }
        isShortened = true
        directive.reasoningTokens = min(directive.reasoningTokens, tokens)
        directive.events = tokens - directive.reasoningTokens
    }

    /// The usage that the answer claims: a token for each event, whatever the size of the events.
    public var usage: Usage {
        var usage = Usage()
        usage.input = directive.inputTokens ?? inputTokens
        usage.cachedInput = directive.cachedTokens
        usage.cacheWriteInput = directive.writtenTokens
        usage.reasoningOutput = directive.reasoningTokens
        switch endpoint {
        case .chat, .completions, .generate:
            usage.output = directive.outputTokens ?? claimed(pieces * count + directive.reasoningTokens)
        case .responses, .messages, .converse:
            usage.output = directive.outputTokens ?? claimed(pieces + directive.reasoningTokens)
        case .embeddings, .moderations, .messageTokens, .generateTokens: break
        }
        return usage
    }

    /// The text of choice `index`.
    public func content(choice index: Int = 0) -> Content {
        Content(
            seed: seed, choice: index, pieces: pieces, bytesPerPiece: directive.bytesPerEvent,
            isObject: directive.isJSON && directive.tool == nil)
    }

    /// The calls behind the first; none where no tool is called.
    var furtherCalls: Range<Int> { directive.tool == nil ? 1..<1 : 1..<directive.calls }

    /// What call `call` of a tool has for arguments; of the first one they are the content. Each is another choice of it, far from those of answers
    /// and thoughts.
    func arguments(call: Int, choice: Int = 0) -> Content { content(choice: choice + call << 24) }

    /// Appends what tells the ids of several calls of one answer apart.
    func appendCallSuffix(_ call: Int, to buffer: inout ByteBuffer) {
        guard call > 0 else { return }
        buffer.put("_")
        buffer.append(decimal: call)
    }

    /// Input tokens that were neither read from the cache nor written to it, as Anthropic and Bedrock count them.
    var freshInputTokens: Int { max(0, usage.input - usage.cachedInput - usage.cacheWriteInput) }

    private func claimed(_ tokens: Int) -> Int { min(tokens, Directive.Limits.tokens) }

    /// Arguments of a tool call have at least one piece: they are a JSON text.
    private var pieces: Int { directive.tool == nil ? directive.events : max(1, directive.events) }
}

/// What an answer is told apart by in ids, headers and the bill: 16 decimal digits wherever it is written, so that every answer to the
/// same request has the same length.
public struct AnswerNumber: Hashable, Sendable {
    public let value: Int

    public init(_ value: Int) { self.value = value }

    public static let digits = 16

    public func append(to buffer: inout ByteBuffer) {
        var divisor = 1_000_000_000_000_000
        while divisor > 0 {
            buffer.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}

/// The wire form of an answer of one endpoint. Values only: one is made for a request and asked for its parts in order.
public protocol AnswerFormat: Sendable {
    /// Events of the stream, by what paces them: the opening ones go out with the head, the closing ones together at the end.
    var steps: Steps { get }
    /// Appends the body of an answer that is no stream.
    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer)
    /// Appends event `step` of a stream, from 0, without framing by chunks.
    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer)
}

/// How many events open a stream, carry its content and close it.
public struct Steps: Equatable, Sendable {
    public var opening: Int
    public var content: Int
    public var closing: Int
    public var all: Int { opening + content + closing }
}

extension Ask {
    /// The form of the answer to this request.
    public var format: any AnswerFormat {
        switch endpoint {
        case .chat: ChatAnswer(self)
        case .completions: CompletionAnswer(self)
        case .responses: ResponsesAnswer(self)
        case .embeddings: EmbeddingsAnswer(self)
        case .moderations: ModerationsAnswer(self)
        case .messages: AnthropicAnswer(self)
        case .generate: GeminiAnswer(self)
        case .converse: BedrockAnswer(self)
        case .messageTokens, .generateTokens: TokenCountAnswer(self)
        }
    }

    /// When answers say that they were made: a constant, so that equal requests get equal bytes.
    static var created: StaticString { "1795000000" }

    /// Begins an event of a stream.
    func openEvent(_ name: StaticString? = nil, in buffer: inout ByteBuffer) {
        if directive.comments {
            buffer.put(": keep-alive")
            endLine(in: &buffer)
            endLine(in: &buffer)
        }
        if let name {
            buffer.put("event: ")
            buffer.put(name)
            endLine(in: &buffer)
        }
        buffer.put("data: ")
    }

    func closeEvent(in buffer: inout ByteBuffer) {
        endLine(in: &buffer)
        endLine(in: &buffer)
    }

    private func endLine(in buffer: inout ByteBuffer) {
        if directive.crlf || service == .gemini { buffer.put("\r\n") } else { buffer.put("\n") }
    }
}
