public import WeirBase

// A long file for one scan: request bodies pass through it whole, so everything is one pass over the bytes with no recursion and no memory.

/// Finds members of a JSON object in place and checks the whole text against the grammar of RFC 8259 on the way.
///
/// Strings are not checked for valid UTF-8 (their bytes are passed on as they are, and the upstream judges them), nor `\u` escapes for paired
/// surrogates: RFC 8259 allows both. What RFC 8259 forbids is refused: raw control bytes, unknown escapes, leading zeros, trailing commas, NaN.
public enum JSONScanner {
    /// Objects and arrays in each other; the outermost counts.
    public static let depthLimit = 512

    /// Finds the members of the object that `bytes` is.
    ///
    /// A name written with escapes (`"mod\u0065l"`) is the same name: nobody smuggles a second `model` past the check.
    /// - Parameter wanted: at most 16 names; the result is indexed by the position here.
    /// - Throws: `JSONError` if the bytes are not one JSON object, or if a wanted name occurs twice.
    public static func members(of bytes: Span<UInt8>, wanted: [ShortName]) throws(JSONError) -> JSONMembers {
        try members(of: bytes, from: 0, to: bytes.count, wanted: wanted.span)
    }

    /// The same for the object in `range` of `bytes`; offsets still count from the start of `bytes`.
    public static func members(
        of bytes: Span<UInt8>, in range: ByteRange, wanted: [ShortName]
    ) throws(JSONError) -> JSONMembers {
        try members(of: bytes, from: Int(range.start), to: Int(range.end), wanted: wanted.span)
    }

    static func members(
        of bytes: Span<UInt8>, from start: Int, to end: Int, wanted: Span<ShortName>
    ) throws(JSONError) -> JSONMembers {
        precondition(wanted.count <= JSONMembers.limit)
        var found = JSONMembers()
        var walk = try JSONObjectWalk(bytes, from: start, to: end)
        while let member = try walk.next(bytes) {
            let index = wantedIndex(bytes, member.name, isPlain: member.isPlain, wanted)
            guard index >= 0 else { continue }
            let keyStart = Int(member.name.start) &- 1
            guard !found.has(index) else { throw JSONError(.repeatedMember(index), at: keyStart) }
            let key = ByteRange(start: keyStart, end: Int(member.name.end) &+ 1)
            found.put(
                JSONMember(kind: member.kind, key: key, value: member.value, member: walk.cut(member)), at: index)
        }
        found.object = walk.object
        return found
    }

    /// Whether from `offset`, just after a member's value, up to `end` there are further members and then the end of one object and of the text.
    ///
    /// If the text before is valid JSON, this tells that the value belongs to the outermost object, without reading what lies before it.
    public static func endsObject(_ bytes: Span<UInt8>, from offset: Int, to end: Int) -> Bool {
        var none: ByteRange?
        return endsObject(bytes, from: offset, to: end, noting: "", at: &none)
    }

    /// The same, and where the value of one of those further members lies.
    /// - Parameters:
    ///   - name: the member's name with its quotes; one that is written with escapes is another.
    ///   - place: set where the member is there, to the last one of this name.
    public static func endsObject(
        _ bytes: Span<UInt8>, from offset: Int, to end: Int, noting name: StaticString, at place: inout ByteRange?
    ) -> Bool {
        do throws(JSONError) {
            var at = bytes.firstNonWhitespace(from: offset, to: end)
            while at < end, bytes[at] == UInt8(ascii: ",") {
                let start = bytes.firstNonWhitespace(from: at &+ 1, to: end)
                at = try key(bytes, from: start, to: end)
                let isNoted = at &- start == name.utf8CodeUnitCount && bytes.has(name, at: start, before: end)
                let valueStart = try colon(bytes, from: at, to: end)
                at = try value(bytes, from: valueStart, to: end, depth: 1)
                if isNoted { place = ByteRange(start: valueStart, end: at) }
                at = bytes.firstNonWhitespace(from: at, to: end)
            }
            guard at < end, bytes[at] == UInt8(ascii: "}") else { return false }
            return bytes.firstNonWhitespace(from: at &+ 1, to: end) == end
        } catch { return false }
    }

    /// The end of the value that begins at `offset` and ends by `end`; nil if there is no valid value.
    public static func valueEnd(_ bytes: Span<UInt8>, from offset: Int, to end: Int) -> Int? {
        do throws(JSONError) { return try value(bytes, from: offset, to: end, depth: 0) } catch { return nil }
    }

    /// The kind of a valid value that begins with `byte`.
    public static func kind(of byte: UInt8) -> JSONKind {
        switch byte {
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "t"): .true
        case UInt8(ascii: "f"): .false
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    // MARK: Parts: each takes the offset where something must begin and gives the one after it

    @inline(__always)
    private static func key(_ bytes: Span<UInt8>, from at: Int, to end: Int) throws(JSONError) -> Int {
        var isPlain = true
        return try key(bytes, from: at, to: end, &isPlain)
    }

    /// - Parameter isPlain: set to whether the name holds no escape.
    @inline(__always)
    static func key(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, _ isPlain: inout Bool
    ) throws(JSONError) -> Int {
        guard start < end else { throw JSONError(.endsEarly, at: start) }
        guard bytes[start] == UInt8(ascii: "\"") else { throw JSONError(.expected(.memberName), at: start) }
        let at = bytes.firstStringStop(from: start &+ 1, to: end)
        if at < end, bytes[at] == UInt8(ascii: "\"") { return at &+ 1 }
        isPlain = false
        return try stringWithEscapes(bytes, from: at, to: end)
    }

    /// - Returns: where the member's value begins.
    @inline(__always)
    static func colon(_ bytes: Span<UInt8>, from at: Int, to end: Int) throws(JSONError) -> Int {
        let at = bytes.firstNonWhitespace(from: at, to: end)
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        guard bytes[at] == UInt8(ascii: ":") else { throw JSONError(.expected(.colon), at: at) }
        return bytes.firstNonWhitespace(from: at &+ 1, to: end)
    }

    /// The index of the name in `range` among the wanted; -1 if it is none of them.
    @inline(__always)
    private static func wantedIndex(
        _ bytes: Span<UInt8>, _ range: ByteRange, isPlain: Bool, _ wanted: Span<ShortName>
    ) -> Int {
        let short =
            isPlain
            ? ShortName(bytes, from: Int(range.start), to: Int(range.end)) : JSONText.shortName(bytes, range)
        guard let name = short else { return -1 }
        for index in wanted.indices where wanted[index] == name { return index }
        return -1
    }

    /// One value of any kind. Containers are walked with a bit for each open one: 1 an object, 0 an array.
    static func value(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, depth outer: Int
    ) throws(JSONError) -> Int {
        var at = start
        guard at < end else { throw JSONError(.endsEarly, at: at) }
        // Scalars are most members' values: they need no stack.
        if bytes[at] != UInt8(ascii: "{"), bytes[at] != UInt8(ascii: "[") {
            return try scalar(bytes, from: at, to: end)
        }
        var open = BitStack()
        while true {
            guard at < end else { throw JSONError(.endsEarly, at: at) }
            let byte = bytes[at]
            if byte == UInt8(ascii: "{") {
                guard open.depth &+ outer < depthLimit else { throw JSONError(.tooDeep, at: at) }
                at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
                if at < end, bytes[at] == UInt8(ascii: "}") {
                    at &+= 1
                } else {
                    open.push(true)
                    at = try colon(bytes, from: try key(bytes, from: at, to: end), to: end)
                    continue
                }
            } else if byte == UInt8(ascii: "[") {
                guard open.depth &+ outer < depthLimit else { throw JSONError(.tooDeep, at: at) }
                at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
                if at < end, bytes[at] == UInt8(ascii: "]") {
                    at &+= 1
                } else {
                    open.push(false)
                    continue
                }
            } else {
                at = try scalar(bytes, from: at, to: end)
            }
            // A value has ended: what follows belongs to the container around it.
            while true {
                guard open.depth > 0 else { return at }
                at = bytes.firstNonWhitespace(from: at, to: end)
                guard at < end else { throw JSONError(.endsEarly, at: at) }
                let isObject = open.top
                let next = bytes[at]
                if next == UInt8(ascii: ",") {
                    at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
                    if isObject { at = try colon(bytes, from: try key(bytes, from: at, to: end), to: end) }
                    break
                }
                guard next == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONError(.expected(isObject ? .commaOrBrace : .commaOrBracket), at: at)
                }
                open.pop()
                at &+= 1
            }
        }
    }

    @inline(__always)
    private static func scalar(_ bytes: Span<UInt8>, from at: Int, to end: Int) throws(JSONError) -> Int {
        switch bytes[at] {
        case UInt8(ascii: "\""): return try string(bytes, from: at, to: end)
        case UInt8(ascii: "t"): return try literal("true", bytes, from: at, to: end)
        case UInt8(ascii: "f"): return try literal("false", bytes, from: at, to: end)
        case UInt8(ascii: "n"): return try literal("null", bytes, from: at, to: end)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(bytes, from: at, to: end)
        default: throw JSONError(.expected(.value), at: at)
        }
    }

    @inline(__always)
    private static func literal(
        _ text: StaticString, _ bytes: Span<UInt8>, from at: Int, to end: Int
    ) throws(JSONError) -> Int {
        guard bytes.has(text, at: at, before: end) else { throw JSONError(.expected(.value), at: at) }
        return at &+ text.utf8CodeUnitCount
    }

    /// A string that opens at `start`.
    @inline(__always)
    private static func string(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        let at = bytes.firstStringStop(from: start &+ 1, to: end)
        if at < end, bytes[at] == UInt8(ascii: "\"") { return at &+ 1 }
        return try stringWithEscapes(bytes, from: at, to: end)
    }

    /// Goes on in a string at the first byte that is not plain, in blocks and, where those do not reach or find a mistake, byte by byte.
    private static func stringWithEscapes(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        var at = bytes.firstStringStop(from: bytes.skipStringText(from: start, to: end), to: end)
        while at < end {
            switch bytes[at] {
            case UInt8(ascii: "\""): return at &+ 1
            case UInt8(ascii: "\\"):
                guard at &+ 1 < end else { throw JSONError(.endsEarly, at: end) }
                switch bytes[at &+ 1] {
                case UInt8(ascii: "n"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
                    UInt8(ascii: "f"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                    at &+= 2
                case UInt8(ascii: "u"):
                    for digit in (at &+ 2)..<(at &+ 6) {
                        guard digit < end else { throw JSONError(.endsEarly, at: end) }
                        guard JSONText.hexDigit(bytes[digit]) != nil else { throw JSONError(.badEscape, at: at) }
                    }
                    at &+= 6
                default: throw JSONError(.badEscape, at: at)
                }
                // Escapes come in runs (`\n\n`, `\u4f60\u597d`): look before searching.
                if at < end, bytes[at] == UInt8(ascii: "\\") { continue }
                at = bytes.firstStringStop(from: at, to: end)
            default: throw JSONError(.controlByteInString, at: at)
            }
        }
        throw JSONError(.endsEarly, at: end)
    }

    private static func number(_ bytes: Span<UInt8>, from start: Int, to end: Int) throws(JSONError) -> Int {
        func digits(_ from: Int) -> Int {
            var at = from
            while at < end, bytes[at] &- UInt8(ascii: "0") < 10 { at &+= 1 }
            return at
        }
        var at = bytes[start] == UInt8(ascii: "-") ? start &+ 1 : start
        let whole = digits(at)
        guard whole > at, bytes[at] != UInt8(ascii: "0") || whole == at &+ 1 else {
            throw JSONError(.badNumber, at: start)
        }
        at = whole
        if at < end, bytes[at] == UInt8(ascii: ".") {
            let fraction = digits(at &+ 1)
            guard fraction > at &+ 1 else { throw JSONError(.badNumber, at: start) }
            at = fraction
        }
        if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at &+= 1
            if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at &+= 1 }
            let exponent = digits(at)
            guard exponent > at else { throw JSONError(.badNumber, at: start) }
            at = exponent
        }
        return at
    }
}

/// Which of the open containers are objects: a bit each, the innermost in the low bit of the last word.
private struct BitStack {
    var depth = 0
    private var current: UInt64 = 0
    private var below = InlineArray<8, UInt64>(repeating: 0)

    @inline(__always) var top: Bool { current & 1 != 0 }

    @inline(__always) mutating func push(_ bit: Bool) {
        if depth & 63 == 0, depth > 0 { below[depth &>> 6 &- 1] = current }
        current = current << 1 | (bit ? 1 : 0)
        depth &+= 1
    }

    @inline(__always) mutating func pop() {
        depth &-= 1
        current >>= 1
        if depth & 63 == 0, depth > 0 { current = below[depth &>> 6 &- 1] }
    }
}
