internal import WeirBase
internal import WeirWire

/// Whether a JSON Schema is one that `strict` allows: each object in it names all its properties as required and forbids others (OpenAI, "Structured
/// outputs"). In Responses tools are strict where nothing is said, and OpenAI falls back to free arguments for a schema that cannot be; providers
/// that take `strict` as an order answer with an error instead.
enum StrictSchema {
    static func allows(_ schema: RawJSON) -> Bool {
        let bytes = schema.bytes.span
        var isStrict = true
        do throws(JSONError) {
            let root = try JSONPlace.root(bytes)
            guard root.kind == .object else { return false }
            _ = try check(root, bytes, depth: 0, &isStrict)
        } catch { return false }
        return isStrict
    }

    /// OpenAI takes no deeper schema than ten levels of objects; their lists and unions lie between them.
    private static let depthLimit = 64

    /// Looks at one schema.
    /// - Returns: where it ends.
    private static func check(
        _ schema: JSONPlace, _ bytes: Span<UInt8>, depth: Int, _ isStrict: inout Bool
    ) throws(JSONError) -> Int {
        guard depth < depthLimit else {
            isStrict = false
            return try schema.skip(bytes)
        }
        var properties: Set<String> = []
        var required: Set<String> = []
        var isObject = false
        var isClosed = false
        let end = try schema.members(bytes) { (name, value) throws(JSONError) in
            switch name {
            case Name.type:
                var type: String?
                if value.kind == .array {
                    return try value.elements(bytes) { (element) throws(JSONError) in
                        let end = try element.read(bytes, into: &type)
                        if type == "object" { isObject = true }
                        return end
                    }
                }
                let end = try value.read(bytes, into: &type)
                if type == "object" { isObject = true }
                return end
            case Name.additionalProperties:
                isClosed = value.kind == .false
                return try value.skip(bytes)
            case Name.required:
                return try value.elements(bytes) { (element) throws(JSONError) in
                    var text: String?
                    let end = try element.read(bytes, into: &text)
                    if let text { required.insert(text) }
                    return end
                }
            case Name.properties, Name.definitions, Name.defs:
                if name == Name.properties { isObject = true }
                let range = try value.range(bytes)
                guard value.kind == .object else { return Int(range.end) }
                var walk = try JSONObjectWalk(bytes, in: range)
                while let member = try walk.next(bytes) {
                    if name == Name.properties { properties.insert(JSONText.string(bytes, member.name)) }
                }
                return try value.members(bytes) { (_, inner) throws(JSONError) in
                    try check(inner, bytes, depth: depth + 1, &isStrict)
                }
            case Name.items: return try check(value, bytes, depth: depth + 1, &isStrict)
            case Name.anyOf:
                return try value.elements(bytes) { (element) throws(JSONError) in
                    try check(element, bytes, depth: depth + 1, &isStrict)
                }
            case Name.allOf, Name.oneOf, Name.not, Name.patternProperties:
                isStrict = false
                return try value.skip(bytes)
            default: return try value.skip(bytes)
            }
        }
        if isObject, !isClosed || properties != required { isStrict = false }
        return end
    }

    private enum Name {
        static let type: ShortName = "type"
        static let additionalProperties: ShortName = "additionalProperties"
        static let required: ShortName = "required"
        static let properties: ShortName = "properties"
        static let definitions: ShortName = "definitions"
        static let defs: ShortName = "$defs"
        static let items: ShortName = "items"
        static let anyOf: ShortName = "anyOf"
        static let allOf: ShortName = "allOf"
        static let oneOf: ShortName = "oneOf"
        static let not: ShortName = "not"
        static let patternProperties: ShortName = "patternProperties"
    }
}
