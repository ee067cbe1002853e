/// What a JSON value must look like. The providers' requests are tables of these; null stands for a member that is not there.
indirect enum Shape: Sendable {
    case any
    case bool
    case string
    /// One of these strings.
    case words([String])
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    /// An object with any members.
    case map
    case array(Shape)
    case object([Field])
    /// A string, or else this.
    case stringOr(Shape)
    /// An object whose member `type` says what others it has.
    case tagged([String: [Field]])
    /// An object with exactly one of the first members, and any of the others.
    case union([Field], plus: [Field])

    /// A member that an object may have, or must.
    struct Field: Sendable {
        let name: String
        let shape: Shape
        var isRequired = false

        static func may(_ name: String, _ shape: Shape) -> Field { Field(name: name, shape: shape) }
        static func must(_ name: String, _ shape: Shape) -> Field { Field(name: name, shape: shape, isRequired: true) }
    }

    /// - Throws: the first difference, members in the order of the request, what is missing after them.
    func check(_ value: JSONValue) throws(ShapeError) {
        var path: [ShapeError.Place] = []
        try check(value, at: &path)
    }

    private func check(_ value: JSONValue, at path: inout [ShapeError.Place]) throws(ShapeError) {
        switch self {
        case .any: return
        case .bool: if value.bool == nil { throw ShapeError(path, .expected(.boolean)) }
        case .string: if value.string == nil { throw ShapeError(path, .expected(.string)) }
        case .words(let words):
            guard let word = value.string else { throw ShapeError(path, .expected(.string)) }
            if !words.contains(word) { throw ShapeError(path, .notOneOf(words)) }
        case .integer(let bounds):
            guard let number = value.integer else { throw ShapeError(path, .expected(.integer)) }
            if number < bounds.lowerBound { throw ShapeError(path, .tooSmall("\(bounds.lowerBound)")) }
            if number > bounds.upperBound { throw ShapeError(path, .tooLarge("\(bounds.upperBound)")) }
        case .number(let bounds):
            guard let number = value.number else { throw ShapeError(path, .expected(.number)) }
            if number < bounds.lowerBound { throw ShapeError(path, .tooSmall("\(bounds.lowerBound)")) }
            if number > bounds.upperBound { throw ShapeError(path, .tooLarge("\(bounds.upperBound)")) }
        case .map: guard case .object = value.content else { throw ShapeError(path, .expected(.object)) }
        case .array(let shape):
            guard case .array(let elements) = value.content else { throw ShapeError(path, .expected(.list)) }
            for (index, element) in elements.enumerated() { try shape.check(element, under: .index(index), of: &path) }
        case .object(let fields): try Shape.check(value, fields, at: &path)
        case .stringOr(let shape): if value.string == nil { try shape.check(value, at: &path) }
        case .tagged(let variants): try Shape.check(value, variants, at: &path)
        case .union(let variants, let others):
            try Shape.check(value, variants + others, at: &path)
            let count = variants.count { value[$0.name] != nil }
            if count != 1 { throw ShapeError(path, .notExactlyOne(variants.map(\.name), found: count)) }
        }
    }

    private func check(
        _ value: JSONValue, under place: ShapeError.Place, of path: inout [ShapeError.Place]
    ) throws(ShapeError) {
        path.append(place)
        try check(value, at: &path)
        path.removeLast()
    }

    private static func check(
        _ value: JSONValue, _ fields: [Field], at path: inout [ShapeError.Place]
    ) throws(ShapeError) {
        guard case .object(let members) = value.content else { throw ShapeError(path, .expected(.object)) }
        for member in members {
            guard let field = fields.first(where: { $0.name == member.name }) else {
                throw ShapeError(path, .unknown(member.written))
            }
            if !member.value.isNull { try field.shape.check(member.value, under: .name(member.written), of: &path) }
        }
        for field in fields where field.isRequired && value[field.name] == nil {
            throw ShapeError(path, .missing(field.name))
        }
    }

    private static func check(
        _ value: JSONValue, _ variants: [String: [Field]], at path: inout [ShapeError.Place]
    ) throws(ShapeError) {
        guard case .object = value.content else { throw ShapeError(path, .expected(.object)) }
        guard let tag = value["type"] else { throw ShapeError(path, .missing("type")) }
        guard let name = tag.string, let fields = variants[name] else {
            throw ShapeError(path, .unknownTag(tag.string ?? "", known: variants.keys.sorted()))
        }
        try Shape.object(fields + [.must("type", .string)]).check(value, under: .tag(name), of: &path)
    }
}

/// Where a request is not what it must be, and why. Each provider words it in its own way.
struct ShapeError: Error {
    enum Place {
        case name(String)
        case index(Int)
        /// The variant of a tagged object.
        case tag(String)
    }

    enum Kind { case boolean, string, integer, number, list, object }

    enum Problem {
        case unknown(String)
        case missing(String)
        case expected(Kind)
        case notOneOf([String])
        case unknownTag(String, known: [String])
        case notExactlyOne([String], found: Int)
        case tooSmall(String)
        case tooLarge(String)
    }

    let path: [Place]
    let problem: Problem

    init(_ path: [Place], _ problem: Problem) {
        self.path = path
        self.problem = problem
    }
}
