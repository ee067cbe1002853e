import WeirBase
import WeirMockScript
import WeirWire

/// What the line and the head of a request say, as far as its answer depends on it.
struct Call: Hashable {
    let endpoint: Ask.Endpoint
    let service: Service
    /// The model or deployment in the path; empty where the body names it.
    var model = ""
    /// The path asks for a stream; elsewhere the body does.
    var streams = false
    /// A stream as one JSON array.
    var isArray = false
    /// Azure's `api-version`, Anthropic's `anthropic-version`.
    var version: String?
    /// Anthropic's `anthropic-beta`: fields of features that are not out yet are let through.
    var isBeta = false

    init(_ endpoint: Ask.Endpoint, _ service: Service? = nil) {
        self.endpoint = endpoint
        self.service = service ?? endpoint.service
    }

    /// What `body` asks for with this call.
    func read(_ body: Span<UInt8>, defaults: Directive) throws(Refusal) -> Ask {
        switch endpoint {
        case .chat, .completions, .responses, .embeddings, .moderations:
            try AskReader.read(body, self, defaults: defaults)
        case .messages, .messageTokens: try AnthropicReader.read(body, self, defaults: defaults)
        case .generate, .generateTokens: try GeminiReader.read(body, self, defaults: defaults)
        case .converse: try BedrockReader.read(body, self, defaults: defaults)
        }
    }

    /// The ask with what every dialect takes from the call and from a script.
    func ask(_ body: Span<UInt8>, defaults: Directive) throws(Refusal) -> Ask {
        if service == .azure { try checkAzureVersion() }
        var ask = Ask(endpoint: endpoint)
        ask.service = service
        ask.streams = streams
        ask.isArray = isArray
        ask.model = escaped(model)
        do throws(DirectiveError) {
            ask.directive = try Directive.read(from: body, defaults: defaults)
        } catch {
            throw Refusal(status: 400, code: "mock_directive", message: error.description)
        }
        return ask
    }

    /// `2024-10-21`, `2025-03-01-preview`; under `/openai/v1` none is needed, and `preview` and `latest` are versions, too.
    private func checkAzureVersion() throws(Refusal) {
        let isDated = version.map { version in
            let parts = version.split(separator: "-", omittingEmptySubsequences: false)
            return (parts.count == 3 || (parts.count == 4 && parts[3] == "preview"))
                && zip(parts, [4, 2, 2]).allSatisfy { $0.count == $1 && $0.allSatisfy(\.isNumber) }
        }
        if isDated == true { return }
        if model.isEmpty {
            guard let version, version != "preview", version != "latest" else { return }
            throw Refusal(status: 400, code: "BadRequest", message: "API version not supported: \(version)")
        }
        throw Refusal(status: 404, message: "Resource not found")
    }

    /// `text` as it stands inside a JSON string.
    private func escaped(_ text: String) -> [UInt8] {
        guard !text.isEmpty else { return [] }
        var buffer = ByteBuffer()
        buffer.append(jsonString: text)
        return (1..<(buffer.count - 1)).map { buffer.span[$0] }
    }

    /// What the bill calls it.
    var path: StaticString {
        switch (service, endpoint) {
        case (.azure, .chat): model.isEmpty ? "/openai/v1/chat/completions" : "/openai/deployments/chat/completions"
        case (.azure, .completions): model.isEmpty ? "/openai/v1/completions" : "/openai/deployments/completions"
        case (.azure, .responses): "/openai/v1/responses"
        case (.azure, .embeddings): model.isEmpty ? "/openai/v1/embeddings" : "/openai/deployments/embeddings"
        default: endpoint.path
        }
    }
}

extension Ask {
    /// Takes in what the model is to read: the seed of the content where the script names none, and the tokens to claim for it.
    mutating func take(prompt: ByteRange, of body: Span<UInt8>) {
        seed = directive.seed ?? stableHash(body.extracting(prompt.bounds))
        inputTokens = (prompt.count + 3) / 4
    }

    /// Lets the answer show a thought: of as many tokens as the script claims, or of four.
    mutating func think() {
        thinks = true
        if directive.reasoningTokens == 0 { directive.reasoningTokens = 4 }
    }
}
