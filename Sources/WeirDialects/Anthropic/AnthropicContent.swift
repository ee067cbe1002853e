internal import WeirBase
internal import WeirWire

/// What a Messages request holds besides text, found in the same pass that checks its grammar: each byte is read once.
struct AnthropicContent {
    /// What has no bound in the size of the body.
    var kinds: OpenAIContent = []
    var hasHourCache = false
    var toolTokens = 0

    /// Blocks in blocks, as deep as the API has them and some more; what is deeper is of an unknown kind.
    private static let depthLimit = 24
    /// What the provider puts before the tools: 530 tokens at most (Anthropic's documentation, "Tool use system prompt token count").
    private static let toolPromptTokens = 600
    /// What a tool of the provider's own making that the client runs takes (bash, text editor, computer use: 245 to 1,234 tokens there).
    private static let clientToolTokens = 2_000

    /// Reads `messages`, an array in the outermost object.
    /// - Returns: where it ends.
    mutating func read(messages bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var items = try JSONArrayWalk(inner: bytes, from: start, to: end, depth: 2)
        while let kind = try items.nextKind(bytes) {
            if kind == .object {
                try items.endElement(bytes, kind, at: readMessage(bytes, from: items.offset, to: end))
            } else {
                _ = try items.skipElement(bytes, kind)
            }
        }
        return Int(items.array.end)
    }

    private mutating func readMessage(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var walk = try JSONObjectWalk(inner: bytes, from: start, to: end, depth: 3)
        while let name = try walk.nextName(bytes) {
            if name.kind == .array, AnthropicName(bytes, name.range, isPlain: name.isPlain) == .content {
                let blocksEnd = try read(blocks: bytes, from: name.valueStart, to: end, depth: 4)
                _ = try walk.endValue(bytes, of: name, at: blocksEnd)
            } else {
                _ = try walk.skipValue(bytes, of: name)
            }
        }
        return Int(walk.object.end)
    }

    /// Reads a list of blocks: of a message, of the system prompt, of a tool's result, of a document.
    mutating func read(
        blocks bytes: Span<UInt8>, from start: Int, to end: Int, depth: Int
    ) throws(JSONError) -> Int {
        var blocks = try JSONArrayWalk(inner: bytes, from: start, to: end, depth: depth)
        while let kind = try blocks.nextKind(bytes) {
            if kind == .object, depth < Self.depthLimit {
                try blocks.endElement(bytes, kind, at: readBlock(bytes, from: blocks.offset, to: end, depth + 1))
            } else {
                if kind == .object { kinds.insert(.unknown) }
                _ = try blocks.skipElement(bytes, kind)
            }
        }
        return Int(blocks.array.end)
    }

    private mutating func readBlock(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, _ depth: Int
    ) throws(JSONError) -> Int {
        var hasType = false
        var isDocument = false
        var source: SourceKinds = []
        var walk = try JSONObjectWalk(inner: bytes, from: start, to: end, depth: depth)
        while let name = try walk.nextName(bytes) {
            switch (AnthropicName(bytes, name.range, isPlain: name.isPlain), name.kind) {
            case (.type, .string):
                let type = AnthropicType(bytes, try walk.skipValue(bytes, of: name).value)
                // Of a type that stands there twice, the provider may take either.
                hasType = true
                isDocument = isDocument || type == .document
                kinds.formUnion(Self.kinds(of: type))
            case (.content, .array):
                let inner = try read(blocks: bytes, from: name.valueStart, to: end, depth: depth + 1)
                _ = try walk.endValue(bytes, of: name, at: inner)
            case (.source, .object):
                let inner = try read(source: bytes, from: name.valueStart, to: end, depth + 1, &source)
                _ = try walk.endValue(bytes, of: name, at: inner)
            case (.cacheControl, .object):
                let inner = try read(cacheControl: bytes, from: name.valueStart, to: end, depth: depth + 1)
                _ = try walk.endValue(bytes, of: name, at: inner)
            default: _ = try walk.skipValue(bytes, of: name)
            }
        }
        if !hasType { kinds.insert(.unknown) }
        if isDocument, source != .text { kinds.insert(.documents) }
        if source.contains(.stored) { kinds.insert(.stored) }
        return Int(walk.object.end)
    }

    private struct SourceKinds: OptionSet {
        let rawValue: UInt8
        static let text = SourceKinds(rawValue: 1)
        static let other = SourceKinds(rawValue: 2)
        static let stored = SourceKinds(rawValue: 4)
    }

    /// Where an image or a document comes from: a document's text and blocks are bytes of the body like any other.
    private mutating func read(
        source bytes: Span<UInt8>, from start: Int, to end: Int, _ depth: Int, _ source: inout SourceKinds
    ) throws(JSONError) -> Int {
        var walk = try JSONObjectWalk(inner: bytes, from: start, to: end, depth: depth)
        while let name = try walk.nextName(bytes) {
            switch (AnthropicName(bytes, name.range, isPlain: name.isPlain), name.kind) {
            case (.type, .string):
                switch AnthropicType(bytes, try walk.skipValue(bytes, of: name).value) {
                case .text, .content: source.insert(.text)
                case .file: source.insert(.stored)
                default: source.insert(.other)
                }
            case (.content, .array):
                let inner = try read(blocks: bytes, from: name.valueStart, to: end, depth: depth + 1)
                _ = try walk.endValue(bytes, of: name, at: inner)
            default: _ = try walk.skipValue(bytes, of: name)
            }
        }
        return Int(walk.object.end)
    }

    /// Reads a cache marker for its life.
    mutating func read(
        cacheControl bytes: Span<UInt8>, from start: Int, to end: Int, depth: Int
    ) throws(JSONError) -> Int {
        var walk = try JSONObjectWalk(inner: bytes, from: start, to: end, depth: depth)
        while let member = try walk.next(bytes) {
            guard AnthropicName(bytes, member.name, isPlain: member.isPlain) == .ttl, member.kind == .string else {
                continue
            }
            if AnthropicType(bytes, member.value) != .fiveMinutes { hasHourCache = true }
        }
        return Int(walk.object.end)
    }

    /// Reads `tools`, an array in the outermost object.
    mutating func read(tools bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var tools = try JSONArrayWalk(inner: bytes, from: start, to: end, depth: 2)
        while let kind = try tools.nextKind(bytes) {
            if toolTokens == 0 { toolTokens = Self.toolPromptTokens }
            if kind == .object {
                try tools.endElement(bytes, kind, at: readTool(bytes, from: tools.offset, to: end))
            } else {
                kinds.insert(.hostedTools)
                _ = try tools.skipElement(bytes, kind)
            }
        }
        return Int(tools.array.end)
    }

    /// A tool without a type is the client's own.
    private mutating func readTool(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var walk = try JSONObjectWalk(inner: bytes, from: start, to: end, depth: 3)
        while let name = try walk.nextName(bytes) {
            switch (AnthropicName(bytes, name.range, isPlain: name.isPlain), name.kind) {
            case (.type, .string): note(toolType: JSONText.string(bytes, try walk.skipValue(bytes, of: name).value))
            case (.cacheControl, .object):
                let inner = try read(cacheControl: bytes, from: name.valueStart, to: end, depth: 4)
                _ = try walk.endValue(bytes, of: name, at: inner)
            default: _ = try walk.skipValue(bytes, of: name)
            }
        }
        return Int(walk.object.end)
    }

    private mutating func note(toolType type: String) {
        if type == "custom" { return }
        if ["bash_", "text_editor_", "computer_", "memory_"].contains(where: type.hasPrefix) {
            toolTokens = min(toolTokens + Self.clientToolTokens, 1 << 30)
        } else {
            kinds.insert(.hostedTools)
        }
    }

    private static func kinds(of type: AnthropicType) -> OpenAIContent {
        switch type {
        case .text, .thinking, .redactedThinking, .toolUse, .toolResult, .searchResult, .document: []
        case .image: .images
        case .containerUpload: .stored
        default: .unknown
        }
    }
}
