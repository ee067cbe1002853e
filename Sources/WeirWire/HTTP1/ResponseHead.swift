public import WeirBase

/// A response's head, as ranges into the bytes that it was parsed from. `parse` may be called again and again on one value.
public struct ResponseHead: Sendable {
    /// 100 to 999.
    public private(set) var status = 0
    public private(set) var isVersion10 = false
    public private(set) var framing = BodyFraming.none
    /// Bytes of the head with the empty line at its end.
    public private(set) var count = 0
    private var table = FieldTable()

    public init() {}

    public var fields: [Field] { table.fields }
    /// Whether the connection can carry another request after this response.
    public var isKeepAlive: Bool { !table.closes && (!isVersion10 || table.keepsAlive) && framing != .untilClose }
    /// Whether this is an interim response: another head follows.
    public var isInterim: Bool { status < 200 }

    /// The value of the first field with this id.
    public func value(_ id: FieldID) -> ByteRange? {
        for field in table.fields where field.id == id { return field.value }
        return nil
    }

    /// Parses the head that ends at `end`, as `HeadEnd` found it.
    /// - Parameter toHead: whether the request's method was HEAD: then there is no body, whatever the fields say.
    public mutating func parse(
        _ bytes: Span<UInt8>, to end: Int, toHead: Bool, limits: HTTPLimits
    ) throws(HTTPError) {
        table.removeAll()
        count = end
        // HTTP/1.1 SP 200 [SP reason] CRLF (RFC 9112, section 4)
        guard end >= 16, bytes.has("HTTP/1.", at: 0, before: end), bytes[8] == 0x20 else { throw .badStatusLine(at: 0) }
        switch bytes[7] {
        case UInt8(ascii: "1"): isVersion10 = false
        case UInt8(ascii: "0"): isVersion10 = true
        default: throw .unsupportedVersion
        }
        var code = 0
        for at in 9..<12 {
            let digit = bytes[at] &- 0x30
            guard digit < 10 else { throw .badStatusLine(at: at) }
            code = code &* 10 &+ Int(digit)
        }
        guard code >= 100, bytes[12] == 0x20 || bytes[12] == 0x0D else { throw .badStatusLine(at: 12) }
        status = code
        let lineEnd = bytes.firstValueStop(from: 12, to: end)
        guard lineEnd &+ 1 < end, bytes[lineEnd] == 0x0D, bytes[lineEnd &+ 1] == 0x0A else {
            throw .badStatusLine(at: lineEnd)
        }
        try table.parse(bytes, from: lineEnd &+ 2, to: end, limit: limits.fields)
        table.nominate(bytes)
        if toHead || code < 200 || code == 204 || code == 304 {
            framing = .none
        } else if table.isChunked {
            guard !isVersion10 else { throw .badTransferEncoding(at: 0) }
            framing = .chunked
        } else if let length = table.contentLength {
            framing = length == 0 ? .none : .length(length)
        } else {
            framing = .untilClose
        }
    }
}
