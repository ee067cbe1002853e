import WeirBase
import WeirDialects
import WeirWire

/// What Weir has read of a JSON body, on whichever surface; the bytes stay where they are.
enum ScannedRequest {
    case openAI(OpenAIRequest)
    case messages(AnthropicRequest)

    /// Scans a whole body.
    /// - Parameter looksInside: whether it matters what the conversation holds.
    static func parse(
        _ bytes: Span<UInt8>, as body: Endpoint.Body, looksInside: Bool = false
    ) throws(Refusal) -> ScannedRequest {
        switch body {
        case .openAI(let body):
            do throws(OpenAIRequestError) {
                return .openAI(try OpenAIRequest.parse(bytes, as: body, looksInside: looksInside))
            } catch { throw .body(error) }
        case .messages(let body):
            do throws(AnthropicRequestError) {
                return .messages(try AnthropicRequest.parse(bytes, as: body, looksInside: looksInside))
            } catch { throw .messagesBody(error) }
        }
    }

    /// Scans a body that was scanned before: it cannot fail.
    static func again(_ bytes: Span<UInt8>, as body: Endpoint.Body, looksInside: Bool = false) -> ScannedRequest {
        do throws(Refusal) { return try parse(bytes, as: body, looksInside: looksInside) } catch {
            preconditionFailure("a body that was read is none: \(error)")
        }
    }

    var stream: Bool {
        switch self {
        case .openAI(let request): request.stream
        case .messages(let request): request.stream
        }
    }

    /// Whether it refers to what one provider keeps.
    var refersToStored: Bool {
        switch self {
        case .openAI(let request): request.refersToStored
        case .messages(let request): request.content.map { $0.contains(.stored) } == true
        }
    }

    /// The bytes of the model's name without quotes; nil if the body names none.
    var modelContents: ByteRange? {
        switch self {
        case .openAI(let request): request.modelContents
        case .messages(let request): request.modelContents
        }
    }

    /// Whether those bytes are the name's text.
    var modelIsPlain: Bool {
        switch self {
        case .openAI(let request): request.modelIsPlain
        case .messages(let request): request.modelIsPlain
        }
    }

    func modelName(in bytes: Span<UInt8>) -> String? {
        switch self {
        case .openAI(let request): request.modelName(in: bytes)
        case .messages(let request): request.modelName(in: bytes)
        }
    }

    /// Gives each text of the conversation: the range of its JSON string, with the quotes.
    func texts(in bytes: Span<UInt8>, _ give: (ByteRange) -> Void) {
        switch self {
        case .openAI(let request): request.texts(in: bytes, give)
        case .messages(let request): request.texts(in: bytes, give)
        }
    }
}

/// What changes in a body on its way to an upstream of the same dialect.
enum Splice {
    case openAI(OpenAISplice)
    case messages(AnthropicSplice)

    init(_ request: ScannedRequest, body: Span<UInt8>, model: String) {
        switch request {
        case .openAI(let request): self = .openAI(OpenAISplice(request, body: body, model: model))
        case .messages(let request): self = .messages(AnthropicSplice(request, body: body, model: model))
        }
    }

    /// Bounds the output to `tokens`, which is less than what the request says.
    mutating func limitOutput(of request: ScannedRequest, to tokens: Int) {
        switch (self, request) {
        case (.openAI(var splice), .openAI(let request)):
            if splice.limitOutput(of: request, to: tokens) { self = .openAI(splice) }
        case (.messages(var splice), .messages(let request)):
            if splice.limitOutput(of: request, to: tokens) { self = .messages(splice) }
        case (.openAI, _), (.messages, _): preconditionFailure("a splice belongs to another request")
        }
    }

    /// Whether the upstream is asked for usage that the client did not ask for.
    var injectsUsage: Bool { if case .openAI(let splice) = self { splice.injectsUsage } else { false } }

    /// Whether the body can be sent as it is.
    var isEmpty: Bool {
        switch self {
        case .openAI(let splice): splice.isEmpty
        case .messages(let splice): splice.isEmpty
        }
    }

    /// Bytes that the spliced body has more than the body.
    var growth: Int {
        switch self {
        case .openAI(let splice): splice.growth
        case .messages(let splice): splice.growth
        }
    }

    func appendSpliced(_ body: Span<UInt8>, to out: inout ByteBuffer) {
        switch self {
        case .openAI(let splice): splice.appendSpliced(body, to: &out)
        case .messages(let splice): splice.appendSpliced(body, to: &out)
        }
    }
}
