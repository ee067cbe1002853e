public import WeirBase

/// The head of an answer, read in place (RFC 9112, sections 4 to 6). Reused and fed as `RequestHead`.
public struct ResponseHead: ~Copyable, Sendable {
    /// 100 to 999; 101 is refused.
    public private(set) var status = 0
    public private(set) var version = HTTPVersion.http11
    /// The reason phrase, often empty.
    public private(set) var reason = ByteRange(start: 0, end: 0)
    public private(set) var fields = FieldTable()
    public private(set) var framing = Framing.none
    /// Whether the connection can be used again after this answer.
    public private(set) var keepsAlive = true

    /// Bytes of the head that was read last, those of its empty line included.
    public private(set) var count = 0

    private var lines = HeadLines()
    private var state = State.startLine

    private enum State { case startLine, fields, complete }

    public init() {}

    /// Whether it is an interim answer (1xx): the final one follows on the connection, to be read with the next `read`.
    public var isInterim: Bool { status < 200 }
    /// Whether bytes of a head have been read that is not complete.
    public var hasBegun: Bool { lines.offset > 0 && state != .complete }

    /// Reads the head at the start of `window`, the answer to a request with `method`, which decides whether there is a body.
    /// - Returns: as `RequestHead.read`.
    /// - Throws: as `RequestHead.read`: the answer cannot be trusted, and the connection must close.
    public mutating func read(
        _ window: Span<UInt8>, answering method: HTTPMethod, limits: HTTPLimits
    ) throws(HTTPError) -> Int? {
        if state == .complete { reset() }
        while case .line(let start, let end) = try lines.next(in: window, limit: limits.headBytes) {
            switch state {
            case .fields where start < end:
                try fields.appendLine(start, end, of: window, limit: limits.fields)
            case .fields:
                try finish(window, method, limits)
                state = .complete
                count = end &+ 2
                return count
            case .startLine, .complete:
                try readStatusLine(start, end, window)
                state = .fields
            }
        }
        return nil
    }

    /// Forgets what was read.
    public mutating func reset() {
        fields.removeAll()
        lines = HeadLines()
        state = .startLine
    }

    /// `HTTP/1.1 200 OK`; the space after the status may be missing when the reason is, as some servers write it.
    private mutating func readStatusLine(_ start: Int, _ end: Int, _ bytes: Span<UInt8>) throws(HTTPError) {
        guard end &- start >= 12 else { throw .badStatusLine(at: end) }
        version = try httpVersion(bytes, at: start, orElse: .badStatusLine(at: start))
        guard bytes[start &+ 8] == UInt8(ascii: " ") else { throw .badStatusLine(at: start &+ 8) }
        status = 0
        for at in start &+ 9..<start &+ 12 {
            let digit = bytes[at] &- 0x30
            guard digit < 10, status > 0 || digit > 0 else { throw .badStatusLine(at: at) }
            status = status &* 10 &+ Int(digit)
        }
        guard end == start &+ 12 || bytes[start &+ 12] == UInt8(ascii: " ") else {
            throw .badStatusLine(at: start &+ 12)
        }
        guard status != 101 else { throw .unexpectedUpgrade }
        reason = ByteRange(start: min(start &+ 13, end), end: end)
    }

    private mutating func finish(
        _ bytes: Span<UInt8>, _ method: HTTPMethod, _ limits: HTTPLimits
    ) throws(HTTPError) {
        let isBodyless = method == .head || status < 200 || status == 204 || status == 304
        var limits = limits
        if isBodyless { limits.bodyBytes = .max }
        let stated = try WeirWire.framing(of: fields, in: bytes, version: version, limits: limits) ?? .untilClose
        framing = isBodyless ? .none : stated
        let persists = try fields.resolveConnection(in: bytes, limit: limits.fields).persists(in: version)
        // A body announced where there can be none: whether its bytes come is anybody's guess, so they must not meet the next answer.
        let isAmbiguous = status == 204 && stated != .untilClose && !stated.isEmpty
        keepsAlive = persists && framing != .untilClose && !isAmbiguous
    }
}
