public import WeirBase

// The writer's side. No field can inject another: every value that comes from outside is checked for control characters when it is written,
// though parsed values were when they were read. What a caller could get wrong at run time throws `badFieldValue` and appends nothing; what
// only a mistake in Weir's own code could get wrong traps.

extension ByteBuffer {
    // MARK: Start lines

    /// Appends `HTTP/1.1 200 OK` and CRLF. Traps when `status` has not three digits.
    public mutating func appendStatusLine(_ status: Int) {
        switch status {
        case 200: append("HTTP/1.1 200 OK\r\n")
        case 429: append("HTTP/1.1 429 Too Many Requests\r\n")
        default:
            precondition(status >= 100 && status <= 999)
            append("HTTP/1.1 ")
            append(decimal: status)
            append(" ")
            append(reasonPhrase(status))
            append("\r\n")
        }
    }

    /// Appends `POST /v1/chat/completions HTTP/1.1` and CRLF.
    /// - Parameter target: in origin form, percent-encoded.
    /// - Throws: `badTarget` when it is empty or holds white space, a control character, `#` or a byte that is not ASCII.
    public mutating func appendRequestLine(_ method: HTTPMethod, _ target: Span<UInt8>) throws(HTTPError) {
        try checkTarget(target)
        append(method.name)
        appendTarget(target)
    }

    /// As `appendRequestLine(_:_:)`, with the method as `head` has it, be it known or not. `bytes` starts with the message of `head`.
    public mutating func appendRequestLine(
        methodOf head: borrowing RequestHead, in bytes: Span<UInt8>, _ target: Span<UInt8>
    ) throws(HTTPError) {
        try checkTarget(target)
        let name = head.methodName
        for at in name.bounds { precondition(isTokenCharacter(bytes[at]), "the head belongs to other bytes") }
        append(bytes, name)
        appendTarget(target)
    }

    private func checkTarget(_ target: Span<UInt8>) throws(HTTPError) {
        guard !target.isEmpty else { throw .badTarget(at: 0) }
        var stop = -1
        repeat {
            stop = target.firstTargetStop(from: stop + 1, to: target.count)
        } while stop < target.count
            && target[stop] == UInt8(ascii: "?")
        guard stop >= target.count else { throw .badTarget(at: stop) }
    }

    private mutating func appendTarget(_ target: Span<UInt8>) {
        append(" ")
        append(target)
        append(" HTTP/1.1\r\n")
    }

    // MARK: Fields

    /// Appends a field whose value comes from outside, `prefix` before it (such as `Bearer `).
    /// - Throws: `badFieldValue` when `value` holds CR, LF, NUL or another control character but HTAB.
    public mutating func appendField(
        _ name: StaticString, prefix: StaticString = "", _ value: Span<UInt8>
    ) throws(HTTPError) {
        let stop = value.firstControl(from: 0)
        guard stop == value.count else { throw .badFieldValue(at: stop) }
        append(name)
        append(": ")
        append(prefix)
        append(value)
        append("\r\n")
    }

    /// Appends a field with a text that comes from outside.
    /// - Throws: `badFieldValue`, as above.
    public mutating func appendField(_ name: StaticString, _ value: String) throws(HTTPError) {
        let before = count
        append(name)
        append(": ")
        let start = count
        append(value)
        let stop = span.firstControl(from: start)
        guard stop == count else {
            truncate(to: before)
            throw .badFieldValue(at: stop - start)
        }
        append("\r\n")
    }

    /// Appends a field that the program itself spells.
    public mutating func appendField(_ name: StaticString, literal value: StaticString) {
        append(name)
        append(": ")
        let start = count
        append(value)
        precondition(span.firstControl(from: start) == count, "a literal value with a control character")
        append("\r\n")
    }

    /// Appends a field with a number.
    public mutating func appendField(_ name: StaticString, decimal value: Int) {
        append(name)
        append(": ")
        append(decimal: value)
        append("\r\n")
    }

    /// Appends `field` as it was received: the relay's copy. `bytes` starts with the message that `field` was parsed from; traps when what lies
    /// there is not a field any more.
    public mutating func appendField(copying field: Field, of bytes: Span<UInt8>) {
        let (start, colon, end) = (Int(field.name.start), Int(field.name.end), Int(field.value.end))
        let stop = bytes.firstControl(from: start)
        precondition(
            colon < end && stop >= end && bytes[colon] == UInt8(ascii: ":"), "the field belongs to other bytes")
        if stop == end, end &+ 2 <= bytes.count, bytes[end] == 0x0D, bytes[end &+ 1] == 0x0A {
            append(bytes, ByteRange(start: start, end: end &+ 2))  // the usual case: with its line end, in one piece
        } else {
            append(bytes, ByteRange(start: start, end: end))
            append("\r\n")
        }
    }

    /// Appends the field that frames the body. Nothing for `none` and `untilClose`.
    public mutating func appendFraming(_ framing: Framing) {
        switch framing {
        case .none, .untilClose: break
        case .length(let bytes): appendField("content-length", decimal: bytes)
        case .chunked: append("transfer-encoding: chunked\r\n")
        }
    }

    /// Appends the empty line that ends a head.
    public mutating func appendEndOfHead() { append("\r\n") }

    // MARK: Chunks (RFC 9112, section 7.1)

    /// Appends the size line of a chunk with `bytes` bytes. Traps for 0: that is `appendLastChunk`.
    public mutating func appendChunkHeader(bytes: Int) {
        precondition(bytes > 0, "a chunk of 0 bytes ends the body")
        append(hexadecimal: bytes)
        append("\r\n")
    }

    /// Appends what follows the bytes of a chunk.
    public mutating func appendChunkEnd() { append("\r\n") }

    /// Appends a whole chunk; nothing when `data` is empty.
    public mutating func appendChunk(_ data: Span<UInt8>) {
        guard !data.isEmpty else { return }
        appendChunkHeader(bytes: data.count)
        append(data)
        appendChunkEnd()
    }

    /// The same for what a buffer holds.
    public mutating func appendChunk(_ data: borrowing ByteBuffer) { appendChunk(data.span) }

    /// Appends the end of a chunked body, without trailers.
    public mutating func appendLastChunk() { append("0\r\n\r\n") }
}

/// The reason phrase of a status (IANA HTTP status code registry); empty for those that are not in use here.
public func reasonPhrase(_ status: Int) -> StaticString {
    switch status {
    case 100: "Continue"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 206: "Partial Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 402: "Payment Required"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 411: "Length Required"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 416: "Range Not Satisfiable"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 424: "Failed Dependency"
    case 425: "Too Early"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 499: "Client Closed Request"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 529: "Overloaded"
    default: ""
    }
}
