public import WeirBase
internal import WeirWire

/// An error as clients of the Anthropic surface expect it (providers.md, sections 4.4 and 13):
/// `{"type":"error","error":{"type","message"},"request_id"}`.
public struct AnthropicErrorShape: Equatable, Sendable {
    public var message: String
    public var type: String
    /// What tells errors of one type apart: `error.details.error_code`.
    public var code: String?
    /// The id that the answer's `request-id` has, too.
    public var requestID: String?

    public init(
        message: String, type: String = "invalid_request_error", code: String? = nil, requestID: String? = nil
    ) {
        self.message = message
        self.type = type
        self.code = code
        self.requestID = requestID
    }

    public init(_ error: AnthropicRequestError) { self.init(message: error.message) }

    public init(_ error: Untranslatable) { self.init(message: "\(error.param): \(error.message)") }

    /// The error of an upstream, whichever it was.
    public init(_ problem: UpstreamProblem) {
        self.init(message: problem.message, type: Self.type(of: problem.kind))
    }

    /// The type that goes with a status, for errors of the gateway's own.
    public static func type(ofStatus status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 409: "conflict_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 504: "timeout_error"
        case 529: "overloaded_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }

    /// The status that goes with an upstream's problem. A credential is the gateway's, so that the client is not told 401 of it.
    public static func status(of kind: UpstreamProblem.Kind) -> Int {
        switch kind {
        case .invalidRequest, .contextLength, .contentPolicy: 400
        case .modelNotFound: 404
        case .rateLimit, .quota: 429
        case .overloaded: 529
        case .timeout: 504
        case .credential, .server, .malformed: 502
        }
    }

    private static func type(of kind: UpstreamProblem.Kind) -> String { type(ofStatus: status(of: kind)) }

    /// Appends the body of an error answer.
    public func append(to out: inout ByteBuffer) {
        out.append(#"{"type":"error","error":{"type":"#)
        out.append(jsonString: type)
        out.append(#","message":"#)
        out.append(jsonString: message)
        if let code {
            out.append(#","details":{"error_code":"#)
            out.append(jsonString: code)
            out.append("}")
        }
        out.append("}")
        if let requestID {
            out.append(#","request_id":"#)
            out.append(jsonString: requestID)
        }
        out.append("}")
    }

    /// Appends the event that ends a stream which has already begun: SDKs raise an error for it. No `message_stop` follows.
    public func appendEvent(to out: inout ByteBuffer) {
        out.append("event: error\ndata: ")
        append(to: &out)
        out.append("\n\n")
    }
}
