internal import WeirBase
internal import WeirWire

/// Reads requests of chat completions (providers.md, sections 2.1 and 8). What asks for more than an answer in text and calls of functions is
/// refused, hints that others do not have are dropped with a note, and so is what is not known here.
///
/// What `OpenAIChatAnswerWriter` and `OpenAIChatStreamWriter` put beside a message comes back as it was: `thinking_blocks`, and the
/// `thought_signature` of calls.
public enum OpenAIChatRequestReader: ChatRequestReader {
    public static func read(_ body: Span<UInt8>, _ notes: inout TranslationNotes) throws(Untranslatable) -> ChatRequest
    {
        try ChatReader.request(of: body, &notes)
    }
}

/// One pass over a body.
struct ChatReader: RequestPass {
    var request = ChatRequest()
    var problem: Untranslatable?
    private(set) var notes: TranslationNotes
    /// Messages so far, as the client counts them.
    var messageCount = 0
    /// Calls of the last assistant's message that have no result yet, by their ids.
    var openCalls: [String: Int] = [:]
    /// Whether the message before was a tool's.
    var followsTool = false
    private var hasMessages = false
    private var maxTokens: Int?
    private var maxCompletionTokens: Int?
    private var user: String?
    private var safetyIdentifier: String?

    init(_ notes: TranslationNotes) { self.notes = notes }

    mutating func read(_ bytes: Span<UInt8>) throws(JSONError) {
        // Usage in streams is what this surface's clients must ask for.
        request.includeUsage = false
        let root = try JSONPlace.root(bytes)
        guard root.kind == .object else { throw JSONError(.notAnObject, at: root.start) }
        _ = try root.members(bytes) { (name, value) throws(JSONError) in try readMember(name, value, bytes) }
        request.maxTokens = maxCompletionTokens ?? maxTokens
        request.user = safetyIdentifier ?? user
        if request.model.isEmpty { mistake("model", "is missing: write the name of a model") }
        if !hasMessages { mistake("messages", "is missing: write the conversation as an array of messages") }
    }

    mutating func noteMessages() {
        if hasMessages { mistake("messages", "is in the body more than once: write it once") }
        hasMessages = true
    }

    // MARK: Problems

    /// Notes that a member is left out. A name that is too long to be any that is known has none here.
    mutating func drop(_ name: ShortName, in place: String = "") {
        let text = name.text
        notes.drop(place + (text.isEmpty ? "(a long name)" : text))
    }

    // MARK: Members

    /// What consists of parts is read where it stands, everything else after it has been passed over.
    private mutating func readMember(
        _ name: ShortName, _ place: JSONPlace, _ bytes: Span<UInt8>
    ) throws(JSONError) -> Int {
        switch name {
        case ChatName.messages: return try readMessages(place, bytes)
        case ChatName.tools: return try readTools(place, bytes)
        case ChatName.toolChoice: return try readToolChoice(place, bytes)
        case ChatName.responseFormat: return try readFormat(place, bytes)
        case ChatName.stop: return try readStop(place, bytes)
        case ChatName.streamOptions: return try readStreamOptions(place, bytes)
        case ChatName.modalities: return try readModalities(place, bytes)
        default:
            let value = try place.value(bytes)
            if value.kind != .null { read(name, value, bytes) }
            return value.end
        }
    }

    // A table: one line a member.
    private mutating func read(_ member: ShortName, _ value: JSONValue, _ bytes: Span<UInt8>) {
        switch member {
        case ChatName.model: request.model = string("model", value, bytes) ?? ""
        case ChatName.maxCompletionTokens: maxCompletionTokens = count("max_completion_tokens", value, bytes)
        case ChatName.maxTokens: maxTokens = count("max_tokens", value, bytes)
        case ChatName.temperature: request.temperature = number("temperature", value, bytes)
        case ChatName.topP: request.topP = number("top_p", value, bytes)
        // Not OpenAI's, but of many servers that speak its dialect.
        case ChatName.topK: request.topK = number("top_k", value, bytes)
        case ChatName.seed: request.seed = number("seed", value, bytes)
        case ChatName.frequencyPenalty: request.frequencyPenalty = number("frequency_penalty", value, bytes)
        case ChatName.presencePenalty: request.presencePenalty = number("presence_penalty", value, bytes)
        case ChatName.logitBias:
            if value.kind != .object { mistake("logit_bias", "has the wrong type: write an object") }
            request.logitBias = RawJSON(bytes, value.range)
        case ChatName.logprobs: request.logprobs = bool("logprobs", value) ?? false
        case ChatName.topLogprobs: request.topLogprobs = count("top_logprobs", value, bytes)
        case ChatName.n: readChoices(value, bytes)
        case ChatName.parallelToolCalls: request.parallelToolCalls = bool("parallel_tool_calls", value)
        case ChatName.reasoningEffort: readEffort(value, bytes)
        case ChatName.verbosity: readVerbosity(value, bytes)
        case ChatName.serviceTier: request.serviceTier = string("service_tier", value, bytes)
        case ChatName.stream: request.stream = bool("stream", value) ?? false
        case ChatName.user: user = string("user", value, bytes)
        case ChatName.safetyIdentifier: safetyIdentifier = string("safety_identifier", value, bytes)
        case ChatName.store:
            // Nothing is stored where the answer is translated: only who asks for it must know.
            if bool("store", value) == true { drop(member) }
        case ChatName.functions, ChatName.functionCall:
            refuse(member.text, "is the old form of tools: use `tools` and `tool_choice`")
        case ChatName.audio:
            refuse("audio", "this model is served by a provider without answers in audio: leave it out")
        case ChatName.moderation, ChatName.webSearchOptions:
            refuse(member.text, "is bound to OpenAI's own service, and this model is served elsewhere: leave it out")
        default: drop(member)  // metadata, prediction, names for the prompt cache, and what is not known
        }
    }

    // MARK: Values

    /// A string, or nil and a mistake; null is nil as well.
    mutating func string(
        _ param: @autoclosure () -> String, _ value: JSONValue, _ bytes: Span<UInt8>
    ) -> String? {
        if let text = value.string(bytes) { return text }
        if value.kind != .null { mistake(param(), "has the wrong type: write a string") }
        return nil
    }

    private mutating func number(_ param: String, _ value: JSONValue, _ bytes: Span<UInt8>) -> JSONNumber? {
        guard value.kind == .number else {
            mistake(param, "has the wrong type: write a number")
            return nil
        }
        return JSONNumber(JSONPlace.source(bytes, value.range))
    }

    mutating func bool(_ param: @autoclosure () -> String, _ value: JSONValue) -> Bool? {
        if value.bool == nil, value.kind != .null { mistake(param(), "has the wrong type: write true or false") }
        return value.bool
    }

    private mutating func count(_ param: String, _ value: JSONValue, _ bytes: Span<UInt8>) -> Int? {
        guard let count = value.integer(bytes), (0...Self.countLimit) ~= count else {
            mistake(param, "has the wrong type: write a whole number of 0 or more")
            return nil
        }
        return count
    }

    /// No request has more tokens than this.
    private static let countLimit = 1_000_000_000

    private mutating func readChoices(_ value: JSONValue, _ bytes: Span<UInt8>) {
        guard let choices = value.integer(bytes), (1...OpenAIAnswerLimits.choices) ~= choices else {
            return mistake("n", "is no number of answers: write one from 1 to \(OpenAIAnswerLimits.choices)")
        }
        request.choices = choices
    }

    private mutating func readEffort(_ value: JSONValue, _ bytes: Span<UInt8>) {
        let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]
        guard let effort = string("reasoning_effort", value, bytes) else { return }
        guard efforts.contains(effort) else {
            return mistake("reasoning_effort", "is none of \(efforts.joined(separator: ", "))")
        }
        request.reasoning.effort = effort
    }

    private mutating func readVerbosity(_ value: JSONValue, _ bytes: Span<UInt8>) {
        guard let verbosity = string("verbosity", value, bytes) else { return }
        guard ["low", "medium", "high"].contains(verbosity) else {
            return mistake("verbosity", "is none of low, medium, high")
        }
        request.verbosity = verbosity
    }
}
