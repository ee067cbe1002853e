internal import WeirBase
internal import WeirWire

/// Reads requests of OpenAI's Responses API (providers.md, sections 2.4 and 12). What names state or tools of OpenAI's own is refused, hints that
/// others do not have are dropped with a note, and so is what is not known here. Nothing is stored, whatever `store` says.
public enum OpenAIResponsesRequestReader: ChatRequestReader {
    public static func read(_ body: Span<UInt8>, _ notes: inout TranslationNotes) throws(Untranslatable) -> ChatRequest
    {
        try ResponsesReader.request(of: body, &notes)
    }
}

/// One pass over a body.
struct ResponsesReader: RequestPass {
    var request = ChatRequest()
    var echo = ResponsesEcho()
    var problem: Untranslatable?
    /// Where the value that was read last has ended.
    var end = 0
    /// What was read of the conversation so far.
    var conversation = ResponsesConversation()
    private(set) var notes: TranslationNotes
    private var hasInput = false
    private var asksForLogprobs = false

    init(_ notes: TranslationNotes) { self.notes = notes }

    mutating func read(_ bytes: Span<UInt8>) throws(JSONError) {
        let root = try JSONPlace.root(bytes)
        try members(of: root, bytes, "body") { (reader, name, value) throws(JSONError) in
            if value.kind == .null, ResponsesName(name) != .input { return try reader.skip(value, bytes) }
            try reader.read(name, value, bytes)
        }
        if problem == nil, request.model.isEmpty { mistake("model", "is missing: write the name of a model") }
        if !hasInput { mistake("input", "is missing: write a string or an array of items") }
        if asksForLogprobs {
            request.logprobs = true
            request.topLogprobs = echo.topLogprobs
        } else if echo.topLogprobs ?? 0 > 0 {
            drop("top_logprobs")
        }
        request.system.insert(contentsOf: echo.instructions.map { [.text($0)] } ?? [], at: 0)
        request.messages = conversation.messages
        if request.messages.isEmpty, request.system.isEmpty { mistake("input", "is empty: write what is asked") }
        request.user = echo.safetyIdentifier ?? echo.user
        request.echo = echo
    }

    // A table: one line a member.
    private mutating func read(_ name: ShortName, _ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        switch ResponsesName(name) {
        case .model: request.model = try string(value, bytes, "model") ?? ""
        case .input: try readInput(value, bytes)
        case .instructions: echo.instructions = try string(value, bytes, "instructions")
        case .include: try readInclude(value, bytes)
        case .maxOutputTokens: request.maxTokens = try count(value, bytes, "max_output_tokens")
        case .metadata: echo.metadata = try object(value, bytes, "metadata")
        case .parallelToolCalls: request.parallelToolCalls = try flag(value, bytes, "parallel_tool_calls")
        case .promptCacheKey:
            drop("prompt_cache_key")
            echo.promptCacheKey = try string(value, bytes, "prompt_cache_key")
        case .reasoning: try readReasoning(value, bytes)
        case .safetyIdentifier: echo.safetyIdentifier = try string(value, bytes, "safety_identifier")
        case .user: echo.user = try string(value, bytes, "user")
        case .serviceTier: request.serviceTier = try string(value, bytes, "service_tier")
        case .store: if try flag(value, bytes, "store") == true { drop("store") }
        case .stream: request.stream = try flag(value, bytes, "stream") ?? false
        case .streamOptions: try readStreamOptions(value, bytes)
        case .temperature: request.temperature = try number(value, bytes, "temperature")
        case .topP: request.topP = try number(value, bytes, "top_p")
        case .topLogprobs: echo.topLogprobs = try count(value, bytes, "top_logprobs")
        case .text: try readText(value, bytes)
        case .tools: try readTools(value, bytes)
        case .toolChoice: try readToolChoice(value, bytes)
        case .truncation: if try string(value, bytes, "truncation") != "disabled" { drop("truncation") }
        case .background: if try flag(value, bytes, "background") == true { refuseState("background") }
        case .previousResponseID, .conversation, .prompt, .contextManagement, .maxToolCalls:
            refuseState(name.text)
            try skip(value, bytes)
        default:
            drop(name)
            try skip(value, bytes)
        }
    }

    private mutating func readInput(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        if hasInput { mistake("input", "is in the body more than once: write it once") }
        hasInput = true
        switch value.kind {
        case .string: conversation.add(.user, [.text(try string(value, bytes, "input") ?? "")])
        case .array: try readItems(value, bytes)
        default:
            mistake("input", "has the wrong type: write a string or an array of items")
            try skip(value, bytes)
        }
    }

    private mutating func readInclude(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        try elements(of: value, bytes, "include") { (reader, element) throws(JSONError) in
            switch try reader.string(element, bytes, "include") {
            case "message.output_text.logprobs": reader.asksForLogprobs = true
            case "reasoning.encrypted_content", nil: break  // it is always given: nothing is stored
            default: reader.drop("include")
            }
        }
    }

    /// Streams are never obfuscated; who asks for it is told.
    private mutating func readStreamOptions(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        try members(of: value, bytes, "stream_options") { (reader, name, value) throws(JSONError) in
            if ResponsesName(name) != .includeObfuscation || value.kind == .true {
                reader.drop(name, of: "stream_options")
            }
            try reader.skip(value, bytes)
        }
    }

    // MARK: Problems

    private mutating func refuseState(_ name: String) {
        refuse(
            name, "asks for what OpenAI's own service keeps or does, and this model is served elsewhere: leave it out")
    }

    mutating func drop(_ name: String) { notes.drop(name) }

    /// Notes a member that is not known here. A name that OpenAI cannot have, of over 32 bytes or other characters than theirs, is not repeated:
    /// notes become a header.
    mutating func drop(_ name: ShortName, of object: String? = nil) {
        let text = name.text
        let isName = !text.isEmpty && text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || Self.isLetterOrDigit($0) }
        let shown = isName ? text : "?"
        notes.drop(object.map { "\($0).\(shown)" } ?? shown)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
