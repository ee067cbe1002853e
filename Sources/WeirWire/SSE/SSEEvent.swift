public import WeirBase

/// One block of an event stream up to and with its blank line, as places in the bytes that were scanned.
public struct SSEEvent: Equatable, Sendable {
    /// Everything: fields, comments, line ends, the blank line.
    public internal(set) var range: ByteRange
    /// The value of the first `data` line; meaningless if `dataLines` is 0.
    public internal(set) var data: ByteRange
    /// The value of the last `event` line; empty if there is none.
    public internal(set) var name: ByteRange
    // No optionals: five words that copy as five words. A place at the end of nowhere stands for "none".
    var idPlace = Self.none
    var retryPlace = Self.none
    /// How many `data` lines it has. 0: only comments, other fields or nothing: readers see no event. 1 is the normal case.
    public internal(set) var dataLines = 0

    private static var none: ByteRange { ByteRange(start: Int(UInt32.max), end: Int(UInt32.max)) }

    /// The value of the last `id` line; nil if there is none. One with a NUL in it is ignored.
    public var id: ByteRange? { idPlace == Self.none ? nil : idPlace }
    /// The value of the last `retry` line that is only digits.
    public var retry: ByteRange? { retryPlace == Self.none ? nil : retryPlace }

    init(at offset: Int) {
        range = ByteRange(start: offset, end: offset)
        data = range
        name = range
    }

    /// Appends the payload to `out`: the `data` lines joined with `separator` (LF as the standard has it).
    public func appendData(of bytes: Span<UInt8>, to out: inout ByteBuffer, separator: UInt8 = 0x0A) {
        guard dataLines > 0 else { return }
        out.append(bytes, data)
        guard dataLines > 1 else { return }
        let end = Int(range.end)
        var at = Int(data.end) &+ 1
        while at < end {
            let lineEnd = bytes.firstLineEnd(from: at, to: end)
            if bytes.has("data", at: at, before: lineEnd),
                let value = SSEScanner.value(bytes, from: at, name: 4, to: lineEnd)
            {
                out.append(separator)
                out.append(bytes, ByteRange(start: value, end: lineEnd))
            }
            at = lineEnd &+ 1  // an LF of CRLF reads as an empty line: harmless here
        }
    }
}
