import WeirBase

/// Why a message is refused. After any of these the connection is answered with `status` (by a server) and closed: framing is lost.
public enum HTTPError: Error, Equatable, Sendable {
    /// The head breaks the grammar at this offset (RFC 9112, sections 2 to 5).
    case badRequestLine(at: Int)
    case badStatusLine(at: Int)
    case badFieldName(at: Int)
    case badFieldValue(at: Int)
    /// A line ends in LF without CR, or a CR stands alone.
    case bareLineEnd(at: Int)
    /// A line that continues the one before (obs-fold; RFC 9112, section 5.2).
    case foldedField(at: Int)
    case badContentLength(at: Int)
    /// More than one Content-Length, equal ones too.
    case repeatedContentLength(at: Int)
    /// Content-Length with Transfer-Encoding: the way requests are smuggled (RFC 9112, section 6.3).
    case lengthWithChunked(at: Int)
    /// A transfer coding that is not exactly `chunked`, or one in HTTP/1.0.
    case badTransferEncoding(at: Int)
    /// HTTP/1.1 demands exactly one Host (RFC 9112, section 3.2).
    case badHost
    case badExpectation(at: Int)
    case unsupportedVersion
    case headTooLarge(limit: Int)
    case tooManyFields(limit: Int)
    case bodyTooLarge(limit: Int)
    case badChunkSize
    case badChunkEnd
    case badTrailer
    /// The other side sent its end in the middle of a message.
    case truncated

    /// The status that a server answers.
    public var status: Int {
        switch self {
        case .badExpectation: 417
        case .badTransferEncoding: 501
        case .unsupportedVersion: 505
        case .headTooLarge, .tooManyFields: 431
        case .bodyTooLarge: 413
        default: 400
        }
    }

    /// What is wrong, where, and what to do. Never holds bytes of the message.
    public var message: String {
        switch self {
        case .badRequestLine(let at): "the request line is malformed at byte \(at); write METHOD SP target SP HTTP/1.1"
        case .badStatusLine(let at): "the status line is malformed at byte \(at)"
        case .badFieldName(let at): "a header name is malformed at byte \(at): no space is allowed before the colon"
        case .badFieldValue(let at): "a header value holds a control character at byte \(at)"
        case .bareLineEnd(let at): "a line of the head does not end in CR LF, at byte \(at)"
        case .foldedField(let at): "a header continues on a second line, at byte \(at); write it on one"
        case .badContentLength(let at): "Content-Length at byte \(at) is not a number of digits"
        case .repeatedContentLength(let at): "Content-Length stands there more than once, at byte \(at); send one"
        case .lengthWithChunked(let at):
            "Content-Length and Transfer-Encoding in one message, at byte \(at); send one of them"
        case .badTransferEncoding(let at): "Transfer-Encoding at byte \(at) is not exactly chunked, or not in HTTP/1.1"
        case .badHost: "HTTP/1.1 needs exactly one Host header"
        case .badExpectation(let at): "Expect at byte \(at) is not 100-continue"
        case .unsupportedVersion: "only HTTP/1.1 and HTTP/1.0 are spoken here"
        case .headTooLarge(let limit): "the head is larger than \(limit) bytes; send fewer or shorter headers"
        case .tooManyFields(let limit): "more than \(limit) headers; send fewer"
        case .bodyTooLarge(let limit): "the body is larger than \(limit) bytes; send less, or raise limits.body_bytes"
        case .badChunkSize: "a chunk size is malformed"
        case .badChunkEnd: "a chunk does not end in CR LF"
        case .badTrailer: "a trailer is malformed or too large"
        case .truncated: "the message ends in the middle"
        }
    }
}

/// How large a message may be.
public struct HTTPLimits: Sendable, Equatable {
    /// Bytes of a head, the empty line included.
    public var headBytes = 32_768
    /// Fields of a head.
    public var fields = 128
    /// Bytes of a body, as it is after decoding.
    public var bodyBytes = 64 << 20
    public init() {}
}
