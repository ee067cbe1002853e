import WeirBase
import WeirMockScript
import WeirWire

/// The same error in each provider's shape.
extension Refusal {
    /// Appends the body.
    func appendBody(to buffer: inout ByteBuffer, for service: Service, _ number: AnswerNumber) {
        switch service {
        case .openAI: appendBody(to: &buffer)
        case .azure: appendAzureBody(to: &buffer)
        case .anthropic: appendAnthropicBody(number, to: &buffer)
        case .gemini: appendGeminiBody(to: &buffer)
        case .bedrock:
            buffer.append("{\"message\":")
            buffer.append(jsonString: message)
            buffer.append("}")
        }
    }

    /// Section 3: mistakes of a request in OpenAI's shape, what the front end refuses with a code and a text alone.
    private func appendAzureBody(to buffer: inout ByteBuffer) {
        guard [401, 403, 404, 429].contains(status) || status >= 500 else { return appendBody(to: &buffer) }
        buffer.append("{\"error\":{\"code\":")
        buffer.append(jsonString: status == 404 && param == "model" ? "DeploymentNotFound" : "\(status)")
        buffer.append(",\"message\":")
        buffer.append(jsonString: message)
        buffer.append("}}")
    }

    /// Section 4.4.
    private func appendAnthropicBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.append("{\"type\":\"error\",\"error\":{\"type\":\"")
        buffer.append(anthropicType)
        buffer.append("\",\"message\":")
        buffer.append(jsonString: message)
        buffer.append("},\"request_id\":\"req_mock")
        number.append(to: &buffer)
        buffer.append("\"}")
    }

    private var anthropicType: StaticString {
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

    /// Section 5.3.
    private func appendGeminiBody(to buffer: inout ByteBuffer) {
        buffer.append("{\"error\":{\"code\":")
        buffer.append(decimal: status)
        buffer.append(",\"message\":")
        buffer.append(jsonString: message)
        buffer.append(",\"status\":\"")
        buffer.append(googleStatus)
        buffer.append("\"")
        if code == Refusal.googleKeyReason {
            buffer.append(",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":")
            buffer.append(jsonString: Refusal.googleKeyReason)
            buffer.append(",\"domain\":\"googleapis.com\"}]")
        } else if status == 429 {
            buffer.append(",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[")
            buffer.append("{\"quotaId\":\"GenerateRequestsPerMinutePerProjectPerModel\"}]}")
            if let retryAfter {
                buffer.append(",{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"")
                buffer.append(decimal: retryAfter)
                buffer.append("s\"}")
            }
            buffer.append("]")
        }
        buffer.append("}}")
    }

    private var googleStatus: StaticString {
        switch status {
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 409: "ABORTED"
        case 429: "RESOURCE_EXHAUSTED"
        case 499: "CANCELLED"
        case 501: "UNIMPLEMENTED"
        case 503: "UNAVAILABLE"
        case 504: "DEADLINE_EXCEEDED"
        case 500...: "INTERNAL"
        default: "INVALID_ARGUMENT"
        }
    }

    static let googleKeyReason = "API_KEY_INVALID"

    /// The name in `x-amzn-ErrorType` (section 6.4).
    var awsException: String {
        if let code, code.hasSuffix("Exception") { return code }
        return switch status {
        case 403: "AccessDeniedException"
        case 404: "ResourceNotFoundException"
        case 408: "ModelTimeoutException"
        case 424: "ModelErrorException"
        case 429: "ThrottlingException"
        case 503: "ServiceUnavailableException"
        case 500...: "InternalServerException"
        default: "ValidationException"
        }
    }

    /// What a wrong key, or none, gets.
    static func invalidKey(_ service: Service) -> Refusal {
        switch service {
        case .openAI: .invalidKey
        case .azure:
            Refusal(
                status: 401,
                message: "Access denied due to invalid subscription key or wrong API endpoint. "
                    + "Make sure to provide a valid key for an active subscription.")
        case .anthropic: Refusal(status: 401, message: "invalid x-api-key")
        case .gemini:
            Refusal(status: 400, code: googleKeyReason, message: "API key not valid. Please pass a valid API key.")
        case .bedrock:
            Refusal(
                status: 403, code: "UnrecognizedClientException",
                message: "The security token included in the request is invalid.")
        }
    }
}
