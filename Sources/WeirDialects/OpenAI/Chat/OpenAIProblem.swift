internal import WeirBase
internal import WeirWire

/// Reads errors of OpenAI and of servers that speak like it (providers.md, sections 0.11, 2.6, 3 and 7): `{"error":{"message","type","param","code"}}`,
/// where the code may be a number; `{"error":"text"}`; the members of an error without the object around them; `{"detail":...}`; `{"message":...}`.
enum OpenAIProblem {
    /// - Parameter status: the answer's status; nil for an error inside an answer of status 200.
    static func read(status: Int?, retryAfter: String?, _ body: Span<UInt8>) -> UpstreamProblem {
        var facts = Facts()
        do throws(JSONError) {
            let root = try JSONPlace.root(body)
            // Google's endpoint for OpenAI's dialect puts the object into an array.
            _ =
                root.kind == .array
                ? try root.elements(body) { (element) throws(JSONError) in try facts.read(body, element) }
                : try facts.read(body, root)
        } catch { facts = Facts() }
        let message = facts.message ?? status.map { "the provider answered with status \($0)" }
        return UpstreamProblem(
            kind(facts, status), ProviderWords.clean(message ?? "the provider answered with an error"),
            param: facts.param, code: facts.code ?? facts.number.map(String.init) ?? facts.type,
            retryAfter: ProviderWords.retryAfter(retryAfter))
    }

    private struct Facts {
        var message: String?
        var type: String?
        var param: String?
        var code: String?
        /// A code that is a number: a status, at most servers.
        var number: Int?

        mutating func read(_ bytes: Span<UInt8>, _ place: JSONPlace) throws(JSONError) -> Int {
            try place.members(bytes) { (name, place) throws(JSONError) in
                switch name {
                case ChatName.error:
                    return place.kind == .object ? try read(bytes, place) : try place.read(bytes, into: &message)
                case ChatName.message, ChatName.detail: return try readMessage(bytes, place)
                case ChatName.type: return try place.read(bytes, into: &type)
                case ChatName.param: return try place.read(bytes, into: &param)
                case ChatName.code:
                    let value = try place.value(bytes)
                    number = value.integer(bytes) ?? number
                    code = value.string(bytes) ?? code
                    return value.end
                default: return try place.skip(bytes)
                }
            }
        }

        /// A text, or a list of what is wrong with the request: FastAPI's `[{"loc":["body","x"],"msg":"..."}]`.
        private mutating func readMessage(_ bytes: Span<UInt8>, _ place: JSONPlace) throws(JSONError) -> Int {
            switch place.kind {
            case .object: return try read(bytes, place)
            case .array:
                return try place.elements(bytes) { (element) throws(JSONError) in
                    try element.members(bytes) { (name, place) throws(JSONError) in
                        guard name == ChatName.msg, message == nil else { return try place.skip(bytes) }
                        return try place.read(bytes, into: &message)
                    }
                }
            default: return try place.read(bytes, into: &message)
            }
        }
    }

    // MARK: Kinds

    private static func kind(_ facts: Facts, _ status: Int?) -> UpstreamProblem.Kind {
        for word in [facts.code, facts.type] {
            if let word, let kind = kind(ofWord: word) { return kind }
        }
        // Servers that count their errors by statuses say so in the code, too.
        let status = status ?? facts.number ?? facts.code.flatMap { Int($0) }
        if let status, status != 400, status != 413, status != 422, status != 500 { return kind(ofStatus: status) }
        if let message = facts.message, isAboutLength(message) { return .contextLength }
        if let status { return kind(ofStatus: status) }
        return facts.type == "invalid_request_error" ? .invalidRequest : .server
    }

    /// Words that say more than the status does.
    private static func kind(ofWord word: String) -> UpstreamProblem.Kind? {
        switch word {
        case "context_length_exceeded", "exceed_context_size_error": .contextLength
        case "content_policy_violation", "content_filter": .contentPolicy
        case "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "billing_hard_limit_reached",
            "billing_not_active":
            .quota
        case "invalid_api_key", "authentication_error", "account_deactivated", "permission_error": .credential
        case "model_not_found", "DeploymentNotFound": .modelNotFound
        case "rate_limit_exceeded", "slow_down", "rate_limit_error": .rateLimit
        case "overloaded_error", "engine_overloaded", "unavailable_error": .overloaded
        default: nil
        }
    }

    private static func kind(ofStatus status: Int) -> UpstreamProblem.Kind {
        switch status {
        case 401, 403: .credential
        case 402: .quota
        case 404: .modelNotFound
        case 408, 504: .timeout
        case 429: .rateLimit
        case 503, 529: .overloaded
        case 409, 499: .server
        case 400..<500: .invalidRequest
        default: .server
        }
    }

    /// What vLLM, llama.cpp, Mistral and others say of a prompt that is too long.
    private static func isAboutLength(_ message: String) -> Bool {
        ["maximum context length", "context window", "context size", "prompt is too long", "too large for model with"]
            .contains { message.contains($0) }
    }
}
