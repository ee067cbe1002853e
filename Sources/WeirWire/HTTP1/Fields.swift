public import WeirBase

/// A field of a head. The ranges are offsets from the start of the message.
public struct Field: Equatable, Sendable {
    public let name: ByteRange
    /// Without the white space around it; possibly empty.
    public let value: ByteRange
    public let id: FieldID
    public internal(set) var traits: FieldTraits

    /// Whether it must not be forwarded (RFC 9110, section 7.6.1): hop-by-hop by name, or named by the message's Connection field.
    @inlinable public var isHopByHop: Bool { !traits.isDisjoint(with: [.hopByHop, .nominated]) }
}

/// The fields of a head in the order in which they came. Reused from message to message, it allocates only when it must grow.
public struct FieldTable: ~Copyable, Sendable {
    private var fields: [Field] = []
    /// A bit for each id that is there, and for each that is there more than once.
    private var present: UInt64 = 0
    private var repeated: UInt64 = 0
    private let names = FieldNames.shared

    init() {}

    public var count: Int { fields.count }
    public var isEmpty: Bool { fields.isEmpty }
    public var indices: Range<Int> { 0..<fields.count }
    /// The field at `index`; traps when there is none.
    public subscript(index: Int) -> Field { fields[index] }

    /// All fields, to be walked without a copy.
    public var span: Span<Field> {
        @_lifetime(borrow self) get { fields.span }
    }

    /// Whether there is a field with this name. False for `other` and families: use `first(named:in:)`.
    public func contains(_ id: FieldID) -> Bool { present & id.bit != 0 }
    /// Whether there are two or more fields with this name. False for `other` and families.
    public func isRepeated(_ id: FieldID) -> Bool { repeated & id.bit != 0 }

    /// The first field with this name. `nil` for `other` and families: use `first(named:in:)`.
    public func first(_ id: FieldID) -> Field? {
        guard contains(id) else { return nil }
        // A few steps. An index by id would cost more where fields are added.
        for field in fields where field.id == id { return field }
        return nil
    }

    /// The value of the first field with this name.
    public func value(_ id: FieldID) -> ByteRange? { first(id)?.value }

    /// The first field that is named `name` (small letters) without regard to case. `bytes` starts with the message.
    public func first(named name: StaticString, in bytes: Span<UInt8>) -> Field? {
        for field in fields where bytes.equals(ignoringCase: name, in: field.name) { return field }
        return nil
    }

    mutating func removeAll() {
        fields.removeAll(keepingCapacity: true)
        present = 0
        repeated = 0
    }

    /// Adds the field that is the line `start..<end` of `bytes`, CRLF not included. The line holds no control character but HTAB.
    @inline(__always)
    mutating func appendLine(_ start: Int, _ end: Int, of bytes: Span<UInt8>, limit: Int) throws(HTTPError) {
        guard let key = bytes.fieldNameKey(from: start, to: end) else { throw malformed(start, end, in: bytes) }
        guard fields.count < limit else { throw .tooManyFields(limit: limit) }
        let colon = start &+ key.count
        var (from, to) = (colon &+ 1, end)
        while from < to, isWhitespace(bytes[from]) { from &+= 1 }
        while to > from, isWhitespace(bytes[to &- 1]) { to &-= 1 }
        let name = ByteRange(start: start, end: colon)
        let value = ByteRange(start: from, end: to)
        let known = names[names.find(key)]
        if known.id != .other {
            repeated |= present & known.bit
            present |= known.bit
            fields.append(Field(name: name, value: value, id: known.id, traits: known.traits))
        } else {
            guard colon > start, bytes.tokenEnd(from: start, to: colon) == colon else {
                throw malformed(start, colon, in: bytes)
            }
            let family = names.resolveFamily(key)
            fields.append(Field(name: name, value: value, id: family?.id ?? .other, traits: family?.traits ?? []))
        }
    }

    /// Why the line at `start` has no good name before `colon`, or no colon before the line's end.
    @inline(never)
    private func malformed(_ start: Int, _ colon: Int, in bytes: Span<UInt8>) -> HTTPError {
        if isWhitespace(bytes[start]) { return .foldedField(at: start) }
        let stop = bytes.tokenEnd(from: start, to: colon)
        guard bytes[colon] == UInt8(ascii: ":") else { return .missingColon(at: colon) }
        var at = stop
        while at < colon, isWhitespace(bytes[at]) { at &+= 1 }
        return at == colon && stop > start ? .spaceBeforeColon(at: stop) : .badFieldName(at: stop)
    }

    /// Marks all fields that the Connection fields name.
    /// - Throws: `badConnection` when one of them is not a list of tokens (RFC 9110, section 5.6.1), `tooManyFields` when they name more than
    ///   `limit`: each is looked for among all fields, so a long list would cost the square of its length.
    mutating func resolveConnection(in bytes: Span<UInt8>, limit: Int) throws(HTTPError) -> ConnectionOptions {
        var options = ConnectionOptions()
        var nominations = 0
        guard let first = value(.connection) else { return options }
        if !isRepeated(.connection), bytes.equals(ignoringCase: "keep-alive", in: first) {
            options.keepAlive = true
            return options
        }
        for index in fields.indices where fields[index].id == .connection {
            let value = fields[index].value
            var at = Int(value.start)
            let end = Int(value.end)
            while at < end {
                if isWhitespace(bytes[at]) || bytes[at] == UInt8(ascii: ",") {
                    at &+= 1
                    continue
                }
                let start = at
                while at < end, isTokenCharacter(bytes[at]) { at &+= 1 }
                let token = ByteRange(start: start, end: at)
                while at < end, isWhitespace(bytes[at]) { at &+= 1 }
                guard !token.isEmpty, at == end || bytes[at] == UInt8(ascii: ",") else { throw .badConnection(at: at) }
                if bytes.equals(ignoringCase: "close", in: token) {
                    options.close = true
                } else if bytes.equals(ignoringCase: "keep-alive", in: token) {
                    options.keepAlive = true
                } else {
                    nominations &+= 1
                    guard nominations <= limit else { throw .tooManyFields(limit: limit) }
                    nominate(token, in: bytes)
                }
            }
        }
        return options
    }

    private mutating func nominate(_ token: ByteRange, in bytes: Span<UInt8>) {
        for index in fields.indices where bytes.equals(ignoringCase: fields[index].name, token) {
            fields[index].traits.insert(.nominated)
        }
    }
}

/// What the Connection fields say about the connection itself.
struct ConnectionOptions {
    var close = false
    var keepAlive = false

    /// Whether the connection can carry another message (RFC 9112, section 9.3).
    func persists(in version: HTTPVersion) -> Bool {
        switch version {
        case .http11: !close
        case .http10: keepAlive && !close
        }
    }
}

@inline(__always) func isWhitespace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// Reads a Content-Length value: digits only (RFC 9112, section 6.3).
/// - Returns: the body's size in bytes, at most `limit`.
/// - Throws: `badContentLength` with the byte's offset, `bodyTooLarge`.
func contentLength(_ value: ByteRange, in bytes: Span<UInt8>, limit: Int) throws(HTTPError) -> Int {
    guard !value.isEmpty else { throw .badContentLength(at: Int(value.start)) }
    for at in value.bounds where bytes[at] &- 0x30 >= 10 { throw .badContentLength(at: at) }
    var size = 0
    if value.count <= 18 {  // cannot overflow
        for at in value.bounds { size = size &* 10 &+ Int(bytes[at] &- 0x30) }
        guard size <= limit else { throw .bodyTooLarge(limit: limit) }
        return size
    }
    for at in value.bounds {
        let (product, overflow) = size.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(Int(bytes[at] &- 0x30))
        guard !overflow, !carry, sum <= limit else { throw .bodyTooLarge(limit: limit) }
        size = sum
    }
    return size
}

/// How the head's fields frame the body, before methods and statuses without a body are looked at; `nil` when they do not say.
///
/// Stricter than RFC 9112 allows, since two readings of one message are how requests are smuggled: no repeated Content-Length, none together
/// with Transfer-Encoding, no coding but `chunked`, none in HTTP/1.0.
func framing(
    of fields: borrowing FieldTable, in bytes: Span<UInt8>, version: HTTPVersion, limits: HTTPLimits
) throws(HTTPError) -> Framing? {
    if fields.isRepeated(.contentLength) {
        throw .repeatedContentLength(at: fields.last(.contentLength))
    }
    if let coding = fields.first(.transferEncoding) {
        let at = Int(coding.name.start)
        guard version == .http11 else { throw .transferEncodingInHTTP10(at: at) }
        if let length = fields.first(.contentLength) { throw .lengthWithTransferEncoding(at: Int(length.name.start)) }
        guard !fields.isRepeated(.transferEncoding) else {
            throw .badTransferEncoding(at: fields.last(.transferEncoding))
        }
        guard !bytes.equals(ignoringCase: "chunked", in: coding.value) else { return .chunked }
        throw transferEncodingError(coding.value, in: bytes)
    }
    guard let length = fields.value(.contentLength) else { return nil }
    return .length(try contentLength(length, in: bytes, limit: limits.bodyBytes))
}

/// What is wrong with a Transfer-Encoding that is not `chunked`. A body under another coding and `chunked` last is well framed but not
/// understood (501; RFC 9112, section 6.1). In all else no end can be told: 400 (section 6.3, item 4).
@inline(never)
private func transferEncodingError(_ value: ByteRange, in bytes: Span<UInt8>) -> HTTPError {
    let bad = HTTPError.badTransferEncoding(at: Int(value.start))
    var at = Int(value.start)
    while true {
        while at < value.end, isWhitespace(bytes[at]) { at += 1 }
        let start = at
        while at < value.end, isTokenCharacter(bytes[at]) { at += 1 }
        let coding = ByteRange(start: start, end: at)
        while at < value.end, isWhitespace(bytes[at]) { at += 1 }
        guard !coding.isEmpty else { return bad }
        let isChunked = bytes.equals(ignoringCase: "chunked", in: coding)
        if at == value.end { return isChunked ? .unsupportedTransferEncoding(at: Int(value.start)) : bad }
        guard !isChunked, bytes[at] == UInt8(ascii: ",") else { return bad }
        at += 1
    }
}

extension FieldTable {
    /// The offset of the last field with this name.
    func last(_ id: FieldID) -> Int {
        var at = 0
        for index in indices where self[index].id == id { at = Int(self[index].name.start) }
        return at
    }
}
