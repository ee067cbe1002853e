internal import WeirBase
internal import WeirWire

/// A value of a text that is read in one pass: where it begins and how deep it lies. Readers of nested answers go down by closures, and each says
/// where its value ended, so that no byte is looked at twice.
struct JSONPlace {
    var kind: JSONKind
    var start: Int
    /// Where the text around it ends.
    let limit: Int
    /// How many values it is in, itself included.
    let depth: Int

    private init(kind: JSONKind, start: Int, limit: Int, depth: Int) {
        self.kind = kind
        self.start = start
        self.limit = limit
        self.depth = depth
    }

    /// The value that `bytes` is.
    static func root(_ bytes: Span<UInt8>) throws(JSONError) -> JSONPlace {
        let start = bytes.firstNonWhitespace(from: 0, to: bytes.count)
        guard start < bytes.count else { throw JSONError(.endsEarly, at: start) }
        return JSONPlace(kind: JSONScanner.kind(of: bytes[start]), start: start, limit: bytes.count, depth: 1)
    }

    /// Passes over the value.
    /// - Returns: where it ends.
    func skip(_ bytes: Span<UInt8>) throws(JSONError) -> Int {
        guard let end = JSONScanner.valueEnd(bytes, from: start, to: limit) else {
            throw JSONError(.expected(.value), at: start)
        }
        return end
    }

    /// Passes over the value and gives its place.
    func range(_ bytes: Span<UInt8>) throws(JSONError) -> ByteRange { ByteRange(start: start, end: try skip(bytes)) }

    /// Passes over the value; a string's text goes to `text`, any other value leaves it as it is.
    func read(_ bytes: Span<UInt8>, into text: inout String?) throws(JSONError) -> Int {
        let end = try skip(bytes)
        if kind == .string { text = Self.text(bytes, ByteRange(start: start, end: end)) }
        return end
    }

    /// Goes over the members of an object. Another kind of value has none and is passed over.
    /// - Parameter read: reads or skips the value and says where it ended. A name of over 32 bytes comes as the empty one.
    /// - Returns: where the object ends.
    func members(
        _ bytes: Span<UInt8>, _ read: (ShortName, JSONPlace) throws(JSONError) -> Int
    ) throws(JSONError) -> Int {
        guard kind == .object else { return try skip(bytes) }
        var walk =
            depth == 1
            ? try JSONObjectWalk(bytes, in: ByteRange(start: start, end: limit))
            : try JSONObjectWalk(inner: bytes, from: start, to: limit, depth: depth)
        while let name = try walk.nextName(bytes) {
            let value = JSONPlace(kind: name.kind, start: name.valueStart, limit: limit, depth: depth + 1)
            _ = try walk.endValue(bytes, of: name, at: try read(Self.name(bytes, name), value))
        }
        return Int(walk.object.end)
    }

    /// Goes over the elements of an array, likewise.
    func elements(_ bytes: Span<UInt8>, _ read: (JSONPlace) throws(JSONError) -> Int) throws(JSONError) -> Int {
        guard kind == .array else { return try skip(bytes) }
        var walk =
            depth == 1
            ? try JSONArrayWalk(bytes, in: ByteRange(start: start, end: limit))
            : try JSONArrayWalk(inner: bytes, from: start, to: limit, depth: depth)
        while let kind = try walk.nextKind(bytes) {
            let element = JSONPlace(kind: kind, start: walk.offset, limit: limit, depth: depth + 1)
            try walk.endElement(bytes, kind, at: try read(element))
        }
        return Int(walk.array.end)
    }

    /// The text of the string in `range`, its quotes included.
    static func text(_ bytes: Span<UInt8>, _ range: ByteRange) -> String {
        JSONText.string(bytes, range)
    }

    /// The bytes in `range` as they are, for parts of a JSON text.
    static func source(_ bytes: Span<UInt8>, _ range: ByteRange) -> String { source(bytes.extracting(range.bounds)) }

    /// All of `bytes` as they are.
    static func source(_ bytes: Span<UInt8>) -> String {
        guard let text = try? UTF8Span(validating: bytes) else {
            return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
        }
        return String(copying: text)
    }

    private static func name(_ bytes: Span<UInt8>, _ name: JSONObjectWalk.Name) -> ShortName {
        if name.isPlain {
            return ShortName(bytes, from: Int(name.range.start), to: Int(name.range.end)) ?? ShortName()
        }
        let plain = JSONText.plain(bytes, name.range)
        return ShortName(plain.span, from: 0, to: plain.count) ?? ShortName()
    }
}
