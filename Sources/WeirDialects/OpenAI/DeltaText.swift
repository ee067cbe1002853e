internal import WeirBase
internal import WeirWire

/// Finds the texts that a chunk adds to an answer, for whoever counts their tokens: contents, reasoning and the arguments of tool calls.
///
/// One pass with the sieve of `ChunkMarks`, with the same reliance on what valid JSON guarantees. What looks like one of the names elsewhere in a
/// chunk (an echo of the request) counts, too: this is for estimates.
enum DeltaText {
    /// Appends the texts of a chat or completions chunk in `start..<end`.
    @inline(__always)
    static func append(chunk bytes: Span<UInt8>, from start: Int, to end: Int, to out: inout ByteBuffer) {
        append(bytes, from: start, to: end, to: &out) { at in
            // Lengths of the names with quotes, colon and the value's first quote.
            switch bytes[at &+ 1] {
            case UInt8(ascii: "c") where bytes.has("\"content\":\"", at: at, before: end): 10
            case UInt8(ascii: "a") where bytes.has("\"arguments\":\"", at: at, before: end): 12
            case UInt8(ascii: "t") where bytes.has("\"text\":\"", at: at, before: end): 7
            case UInt8(ascii: "r") where bytes.has("\"reasoning_content\":\"", at: at, before: end): 20
            case UInt8(ascii: "r") where bytes.has("\"reasoning\":\"", at: at, before: end): 12
            default: nil
            }
        }
    }

    /// Appends the text of a delta event of Responses.
    static func append(event bytes: Span<UInt8>, from start: Int, to end: Int, to out: inout ByteBuffer) {
        let pair = (UInt8(ascii: "d"), UInt8(ascii: "l"))
        let at = bytes.firstQuote(before: pair, pair, pair, pair, from: start, to: end)
        guard at < end, bytes.has("\"delta\":\"", at: at, before: end) else { return }
        _ = append(valueOf: bytes, at: at &+ 8, to: end, &out)
    }

    /// Appends the texts of a block's delta in a Messages stream: text, thinking, and pieces of a tool's input.
    static func append(block bytes: Span<UInt8>, from start: Int, to end: Int, to out: inout ByteBuffer) {
        var at = start
        while true {
            at = bytes.firstQuote(
                before: (UInt8(ascii: "t"), UInt8(ascii: "x")), (UInt8(ascii: "t"), UInt8(ascii: "i")),
                (UInt8(ascii: "p"), UInt8(ascii: "r")), (UInt8(ascii: "p"), UInt8(ascii: "r")), from: at, to: end)
            guard at < end else { return }
            let distance: Int? =
                if bytes.has("\"text\":\"", at: at, before: end) {
                    7
                } else if bytes.has("\"thinking\":\"", at: at, before: end) {
                    11
                } else if bytes.has("\"partial_json\":\"", at: at, before: end) {
                    15
                } else {
                    nil
                }
            if let distance, at > start, bytes[at &- 1] != UInt8(ascii: "\\") {
                at = append(valueOf: bytes, at: at &+ distance, to: end, &out)
            } else {
                at &+= 1
            }
        }
    }

    @inline(__always)
    private static func append(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, to out: inout ByteBuffer, _ value: (Int) -> Int?
    ) {
        var at = start
        while true {
            at = bytes.firstQuote(
                before: (UInt8(ascii: "c"), UInt8(ascii: "n")), (UInt8(ascii: "a"), UInt8(ascii: "g")),
                (UInt8(ascii: "t"), UInt8(ascii: "x")), (UInt8(ascii: "r"), UInt8(ascii: "a")), from: at, to: end)
            guard at < end else { return }
            if let distance = value(at), at > start, bytes[at &- 1] != UInt8(ascii: "\\") {
                at = append(valueOf: bytes, at: at &+ distance, to: end, &out)
            } else {
                at &+= 1
            }
        }
    }

    /// Appends the text of the string that opens at `start`.
    /// - Returns: the offset behind it.
    @inline(__always)
    private static func append(valueOf bytes: Span<UInt8>, at start: Int, to end: Int, _ out: inout ByteBuffer) -> Int {
        let stop = bytes.firstStringStop(from: start &+ 1, to: end)
        guard stop < end, bytes[stop] == UInt8(ascii: "\"") else {
            return appendEscaped(bytes, at: start, to: end, &out)
        }
        out.append(bytes.extracting(start &+ 1..<stop))
        return stop &+ 1
    }

    @inline(never)
    private static func appendEscaped(_ bytes: Span<UInt8>, at start: Int, to end: Int, _ out: inout ByteBuffer) -> Int
    {
        guard let stop = JSONScanner.valueEnd(bytes, from: start, to: end) else { return end }
        JSONText.append(bytes, ByteRange(start: start, end: stop), to: &out)
        return stop
    }
}
