internal import WeirBase

/// Finds the lines of a head in a growing window, looking at each byte once: fed the same window again with more bytes, it goes on where it
/// stopped. What no head may hold (bare CR, bare LF, control characters, too many bytes) is refused as soon as it is seen, not at the end.
struct HeadLines: Sendable {
    /// All before it has been looked at. A CR that ends the window has not.
    private(set) var offset = 0
    /// Where the line starts that is being searched for.
    private(set) var lineStart = 0

    enum Step {
        /// A line's bytes without its CRLF.
        case line(start: Int, end: Int)
        /// The window ends before the line does.
        case needsMore
    }

    /// The next line of the head that starts with `window`.
    /// - Throws: `bareCarriageReturn`, `bareLineFeed`, `controlCharacter`, `tlsOnPlainPort`, `headTooLarge`.
    @inline(__always)
    mutating func next(in window: Span<UInt8>, limit: Int) throws(HTTPError) -> Step {
        let end = window.firstControl(from: offset)
        guard end &+ 2 <= limit else { throw .headTooLarge(limit: limit) }
        guard end &+ 1 < window.count, window[end] == 0x0D, window[end &+ 1] == 0x0A else {
            return try stopped(at: end, in: window, limit: limit)
        }
        let start = lineStart
        offset = end &+ 2
        lineStart = offset
        return .line(start: start, end: end)
    }

    /// The window ended, or an unwanted byte is at `end`.
    @inline(never)
    private mutating func stopped(at end: Int, in window: Span<UInt8>, limit: Int) throws(HTTPError) -> Step {
        offset = end
        guard end < window.count else { return .needsMore }
        switch window[end] {
        case 0x0D where end + 1 == window.count: return .needsMore
        case 0x0D: throw .bareCarriageReturn(at: end)
        case 0x0A: throw .bareLineFeed(at: end)
        case 0x16 where end == 0: throw .tlsOnPlainPort  // a TLS handshake record (RFC 8446, section 5.1)
        default: throw .controlCharacter(at: end)
        }
    }
}
