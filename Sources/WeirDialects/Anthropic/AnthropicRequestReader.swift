internal import WeirBase
internal import WeirWire

/// Reads Messages requests (providers.md, sections 4.1 and 9). What names state or tools of the provider's own is refused, hints that others do not
/// have are dropped with a note, and so is what is not known here.
public enum AnthropicRequestReader: ChatRequestReader {
    public static func read(_ body: Span<UInt8>, _ notes: inout TranslationNotes) throws(Untranslatable) -> ChatRequest
    {
        try MessagesReader.request(of: body, &notes)
    }
}

/// One pass over a body.
struct MessagesReader: RequestPass {
    var request = ChatRequest()
    var problem: Untranslatable?
    private(set) var notes: TranslationNotes
    private var hasMessages = false

    init(_ notes: TranslationNotes) { self.notes = notes }

    mutating func read(_ bytes: Span<UInt8>) throws(JSONError) {
        var walk = try JSONObjectWalk(bytes, in: ByteRange(start: 0, end: bytes.count))
        while let name = try walk.nextName(bytes) {
            if name.kind == .array, Self.isMessages(bytes, name) {
                let end = try readMessages(bytes, from: name.valueStart)
                _ = try walk.endValue(bytes, of: name, at: end)
            } else {
                let member = try walk.skipValue(bytes, of: name)
                try read(member, AnthropicValue(member), bytes)
            }
        }
        if request.model.isEmpty { mistake("model", "is missing: write the name of a model") }
        if request.maxTokens == nil { mistake("max_tokens", "is missing: write the most tokens of the answer") }
        if !hasMessages { mistake("messages", "is missing: write the conversation as an array of messages") }
    }

    mutating func noteMessages() {
        if hasMessages { mistake("messages", "is in the body more than once: write it once") }
        hasMessages = true
    }

    // MARK: Problems

    mutating func drop(_ name: String) { notes.drop(name) }

    // MARK: Members

    private static func isMessages(_ bytes: Span<UInt8>, _ name: JSONObjectWalk.Name) -> Bool {
        name.isPlain ? bytes.equals(name.range, "messages") : JSONText.string(bytes, name.range) == "messages"
    }

    // A table: one line a member.
    private mutating func read(
        _ member: JSONObjectWalk.Member, _ value: AnthropicValue, _ bytes: Span<UInt8>
    ) throws(JSONError) {
        let name = Name.read(bytes, member)
        if value.kind == .null, name != Name.model, name != Name.messages { return }
        switch name {
        case Name.model: request.model = string("model", value, bytes)
        case Name.maxTokens: request.maxTokens = count("max_tokens", value, bytes)
        case Name.messages: mistake("messages", "has the wrong type: write an array of messages")
        case Name.system: request.system = try systemParts(value, bytes)
        case Name.tools: try readTools(value, bytes)
        case Name.toolChoice: try readToolChoice(value, bytes)
        case Name.stopSequences: try readStop(value, bytes)
        case Name.temperature: request.temperature = number("temperature", value, bytes)
        case Name.topP: request.topP = number("top_p", value, bytes)
        case Name.topK: request.topK = number("top_k", value, bytes)
        case Name.stream:
            if value.kind != .true, value.kind != .false {
                mistake("stream", "has the wrong type: write true or false")
            }
            request.stream = value.kind == .true
        case Name.thinking: try readThinking(value, bytes)
        case Name.outputConfig: try readOutputConfig(value, bytes)
        case Name.metadata: try readMetadata(value, bytes)
        case Name.serviceTier: readServiceTier(value, bytes)
        case Name.speed: if string("speed", value, bytes) == "fast" { request.serviceTier = "priority" }
        case Name.container, Name.mcpServers, Name.contextManagement, Name.compaction, Name.thread, Name.fallbacks:
            refuse(
                name.text, "is bound to Anthropic's own service, and this model is served elsewhere: leave it out")
        case Name.inferenceGeo:
            refuse("inference_geo", "cannot be promised by the provider that serves this model: leave it out")
        // cache_control of the whole, diagnostics, names for billing, and what is not known
        default: drop(AnthropicValue.name(bytes, member))
        }
    }

    mutating func string(_ name: String, _ value: AnthropicValue, _ bytes: Span<UInt8>) -> String {
        guard let text = value.string(bytes) else {
            mistake(name, "has the wrong type: write a string")
            return ""
        }
        return text
    }

    private mutating func number(_ name: String, _ value: AnthropicValue, _ bytes: Span<UInt8>) -> JSONNumber? {
        guard value.kind == .number else {
            mistake(name, "has the wrong type: write a number")
            return nil
        }
        return JSONNumber(bytes.text(value.range))
    }

    mutating func count(_ name: String, _ value: AnthropicValue, _ bytes: Span<UInt8>) -> Int {
        guard value.kind == .number, let count = JSONText.integer(bytes, value.range), (0...Self.countLimit) ~= count
        else {
            mistake(name, "has the wrong type: write a whole number of 0 or more")
            return 0
        }
        return Int(count)
    }

    /// No request has more tokens than this.
    private static let countLimit: Int64 = 1_000_000_000

    private mutating func readStop(_ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) {
        guard value.kind == .array else {
            return mistake("stop_sequences", "has the wrong type: write an array of strings")
        }
        var items = try JSONArrayWalk(bytes, in: value.range)
        while let item = try items.next(bytes) {
            guard item.kind == .string else {
                return mistake("stop_sequences", "holds something else than a string")
            }
            request.stop.append(AnthropicValue.string(bytes, item.value))
        }
    }

    private mutating func readMetadata(_ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) {
        guard value.kind == .object else { return mistake("metadata", "has the wrong type: write an object") }
        var walk = try JSONObjectWalk(bytes, in: value.range)
        while let member = try walk.next(bytes) {
            let name = AnthropicValue.name(bytes, member)
            guard name == "user_id" else {
                drop("metadata.\(name)")
                continue
            }
            if member.kind != .null { request.user = string("metadata.user_id", AnthropicValue(member), bytes) }
        }
    }

    private mutating func readServiceTier(_ value: AnthropicValue, _ bytes: Span<UInt8>) {
        switch string("service_tier", value, bytes) {
        case "standard_only": if request.serviceTier == nil { request.serviceTier = "default" }
        case "auto": if request.serviceTier == nil { request.serviceTier = "auto" }
        default: mistake("service_tier", "is neither auto nor standard_only")
        }
    }
}

extension AnthropicValue {
    /// A member's name, escapes resolved.
    static func name(_ bytes: Span<UInt8>, _ member: JSONObjectWalk.Member) -> String {
        member.isPlain ? bytes.text(member.name) : JSONText.string(bytes, member.name)
    }
}

/// Names of a request's members; one too long to be any of them is the empty one.
private enum Name {
    static let model: ShortName = "model"
    static let maxTokens: ShortName = "max_tokens"
    static let messages: ShortName = "messages"
    static let system: ShortName = "system"
    static let tools: ShortName = "tools"
    static let toolChoice: ShortName = "tool_choice"
    static let stopSequences: ShortName = "stop_sequences"
    static let temperature: ShortName = "temperature"
    static let topP: ShortName = "top_p"
    static let topK: ShortName = "top_k"
    static let stream: ShortName = "stream"
    static let thinking: ShortName = "thinking"
    static let outputConfig: ShortName = "output_config"
    static let metadata: ShortName = "metadata"
    static let serviceTier: ShortName = "service_tier"
    static let speed: ShortName = "speed"
    static let container: ShortName = "container"
    static let mcpServers: ShortName = "mcp_servers"
    static let contextManagement: ShortName = "context_management"
    static let compaction: ShortName = "compaction"
    static let thread: ShortName = "thread"
    static let fallbacks: ShortName = "fallbacks"
    static let inferenceGeo: ShortName = "inference_geo"

    static func read(_ bytes: Span<UInt8>, _ member: JSONObjectWalk.Member) -> ShortName {
        if member.isPlain {
            return ShortName(bytes, from: Int(member.name.start), to: Int(member.name.end)) ?? ShortName()
        }
        let plain = JSONText.plain(bytes, member.name)
        return ShortName(plain.span, from: 0, to: plain.count) ?? ShortName()
    }
}
