public import WeirBase

extension ByteBuffer {
    /// Appends `text` as a JSON string with its quotes (RFC 8259, section 7).
    public mutating func append(jsonString text: String) { append(jsonString: text.utf8Span.span) }

    /// Appends the UTF-8 bytes of `text` as a JSON string with its quotes. What needs no escape is copied as it is, `/` and DEL included.
    public mutating func append(jsonString text: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        let end = text.count
        var at = 0
        while true {
            let stop = text.firstStringStop(from: at, to: end)
            if stop > at { append(text.extracting(at..<stop)) }
            guard stop < end else { break }
            append(UInt8(ascii: "\\"))
            switch text[stop] {
            case UInt8(ascii: "\""): append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): append(UInt8(ascii: "\\"))
            case 0x08: append(UInt8(ascii: "b"))
            case 0x09: append(UInt8(ascii: "t"))
            case 0x0A: append(UInt8(ascii: "n"))
            case 0x0C: append(UInt8(ascii: "f"))
            case 0x0D: append(UInt8(ascii: "r"))
            case let control:
                append(control < 0x10 ? "u000" : "u001")
                append(hexadecimal: Int(control & 15))
            }
            at = stop &+ 1
        }
        append(UInt8(ascii: "\""))
    }
}
