public import WeirBase
internal import WeirWire

extension AnthropicRequest {
    /// Gives each text of the conversation, where most of a prompt's bytes are: the range of its JSON string, with the quotes.
    public func texts(in bytes: Span<UInt8>, _ give: (ByteRange) -> Void) {
        do throws(JSONError) {
            if let system { try Self.texts(bytes, system, Self.levels, give) }
            if let messages { try Self.texts(bytes, Value(range: messages, kind: .array), Self.levels, give) }
        } catch {
            preconditionFailure("a body that was read as JSON is none: \(error)")
        }
    }

    /// A message, a tool's result in it and a block in that. Texts that are deeper count as bytes; each level walks over what is in it once more.
    private static let levels = 3

    private static func texts(
        _ bytes: Span<UInt8>, _ value: Value, _ levels: Int, _ give: (ByteRange) -> Void
    ) throws(JSONError) {
        if value.kind == .string { return give(value.range) }
        guard value.kind == .array, levels > 0 else { return }
        var items = try JSONArrayWalk(bytes, in: value.range)
        while let item = try items.next(bytes) {
            guard item.kind == .object else { continue }
            var members = try JSONObjectWalk(bytes, in: item.value)
            while let member = try members.next(bytes) {
                switch (AnthropicName(bytes, member.name, isPlain: member.isPlain), member.kind) {
                case (.text, .string): give(member.value)
                case (.content, _): try texts(bytes, Value(range: member.value, kind: member.kind), levels - 1, give)
                default: break
                }
            }
        }
    }
}
