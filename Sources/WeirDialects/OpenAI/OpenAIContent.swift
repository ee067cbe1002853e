public import WeirBase
internal import WeirWire

/// What of a request has no bound in the size of its body, so that bytes do not bound its tokens: what stands in the body as text does, for a
/// token is at least one byte.
public struct OpenAIContent: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Images, by address or as data: their tokens are counted by size and detail.
    public static let images = OpenAIContent(rawValue: 1)
    public static let audio = OpenAIContent(rawValue: 2)
    /// Files and documents.
    public static let documents = OpenAIContent(rawValue: 4)
    /// Text that the provider has stored: earlier responses, conversations, prompts, audio by its id.
    public static let stored = OpenAIContent(rawValue: 8)
    /// Tools that the provider itself runs, which add tokens and fees of their own.
    public static let hostedTools = OpenAIContent(rawValue: 16)
    /// A part of a kind that is not known here.
    public static let unknown = OpenAIContent(rawValue: 32)
}

extension OpenAIRequest {
    /// Gives each text of the conversation, where most of a prompt's bytes are: the range of its JSON string, with the quotes.
    public func texts(in bytes: Span<UInt8>, _ give: (ByteRange) -> Void) {
        guard let conversation else { return }
        if conversation.kind == .string { return give(conversation.range) }
        guard conversation.kind == .array else { return }
        do throws(JSONError) {
            var items = try JSONArrayWalk(bytes, in: conversation.range)
            while let item = try items.next(bytes) {
                guard item.kind == .object else { continue }
                var members = try JSONObjectWalk(bytes, in: item.value)
                while let member = try members.next(bytes) {
                    guard Name(bytes, member.name, isPlain: member.isPlain) == .content else { continue }
                    if member.kind == .string { give(member.value) }
                    if member.kind == .array { try Self.texts(ofParts: bytes, member.value, give) }
                }
            }
        } catch {
            preconditionFailure("a body that was read as JSON is none: \(error)")
        }
    }

    private static func texts(
        ofParts bytes: Span<UInt8>, _ range: ByteRange, _ give: (ByteRange) -> Void
    ) throws(JSONError) {
        var parts = try JSONArrayWalk(bytes, in: range)
        while let part = try parts.next(bytes) {
            guard part.kind == .object else { continue }
            var members = try JSONObjectWalk(bytes, in: part.value)
            while let member = try members.next(bytes) {
                guard Name(bytes, member.name, isPlain: member.isPlain) == .text, member.kind == .string else {
                    continue
                }
                give(member.value)
            }
        }
    }

    /// The names that matter in items and parts.
    fileprivate enum Name {
        case type, text, content, output, audio, other

        init(_ bytes: Span<UInt8>, _ range: ByteRange, isPlain: Bool) {
            if isPlain {
                self.init(bytes, from: Int(range.start), to: Int(range.end))
            } else {
                let plain = JSONText.plain(bytes, range)
                self.init(plain.span, from: 0, to: plain.count)
            }
        }

        private init(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
            switch end - start {
            case 4 where bytes.has("type", at: start, before: end): self = .type
            case 4 where bytes.has("text", at: start, before: end): self = .text
            case 5 where bytes.has("audio", at: start, before: end): self = .audio
            case 6 where bytes.has("output", at: start, before: end): self = .output
            case 7 where bytes.has("content", at: start, before: end): self = .content
            default: self = .other
            }
        }
    }
}

// The look into a request goes with the scan that checks its grammar: each byte is read once.
extension OpenAIContent {
    /// Reads a conversation, `messages` or `input`, that is an array.
    /// - Parameter start: where it begins, in the request's outermost object.
    /// - Returns: where it ends.
    mutating func read(conversation bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var items = try JSONArrayWalk(inner: bytes, from: start, to: end, depth: 2)
        while let kind = try items.nextKind(bytes) {
            if kind == .object {
                try items.endElement(bytes, kind, at: readItem(bytes, from: items.offset, to: end))
            } else {
                _ = try items.skipElement(bytes, kind)
            }
        }
        return Int(items.array.end)
    }

    /// Reads `tools` where it is an array.
    mutating func read(tools bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var tools = try JSONArrayWalk(inner: bytes, from: start, to: end, depth: 2)
        while let kind = try tools.nextKind(bytes) {
            if kind == .object {
                try tools.endElement(bytes, kind, at: readTool(bytes, from: tools.offset, to: end))
            } else {
                insert(.hostedTools)
                _ = try tools.skipElement(bytes, kind)
            }
        }
        return Int(tools.array.end)
    }

    /// A message, or an item of Responses.
    private mutating func readItem(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var walk = try JSONObjectWalk(inner: bytes, from: start, to: end, depth: 3)
        while let name = try walk.nextName(bytes) {
            switch OpenAIRequest.Name(bytes, name.range, isPlain: name.isPlain) {
            case .type where name.kind == .string:
                let member = try walk.skipValue(bytes, of: name)
                if !Self.isTextItem(JSONText.string(bytes, member.value)) { insert(.unknown) }
            case .content where name.kind == .array, .output where name.kind == .array:
                _ = try walk.endValue(bytes, of: name, at: readParts(bytes, from: name.valueStart, to: end))
            case .audio where name.kind != .null:
                insert(.stored)
                _ = try walk.skipValue(bytes, of: name)
            default: _ = try walk.skipValue(bytes, of: name)
            }
        }
        return Int(walk.object.end)
    }

    /// The parts of a message's content.
    private mutating func readParts(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var parts = try JSONArrayWalk(inner: bytes, from: start, to: end, depth: 4)
        while let kind = try parts.nextKind(bytes) {
            if kind == .object {
                try parts.endElement(bytes, kind, at: readPart(bytes, from: parts.offset, to: end))
            } else {
                _ = try parts.skipElement(bytes, kind)
            }
        }
        return Int(parts.array.end)
    }

    private mutating func readPart(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var hasType = false
        let end = try Self.readTypes(bytes, from: start, to: end, depth: 5) { type in
            // Of a type that stands there twice, the provider may take either.
            hasType = true
            formUnion(Self.kind(ofPart: type))
        }
        if !hasType { insert(.unknown) }
        return end
    }

    private mutating func readTool(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var isFunction: Bool?
        let end = try Self.readTypes(bytes, from: start, to: end, depth: 3) { type in
            isFunction = (isFunction ?? true) && (type == "function" || type == "custom")
        }
        if isFunction != true { insert(.hostedTools) }
        return end
    }

    /// Gives each `type` that an object has.
    private static func readTypes(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, depth: Int, _ give: (String) -> Void
    ) throws(JSONError) -> Int {
        var walk = try JSONObjectWalk(inner: bytes, from: start, to: end, depth: depth)
        while let member = try walk.next(bytes) {
            guard member.kind == .string,
                OpenAIRequest.Name(bytes, member.name, isPlain: member.isPlain) == .type
            else { continue }
            give(JSONText.string(bytes, member.value))
        }
        return Int(walk.object.end)
    }

    /// Items of Responses that are text of the body (providers.md, section 2.4).
    private static func isTextItem(_ type: String) -> Bool {
        switch type {
        case "message", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output",
            "reasoning":
            true
        default: false
        }
    }

    private static func kind(ofPart type: String) -> OpenAIContent {
        switch type {
        case "text", "refusal", "input_text", "output_text", "summary_text", "reasoning_text": []
        case "image_url", "input_image": .images
        case "input_audio": .audio
        case "file", "input_file": .documents
        default: .unknown
        }
    }
}
