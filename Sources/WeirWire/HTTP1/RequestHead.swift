public import WeirBase

/// A request's method; the bytes are in `RequestHead.methodRange`.
public enum Method: Sendable { case get, head, post, put, delete, options, patch, other }

/// A request's head, as ranges into the bytes that it was parsed from: they stay right when those move together. `parse` may be called
/// again and again on one value, which keeps its memory.
public struct RequestHead: Sendable {
    public private(set) var method = Method.other
    public private(set) var methodRange = ByteRange(start: 0, end: 0)
    /// The path as it was sent, without scheme, authority and query; `*` for OPTIONS.
    public private(set) var path = ByteRange(start: 0, end: 0)
    /// What follows `?`; empty without one.
    public private(set) var query = ByteRange(start: 0, end: 0)
    /// HTTP/1.0 or 1.1.
    public private(set) var isVersion10 = false
    public private(set) var framing = BodyFraming.none
    /// Bytes of the head with the empty line at its end: the body begins there.
    public private(set) var count = 0
    private var table = FieldTable()

    public init() {}

    public var fields: [Field] { table.fields }
    public var expectsContinue: Bool { table.expectsContinue }
    /// Whether the client wants the connection to go on (RFC 9112, section 9.3).
    public var isKeepAlive: Bool { !table.closes && (!isVersion10 || table.keepsAlive) }

    /// The value of the first field with this id.
    public func value(_ id: FieldID) -> ByteRange? {
        for field in table.fields where field.id == id { return field.value }
        return nil
    }

    /// The value of the first field of this name, in lower case.
    public func value(named name: StaticString, in bytes: Span<UInt8>) -> ByteRange? {
        for field in table.fields where bytes.equals(field.name, ignoringCaseOf: name) { return field.value }
        return nil
    }

    /// Parses the head that ends at `end`, as `HeadEnd` found it, with `leading` bytes of empty lines before it.
    /// - Throws: `HTTPError`; the connection must be closed after it.
    public mutating func parse(
        _ bytes: Span<UInt8>, leading: Int = 0, to end: Int, limits: HTTPLimits
    ) throws(HTTPError) {
        table.removeAll()
        count = end
        let fieldsStart = try parseLine(bytes, from: leading)
        try table.parse(bytes, from: fieldsStart, to: end, limit: limits.fields)
        guard !(isVersion10 && table.isChunked) else { throw .badTransferEncoding(at: 0) }
        guard table.hosts == 1 || (table.hosts == 0 && isVersion10) else { throw .badHost }
        table.nominate(bytes)
        if table.isChunked {
            framing = .chunked
        } else if let length = table.contentLength, length > 0 {
            guard length <= limits.bodyBytes else { throw .bodyTooLarge(limit: limits.bodyBytes) }
            framing = .length(length)
        } else {
            framing = .none
        }
    }

    /// The request line (RFC 9112, section 3): method SP target SP HTTP-version CRLF.
    private mutating func parseLine(_ bytes: Span<UInt8>, from start: Int) throws(HTTPError) -> Int {
        let end = bytes.count
        let methodEnd = bytes.firstNonToken(from: start, to: end)
        guard methodEnd > start, methodEnd < end, bytes[methodEnd] == 0x20, methodEnd &- start <= 32 else {
            throw .badRequestLine(at: methodEnd)
        }
        methodRange = ByteRange(start: start, end: methodEnd)
        method = RequestHead.method(bytes, methodRange)
        let targetStart = methodEnd &+ 1
        let targetEnd = bytes.firstTargetStop(from: targetStart, to: end)
        guard targetEnd > targetStart, targetEnd &+ 10 < end, bytes[targetEnd] == 0x20 else {
            throw .badRequestLine(at: targetEnd)
        }
        guard bytes.has("HTTP/", at: targetEnd &+ 1, before: end) else { throw .badRequestLine(at: targetEnd &+ 1) }
        guard bytes[targetEnd &+ 6] == UInt8(ascii: "1"), bytes[targetEnd &+ 7] == UInt8(ascii: ".") else {
            throw .unsupportedVersion
        }
        switch bytes[targetEnd &+ 8] {
        case UInt8(ascii: "1"): isVersion10 = false
        case UInt8(ascii: "0"): isVersion10 = true
        default: throw .unsupportedVersion
        }
        guard bytes[targetEnd &+ 9] == 0x0D, bytes[targetEnd &+ 10] == 0x0A else {
            throw .badRequestLine(at: targetEnd &+ 9)
        }
        try splitTarget(bytes, targetStart, targetEnd)
        return targetEnd &+ 11
    }

    /// Origin form, absolute form and `*` (RFC 9112, section 3.2). The authority of the absolute form is not looked at: Weir serves what
    /// comes to its address.
    private mutating func splitTarget(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(HTTPError) {
        var pathStart = start
        let whole = ByteRange(start: start, end: end)
        if bytes[start] != UInt8(ascii: "/") {
            if method == .options, bytes.equals(whole, "*") {
                path = whole
                query = ByteRange(start: end, end: end)
                return
            }
            let scheme =
                bytes.starts(whole, withIgnoringCaseOf: "http://")
                ? 7 : bytes.starts(whole, withIgnoringCaseOf: "https://") ? 8 : 0
            guard scheme > 0 else { throw .badRequestLine(at: start) }
            pathStart = start &+ scheme
            while pathStart < end, bytes[pathStart] != UInt8(ascii: "/") { pathStart &+= 1 }
            guard pathStart < end, pathStart > start &+ scheme else { throw .badRequestLine(at: start) }
        }
        var mark = pathStart
        while mark < end, bytes[mark] != UInt8(ascii: "?") { mark &+= 1 }
        path = ByteRange(start: pathStart, end: mark)
        query = ByteRange(start: min(mark &+ 1, end), end: end)
    }

    private static func method(_ bytes: Span<UInt8>, _ range: ByteRange) -> Method {
        switch range.count {
        case 3: bytes.equals(range, "GET") ? .get : bytes.equals(range, "PUT") ? .put : .other
        case 4: bytes.equals(range, "POST") ? .post : bytes.equals(range, "HEAD") ? .head : .other
        case 5: bytes.equals(range, "PATCH") ? .patch : .other
        case 6: bytes.equals(range, "DELETE") ? .delete : .other
        case 7: bytes.equals(range, "OPTIONS") ? .options : .other
        default: .other
        }
    }
}
