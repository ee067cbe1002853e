import WeirBase
import WeirMockScript

/// What a request line asks for.
enum Route {
    case ask(Call)
    case models
    /// One model: its name.
    case model(String)
    /// Everything else of the API: the answer says what came.
    case echo(Echo)
    case control(Control)
    case unknown(method: String, path: String, Service = .openAI)

    /// Endpoints that a gateway only passes through.
    enum Echo {
        case file, fileContent(String), fileDeletion(String), files, speech, transcription, image, batch
    }

    /// The mock's own.
    enum Control {
        case billed(after: Int, limit: Int)
        case requests(last: Int)
        case reset
    }

    init(_ method: Span<UInt8>, _ path: Span<UInt8>, query: Span<UInt8>) {
        if let endpoint = Route.hot(method, path) {
            self = .ask(Call(endpoint))
            return
        }
        let method = Route.string(method)
        let path = Route.string(path)
        if let route = Route(elsewhere: method, path, query: Route.string(query)) {
            self = route
            return
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        let query = Query(Route.string(query))
        switch (method, parts.first, Array(parts.dropFirst())) {
        case ("GET", "mock", ["billed"]):
            self = .control(
                .billed(
                    after: query["after"] ?? 0, limit: min(query["limit"] ?? 1_000, MockOptions.Limits.page)))
        case ("GET", "mock", ["requests"]): self = .control(.requests(last: max(0, query["last"] ?? 1)))
        case ("POST", "mock", ["reset"]): self = .control(.reset)
        case ("GET", "v1", ["models"]): self = .models
        case ("GET", "v1", let rest) where rest.count >= 2 && rest[0] == "models":
            self = .model(rest.dropFirst().joined(separator: "/"))
        case (_, "v1", let rest): self = Route.api(method, rest) ?? .unknown(method: method, path: path)
        default: self = .unknown(method: method, path: path)
        }
    }

    /// The endpoints that make answers, without making strings.
    private static func hot(_ method: Span<UInt8>, _ target: Span<UInt8>) -> Ask.Endpoint? {
        guard method.count == 4, method[0] == UInt8(ascii: "P") else { return nil }
        switch target.count {
        case 20 where matches(target, "/v1/chat/completions"): return .chat
        case 15 where matches(target, "/v1/completions"): return .completions
        case 13 where matches(target, "/v1/responses"): return .responses
        case 14 where matches(target, "/v1/embeddings"): return .embeddings
        case 12 where matches(target, "/v1/messages"): return .messages
        case 15 where matches(target, "/v1/moderations"): return .moderations
        default: return nil
        }
    }

    private static func matches(_ target: Span<UInt8>, _ path: StaticString) -> Bool {
        for index in target.indices where unsafe target[index] != path.utf8Start[index] { return false }
        return true
    }

    private static func api(_ method: String, _ parts: [String]) -> Route? {
        switch (method, parts.first ?? "", parts.count) {
        case ("POST", "files", 1): .echo(.file)
        case ("GET", "files", 1): .echo(.files)
        case ("GET", "files", 3) where parts[2] == "content": .echo(.fileContent(parts[1]))
        case ("DELETE", "files", 2): .echo(.fileDeletion(parts[1]))
        case ("POST", "audio", 2) where parts[1] == "speech": .echo(.speech)
        case ("POST", "audio", 2) where ["transcriptions", "translations"].contains(parts[1]): .echo(.transcription)
        case ("POST", "images", 2): .echo(.image)
        case ("POST", "batches", 1), ("GET", "batches", 2): .echo(.batch)
        default: nil
        }
    }

    static func string(_ bytes: Span<UInt8>) -> String {
        String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }
}

/// The whole numbers of a query.
private struct Query {
    private let pairs: [Substring]

    init(_ query: String) { pairs = query.split(separator: "&") }

    subscript(name: String) -> Int? {
        pairs.first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
    }
}

extension BilledAnswer {
    static func refused(_ status: Int, _ number: AnswerNumber, _ route: Route) -> BilledAnswer {
        BilledAnswer(
            number: number, path: route.path, model: [], status: .refused, httpStatus: status, events: 0, usage: Usage()
        )
    }
}

extension Route {
    var path: StaticString {
        switch self {
        case .ask(let call): call.path
        case .models, .model: "/v1/models"
        case .echo(let echo): echo.path
        case .control: "/mock"
        case .unknown: "unknown"
        }
    }
}

extension Route.Echo {
    var path: StaticString {
        switch self {
        case .file, .fileContent, .fileDeletion, .files: "/v1/files"
        case .speech: "/v1/audio/speech"
        case .transcription: "/v1/audio/transcriptions"
        case .image: "/v1/images"
        case .batch: "/v1/batches"
        }
    }
}

extension Ask.Endpoint {
    var path: StaticString {
        switch self {
        case .chat: "/v1/chat/completions"
        case .completions: "/v1/completions"
        case .responses: "/v1/responses"
        case .embeddings: "/v1/embeddings"
        case .moderations: "/v1/moderations"
        case .messages: "/v1/messages"
        case .messageTokens: "/v1/messages/count_tokens"
        case .generate: "/models:generateContent"
        case .generateTokens: "/models:countTokens"
        case .converse: "/model/converse"
        }
    }
}
