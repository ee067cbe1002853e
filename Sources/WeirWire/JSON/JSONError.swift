/// Why bytes were refused as JSON, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        /// The text ends inside a value.
        case endsEarly
        /// A byte that cannot stand there; what could is named.
        case expected(StaticText)
        /// A control byte below 0x20 inside a string (RFC 8259, section 7).
        case controlByteInString
        case badEscape
        case badNumber
        /// Nested deeper than `JSONScanner.depthLimit`.
        case tooDeep
        /// Bytes after the value.
        case trailingBytes
        case notAnObject
        /// A wanted member occurs twice; its index in the wanted names.
        case repeatedMember(Int)
    }

    /// What a scanner can expect; cases instead of strings so that throwing allocates nothing.
    public enum StaticText: String, Equatable, Sendable {
        case value = "a value"
        case memberName = "a member name in double quotes"
        case colon = "':' after a member name"
        case commaOrBrace = "',' or '}'"
        case commaOrBracket = "',' or ']'"
    }

    public var reason: Reason
    /// The byte, counted from 0, where reading stopped.
    public var offset: Int

    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// "body is not valid JSON: expected ',' or '}' at byte 17"
    public var description: String {
        switch reason {
        case .endsEarly: "body is not valid JSON: it ends inside a value at byte \(offset)"
        case .expected(let what): "body is not valid JSON: expected \(what.rawValue) at byte \(offset)"
        case .controlByteInString:
            "body is not valid JSON: a control character in a string, write it as an escape, at byte \(offset)"
        case .badEscape: "body is not valid JSON: unknown escape in a string at byte \(offset)"
        case .badNumber: "body is not valid JSON: malformed number at byte \(offset)"
        case .tooDeep: "body is nested deeper than \(JSONScanner.depthLimit) levels at byte \(offset)"
        case .trailingBytes: "body is not valid JSON: more bytes after the end of the object at byte \(offset)"
        case .notAnObject: "body must be a JSON object, at byte \(offset)"
        case .repeatedMember: "body has the same member twice, again at byte \(offset)"
        }
    }
}
