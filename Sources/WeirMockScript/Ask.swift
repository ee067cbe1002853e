public import WeirBase

/// What a request asked for, as far as its answer depends on it.
public struct Ask: Sendable {
    public var endpoint: Endpoint
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
    /// Input tokens that the answer claims.
    public var inputTokens = 0

    /// Whether the request's limit on the output has cut the answer short.
    public private(set) var isShortened = false

    public init(endpoint: Endpoint, directive: Directive = Directive()) {
        self.endpoint = endpoint
        self.directive = directive
    }

    public enum Endpoint: String, Hashable, Sendable, CaseIterable {
        case chat, completions, responses, embeddings, moderations
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
        usage.reasoningOutput = directive.reasoningTokens
        switch endpoint {
        case .chat, .completions: usage.output = directive.outputTokens ?? (pieces * count + directive.reasoningTokens)
        case .responses: usage.output = directive.outputTokens ?? (pieces + directive.reasoningTokens)
        case .embeddings, .moderations: break
        }
        return usage
    }

    /// The text of choice `index`.
    public func content(choice index: Int = 0) -> Content {
        Content(seed: seed, choice: index, pieces: pieces, bytesPerPiece: directive.bytesPerEvent)
    }

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
        if directive.crlf { buffer.put("\r\n") } else { buffer.put("\n") }
    }

    /// Appends an event that no endpoint has: the error object of a stream that breaks, or data that is not JSON.
    public func appendBrokenEvent(garbage: Bool, to buffer: inout ByteBuffer) {
        openEvent(in: &buffer)
        if garbage {
            buffer.put("{\"id\":\"chatcmpl-, this is <not> JSON \\")
        } else {
            buffer.put("{\"error\":{\"message\":\"The server had an error while processing your request\",")
            buffer.put("\"type\":\"server_error\",\"param\":null,\"code\":null}}")
        }
        closeEvent(in: &buffer)
    }
}
