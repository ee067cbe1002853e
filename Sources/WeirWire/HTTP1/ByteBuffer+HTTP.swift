public import WeirBase

extension ByteBuffer {
    /// Appends `HTTP/1.1 200 OK` and a line end.
    public mutating func appendStatusLine(_ status: Int) {
        if status == 200 { return append("HTTP/1.1 200 OK\r\n") }
        append("HTTP/1.1 ")
        append(decimal: status)
        append(UInt8(ascii: " "))
        append(reasonPhrase(status))
        append("\r\n")
    }

    /// Appends `name: value` and a line end. `value` comes from a parsed head or from Weir itself: it holds no CR, LF or NUL, which is checked,
    /// since with one a value could forge another field.
    public mutating func appendField(_ name: StaticString, _ value: Span<UInt8>) {
        precondition(
            value.firstValueStop(from: 0, to: value.count) == value.count, "a field value holds a control character")
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// As above, for texts of Weir's own.
    public mutating func appendField(_ name: StaticString, _ value: StaticString) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    public mutating func appendField(_ name: StaticString, decimal value: Int) {
        append(name)
        append(": ")
        append(decimal: value)
        append("\r\n")
    }

    /// Appends a field of a parsed head as it stands there: the parser has checked its bytes.
    @inlinable public mutating func appendField(_ field: Field, of head: Span<UInt8>) {
        let (name, value) = (field.name, field.value)
        reserve(name.count &+ value.count &+ 4)
        append(head, name)
        append(": ")
        append(head, value)
        append("\r\n")
    }

    /// Appends one chunk with `data` (RFC 9112, section 7.1). Nothing for no data: an empty chunk would end the body.
    public mutating func appendChunk(_ data: Span<UInt8>) {
        guard !data.isEmpty else { return }
        append(hexadecimal: data.count)
        append("\r\n")
        append(data)
        append("\r\n")
    }

    /// Appends the chunk that ends a body, without trailers.
    public mutating func appendLastChunk() { append("0\r\n\r\n") }
}

/// The phrase of RFC 9110, section 15, and of what the field uses beside it.
func reasonPhrase(_ status: Int) -> StaticString {
    switch status {
    case 100: "Continue"
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 206: "Partial Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 402: "Payment Required"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 411: "Length Required"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    case 529: "Overloaded"
    default: status < 300 ? "OK" : status < 400 ? "Redirect" : status < 500 ? "Client Error" : "Server Error"
    }
}
