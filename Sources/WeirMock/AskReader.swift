import WeirBase
import WeirMockScript
import WeirWire

/// Reads OpenAI's requests as strictly as the provider does: a field that it does not know is an error in chat, a wrong type everywhere.
enum AskReader {
    /// What `body`, sent with `call`, asks for.
    static func read(_ body: Span<UInt8>, _ call: Call, defaults: Directive) throws(Refusal) -> Ask {
        let endpoint = call.endpoint
        let members = try members(of: body, endpoint)
        var ask = try call.ask(body, defaults: defaults)
        if let model = members[0] {
            guard model.kind == .string else { throw .wrongType("model", expected: "a string") }
            // A deployment in the path is what counts.
            if call.model.isEmpty { ask.model = copy(body, model.stringContents) }
        } else if call.model.isEmpty {
            throw .missing("model")
        }
        guard !ask.model.isEmpty else { throw .invalid("model", "you must provide a model parameter") }

        let name = promptName(endpoint)
        guard let prompt = members[1] else { throw .missing(name) }
        try check(prompt, name, endpoint)
        ask.take(prompt: prompt.value, of: body)

        switch endpoint {
        case .chat, .completions, .responses:
            ask.streams = try flag(members[2], "stream")
            ask.wantsStreamUsage = try includesUsage(body, members[3], streams: ask.streams)
            ask.count = try number(body, members[4], "n", 1...MockOptions.Limits.choices) ?? 1
            for (index, name) in [(7, "max_tokens"), (8, "max_completion_tokens"), (9, "max_output_tokens")] {
                if let most = try number(body, members[index], name, 1...Int(Int32.max)) { ask.limitOutput(to: most) }
            }
        case .embeddings:
            ask.count = elements(body, prompt)
            ask.base64 = try encoding(body, members[5])
            ask.directive.dimensions =
                try number(body, members[6], "dimensions", 1...Directive.Limits.dimensions) ?? ask.directive.dimensions
        case .moderations: ask.count = elements(body, prompt)
        case .messages, .messageTokens, .generate, .generateTokens, .converse: break
        }
        guard ask.count <= MockOptions.Limits.inputs else { throw .invalid(name, "'\(name)' has too many items") }
        return ask
    }

    private static func members(of body: Span<UInt8>, _ endpoint: Ask.Endpoint) throws(Refusal) -> JSONMembers {
        let found: JSONMembers
        do throws(JSONError) {
            found = try JSONScanner.members(of: body, wanted: wanted[endpoint] ?? [])
        } catch {
            throw Refusal(
                status: 400, message: "We could not parse the JSON body of your request. (\(error.description))")
        }
        if endpoint == .chat { try checkNames(body, found) }
        return found
    }

    private static func promptName(_ endpoint: Ask.Endpoint) -> String {
        switch endpoint {
        case .chat, .messages, .messageTokens, .converse: "messages"
        case .generate, .generateTokens: "contents"
        case .completions: "prompt"
        case .responses, .embeddings, .moderations: "input"
        }
    }

    private static let wanted: [Ask.Endpoint: [ShortName]] = [
        .chat: names("messages"), .completions: names("prompt"), .responses: names("input"),
        .embeddings: names("input"),
        .moderations: names("input"),
    ]

    private static func names(_ prompt: StaticString) -> [ShortName] {
        [
            ShortName("model"), ShortName(prompt), ShortName("stream"), ShortName("stream_options"), ShortName("n"),
            ShortName("encoding_format"), ShortName("dimensions"), ShortName("max_tokens"),
            ShortName("max_completion_tokens"), ShortName("max_output_tokens"),
        ]
    }

    // MARK: Parts of a request

    private static func check(_ prompt: JSONMember, _ name: String, _ endpoint: Ask.Endpoint) throws(Refusal) {
        switch (endpoint, prompt.kind) {
        case (.chat, .array): if prompt.value.count <= 2 { throw .invalid(name, "[] is too short - '\(name)'") }
        case (.chat, _): throw .wrongType(name, expected: "an array of objects")
        case (_, .string), (_, .array): break
        default: throw .wrongType(name, expected: "a string or an array")
        }
    }

    private static func flag(_ member: JSONMember?, _ name: String) throws(Refusal) -> Bool {
        switch member?.kind {
        case nil, .null, .false: false
        case .true: true
        default: throw .wrongType(name, expected: "a boolean")
        }
    }

    private static func includesUsage(
        _ body: Span<UInt8>, _ member: JSONMember?, streams: Bool
    ) throws(Refusal) -> Bool {
        guard let member, member.kind != .null else { return false }
        guard member.kind == .object else { throw .wrongType("stream_options", expected: "an object") }
        guard streams else {
            throw .invalid("stream_options", "'stream_options' is only allowed when 'stream' is enabled.")
        }
        let options: JSONMembers
        do throws(JSONError) {
            options = try JSONScanner.members(of: body, in: member.value, wanted: [ShortName("include_usage")])
        } catch { throw .wrongType("stream_options", expected: "an object") }
        return try flag(options[0], "stream_options.include_usage")
    }

    private static func number(
        _ body: Span<UInt8>, _ member: JSONMember?, _ name: String, _ bounds: ClosedRange<Int>
    ) throws(Refusal) -> Int? {
        guard let member, member.kind != .null else { return nil }
        guard member.kind == .number, let value = JSONText.integer(body, member.value) else {
            throw .wrongType(name, expected: "an integer")
        }
        guard let number = Int(exactly: value), bounds.contains(number) else {
            throw .invalid(name, "'\(name)' must be from \(bounds.lowerBound) to \(bounds.upperBound).")
        }
        return number
    }

    private static func encoding(_ body: Span<UInt8>, _ member: JSONMember?) throws(Refusal) -> Bool {
        guard let member, member.kind != .null else { return false }
        guard member.kind == .string else { throw .wrongType("encoding_format", expected: "a string") }
        switch JSONText.string(body, member.value) {
        case "float": return false
        case "base64": return true
        default: throw .invalid("encoding_format", "'encoding_format' must be 'float' or 'base64'.")
        }
    }

    /// Inputs of an embedding: the strings or token arrays of a list, else one.
    private static func elements(_ body: Span<UInt8>, _ prompt: JSONMember) -> Int {
        guard prompt.kind == .array else { return 1 }
        let end = Int(prompt.value.end) - 1
        var at = skipSpace(body, from: Int(prompt.value.start) + 1, to: end)
        if at < end, JSONScanner.kind(of: body[at]) == .number { return 1 }  // one list of tokens
        var count = 0
        while at < end, let next = JSONScanner.valueEnd(body, from: at, to: end) {
            count += 1
            at = skipSpace(body, from: next, to: end)
            if at < end { at = skipSpace(body, from: at + 1, to: end) }
        }
        return max(1, count)
    }

    // MARK: Strictness

    /// Every member's name must be one that the provider knows (providers.md, section 2.1).
    private static func checkNames(_ body: Span<UInt8>, _ members: JSONMembers) throws(Refusal) {
        let end = Int(members.object.end) - 1
        var at = skipSpace(body, from: Int(members.object.start) + 1, to: end)
        while at < end, let nameEnd = JSONScanner.valueEnd(body, from: at, to: end) {
            let name = JSONText.string(body, ByteRange(start: at, end: nameEnd))
            guard chatNames.contains(name) else { throw .unknown(name) }
            let value = skipSpace(body, from: skipSpace(body, from: nameEnd, to: end) + 1, to: end)
            guard let valueEnd = JSONScanner.valueEnd(body, from: value, to: end) else { return }
            at = skipSpace(body, from: valueEnd, to: end)
            if at < end { at = skipSpace(body, from: at + 1, to: end) }
        }
    }

    private static func skipSpace(_ body: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var at = start
        while at < end, body[at] <= UInt8(ascii: " ") { at += 1 }
        return at
    }

    private static func copy(_ body: Span<UInt8>, _ range: ByteRange) -> [UInt8] { range.bounds.map { body[$0] } }

    private static let chatNames: Set<String> = [
        "model", "messages", "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs",
        "max_completion_tokens", "max_tokens", "metadata", "modalities", "moderation", "n", "parallel_tool_calls",
        "prediction", "presence_penalty", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention",
        "reasoning_effort", "response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream",
        "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user", "verbosity",
        "web_search_options",
    ]
}
