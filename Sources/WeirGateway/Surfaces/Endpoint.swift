import WeirBase
import WeirDialects
import WeirWire

/// Which API a client speaks: errors have its shape.
enum Surface {
    case openAI, anthropic
}

/// What a path leads to, on whichever surface.
enum Endpoint: Hashable {
    case openAI(OpenAIEndpoint)
    /// `/v1/messages`
    case messages
    /// `/v1/messages/count_tokens`
    case countTokens

    /// How a request to it is handled.
    enum Kind {
        /// A JSON object with a `model` that is resolved and spliced.
        case json(Body)
        /// `multipart/form-data` with a `model` field.
        case multipart
        /// Bound to one provider's stored state: passed through as it is.
        case passThrough
        /// Answered from the configuration.
        case models
    }

    /// What Weir reads of a JSON body.
    enum Body {
        case openAI(OpenAIBody)
        case messages(AnthropicBody)
    }

    var kind: Kind {
        switch self {
        case .openAI(let endpoint):
            switch endpoint.kind {
            case .json(let body): .json(.openAI(body))
            case .multipart: .multipart
            case .passThrough: .passThrough
            case .models: .models
            }
        case .messages: .json(.messages(.messages))
        case .countTokens: .json(.messages(.countTokens))
        }
    }

    var surface: Surface { if case .openAI = self { .openAI } else { .anthropic } }

    /// What a request to it can cost, before it is made.
    func cost(_ method: HTTPMethod) -> OpenAIEndpoint.Cost {
        switch self {
        case .openAI(let endpoint): endpoint.cost(method)
        case .messages: .inputAndOutput
        case .countTokens: .nothing
        }
    }

    /// What a request to it is in the neutral form; nil where only a provider of the same API can serve it.
    var conversation: Conversation.Kind? {
        switch self {
        case .openAI(.chatCompletions): .chat
        case .openAI(.responses): .responses
        case .messages: .messages
        case .openAI, .countTokens: nil
        }
    }

    /// Whether a stream of it ends with an event that says so.
    var hasTerminalEvent: Bool {
        switch self {
        case .openAI(let endpoint): endpoint.hasTerminalEvent
        case .messages: true
        case .countTokens: false
        }
    }

    /// Whether an answer that is no stream is a JSON object.
    var answersInJSON: Bool { if case .json = kind { self != .openAI(.speech) } else { false } }

    /// Whether the events of its streams have names, and an error is one of them.
    var hasNamedEvents: Bool { self == .openAI(.responses) || self == .messages }

    /// Where a stream of it has its usage, for OpenAI's endpoints.
    var usagePlace: OpenAIBody.UsagePlace {
        if case .openAI(let endpoint) = self, case .json(let body) = endpoint.kind { body.usagePlace } else { .top }
    }
}

extension Endpoint {
    /// What a method and a path lead to.
    enum Match {
        /// `id` is the range of the first variable segment in the path, if the path has one.
        case endpoint(Endpoint, id: ByteRange?)
        case methodNotAllowed(allow: String)
        case notFound
    }

    /// Looks a method and a path (decoded once, without its query) up.
    static func match(method: Span<UInt8>, path: Span<UInt8>) -> Match {
        if let endpoint = messages(path) {
            return method.isText("POST")
                ? .endpoint(endpoint, id: nil) : .methodNotAllowed(allow: "POST")
        }
        switch OpenAIEndpoint.match(method: method, path: path) {
        case .endpoint(let endpoint, let id): return .endpoint(.openAI(endpoint), id: id)
        case .methodNotAllowed(let allow): return .methodNotAllowed(allow: allow)
        case .notFound: return .notFound
        }
    }

    private static func messages(_ path: Span<UInt8>) -> Endpoint? {
        switch path.count {
        case 12 where path.isText("/v1/messages"): .messages
        case 25 where path.isText("/v1/messages/count_tokens"): .countTokens
        default: nil
        }
    }

    /// Every method and path of all surfaces, with `{}` for a variable segment: whoever has to look at all of them cannot forget one.
    static var routes: [(method: String, path: String, endpoint: Endpoint)] {
        OpenAIEndpoint.routes.map { ($0.method, $0.path, .openAI($0.endpoint)) } + [
            ("POST", "/v1/messages", .messages), ("POST", "/v1/messages/count_tokens", .countTokens),
        ]
    }
}

extension Span where Element == UInt8 {
    /// Whether the bytes are `text` exactly.
    func isText(_ text: StaticString) -> Bool { equals(ByteRange(start: 0, end: count), text) }
}
