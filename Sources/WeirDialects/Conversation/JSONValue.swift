internal import WeirBase
internal import WeirWire

/// A value that has been passed over: what it is and where.
struct JSONValue {
    var kind: JSONKind
    var range: ByteRange

    var end: Int { Int(range.end) }

    /// The text; nil if the value is no string.
    func string(_ bytes: Span<UInt8>) -> String? { kind == .string ? JSONPlace.text(bytes, range) : nil }

    /// The number; nil if the value is none, or one with a fraction or an exponent.
    func integer(_ bytes: Span<UInt8>) -> Int? {
        guard kind == .number else { return nil }
        return JSONText.integer(bytes, range).flatMap { Int(exactly: $0) }
    }

    /// True or false; nil if the value is neither.
    var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// Whether nothing is in an array or an object, or the value is null.
    func isEmpty(_ bytes: Span<UInt8>) -> Bool {
        switch kind {
        case .null: true
        case .array, .object: bytes.firstNonWhitespace(from: Int(range.start) + 1, to: end) == end - 1
        default: false
        }
    }
}

extension JSONPlace {
    /// Passes over the value.
    func value(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue { JSONValue(kind: kind, range: try range(bytes)) }
}
