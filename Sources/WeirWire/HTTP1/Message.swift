/// A version that Weir speaks. All others are refused with 505.
public enum HTTPVersion: UInt8, Sendable {
    case http10, http11
}

/// A request method (RFC 9110, section 9; RFC 5789). `other` is spelled out in the head's `methodName`.
public enum HTTPMethod: UInt8, CaseIterable, Sendable {
    case get, head, post, put, delete, options, patch, trace, other

    /// As it is written in a request line. Traps for `other`.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .trace: "TRACE"
        case .other: preconditionFailure("an unknown method is written from the head that it came in")
        }
    }
}

/// Where the body ends (RFC 9112, section 6.3).
public enum Framing: Equatable, Sendable {
    /// There is no body.
    case none
    /// So many bytes, possibly 0.
    case length(Int)
    /// Chunks: see `ChunkedDecoder`.
    case chunked
    /// All until the peer closes; answers only.
    case untilClose

    /// Whether nothing follows the head.
    @inlinable public var isEmpty: Bool {
        switch self {
        case .none, .length(0): true
        case .length, .chunked, .untilClose: false
        }
    }
}
