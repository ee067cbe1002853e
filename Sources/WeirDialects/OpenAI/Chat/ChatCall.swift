internal import WeirBase
internal import WeirWire

/// A call of a tool as messages, answers and chunks have it: `{"index","id","type","function":{"name","arguments"}}`, and Google's signature where
/// its own OpenAI endpoint puts it.
struct ChatCall {
    var index: Int?
    var id: String?
    var type: String?
    var name: String?
    /// A string's text, or an object as it is written: some servers give one.
    var arguments: String?
    /// Whether the arguments are whole by nature, as an object is.
    var isObject = false
    var signature: String?

    mutating func read(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        try place.members(bytes) { (member, place) throws(JSONError) in
            switch member {
            case ChatName.id: return try place.read(bytes, into: &id)
            case ChatName.type: return try place.read(bytes, into: &type)
            case ChatName.index:
                let value = try place.value(bytes)
                index = value.integer(bytes)
                return value.end
            case ChatName.function: return try readFunction(place, bytes)
            case ChatName.extraContent:
                return try place.members(bytes) { (member, place) throws(JSONError) in
                    guard member == ChatName.google else { return try place.skip(bytes) }
                    return try place.members(bytes) { (member, place) throws(JSONError) in
                        guard member == ChatName.thoughtSignature else { return try place.skip(bytes) }
                        return try place.read(bytes, into: &signature)
                    }
                }
            default: return try place.skip(bytes)
            }
        }
    }

    private mutating func readFunction(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        try place.members(bytes) { (member, place) throws(JSONError) in
            switch member {
            case ChatName.name: return try place.read(bytes, into: &name)
            case ChatName.arguments:
                let value = try place.value(bytes)
                isObject = value.kind == .object
                arguments = isObject ? JSONPlace.source(bytes, value.range) : value.string(bytes)
                return value.end
            default: return try place.skip(bytes)
            }
        }
    }

    /// The call, if it has all that one needs: no arguments at all are `{}`.
    var whole: ToolCall? {
        guard let id, let name, !name.isEmpty else { return nil }
        guard let arguments, !isBlank(arguments) else {
            return ToolCall(id: id, name: name, arguments: .emptyObject, signature: signature)
        }
        guard isObject || Self.isObject(arguments) else { return nil }
        return ToolCall(id: id, name: name, arguments: RawJSON(arguments), signature: signature)
    }

    /// Whether `text` is a JSON object and nothing else.
    static func isObject(_ text: String) -> Bool {
        (try? JSONScanner.members(of: text.utf8Span.span, wanted: [])) != nil
    }
}

/// An element of `thinking_blocks`.
struct ThinkingBlock {
    private var type: String?
    private var thinking: String?
    private var signature: String?
    private var data: String?

    mutating func read(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        try place.members(bytes) { (member, place) throws(JSONError) in
            switch member {
            case ChatName.type: return try place.read(bytes, into: &type)
            case ChatName.thinking: return try place.read(bytes, into: &thinking)
            case ChatName.signature: return try place.read(bytes, into: &signature)
            case ChatName.data: return try place.read(bytes, into: &data)
            default: return try place.skip(bytes)
            }
        }
    }

    /// What it proves or hides; nil for what is no such block.
    var reasoning: ReasoningText? {
        switch type {
        case "thinking":
            ReasoningText(text: thinking ?? "", signature: signature.flatMap { $0.isEmpty ? nil : $0 })
        case "redacted_thinking": data.map { ReasoningText(text: "", redacted: $0) }
        default: nil
        }
    }
}
