public import WeirBase

/// Goes over the members of one object, in their order, and checks all of it against the grammar on the way (see `JSONScanner`).
public struct JSONObjectWalk {
    /// A member, as the walk comes by.
    public struct Member {
        /// The name without its quotes, as it is written.
        public var name: ByteRange
        /// Whether the name is its text byte for byte, because it holds no escape.
        public var isPlain: Bool
        public var kind: JSONKind
        /// The value; a string's with its quotes.
        public var value: ByteRange
        /// The commas around it, -1 where there is none.
        var commaBefore: Int
        var commaAfter: Int
    }

    /// A member's name, when the walk stands before its value.
    public struct Name {
        /// Without its quotes, as it is written.
        public var range: ByteRange
        /// Whether the name is its text byte for byte, because it holds no escape.
        public var isPlain: Bool
        public var kind: JSONKind
        /// Where the value begins.
        public var valueStart: Int
    }

    /// The object, both braces included; final when `next` has given nil.
    public private(set) var object: ByteRange
    private var at: Int
    private let end: Int
    private let depth: Int
    private var comma = -1
    private var isOver = false

    /// A walk through the object that `range` of `bytes` is.
    /// - Throws: `JSONError` if something else is there.
    public init(_ bytes: Span<UInt8>, in range: ByteRange) throws(JSONError) {
        try self.init(bytes, from: Int(range.start), to: Int(range.end))
    }

    init(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) {
        precondition(start >= 0 && end <= bytes.count)
        at = bytes.firstNonWhitespace(from: start, to: end)
        self.end = end
        depth = 1
        object = ByteRange(start: at, end: at)
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        guard bytes[at] == UInt8(ascii: "{") else {
            _ = try JSONScanner.value(bytes, from: at, to: end, depth: 0)
            throw JSONError(.notAnObject, at: at)
        }
        try open(bytes)
    }

    /// A walk through an object inside another value, which is walked in the same pass: `object` says where it ended.
    /// - Parameters:
    ///   - start: where the object begins; a value of its kind is there.
    ///   - end: where the text around it ends.
    ///   - depth: how many values it is in, itself included.
    public init(inner bytes: Span<UInt8>, from start: Int, to end: Int, depth: Int) throws(JSONError) {
        precondition(start >= 0 && start < end && end <= bytes.count && bytes[start] == UInt8(ascii: "{") && depth > 1)
        at = start
        self.end = end
        self.depth = depth
        object = ByteRange(start: at, end: at)
        try open(bytes)
    }

    private mutating func open(_ bytes: Span<UInt8>) throws(JSONError) {
        at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        if at < end, bytes[at] == UInt8(ascii: "}") { try finish(bytes) }
    }

    /// The next member; nil when the object has ended, and the text with it.
    /// - Parameter bytes: the same bytes each time.
    @inline(__always)
    public mutating func next(_ bytes: Span<UInt8>) throws(JSONError) -> Member? {
        guard let name = try nextName(bytes) else { return nil }
        return try skipValue(bytes, of: name)
    }

    /// The next member's name; nil when the object has ended, and the text with it. The value comes next: `skipValue` or `endValue`.
    @inline(__always)
    public mutating func nextName(_ bytes: Span<UInt8>) throws(JSONError) -> Name? {
        guard !isOver else { return nil }
        let start = at
        var isPlain = true
        at = try JSONScanner.key(bytes, from: at, to: end, &isPlain)
        let range = ByteRange(start: start &+ 1, end: at &- 1)
        at = try JSONScanner.colon(bytes, from: at, to: end)
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        return Name(range: range, isPlain: isPlain, kind: JSONScanner.kind(of: bytes[at]), valueStart: at)
    }

    /// Passes over the value of `name`.
    @inline(__always)
    public mutating func skipValue(_ bytes: Span<UInt8>, of name: Name) throws(JSONError) -> Member {
        let valueEnd = try JSONScanner.value(bytes, from: name.valueStart, to: end, depth: depth)
        return try endValue(bytes, of: name, at: valueEnd)
    }

    /// Goes on after the value of `name`, which an inner walk has found to end at `valueEnd`.
    @inline(__always)
    public mutating func endValue(_ bytes: Span<UInt8>, of name: Name, at valueEnd: Int) throws(JSONError) -> Member {
        let commaBefore = comma
        at = bytes.firstNonWhitespace(from: valueEnd, to: end)
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        if bytes[at] == UInt8(ascii: ",") {
            comma = at
            at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        } else if bytes[at] == UInt8(ascii: "}") {
            comma = -1
            try finish(bytes)
        } else {
            throw JSONError(.expected(.commaOrBrace), at: at)
        }
        return Member(
            name: name.range, isPlain: name.isPlain, kind: name.kind,
            value: ByteRange(start: name.valueStart, end: valueEnd), commaBefore: commaBefore, commaAfter: comma)
    }

    /// What to cut to remove `member`: see `JSONMember.member`.
    func cut(_ member: Member) -> ByteRange {
        let start = Int(member.name.start) &- 1
        if member.commaAfter >= 0 { return ByteRange(start: start, end: member.commaAfter &+ 1) }
        return ByteRange(
            start: member.commaBefore >= 0 ? member.commaBefore : start, end: Int(member.value.end))
    }

    private mutating func finish(_ bytes: Span<UInt8>) throws(JSONError) {
        object = ByteRange(start: Int(object.start), end: at &+ 1)
        isOver = true
        guard depth == 1 else { return }
        at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        guard at == end else { throw JSONError(.trailingBytes, at: at) }
    }
}
