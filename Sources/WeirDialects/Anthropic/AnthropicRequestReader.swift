internal import WeirBase
internal import WeirWire

/// Reads Messages requests (providers.md, sections 4.1 and 9). What names state or tools of the provider's own is refused, hints that others do not
/// have are dropped with a note, and so is what is not known here.
public enum AnthropicRequestReader: ChatRequestReader {
    public static func read(_ body: Span<UInt8>, _ notes: inout TranslationNotes) throws(Untranslatable) -> ChatRequest
    {
        var reader = MessagesReader(notes)
        do throws(JSONError) { try reader.read(body) } catch {
            throw Untranslatable("body", error.description, isMistake: true)
        }
        if let problem = reader.problem { throw problem }
        notes = reader.notes
        return reader.request
    }
}

/// One pass over a body. The first mistake is kept and reading goes on, so that a body that is no JSON is told so first.
struct MessagesReader {
    var request = ChatRequest()
    private(set) var problem: Untranslatable?
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
                let text = AnthropicValue.name(bytes, member)
                try read(text, AnthropicValue(member), bytes)
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

    mutating func mistake(_ param: @autoclosure () -> String, _ message: @autoclosure () -> String) {
        guard problem == nil else { return }
        problem = Untranslatable(param(), message(), isMistake: true)
    }

    mutating func refuse(_ param: @autoclosure () -> String, _ message: @autoclosure () -> String) {
        guard problem == nil else { return }
        problem = Untranslatable(param(), message())
    }

    mutating func drop(_ name: String) { notes.drop(name) }

    // MARK: Members

    private static func isMessages(_ bytes: Span<UInt8>, _ name: JSONObjectWalk.Name) -> Bool {
        name.isPlain ? bytes.equals(name.range, "messages") : JSONText.string(bytes, name.range) == "messages"
    }

    // A table: one line a member.
    private mutating func read(_ name: String, _ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) {
        if value.kind == .null, name != "model", name != "messages" { return }
        switch name {
        case "model": request.model = string(name, value, bytes)
        case "max_tokens": request.maxTokens = count(name, value, bytes)
        case "messages": mistake(name, "has the wrong type: write an array of messages")
        case "system": request.system = try systemParts(value, bytes)
        case "tools": try readTools(value, bytes)
        case "tool_choice": try readToolChoice(value, bytes)
        case "stop_sequences": try readStop(value, bytes)
        case "temperature": request.temperature = number(name, value, bytes)
        case "top_p": request.topP = number(name, value, bytes)
        case "top_k": request.topK = number(name, value, bytes)
        case "stream":
            if value.kind != .true, value.kind != .false { mistake(name, "has the wrong type: write true or false") }
            request.stream = value.kind == .true
        case "thinking": try readThinking(value, bytes)
        case "output_config": try readOutputConfig(value, bytes)
        case "metadata": try readMetadata(value, bytes)
        case "service_tier": readServiceTier(value, bytes)
        case "speed":
            if string(name, value, bytes) == "fast" { request.serviceTier = "priority" }
        case "container", "mcp_servers", "context_management", "compaction", "thread", "fallbacks":
            refuse(name, "is bound to Anthropic's own service, and this model is served elsewhere: leave it out")
        case "inference_geo": refuse(name, "cannot be promised by the provider that serves this model: leave it out")
        default: drop(name)  // cache_control of the whole, diagnostics, names for billing, and what is not known
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
