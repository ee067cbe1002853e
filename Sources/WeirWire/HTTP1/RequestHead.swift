public import WeirBase

/// The head of a request, read in place (RFC 9112, sections 3, 5 and 6). One value serves a connection: each `read` after a complete head
/// starts the next one and reuses the memory of its fields. All ranges are offsets from the start of the window that `read` was given.
///
/// Copying it copies no bytes but makes the next `read` of either copy allocate: pass it on by borrowing.
public struct RequestHead: ~Copyable, Sendable {
    public private(set) var method = HTTPMethod.get
    /// The method as it was written.
    public private(set) var methodName = ByteRange(start: 0, end: 0)
    public private(set) var version = HTTPVersion.http11
    public private(set) var form = TargetForm.origin
    /// The request target as it was written.
    public private(set) var target = ByteRange(start: 0, end: 0)
    /// The target's path, still percent-encoded; empty means `/` (absolute form) or that there is none (asterisk).
    public private(set) var path = ByteRange(start: 0, end: 0)
    /// What follows the target's first `?`.
    public private(set) var query: ByteRange?
    /// The authority of a target in absolute form. It replaces the Host field (RFC 9112, section 3.2.2).
    public private(set) var authority: ByteRange?
    public private(set) var fields = FieldTable()
    public private(set) var framing = Framing.none
    /// Whether the connection carries another request after this one.
    public private(set) var keepsAlive = true
    /// Whether the client waits for `100 Continue` before it sends the body.
    public private(set) var expectsContinue = false

    /// Bytes of the head that was read last, those of its empty line included.
    public private(set) var count = 0

    private var lines = HeadLines()
    private var emptyLines = 0
    private var state = State.startLine

    private enum State { case startLine, fields, complete }

    public init() {}

    /// Whether bytes of a head have been read that is not complete: then a time-out is the client's fault, otherwise the connection idles.
    public var hasBegun: Bool { lines.offset > 0 && state != .complete }

    /// Reads the head at the start of `window`. While it is incomplete, call again with the same bytes and more behind them (they may have
    /// moved): no byte is looked at twice.
    /// - Returns: the bytes that the head takes, those of its empty line included; what follows is untouched. `nil`: more bytes are needed.
    /// - Throws: what is wrong, as soon as the line that is wrong has come. The same whatever pieces the bytes came in. The connection must
    ///   close after it.
    public mutating func read(_ window: Span<UInt8>, limits: HTTPLimits) throws(HTTPError) -> Int? {
        if state == .complete { reset() }
        while case .line(let start, let end) = try lines.next(in: window, limit: limits.headBytes) {
            switch state {
            case .fields where start < end:
                try fields.appendLine(start, end, of: window, limit: limits.fields)
            case .fields:
                try finish(window, limits)
                state = .complete
                count = end &+ 2
                return count
            case .startLine where start == end:
                emptyLines += 1
                guard emptyLines <= limits.emptyLines else { throw .badRequestLine(at: start) }
            case .startLine, .complete:
                try readRequestLine(start, end, window, limits)
                state = .fields
            }
        }
        return nil
    }

    /// Forgets what was read.
    public mutating func reset() {
        fields.removeAll()
        lines = HeadLines()
        emptyLines = 0
        state = .startLine
        authority = nil
        query = nil
        expectsContinue = false
    }

    private mutating func readRequestLine(
        _ start: Int, _ end: Int, _ bytes: Span<UInt8>, _ limits: HTTPLimits
    ) throws(HTTPError) {
        let versionStart = end &- 8
        let methodEnd = try readMethod(start, end, bytes)
        let targetStart = methodEnd &+ 1
        guard methodEnd < end, bytes[methodEnd] == UInt8(ascii: " ") else { throw .badRequestLine(at: methodEnd) }
        guard versionStart &- 1 > targetStart, bytes[versionStart &- 1] == UInt8(ascii: " ") else {
            throw .badRequestLine(at: targetStart)
        }
        version = try httpVersion(bytes, at: versionStart, orElse: .badRequestLine(at: versionStart))
        target = ByteRange(start: targetStart, end: versionStart &- 1)
        guard target.count <= limits.targetBytes else { throw .targetTooLong(limit: limits.targetBytes) }
        try splitTarget(bytes)
    }

    private mutating func readMethod(_ start: Int, _ end: Int, _ bytes: Span<UInt8>) throws(HTTPError) -> Int {
        let word = bytes.wordUpToEnd(at: start)
        let four = word & 0xFFFF_FFFF
        let length: Int
        if four == ("POST" as StaticString).asciiWord {
            (method, length) = (.post, 4)
        } else if four == ("GET " as StaticString).asciiWord {
            (method, length) = (.get, 3)
        } else {
            (method, length) = try readRareMethod(start, end, bytes)
        }
        guard length > 0, bytes[start &+ length] == UInt8(ascii: " ") else {
            return try readOtherMethod(start, end, bytes)
        }
        methodName = ByteRange(start: start, end: start &+ length)
        return start &+ length
    }

    /// The methods but GET and POST; length 0 when it is none of them.
    @inline(never)
    private func readRareMethod(
        _ start: Int, _ end: Int, _ bytes: Span<UInt8>
    ) throws(HTTPError) -> (HTTPMethod, Int) {
        for method in HTTPMethod.allCases where method != .other {
            let length = method.name.utf8CodeUnitCount
            if bytes.spells(method.name, at: start), bytes[start + length] == UInt8(ascii: " ") {
                return (method, length)
            }
        }
        if bytes.spells("CONNECT ", at: start) { throw .connectNotSupported }
        return (.other, 0)
    }

    @inline(never)
    private mutating func readOtherMethod(_ start: Int, _ end: Int, _ bytes: Span<UInt8>) throws(HTTPError) -> Int {
        var at = start
        while at < end, isTokenCharacter(bytes[at]) { at &+= 1 }
        guard at > start else { throw .badRequestLine(at: start) }
        method = .other
        methodName = ByteRange(start: start, end: at)
        return at
    }

    private mutating func splitTarget(_ bytes: Span<UInt8>) throws(HTTPError) {
        let (start, end) = (Int(target.start), Int(target.end))
        let pathEnd = bytes.firstTargetStop(from: start, to: end)
        if pathEnd < end {
            var stop = pathEnd
            while stop < end, bytes[stop] == UInt8(ascii: "?") {
                stop = bytes.firstTargetStop(from: stop &+ 1, to: end)
            }
            guard stop >= end else {
                throw bytes[stop] == UInt8(ascii: " ") ? .badRequestLine(at: stop) : .badTarget(at: stop)
            }
            query = ByteRange(start: pathEnd &+ 1, end: end)
        }
        if bytes[start] == UInt8(ascii: "/") {
            form = .origin
            path = ByteRange(start: start, end: pathEnd)
        } else {
            try splitAbsoluteTarget(start, pathEnd, bytes)
        }
    }

    @inline(never)
    private mutating func splitAbsoluteTarget(_ start: Int, _ end: Int, _ bytes: Span<UInt8>) throws(HTTPError) {
        if bytes[start] == UInt8(ascii: "*"), target.count == 1, method == .options {
            form = .asterisk
            path = ByteRange(start: end, end: end)
            return
        }
        var from = start
        for scheme: StaticString in ["http://", "https://"] {
            let length = scheme.utf8CodeUnitCount
            if end - start > length,
                bytes.equals(ignoringCase: scheme, in: ByteRange(start: start, end: start + length))
            {
                from = start + length
            }
        }
        guard from > start else { throw .badTarget(at: start) }
        var pathStart = from
        while pathStart < end, bytes[pathStart] != UInt8(ascii: "/") { pathStart += 1 }
        let authority = ByteRange(start: from, end: pathStart)
        guard !authority.isEmpty, bytes[from] != UInt8(ascii: ":") else { throw .badTarget(at: from) }
        try checkHost(authority, in: bytes)
        self.authority = authority
        form = .absolute
        path = ByteRange(start: pathStart, end: end)
    }

    private mutating func finish(_ bytes: Span<UInt8>, _ limits: HTTPLimits) throws(HTTPError) {
        if let host = fields.value(.host) {
            guard !fields.isRepeated(.host) else { throw .repeatedHost(at: fields.last(.host)) }
            try checkHost(host, in: bytes)
        } else if version == .http11 {
            throw .missingHost
        }
        framing = try WeirWire.framing(of: fields, in: bytes, version: version, limits: limits) ?? .none
        keepsAlive = try fields.resolveConnection(in: bytes, limit: limits.fields).persists(in: version)
        if fields.contains(.expect), version == .http11 { try readExpectation(bytes) }
    }

    @inline(never)
    private mutating func readExpectation(_ bytes: Span<UInt8>) throws(HTTPError) {
        for index in fields.indices where fields[index].id == .expect {
            guard bytes.equals(ignoringCase: "100-continue", in: fields[index].value) else {
                throw .unsupportedExpectation(at: Int(fields[index].value.start))
            }
        }
        expectsContinue = !framing.isEmpty
    }
}

/// How a request target is written (RFC 9112, section 3.2). Authority form belongs to CONNECT, which is refused.
public enum TargetForm: Sendable {
    /// `/path?query`
    case origin
    /// `http://authority/path?query`
    case absolute
    /// `*`, OPTIONS only
    case asterisk
}

/// The version that the eight bytes at `offset` name.
/// - Throws: `unsupportedVersion` for another version of HTTP, otherwise `error`.
@inline(__always)
func httpVersion(_ bytes: Span<UInt8>, at offset: Int, orElse error: HTTPError) throws(HTTPError) -> HTTPVersion {
    let word = bytes.word(at: offset)
    if word == ("HTTP/1.1" as StaticString).asciiWord { return .http11 }
    if word == ("HTTP/1.0" as StaticString).asciiWord { return .http10 }
    let isHTTP = bytes.spells("HTTP/", at: offset) && bytes[offset + 5] &- 0x30 < 10 && bytes[offset + 7] &- 0x30 < 10
    throw isHTTP && bytes[offset + 6] == UInt8(ascii: ".") ? .unsupportedVersion(at: offset) : error
}

/// Checks `uri-host [":" port]` (RFC 9110, section 7.2): no user information, path, list or white space, one port of digits.
func checkHost(_ host: ByteRange, in bytes: Span<UInt8>) throws(HTTPError) {
    let stop = bytes.firstHostStop(from: Int(host.start), to: Int(host.end))
    if stop < host.end { try checkPort(host, stop, in: bytes) }
}

/// Checks the rest of an authority whose first unusual byte is at `stop`: the port, or an IPv6 address, which has colons of its own.
@inline(never)
private func checkPort(_ host: ByteRange, _ stop: Int, in bytes: Span<UInt8>) throws(HTTPError) {
    var at = stop
    let end = Int(host.end)
    if bytes[Int(host.start)] == UInt8(ascii: "[") {
        while at < end, bytes[at] != UInt8(ascii: "]") {
            guard isHostCharacter(bytes[at]) else { throw .badHost(at: at) }
            at += 1
        }
        guard at < end else { throw .badHost(at: stop) }
        at += 1
        guard at < end else { return }
    }
    guard bytes[at] == UInt8(ascii: ":") else { throw .badHost(at: at) }
    at += 1
    while at < end {
        guard bytes[at] &- 0x30 < 10 else { throw .badHost(at: at) }
        at += 1
    }
}
