import WeirBase
import WeirWire

/// A JSON text as a tree: providers judge every member of a request, and so does the mock. Each value knows its place in the body.
struct JSONValue {
    enum Content {
        case null
        case bool(Bool)
        /// As it is written.
        case number(String)
        case string(String)
        case array([JSONValue])
        case object([Member])
    }

    struct Member {
        /// The name that its meaning is looked up by.
        let name: String
        /// The name as the request has it, escapes resolved.
        let written: String
        let value: JSONValue
    }

    let content: Content
    let range: ByteRange

    /// Reads the object that `body` is.
    /// - Parameter isProto: members have names in camel case, and `snake_case` means the same, as in every JSON form of a protocol buffer.
    static func parse(_ body: Span<UInt8>, isProto: Bool = false) throws(JSONError) -> JSONValue {
        let reader = JSONTreeReader(isProto: isProto)
        var walk = try JSONObjectWalk(body, in: ByteRange(start: 0, end: body.count))
        let members = try reader.members(body, &walk, depth: 1, end: body.count)
        return JSONValue(content: .object(members), range: walk.object)
    }

    // MARK: Looking into it

    /// The member `name` of an object; of several the last, as most parsers have it. Null is as good as nothing.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = content, let member = members.last(where: { $0.name == name }),
            !member.value.isNull
        else { return nil }
        return member.value
    }

    var members: [Member] { if case .object(let members) = content { members } else { [] } }
    var elements: [JSONValue] { if case .array(let elements) = content { elements } else { [] } }
    var string: String? { if case .string(let string) = content { string } else { nil } }
    var bool: Bool? { if case .bool(let bool) = content { bool } else { nil } }
    var integer: Int? { if case .number(let text) = content { Int(text) } else { nil } }
    var number: Double? { if case .number(let text) = content { Double(text) } else { nil } }

    var isNull: Bool { if case .null = content { true } else { false } }
    var isArray: Bool { if case .array = content { true } else { false } }
}

private struct JSONTreeReader {
    let isProto: Bool

    func members(
        _ body: Span<UInt8>, _ walk: inout JSONObjectWalk, depth: Int, end: Int
    ) throws(JSONError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        while let name = try walk.nextName(body) {
            let value: JSONValue
            if name.kind == .object || name.kind == .array {
                value = try nested(body, name.kind, from: name.valueStart, to: end, depth: depth + 1)
                _ = try walk.endValue(body, of: name, at: Int(value.range.end))
            } else {
                value = scalar(body, name.kind, try walk.skipValue(body, of: name).value)
            }
            let written = JSONText.string(body, name.range)
            members.append(
                JSONValue.Member(name: isProto ? camelCase(written) : written, written: written, value: value))
        }
        return members
    }

    private func elements(
        _ body: Span<UInt8>, _ walk: inout JSONArrayWalk, depth: Int, end: Int
    ) throws(JSONError) -> [JSONValue] {
        var elements: [JSONValue] = []
        while let kind = try walk.nextKind(body) {
            if kind == .object || kind == .array {
                let value = try nested(body, kind, from: walk.offset, to: end, depth: depth + 1)
                try walk.endElement(body, kind, at: Int(value.range.end))
                elements.append(value)
            } else {
                elements.append(scalar(body, kind, try walk.skipElement(body, kind).value))
            }
        }
        return elements
    }

    private func nested(
        _ body: Span<UInt8>, _ kind: JSONKind, from start: Int, to end: Int, depth: Int
    ) throws(JSONError) -> JSONValue {
        guard depth <= JSONScanner.depthLimit else { throw JSONError(.tooDeep, at: start) }
        if kind == .array {
            var walk = try JSONArrayWalk(inner: body, from: start, to: end, depth: depth)
            let elements = try elements(body, &walk, depth: depth, end: end)
            return JSONValue(content: .array(elements), range: walk.array)
        }
        var walk = try JSONObjectWalk(inner: body, from: start, to: end, depth: depth)
        let members = try members(body, &walk, depth: depth, end: end)
        return JSONValue(content: .object(members), range: walk.object)
    }

    private func scalar(_ body: Span<UInt8>, _ kind: JSONKind, _ range: ByteRange) -> JSONValue {
        let content: JSONValue.Content =
            switch kind {
            case .string: .string(JSONText.string(body, range))
            case .number: .number(JSONText.string(body, range))
            case .true: .bool(true)
            case .false: .bool(false)
            case .null, .object, .array: .null
            }
        return JSONValue(content: content, range: range)
    }

    private func camelCase(_ name: String) -> String {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        guard words.count > 1 else { return name }
        return words.dropFirst().reduce(into: String(words[0])) { name, word in
            name += word.prefix(1).uppercased() + word.dropFirst()
        }
    }
}
