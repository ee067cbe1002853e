internal import WeirBase

/// Walks the events of a stream in place (HTML standard, section 9.2.6): lines end with LF, CR or CRLF, a blank line ends an event, an event
/// whose blank line has not come is none, a byte order mark at the start of the stream is skipped.
///
/// Within one read, `next` gives event after event. What is left at the end is an incomplete event: its owner keeps those bytes (or not),
/// asks `findEnd` where it ends in the next read, and gives the whole to `complete`. Each byte is looked at no more than three times however
/// the reads split:
///
///     var at = scanner.leadingLineFeed(in: bytes)
///     while let event = scanner.next(in: bytes, from: at) { at = Int(event.range.end) }
///     // bytes from `at` on are incomplete
public struct SSEScanner: Sendable {
    private var isAtStart = true
    /// The last event ended with CR at the end of a read: an LF may follow that belongs to it.
    private var endedWithCR = false
    private var unfinished = Unfinished.lineStart

    /// Where the incomplete event was left.
    private enum Unfinished { case lineStart, inLine, afterCR }

    public init() {}

    /// How many bytes at the start of a read (0 or 1) still belong to the last event: the LF of a CRLF that the reads split.
    public mutating func leadingLineFeed(in bytes: Span<UInt8>) -> Int {
        guard endedWithCR, !bytes.isEmpty else { return 0 }
        endedWithCR = false
        return bytes[0] == UInt8(ascii: "\n") ? 1 : 0
    }

    /// The event that begins at `start`; nil if its end is not in `bytes`.
    public mutating func next(in bytes: Span<UInt8>, from start: Int) -> SSEEvent? {
        let end = bytes.count
        precondition(start >= 0 && start <= end)
        var event = SSEEvent(at: start)
        var at = start
        var markEnd = -1
        if isAtStart, bytes.has("\u{FEFF}", at: at, before: end) {
            at &+= 3
            markEnd = at
        }
        while at < end {
            let lineEnd = bytes[at] == UInt8(ascii: "\n") ? at : bytes.firstLineEnd(from: at, to: end)
            guard lineEnd < end else {
                unfinished = .inLine
                return nil
            }
            let isBlank = lineEnd == at && at != markEnd  // after the mark alone there is no event that could end
            if !isBlank { Self.field(bytes, from: at, to: lineEnd, &event) }
            at = lineEnd &+ 1
            if bytes[lineEnd] == UInt8(ascii: "\r") {
                if at < end {
                    if bytes[at] == UInt8(ascii: "\n") { at &+= 1 }
                } else if isBlank {
                    endedWithCR = true
                } else {
                    unfinished = .afterCR
                    return nil
                }
            }
            if isBlank {
                isAtStart = false
                event.range = ByteRange(start: start, end: at)
                return event
            }
        }
        unfinished = at == markEnd ? .inLine : .lineStart
        return nil
    }

    /// Where the event that `next` found incomplete ends in the bytes of the next read, from `start` on; nil if it goes on.
    public mutating func findEnd(in bytes: Span<UInt8>, from start: Int) -> Int? {
        let end = bytes.count
        var at = start
        while at < end {
            switch unfinished {
            case .afterCR:
                unfinished = .lineStart
                if bytes[at] == UInt8(ascii: "\n") { at &+= 1 }
            case .lineStart:
                let byte = bytes[at]
                guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                    unfinished = .inLine
                    continue
                }
                at &+= 1
                if byte == UInt8(ascii: "\r") {
                    if at == end { endedWithCR = true } else if bytes[at] == UInt8(ascii: "\n") { at &+= 1 }
                }
                return at
            case .inLine:
                let lineEnd = bytes.firstLineEnd(from: at, to: end)
                guard lineEnd < end else { return nil }
                unfinished = bytes[lineEnd] == UInt8(ascii: "\r") ? .afterCR : .lineStart
                at = lineEnd &+ 1
            }
        }
        return nil
    }

    /// The event that `bytes` are, after `findEnd` has found its end.
    public mutating func complete(_ bytes: Span<UInt8>) -> SSEEvent? {
        let carried = endedWithCR
        let event = next(in: bytes, from: 0)
        endedWithCR = carried
        return event
    }

    /// The incomplete event was passed on unread: what follows its end is not the start of the stream.
    public mutating func skipped() { isAtStart = false }

    // MARK: Parts

    /// Reads a line that is not blank. Unknown names and comments are nothing to us.
    @inline(__always)
    private static func field(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ event: inout SSEEvent) {
        if bytes.has("data", at: start, before: end) {
            guard let value = value(bytes, from: start, name: 4, to: end) else { return }
            if event.dataLines == 0 { event.data = ByteRange(start: value, end: end) }
            event.dataLines &+= 1
        } else {
            otherField(bytes, from: start, to: end, &event)
        }
    }

    private static func otherField(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ event: inout SSEEvent) {
        if bytes.has("event", at: start, before: end) {
            guard let value = value(bytes, from: start, name: 5, to: end) else { return }
            event.name = ByteRange(start: value, end: end)
        } else if bytes.has("id", at: start, before: end) {
            guard let value = value(bytes, from: start, name: 2, to: end) else { return }
            for at in value..<end where bytes[at] == 0 { return }
            event.idPlace = ByteRange(start: value, end: end)
        } else if bytes.has("retry", at: start, before: end) {
            guard let value = value(bytes, from: start, name: 5, to: end), value < end else { return }
            for at in value..<end where bytes[at] &- UInt8(ascii: "0") > 9 { return }
            event.retryPlace = ByteRange(start: value, end: end)
        }
    }

    /// Where the value of a line begins whose name has `length` bytes; nil if the name goes on (`datum`). One space after the colon is skipped.
    @inline(__always)
    static func value(_ bytes: Span<UInt8>, from start: Int, name length: Int, to end: Int) -> Int? {
        let at = start &+ length
        guard at < end else { return end }  // a name without a colon has an empty value
        guard bytes[at] == UInt8(ascii: ":") else { return nil }
        return at &+ 1 < end && bytes[at &+ 1] == UInt8(ascii: " ") ? at &+ 2 : at &+ 1
    }
}
