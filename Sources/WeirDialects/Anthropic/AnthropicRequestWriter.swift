public import WeirBase
internal import WeirWire

/// Writes Messages requests (providers.md, sections 0, 4.1 and 8), of both API versions.
public enum AnthropicRequestWriter: ChatRequestWriter {
    /// The versions of the API, `anthropic-version`: the newer one takes no sampling parameters.
    public static let olderVersion = "2023-06-01"
    public static let newerVersion = "2026-10-21"

    /// The version to send a request for `model` as: the newer one where the model has no sampling parameters either.
    public static func version(for model: String) -> String {
        AnthropicModel(named: model).takesSampling ? olderVersion : newerVersion
    }

    /// `max_tokens` where neither the client nor the model's limit says anything: the API demands a bound. A budget of thinking comes on top.
    public static let defaultMaxTokens = 8_192

    /// What stands for OpenAI's `json_object` where no schema is given.
    static let jsonInstruction = "Answer with one JSON object and nothing else: no prose, no code fence."

    /// `target.apiVersion` nil stands for `version(for:)` of its model.
    public static func write(
        _ request: ChatRequest, to target: TargetOptions, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        var writer = MessagesWriter(request, target, notes)
        try writer.write(&out)
        notes = writer.notes
    }
}

/// A request on its way into the Messages API's form.
struct MessagesWriter {
    let request: ChatRequest
    let model: AnthropicModel
    private let target: TargetOptions
    private(set) var notes: TranslationNotes
    private let takesSampling: Bool
    let reasoning: ClaudeReasoning
    private let maxTokens: Int
    /// Of the cache markers, how many are passed over: Anthropic takes four, and the last ones cover the most.
    private var surplusMarks = 0
    private var system: [Part] = []
    private var turns: [Turn] = []
    private var tools: [ToolDefinition] = []

    /// Messages of one role that follow each other.
    struct Turn {
        var role: ChatMessage.Role
        var parts: [PlacedPart] = []
        var message: Int
    }

    /// A part and the client's message that it is from, for messages.
    struct PlacedPart {
        var part: Part
        var message: Int
        var index: Int

        var param: String { "messages[\(message)].content[\(index)]" }
    }

    init(_ request: ChatRequest, _ target: TargetOptions, _ notes: TranslationNotes) {
        self.request = request
        self.target = target
        self.notes = notes
        model = AnthropicModel(named: target.model)
        takesSampling = model.takesSampling && target.apiVersion != AnthropicRequestWriter.newerVersion
        let bound = request.maxTokens.map { min($0, target.maxOutput ?? .max) } ?? target.maxOutput
        reasoning = ClaudeReasoning(request, model, maxTokens: bound)
        maxTokens = bound ?? reasoning.maxTokens(atLeast: AnthropicRequestWriter.defaultMaxTokens)
    }

    mutating func drop(_ name: String) { notes.drop(name) }

    mutating func write(_ out: inout ByteBuffer) throws(Untranslatable) {
        try refuse()
        tools = try allowedTools()
        try arrange()
        countMarks()
        out.append(#"{"model":"#)
        out.append(jsonString: target.model)
        out.append(#","max_tokens":"#)
        out.append(decimal: maxTokens)
        try writeSystem(&out)
        try writeTurns(&out)
        if !tools.isEmpty { try writeTools(&out) }
        writeStop(&out)
        try writeReasoning(&out)
        try writeSampling(&out)
        if let user = request.user {
            out.append(#","metadata":{"user_id":"#)
            out.append(jsonString: user)
            out.append("}")
        }
        writeServiceTier(&out)
        if request.stream { out.append(#","stream":true"#) }
        out.append("}")
    }

    // MARK: What cannot be said

    private mutating func refuse() throws(Untranslatable) {
        let none = "has no like at Anthropic: leave it out"
        if request.choices > 1 {
            throw Untranslatable("n", "Anthropic gives one answer to a request: send \(request.choices) requests")
        }
        if request.logprobs { throw Untranslatable("logprobs", none) }
        if request.topLogprobs ?? 0 > 0 { throw Untranslatable("top_logprobs", none) }
        if let bias = request.logitBias, !Self.isEmptyObject(bias) { throw Untranslatable("logit_bias", none) }
        if let penalty = request.frequencyPenalty, penalty.value != 0 {
            throw Untranslatable("frequency_penalty", none)
        }
        if let penalty = request.presencePenalty, penalty.value != 0 { throw Untranslatable("presence_penalty", none) }
        if request.seed != nil { drop("seed") }
        if request.verbosity != nil { drop("verbosity") }
    }

    private static func isEmptyObject(_ value: RawJSON) -> Bool {
        let bytes = value.bytes.span
        let start = bytes.firstNonWhitespace(from: 0, to: bytes.count)
        guard start < bytes.count, bytes[start] == UInt8(ascii: "{") else { return false }
        let next = bytes.firstNonWhitespace(from: start + 1, to: bytes.count)
        return next < bytes.count && bytes[next] == UInt8(ascii: "}")
    }

    // MARK: Turns

    /// Puts the messages into turns that alternate, without what is empty.
    private mutating func arrange() throws(Untranslatable) {
        for (index, part) in request.system.enumerated() {
            if let kept = try systemPart(part, "system[\(index)]") { system.append(kept) }
        }
        for (index, message) in request.messages.enumerated() {
            if message.role == .system, !(model.hasSystemMessages && !turns.isEmpty) {
                for (place, part) in message.parts.enumerated() {
                    if let kept = try systemPart(part, "messages[\(index)].content[\(place)]") { system.append(kept) }
                }
            } else {
                add(message, index)
            }
        }
        if case .jsonObject = request.format {
            system.append(.text(AnthropicRequestWriter.jsonInstruction))
        }
        guard let first = turns.first(where: { $0.role != .system }) else {
            throw Untranslatable("messages", "must hold a message of the user", isMistake: true)
        }
        guard first.role == .user else {
            throw Untranslatable(
                "messages[\(first.message)]", "Anthropic's conversations begin with the user: put a user message first")
        }
        for turn in turns where turn.parts.isEmpty {
            throw Untranslatable("messages[\(turn.message)].content", "holds nothing but blanks: write some text")
        }
        try arrangeLast()
    }

    private func systemPart(_ part: Part, _ param: @autoclosure () -> String) throws(Untranslatable) -> Part? {
        guard case .text(let text) = part.content else {
            throw Untranslatable(param(), "instructions hold text only")
        }
        return isBlank(text) ? nil : part
    }

    private mutating func add(_ message: ChatMessage, _ index: Int) {
        var parts: [PlacedPart] = []
        for (place, part) in message.parts.enumerated() where keeps(part) {
            parts.append(PlacedPart(part: part, message: index, index: place))
        }
        // An assistant's message with nothing in it is none; a user's is a mistake unless the turn holds something else.
        if parts.isEmpty, message.role != .user { return }
        if turns.last?.role != message.role { turns.append(Turn(role: message.role, message: index)) }
        turns[turns.count - 1].parts += parts
    }

    /// Blank texts are refused by Anthropic, and reasoning that nothing proves.
    private mutating func keeps(_ part: Part) -> Bool {
        switch part.content {
        case .text(let text), .refusal(let text): return !isBlank(text)
        case .reasoning(let reasoning):
            if let redacted = reasoning.redacted, !redacted.isEmpty { return true }
            if let signature = reasoning.signature, !signature.isEmpty { return true }
            drop("reasoning")
            return false
        case .image, .document, .audio, .toolCall, .toolResult: return true
        }
    }

    /// A last message of the assistant is one to go on with: no blanks at its end, and not at every model.
    private mutating func arrangeLast() throws(Untranslatable) {
        guard let last = turns.last, last.role == .assistant, let end = last.parts.last else { return }
        guard model.takesPrefill else {
            throw Untranslatable(
                "messages[\(end.message)]", "this model does not go on with an assistant's message: end with the user's"
            )
        }
        guard case .text(let text) = end.part.content else { return }
        turns[turns.count - 1].parts[last.parts.count - 1].part.content = .text(trimmedAtEnd(text))
    }

    // MARK: Cache markers

    private mutating func countMarks() {
        var count = tools.count { $0.cache != nil } + system.count { $0.cache != nil }
        for turn in turns {
            for placed in turn.parts {
                if placed.part.cache != nil { count += 1 }
                if case .toolResult(let result) = placed.part.content {
                    count += result.parts.count { $0.cache != nil }
                }
            }
        }
        surplusMarks = max(0, count - 4)
        if surplusMarks > 0 { drop("cache_control") }
    }

    /// Appends the marker, if it is one of the last four.
    mutating func write(_ mark: CacheMark?, _ out: inout ByteBuffer) {
        guard let mark else { return }
        if surplusMarks > 0 { return surplusMarks -= 1 }
        out.append(#","cache_control":{"type":"ephemeral""#)
        if mark == .hour { out.append(#","ttl":"1h""#) }
        out.append("}")
    }

    // MARK: Messages

    private mutating func writeSystem(_ out: inout ByteBuffer) throws(Untranslatable) {
        guard !system.isEmpty else { return }
        for (index, part) in system.enumerated() {
            out.append(index == 0 ? #","system":["# : ",")
            guard case .text(let text) = part.content else { continue }
            write(text, part.cache, &out)
        }
        out.append("]")
    }

    private mutating func writeTurns(_ out: inout ByteBuffer) throws(Untranslatable) {
        for (index, turn) in turns.enumerated() {
            out.append(index == 0 ? #","messages":[{"role":"# : #",{"role":"#)
            switch turn.role {
            case .user: out.append(#""user","content":["#)
            case .assistant: out.append(#""assistant","content":["#)
            case .system: out.append(#""system","content":["#)
            }
            try write(turn, &out)
            out.append("]}")
        }
        out.append("]")
    }

    // MARK: Options

    private mutating func writeStop(_ out: inout ByteBuffer) {
        var isFirst = true
        for sequence in request.stop {
            if isBlank(sequence) {
                drop("stop")
                continue
            }
            out.append(isFirst ? #","stop_sequences":["# : ",")
            out.append(jsonString: sequence)
            isFirst = false
        }
        if !isFirst { out.append("]") }
    }

    private mutating func writeSampling(_ out: inout ByteBuffer) throws(Untranslatable) {
        if let asked = request.temperature, takesSampling, !(0...1).contains(asked.value) {
            throw Untranslatable("temperature", "is from 0 to 1 at Anthropic: write such a number")
        }
        let sampling = ClaudeSampling(request, isTaken: takesSampling, thinks: reasoning.isOn)
        for name in sampling.dropped { drop(name) }
        if let temperature = sampling.temperature { out.append(member: "temperature", number: temperature) }
        if let topP = sampling.topP { out.append(member: "top_p", number: topP) }
        if let topK = sampling.topK { out.append(member: "top_k", number: topK) }
    }

    private mutating func writeServiceTier(_ out: inout ByteBuffer) {
        switch request.serviceTier {
        case nil: break
        case "default": out.append(#","service_tier":"standard_only""#)
        case "auto": out.append(#","service_tier":"auto""#)
        default:
            drop("service_tier")
            out.append(#","service_tier":"auto""#)
        }
    }
}

/// Whether nothing is in a text that Anthropic takes for text.
func isBlank(_ text: String) -> Bool { text.utf8.allSatisfy { isBlank($0) } }

func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

/// `text` without the blanks at its end.
func trimmedAtEnd(_ text: String) -> String {
    String(text.utf8.dropLast(text.utf8.reversed().prefix { isBlank($0) }.count)) ?? text
}
