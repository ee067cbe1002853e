public import WeirBase

/// Goes over the elements of one array, in their order, and checks all of it against the grammar on the way, as `JSONObjectWalk` does.
public struct JSONArrayWalk {
    /// An element, as the walk comes by.
    public struct Element {
        public var kind: JSONKind
        /// The value; a string's with its quotes.
        public var value: ByteRange
    }

    private var at: Int
    private let end: Int
    private var isOver = false

    /// A walk through the array that `range` of `bytes` is.
    /// - Throws: `JSONError` if something else is there.
    public init(_ bytes: Span<UInt8>, in range: ByteRange) throws(JSONError) {
        let (start, end) = (Int(range.start), Int(range.end))
        precondition(start >= 0 && end <= bytes.count)
        at = bytes.firstNonWhitespace(from: start, to: end)
        self.end = end
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        guard bytes[at] == UInt8(ascii: "[") else { throw JSONError(.expected(.value), at: at) }
        at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        if at < end, bytes[at] == UInt8(ascii: "]") { try finish(bytes) }
    }

    /// The next element; nil when the array has ended, and the text with it.
    /// - Parameter bytes: the same bytes each time.
    public mutating func next(_ bytes: Span<UInt8>) throws(JSONError) -> Element? {
        guard !isOver else { return nil }
        let start = at
        at = try JSONScanner.value(bytes, from: at, to: end, depth: 1)
        let value = ByteRange(start: start, end: at)
        at = bytes.firstNonWhitespace(from: at, to: end)
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        if bytes[at] == UInt8(ascii: ",") {
            at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        } else if bytes[at] == UInt8(ascii: "]") {
            try finish(bytes)
        } else {
            throw JSONError(.expected(.commaOrBracket), at: at)
        }
        return Element(kind: JSONScanner.kind(of: bytes[start]), value: value)
    }

    private mutating func finish(_ bytes: Span<UInt8>) throws(JSONError) {
        isOver = true
        at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        guard at == end else { throw JSONError(.trailingBytes, at: at) }
    }
}
