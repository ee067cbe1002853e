internal import WeirBase
internal import WeirWire

/// A value's place and kind.
struct AnthropicValue {
    var range: ByteRange
    var kind: JSONKind

    init(_ member: JSONObjectWalk.Member) {
        range = member.value
        kind = member.kind
    }

    /// The text; nil if the value is no string.
    func string(_ bytes: Span<UInt8>) -> String? { kind == .string ? Self.string(bytes, range) : nil }

    /// The text of the string in `range`, with its quotes. Most have no escape and are copied.
    static func string(_ bytes: Span<UInt8>, _ range: ByteRange) -> String {
        let (start, end) = (Int(range.start) &+ 1, Int(range.end) &- 1)
        guard bytes.firstStringStop(from: start, to: end) == end else { return JSONText.string(bytes, range) }
        return bytes.text(ByteRange(start: start, end: end))
    }
}

/// A block of a message, of an answer or of a tool's result: where its members are. Of a member that is there twice the last one counts.
struct AnthropicBlock {
    private(set) var type = AnthropicType.other
    /// The type's word, for messages; empty if there is none.
    private(set) var typeRange = ByteRange(start: 0, end: 0)
    private(set) var text: AnthropicValue?
    private(set) var source: AnthropicValue?
    private(set) var content: AnthropicValue?
    private(set) var id: AnthropicValue?
    private(set) var name: AnthropicValue?
    private(set) var input: AnthropicValue?
    private(set) var toolUseID: AnthropicValue?
    private(set) var isError = false
    private(set) var thinking: AnthropicValue?
    private(set) var signature: AnthropicValue?
    /// Of redacted thinking, and of a source.
    private(set) var data: AnthropicValue?
    private(set) var mediaType: AnthropicValue?
    private(set) var url: AnthropicValue?
    private(set) var title: AnthropicValue?
    private(set) var context: AnthropicValue?
    private(set) var citations: AnthropicValue?
    private(set) var cacheControl: AnthropicValue?
    /// Where the block ends.
    private(set) var end = 0

    /// Reads the object that begins at `start`, in a text that ends at `end`.
    init(_ bytes: Span<UInt8>, from start: Int, to end: Int, depth: Int) throws(JSONError) {
        var walk = try JSONObjectWalk(inner: bytes, from: start, to: end, depth: depth)
        while let member = try walk.next(bytes) { note(member, bytes) }
        self.end = Int(walk.object.end)
    }

    /// Reads the object that `range` is.
    init(_ bytes: Span<UInt8>, _ range: ByteRange) throws(JSONError) {
        var walk = try JSONObjectWalk(bytes, in: range)
        while let member = try walk.next(bytes) { note(member, bytes) }
        end = Int(walk.object.end)
    }

    private mutating func note(_ member: JSONObjectWalk.Member, _ bytes: Span<UInt8>) {
        let value = AnthropicValue(member)
        switch AnthropicName(bytes, member.name, isPlain: member.isPlain) {
        case .type where value.kind == .string:
            type = AnthropicType(bytes, value.range)
            typeRange = value.range
        case .text: text = value
        case .source: source = value
        case .content: content = value
        case .id: id = value
        case .name: name = value
        case .input: input = value
        case .toolUseID: toolUseID = value
        case .isError: isError = value.kind == .true
        case .thinking: thinking = value
        case .signature: signature = value
        case .data: data = value
        case .mediaType: mediaType = value
        case .url: url = value
        case .title: title = value
        case .context: context = value
        case .citations: citations = value
        case .cacheControl: cacheControl = value
        default: break
        }
    }
}
