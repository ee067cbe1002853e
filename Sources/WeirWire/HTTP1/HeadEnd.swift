import WeirBase

/// Finds where a head ends, in a window that grows: each call goes on where the last one stopped, so that a head that comes byte by byte
/// costs no more than one that comes whole. Line ends are checked here, so that a bare LF is refused at once and not when time runs out.
public struct HeadEnd: Sendable {
    private var scanned = 0
    /// Where the line under way begins.
    private var lineStart = 0
    /// Bytes of empty lines before the head, which a server skips (RFC 9112, section 2.2).
    public private(set) var leading = 0

    public init() {}

    /// Looks at the window from its beginning, all of which was there in the last call, with more behind it.
    /// - Returns: the head's length with `leading` and the empty line at its end, or nil while the end has not come.
    /// - Throws: `bareLineEnd`, `headTooLarge`.
    public mutating func find(in window: Span<UInt8>, limit: Int) throws(HTTPError) -> Int? {
        let end = window.count
        while true {
            let feed = window.firstLineFeed(from: scanned, to: end)
            guard feed < end else {
                scanned = end
                guard end <= limit else { throw .headTooLarge(limit: limit) }
                return nil
            }
            guard feed > lineStart, window[feed &- 1] == 0x0D else { throw .bareLineEnd(at: feed) }
            scanned = feed &+ 1
            let isEmpty = feed &- 1 == lineStart
            lineStart = scanned
            guard scanned <= limit else { throw .headTooLarge(limit: limit) }
            guard isEmpty else { continue }
            if scanned &- 2 > leading { return scanned }
            leading = scanned
            guard leading <= 16 else { throw .badRequestLine(at: 0) }
        }
    }
}
