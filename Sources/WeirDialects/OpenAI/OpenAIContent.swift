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
    /// Looks through the conversation and the tools for what has no bound in its bytes. Texts in the place of lists are bounded by theirs.
    /// - Parameter bytes: the body from which the request was read.
    public func content(in bytes: Span<UInt8>) -> OpenAIContent {
        var content: OpenAIContent = refersToStored ? .stored : []
        if searchesWeb { content.insert(.hostedTools) }
        if holdsRepeated { content.insert(.unknown) }
        do throws(JSONError) {
            if let conversation, conversation.kind == .array {
                var items = try JSONArrayWalk(bytes, in: conversation.range)
                while let item = try items.next(bytes) {
                    guard item.kind == .object else { continue }
                    try content.formUnion(Self.item(bytes, item.value))
                }
            }
            if let tools, tools.kind == .array {
                var entries = try JSONArrayWalk(bytes, in: tools.range)
                while let entry = try entries.next(bytes) {
                    if try Self.isHosted(bytes, entry) { content.insert(.hostedTools) }
                }
            }
        } catch {
            preconditionFailure("a body that was read as JSON is none: \(error)")
        }
        return content
    }

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

    /// A message, or an item of Responses.
    private static func item(_ bytes: Span<UInt8>, _ range: ByteRange) throws(JSONError) -> OpenAIContent {
        var content: OpenAIContent = []
        var walk = try JSONObjectWalk(bytes, in: range)
        while let member = try walk.next(bytes) {
            switch Name(bytes, member.name, isPlain: member.isPlain) {
            case .type where member.kind == .string:
                if !isTextItem(JSONText.string(bytes, member.value)) { content.insert(.unknown) }
            case .content, .output:
                guard member.kind == .array else { continue }
                var parts = try JSONArrayWalk(bytes, in: member.value)
                while let part = try parts.next(bytes) {
                    if part.kind == .object { try content.formUnion(Self.part(bytes, part.value)) }
                }
            case .audio where member.kind != .null: content.insert(.stored)
            default: continue
            }
        }
        return content
    }

    /// A part of a message's content.
    private static func part(_ bytes: Span<UInt8>, _ range: ByteRange) throws(JSONError) -> OpenAIContent {
        var walk = try JSONObjectWalk(bytes, in: range)
        var content: OpenAIContent?
        while let member = try walk.next(bytes) {
            guard Name(bytes, member.name, isPlain: member.isPlain) == .type, member.kind == .string else { continue }
            // Of a type that stands there twice, the provider may take either.
            content = (content ?? []).union(kind(ofPart: JSONText.string(bytes, member.value)))
        }
        return content ?? .unknown
    }

    private static func isHosted(_ bytes: Span<UInt8>, _ tool: JSONArrayWalk.Element) throws(JSONError) -> Bool {
        guard tool.kind == .object else { return true }
        var walk = try JSONObjectWalk(bytes, in: tool.value)
        var isFunction: Bool?
        while let member = try walk.next(bytes) {
            guard Name(bytes, member.name, isPlain: member.isPlain) == .type, member.kind == .string else { continue }
            let type = JSONText.string(bytes, member.value)
            isFunction = (isFunction ?? true) && (type == "function" || type == "custom")
        }
        return isFunction != true
    }

    /// The names that matter in items and parts.
    private enum Name {
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
