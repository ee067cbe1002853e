internal import WeirBase
internal import WeirWire

/// Objects and arrays written piece by piece, with their commas.
extension ByteBuffer {
    /// Appends a comma, unless an object or an array has just begun.
    mutating func beginElement() {
        guard count > 0 else { return }
        let last = span[count - 1]
        if last != UInt8(ascii: "{"), last != UInt8(ascii: "[") { append(UInt8(ascii: ",")) }
    }

    /// Appends the name of the next member, a text that needs no escapes.
    mutating func beginMember(_ name: StaticString) {
        beginElement()
        append(UInt8(ascii: "\""))
        append(name)
        append("\":")
    }

    mutating func append(member name: StaticString, string: String) {
        beginMember(name)
        append(jsonString: string)
    }

    mutating func append(member name: StaticString, number: JSONNumber) {
        beginMember(name)
        append(number.text)
    }

    mutating func append(member name: StaticString, integer: Int) {
        beginMember(name)
        append(decimal: integer)
    }

    mutating func append(member name: StaticString, strings: [String]) {
        beginMember(name)
        append("[")
        for string in strings {
            beginElement()
            append(jsonString: string)
        }
        append("]")
    }

    /// Appends `bytes` of a path's segment, all but RFC 3986's unreserved characters as `%XX`. A slash is kept where `keepsSlash` says so.
    mutating func append(percentEncoded bytes: Span<UInt8>, keepsSlash: Bool = false) {
        for at in bytes.indices {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                append(byte)
            case UInt8(ascii: "/") where keepsSlash: append(byte)
            default:
                append(UInt8(ascii: "%"))
                for digit in [byte >> 4, byte & 15] {
                    append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
                }
            }
        }
    }

    /// What has been written, as text.
    func text() -> String {
        guard let text = try? UTF8Span(validating: span) else { return "" }
        return String(copying: text)
    }
}
