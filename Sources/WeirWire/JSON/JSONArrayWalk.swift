public import WeirBase

/// Goes over the elements of one array, in their order, and checks all of it against the grammar on the way, as `JSONObjectWalk` does.
public struct JSONArrayWalk {
    /// An element, as the walk comes by.
    public struct Element {
        public var kind: JSONKind
        /// The value; a string's with its quotes.
        public var value: ByteRange
    }

    /// The array, both brackets included; final when `next` has given nil.
    public private(set) var array: ByteRange
    private var at: Int
    private let end: Int
    private let depth: Int
    private var isOver = false

    /// A walk through the array that `range` of `bytes` is.
    /// - Throws: `JSONError` if something else is there.
    public init(_ bytes: Span<UInt8>, in range: ByteRange) throws(JSONError) {
        let (start, end) = (Int(range.start), Int(range.end))
        precondition(start >= 0 && end <= bytes.count)
        at = bytes.firstNonWhitespace(from: start, to: end)
        self.end = end
        depth = 1
        array = ByteRange(start: at, end: at)
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        guard bytes[at] == UInt8(ascii: "[") else { throw JSONError(.expected(.value), at: at) }
        try open(bytes)
    }

    /// A walk through an array inside another value, which is walked in the same pass: `array` says where it ended.
    /// - Parameters:
    ///   - start: where the array begins; a value of its kind is there.
    ///   - end: where the text around it ends.
    ///   - depth: how many values it is in, itself included.
    public init(inner bytes: Span<UInt8>, from start: Int, to end: Int, depth: Int) throws(JSONError) {
        precondition(start >= 0 && start < end && end <= bytes.count && bytes[start] == UInt8(ascii: "[") && depth > 1)
        at = start
        self.end = end
        self.depth = depth
        array = ByteRange(start: at, end: at)
        try open(bytes)
    }

    private mutating func open(_ bytes: Span<UInt8>) throws(JSONError) {
        at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        if at < end, bytes[at] == UInt8(ascii: "]") { try finish(bytes) }
    }

    /// The next element; nil when the array has ended, and the text with it.
    /// - Parameter bytes: the same bytes each time.
    public mutating func next(_ bytes: Span<UInt8>) throws(JSONError) -> Element? {
        guard let kind = try nextKind(bytes) else { return nil }
        return try skipElement(bytes, kind)
    }

    /// The kind of the next element, which begins at `offset`; nil when the array has ended. The element comes next: `skipElement` or `endElement`.
    public mutating func nextKind(_ bytes: Span<UInt8>) throws(JSONError) -> JSONKind? {
        guard !isOver else { return nil }
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        return JSONScanner.kind(of: bytes[at])
    }

    /// Where the walk stands.
    public var offset: Int { at }

    /// Passes over the element.
    public mutating func skipElement(_ bytes: Span<UInt8>, _ kind: JSONKind) throws(JSONError) -> Element {
        try endElement(bytes, kind, at: JSONScanner.value(bytes, from: at, to: end, depth: depth))
    }

    /// Goes on after the element, which an inner walk has found to end at `elementEnd`.
    @discardableResult
    public mutating func endElement(
        _ bytes: Span<UInt8>, _ kind: JSONKind, at elementEnd: Int
    ) throws(JSONError) -> Element {
        let value = ByteRange(start: at, end: elementEnd)
        at = bytes.firstNonWhitespace(from: elementEnd, to: end)
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        if bytes[at] == UInt8(ascii: ",") {
            at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        } else if bytes[at] == UInt8(ascii: "]") {
            try finish(bytes)
        } else {
            throw JSONError(.expected(.commaOrBracket), at: at)
        }
        return Element(kind: kind, value: value)
    }

    private mutating func finish(_ bytes: Span<UInt8>) throws(JSONError) {
        array = ByteRange(start: Int(array.start), end: at &+ 1)
        isOver = true
        guard depth == 1 else { return }
        at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        guard at == end else { throw JSONError(.trailingBytes, at: at) }
    }
}
