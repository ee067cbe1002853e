import WeirBase
import WeirWire

/// An error answer, told in OpenAI's terms (providers.md, section 2.6); other providers' shapes are made from the same parts.
struct Refusal: Error {
    var status: Int
    var type = "invalid_request_error"
    var code: String?
    var param: String?
    var message: String
    var retryAfter: Int?

    static func missing(_ name: String) -> Refusal {
        Refusal(
            status: 400, code: "missing_required_parameter", param: name,
            message: "Missing required parameter: '\(name)'.")
    }

    static func wrongType(_ name: String, expected: String) -> Refusal {
        Refusal(
            status: 400, code: "invalid_type", param: name,
            message: "Invalid type for '\(name)': expected \(expected), but got something else instead.")
    }

    static func unknown(_ name: String) -> Refusal {
        Refusal(status: 400, code: "unknown_parameter", param: name, message: "Unknown parameter: '\(name)'.")
    }

    static func invalid(_ name: String, _ message: String) -> Refusal {
        Refusal(status: 400, code: "invalid_value", param: name, message: message)
    }

    static let invalidKey = Refusal(
        status: 401, code: "invalid_api_key",
        message: "Incorrect API key provided. This is weir-mock, started with --key.")

    /// What a directive's `status` makes.
    static func scripted(_ status: Int, retryAfter: Int?) -> Refusal {
        let (type, code): (String, String?) =
            switch status {
            case 401: ("invalid_request_error", "invalid_api_key")
            case 404: ("invalid_request_error", "model_not_found")
            case 429: ("requests", "rate_limit_exceeded")
            case 500...: ("server_error", nil)
            default: ("invalid_request_error", nil)
            }
        return Refusal(
            status: status, type: type, code: code, message: "weir-mock was told to answer \(status).",
            retryAfter: retryAfter)
    }

    func appendBody(to buffer: inout ByteBuffer) {
        buffer.append("{\"error\":{\"message\":")
        buffer.append(jsonString: message)
        buffer.append(",\"type\":")
        buffer.append(jsonString: type)
        buffer.append(",\"param\":")
        if let param { buffer.append(jsonString: param) } else { buffer.append("null") }
        buffer.append(",\"code\":")
        if let code { buffer.append(jsonString: code) } else { buffer.append("null") }
        buffer.append("}}")
    }

    static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Scripted"
        }
    }
}
