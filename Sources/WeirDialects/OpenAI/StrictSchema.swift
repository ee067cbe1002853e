internal import WeirBase
internal import WeirWire

/// Whether OpenAI takes a schema as `strict` (OpenAI documentation, "Structured outputs", supported schemas): every object is closed and requires all
/// of its properties, and words that its grammars do not have are not used.
enum StrictSchema {
    /// OpenAI takes fewer levels; a schema that is deeper is not strict.
    private static let depthLimit = 12

    static func accepts(_ schema: RawJSON) -> Bool {
        let bytes = schema.bytes.span
        let whole = ByteRange(start: 0, end: bytes.count)
        do throws(JSONError) {
            // The outermost value is an object, and none of several.
            let root = try JSONScanner.members(of: bytes, wanted: ["type", "anyOf"])
            guard let type = root[0], type.kind == .string, JSONPlace.text(bytes, type.value) == "object", !root.has(1)
            else { return false }
            return try isStrict(bytes, whole, depth: 0)
        } catch { return false }
    }

    private static func isStrict(_ bytes: Span<UInt8>, _ range: ByteRange, depth: Int) throws(JSONError) -> Bool {
        guard depth < depthLimit else { return false }
        var isObject = false
        var isClosed = false
        var properties: Set<String> = []
        var required: Set<String> = []
        var walk = try JSONObjectWalk(bytes, in: range)
        while let member = try walk.next(bytes) {
            switch AnthropicValue.name(bytes, member) {
            case "type":
                if try strings(bytes, member).contains("object") { isObject = true }
            case "additionalProperties": isClosed = member.kind == .false
            case "required": required = try strings(bytes, member)
            case "properties":
                isObject = true
                guard let names = try names(bytes, member, depth) else { return false }
                properties = names
            case "$defs", "definitions":
                guard try names(bytes, member, depth) != nil else { return false }
            case "items":
                guard member.kind == .object, try isStrict(bytes, member.value, depth: depth + 1) else { return false }
            case "anyOf":
                guard member.kind == .array, try areStrict(bytes, member.value, depth) else { return false }
            case "allOf", "oneOf", "not", "if", "then", "else", "patternProperties", "dependentRequired",
                "dependentSchemas", "unevaluatedProperties", "propertyNames", "prefixItems", "contains":
                return false
            default: break
            }
        }
        return !isObject || (isClosed && properties.isSubset(of: required))
    }

    /// The names of an object's members; nil if one of them is no strict schema.
    private static func names(
        _ bytes: Span<UInt8>, _ member: JSONObjectWalk.Member, _ depth: Int
    ) throws(JSONError) -> Set<String>? {
        guard member.kind == .object else { return nil }
        var names: Set<String> = []
        var walk = try JSONObjectWalk(bytes, in: member.value)
        while let inner = try walk.next(bytes) {
            guard inner.kind == .object, try isStrict(bytes, inner.value, depth: depth + 1) else { return nil }
            names.insert(AnthropicValue.name(bytes, inner))
        }
        return names
    }

    private static func areStrict(_ bytes: Span<UInt8>, _ range: ByteRange, _ depth: Int) throws(JSONError) -> Bool {
        var walk = try JSONArrayWalk(bytes, in: range)
        while let element = try walk.next(bytes) {
            guard element.kind == .object, try isStrict(bytes, element.value, depth: depth + 1) else { return false }
        }
        return true
    }

    /// A string, or the strings of an array.
    private static func strings(
        _ bytes: Span<UInt8>, _ member: JSONObjectWalk.Member
    ) throws(JSONError) -> Set<String> {
        if member.kind == .string { return [JSONPlace.text(bytes, member.value)] }
        guard member.kind == .array else { return [] }
        var strings: Set<String> = []
        var walk = try JSONArrayWalk(bytes, in: member.value)
        while let element = try walk.next(bytes) {
            if element.kind == .string { strings.insert(JSONPlace.text(bytes, element.value)) }
        }
        return strings
    }
}
