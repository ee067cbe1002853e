internal import WeirBase
internal import WeirWire

/// What a look at a chat or completions chunk finds without parsing it. One pass with a sieve for the few names that matter.
///
/// It relies on what valid JSON guarantees: a quote inside a string is escaped, so `"usage"` with no backslash before it is a string of its own,
/// and one with a colon behind it is a member's name. Which object it belongs to is decided from the other end (`JSONScanner.endsObject`).
/// Names written with escapes are not recognised: no server writes them.
struct ChunkMarks {
    /// The last member name `usage` whose value is null; -1 if there is none.
    var usageAt = -1
    /// Something only a real scan can judge: a usage that is not null, several of them, an error, choices that are not a filled array.
    var needsScan = false
    var hasChoice = false
    var finish: OpenAIFinish?
    private var valueEnd = 0

    @inline(__always)
    init(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        var at = start
        while true {
            at = bytes.firstQuote(
                before: (UInt8(ascii: "u"), UInt8(ascii: "a")), (UInt8(ascii: "c"), UInt8(ascii: "o")),
                (UInt8(ascii: "f"), UInt8(ascii: "n")), (UInt8(ascii: "e"), UInt8(ascii: "r")), from: at, to: end)
            guard at < end else { return }
            mark(bytes, at, start, end)
            at &+= 3
        }
    }

    @inline(__always)
    private mutating func mark(_ bytes: Span<UInt8>, _ at: Int, _ start: Int, _ end: Int) {
        switch bytes[at &+ 1] {
        case UInt8(ascii: "c"):
            if bytes.has("\"choices\":[{", at: at, before: end) {
                hasChoice = true
            } else if bytes.has("\"choices\"", at: at, before: end), at > start, bytes[at &- 1] != UInt8(ascii: "\\") {
                markChoices(bytes, at, end)
            }
        case UInt8(ascii: "u"):
            if bytes.has("\"usage\"", at: at, before: end), at > start, bytes[at &- 1] != UInt8(ascii: "\\") {
                markUsage(bytes, at, end)
            }
        case UInt8(ascii: "f"):
            if bytes.has("\"finish_reason\":", at: at, before: end) {
                if bytes.has("null", at: at &+ 16, before: end) { return }
                markFinish(bytes, at &+ 16, end)
            }
        default:
            if bytes.has("\"error\"", at: at, before: end), at > start, bytes[at &- 1] != UInt8(ascii: "\\") {
                needsScan = true
            }
        }
    }

    private mutating func markUsage(_ bytes: Span<UInt8>, _ at: Int, _ end: Int) {
        guard let value = Self.memberValue(bytes, at &+ 7, end) else { return }  // a string value "usage"
        if usageAt >= 0 || !bytes.has("null", at: value, before: end) { needsScan = true }
        usageAt = at
        valueEnd = value &+ 4
    }

    /// Choices with blanks in between, or none.
    private mutating func markChoices(_ bytes: Span<UInt8>, _ at: Int, _ end: Int) {
        guard let value = Self.memberValue(bytes, at &+ 9, end) else { return }
        guard value < end, bytes[value] == UInt8(ascii: "[") else {
            needsScan = true
            return
        }
        let first = bytes.firstNonWhitespace(from: value &+ 1, to: end)
        if first < end, bytes[first] == UInt8(ascii: "{") { hasChoice = true } else { needsScan = true }
    }

    private mutating func markFinish(_ bytes: Span<UInt8>, _ at: Int, _ end: Int) {
        let value = bytes.firstNonWhitespace(from: at, to: end)
        guard value < end, bytes[value] == UInt8(ascii: "\"") else { return }
        finish =
            if bytes.has("\"stop\"", at: value, before: end) {
                .stop
            } else if bytes.has("\"length\"", at: value, before: end) {
                .length
            } else if bytes.has("\"tool_calls\"", at: value, before: end) {
                .toolCalls
            } else if bytes.has("\"content_filter\"", at: value, before: end) {
                .contentFilter
            } else if bytes.has("\"function_call\"", at: value, before: end) {
                .functionCall
            } else {
                .other
            }
    }

    /// Where the value begins whose member's name ends at `at`; nil if no colon follows.
    static func memberValue(_ bytes: Span<UInt8>, _ at: Int, _ end: Int) -> Int? {
        let colon = bytes.firstNonWhitespace(from: at, to: end)
        guard colon < end, bytes[colon] == UInt8(ascii: ":") else { return nil }
        return bytes.firstNonWhitespace(from: colon &+ 1, to: end)
    }

    /// The cut that takes `"usage":null` out of the chunk, if it belongs to the chunk itself and not to an object inside.
    func cutOfNull(_ bytes: Span<UInt8>, to end: Int) -> OpenAIStreamMeter.Verdict {
        guard JSONScanner.endsObject(bytes, from: valueEnd, to: end) else { return .pass }
        return Self.cut(bytes, key: usageAt, valueEnd: valueEnd, end: end)
    }

    /// The cut of a member with one comma: the one before it, with the blanks around, or, for the first member, the one after it.
    static func cut(_ bytes: Span<UInt8>, key: Int, valueEnd: Int, end: Int) -> OpenAIStreamMeter.Verdict {
        var before = key &- 1
        while before > 0, bytes[before] <= 0x20 { before &-= 1 }
        if before >= 0, bytes[before] == UInt8(ascii: ",") { return .cut(from: before, to: valueEnd) }
        let after = bytes.firstNonWhitespace(from: valueEnd, to: end)
        guard after < end, bytes[after] == UInt8(ascii: ",") else { return .cut(from: key, to: valueEnd) }
        return .cut(from: key, to: bytes.firstNonWhitespace(from: after &+ 1, to: end))
    }

    /// The offset of the next `"usage"` in `start..<end`; nil if there is none.
    static func nextUsage(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
        next("\"usage\"", (UInt8(ascii: "u"), UInt8(ascii: "a")), bytes, from: start, to: end)
    }

    /// The offset of the next `quoted`, a name with its quotes whose first and third letters are `pair`; nil if there is none.
    @inline(__always)
    static func next(
        _ quoted: StaticString, _ pair: (UInt8, UInt8), _ bytes: Span<UInt8>, from start: Int, to end: Int
    ) -> Int? {
        var at = start
        while true {
            at = bytes.firstQuote(before: pair, pair, pair, pair, from: at, to: end)
            guard at < end else { return nil }
            if bytes.has(quoted, at: at, before: end) { return at }
            at &+= 3
        }
    }

    static let usageName: ShortName = "usage"
}
