/// What is wrong with a message. After any of these but `badEscape` and `badFieldValue` the framing is lost: answer (server) or give up
/// (client), then close the connection; no byte after the offending one may be read as a message.
///
/// `at` is the offset of the offending byte from the start of the message's head, for chunked bodies its position in the encoded body.
public enum HTTPError: Error, Equatable, Sendable {
    // Any head
    case bareCarriageReturn(at: Int)
    case bareLineFeed(at: Int)
    case controlCharacter(at: Int)
    case tlsOnPlainPort
    case headTooLarge(limit: Int)
    case tooManyFields(limit: Int)
    case unsupportedVersion(at: Int)
    // Start lines
    case badRequestLine(at: Int)
    case badTarget(at: Int)
    case targetTooLong(limit: Int)
    case connectNotSupported
    case badStatusLine(at: Int)
    case unexpectedUpgrade
    // Fields
    case badFieldName(at: Int)
    case missingColon(at: Int)
    case spaceBeforeColon(at: Int)
    case foldedField(at: Int)
    case missingHost
    case repeatedHost(at: Int)
    case badHost(at: Int)
    case badContentLength(at: Int)
    case repeatedContentLength(at: Int)
    case lengthWithTransferEncoding(at: Int)
    case badTransferEncoding(at: Int)
    case unsupportedTransferEncoding(at: Int)
    case transferEncodingInHTTP10(at: Int)
    case badConnection(at: Int)
    case unsupportedExpectation(at: Int)
    // Bodies
    case bodyTooLarge(limit: Int)
    case badChunkSize(at: Int)
    case badChunkExtension(at: Int)
    case chunkLineTooLong(limit: Int)
    case missingChunkEnd(at: Int)
    case badTrailer(at: Int)
    case trailersTooLarge(limit: Int)
    // Helpers
    case badEscape(at: Int)
    case badFieldValue(at: Int)

    /// The status a server answers with (RFC 9110, section 15). A client that meets the error in an answer reports 502 instead.
    public var status: Int {
        switch self {
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .unsupportedExpectation: 417
        case .headTooLarge, .tooManyFields, .trailersTooLarge: 431
        case .unsupportedTransferEncoding, .connectNotSupported: 501
        case .unsupportedVersion: 505
        default: 400
        }
    }

    /// What is wrong, where, and what to do. It never holds bytes of the message, so it may be logged and sent.
    public var message: String {
        switch self {
        case .bareCarriageReturn(let at): "CR without LF at byte \(at) of the head: end lines with CRLF."
        case .bareLineFeed(let at): "LF without CR at byte \(at) of the head: end lines with CRLF."
        case .controlCharacter(let at): "Control character at byte \(at) of the head: remove it."
        case .tlsOnPlainPort:
            "The bytes look like TLS, but this port speaks plain HTTP: use http://, or configure TLS for the port."
        case .headTooLarge(let limit): "The head is over \(limit) bytes: send fewer or shorter fields."
        case .tooManyFields(let limit): "The head has over \(limit) fields: send fewer."
        case .unsupportedVersion(let at): "Unknown protocol version at byte \(at): use HTTP/1.1."
        case .badRequestLine(let at):
            "Malformed request line at byte \(at): write method, one space, target, one space, HTTP/1.1."
        case .badTarget(let at):
            "Malformed request target at byte \(at): use a path that starts with /, percent-encode all but visible ASCII, and leave out #."
        case .targetTooLong(let limit): "The request target is over \(limit) bytes: send the data in the body."
        case .connectNotSupported: "CONNECT is not supported: this is a gateway, not a proxy for tunnels."
        case .badStatusLine(let at): "Malformed status line at byte \(at)."
        case .unexpectedUpgrade: "The answer switches protocols (101), which was not asked for."
        case .badFieldName(let at): "Malformed field name at byte \(at): names are letters, digits and !#$%&'*+-.^_`|~."
        case .missingColon(let at): "Field without a colon at byte \(at): write `name: value`."
        case .spaceBeforeColon(let at): "Space before the colon at byte \(at): write `name: value`."
        case .foldedField(let at): "Field continued on a second line at byte \(at): write it on one line."
        case .missingHost: "HTTP/1.1 needs a Host field: add it."
        case .repeatedHost(let at): "Second Host field at byte \(at): send one."
        case .badHost(let at): "Malformed host at byte \(at): write a name or address, and a port after a colon."
        case .badContentLength(let at): "Malformed Content-Length at byte \(at): write decimal digits only."
        case .repeatedContentLength(let at): "Second Content-Length at byte \(at): send one."
        case .lengthWithTransferEncoding(let at):
            "Content-Length and Transfer-Encoding in one message (byte \(at)): send one of them."
        case .badTransferEncoding(let at):
            "Malformed or repeated Transfer-Encoding at byte \(at): send `chunked`, once."
        case .unsupportedTransferEncoding(let at):
            "Unsupported Transfer-Encoding at byte \(at): only `chunked` is understood."
        case .transferEncodingInHTTP10(let at):
            "Transfer-Encoding in HTTP/1.0 at byte \(at): use HTTP/1.1 or Content-Length."
        case .badConnection(let at): "Malformed Connection field at byte \(at): write names separated by commas."
        case .unsupportedExpectation(let at):
            "Unsupported expectation at byte \(at): only `100-continue` is understood."
        case .bodyTooLarge(let limit): "The body is over \(limit) bytes: send less."
        case .badChunkSize(let at): "Malformed chunk size at byte \(at) of the body: write hexadecimal digits and CRLF."
        case .badChunkExtension(let at): "Malformed chunk extension at byte \(at) of the body: leave it out."
        case .chunkLineTooLong(let limit): "Chunk sizes and extensions take over \(limit) bytes: leave extensions out."
        case .missingChunkEnd(let at): "The chunk does not end with CRLF at byte \(at) of the body: its size is wrong."
        case .badTrailer(let at): "Malformed trailer field at byte \(at) of the body."
        case .trailersTooLarge(let limit): "The trailers are over \(limit) bytes: send fewer."
        case .badEscape(let at):
            "Bad percent-encoding at byte \(at): encode UTF-8 once, no control characters, no dot segments."
        case .badFieldValue(let at): "The field value holds a control character at byte \(at): remove it."
        }
    }
}
