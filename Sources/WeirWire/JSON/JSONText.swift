public import WeirBase

/// Reads single values whose place a scanner has found. The bytes must be valid JSON: a scanner has checked them.
public enum JSONText {
    /// The number in `range` as an integer.
    /// - Returns: nil if it has a fraction or an exponent (`1.0`, `1e3`) or does not fit in 64 bits.
    public static func integer(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int64? {
        let end = Int(range.end)
        var at = Int(range.start)
        guard at < end, end <= bytes.count else { return nil }
        let isNegative = bytes[at] == UInt8(ascii: "-")
        if isNegative { at &+= 1 }
        guard at < end else { return nil }
        var value: Int64 = 0
        while at < end {
            let digit = bytes[at] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // Downwards, because the lowest integer has no positive twin.
            let (sum, carry) = product.subtractingReportingOverflow(Int64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
            at &+= 1
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// The string in `range` (with or without its quotes), escapes resolved. A lone surrogate becomes U+FFFD.
    public static func string(_ bytes: Span<UInt8>, _ range: ByteRange) -> String {
        let (start, end) = contents(bytes, range)
        guard bytes.firstStringStop(from: start, to: end) < end else {
            return text(bytes.extracting(start..<end))
        }
        var plain = ByteBuffer(capacity: end &- start)
        append(bytes, range, to: &plain)
        return text(plain.span)
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        if let text = try? UTF8Span(validating: bytes) { return String(copying: text) }
        return String(decoding: Array(copying: bytes), as: UTF8.self)
    }

    /// The same as UTF-8 bytes.
    public static func plain(_ bytes: Span<UInt8>, _ range: ByteRange) -> [UInt8] {
        let (start, end) = contents(bytes, range)
        var plain: [UInt8] = []
        plain.reserveCapacity(end &- start)
        decode(bytes, from: start, to: end) { plain.append($0) }
        return plain
    }

    /// Appends the same to `out`.
    public static func append(_ bytes: Span<UInt8>, _ range: ByteRange, to out: inout ByteBuffer) {
        var (start, end) = contents(bytes, range)
        while start < end {
            let stop = bytes.firstStringStop(from: start, to: end)
            if stop > start { out.append(bytes.extracting(start..<stop)) }
            guard stop < end else { return }
            start = decodeOne(bytes, from: stop, to: end) { out.append($0) }
        }
    }

    /// Where the string in `range` is without its quotes, if it has any.
    private static func contents(_ bytes: Span<UInt8>, _ range: ByteRange) -> (start: Int, end: Int) {
        let (start, end) = (Int(range.start), Int(range.end))
        guard end &- start >= 2, bytes[start] == UInt8(ascii: "\"") else { return (start, end) }
        return (start &+ 1, end &- 1)
    }

    /// Whether the string in `range` holds an escape, so that its bytes are not its text.
    public static func hasEscapes(_ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
        let (start, end) = contents(bytes, range)
        // In a valid string only a backslash stops the scan.
        return bytes.firstStringStop(from: start, to: end) < end
    }

    /// The name whose contents are in `range`, escapes resolved; nil if it is longer than a `ShortName`.
    static func shortName(_ bytes: Span<UInt8>, _ range: ByteRange) -> ShortName? {
        var name = ShortName()
        var fits = true
        decode(bytes, from: Int(range.start), to: Int(range.end)) { byte in if fits { fits = name.append(byte) } }
        return fits ? name : nil
    }

    /// Gives the UTF-8 bytes of the string contents in `start..<end` one by one, escapes resolved.
    static func decode(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ give: (UInt8) -> Void) {
        var at = start
        while at < end { at = decodeOne(bytes, from: at, to: end, give) }
    }

    /// Gives the bytes of one byte or one escape, both halves of a pair of surrogates included.
    /// - Returns: the offset behind it.
    @inline(__always)
    private static func decodeOne(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ give: (UInt8) -> Void) -> Int {
        guard bytes[start] == UInt8(ascii: "\\"), start &+ 1 < end else {
            give(bytes[start])
            return start &+ 1
        }
        var at = start &+ 2
        switch bytes[start &+ 1] {
        case UInt8(ascii: "b"): give(0x08)
        case UInt8(ascii: "f"): give(0x0C)
        case UInt8(ascii: "n"): give(0x0A)
        case UInt8(ascii: "r"): give(0x0D)
        case UInt8(ascii: "t"): give(0x09)
        case UInt8(ascii: "u"):
            guard let unit = codeUnit(bytes, at: at, before: end) else { break }
            at &+= 4
            var scalar = unit
            if unit & 0xFC00 == 0xD800, at &+ 6 <= end, bytes[at] == UInt8(ascii: "\\"),
                bytes[at &+ 1] == UInt8(ascii: "u"), let low = codeUnit(bytes, at: at &+ 2, before: end),
                low & 0xFC00 == 0xDC00
            {
                scalar = 0x10000 &+ (unit & 0x3FF) << 10 &+ low & 0x3FF
                at &+= 6
            }
            for byte in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}")! { give(byte) }
        case let other: give(other)
        }
        return at
    }

    static func hexDigit(_ byte: UInt8) -> UInt32? {
        let digit = byte &- UInt8(ascii: "0")
        if digit < 10 { return UInt32(digit) }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? UInt32(letter) &+ 10 : nil
    }

    private static func codeUnit(_ bytes: Span<UInt8>, at start: Int, before end: Int) -> UInt32? {
        guard start &+ 4 <= end else { return nil }
        var unit: UInt32 = 0
        for at in start..<(start &+ 4) {
            guard let digit = hexDigit(bytes[at]) else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }
}
