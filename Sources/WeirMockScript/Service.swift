public import WeirBase

/// The provider that an answer imitates: its envelope, its fields, its errors.
public enum Service: String, Hashable, Sendable, CaseIterable {
    case openAI, azure, anthropic, gemini, bedrock
}

extension Ask {
    /// Appends an event that no endpoint has: the error of a stream that breaks, or data that cannot be read.
    public func appendBrokenEvent(garbage: Bool, to buffer: inout ByteBuffer) {
        switch service {
        case .bedrock: appendBrokenFrame(garbage: garbage, to: &buffer)
        case .openAI, .azure, .anthropic, .gemini:
            openEvent(!garbage && service == .anthropic ? "error" : nil, in: &buffer)
            if garbage {
                buffer.put("{\"id\":\"chatcmpl-, this is <not> JSON \\")
            } else {
                appendStreamError(to: &buffer)
            }
            closeEvent(in: &buffer)
        }
    }

    /// Appends why an answer ended, in Anthropic's words, which Bedrock has, too.
    func appendStopReason(to buffer: inout ByteBuffer) {
        if let finish = directive.finish {
            buffer.append(finish)
        } else if isShortened {
            buffer.put("max_tokens")
        } else if directive.tool == nil {
            buffer.put("end_turn")
        } else {
            buffer.put("tool_use")
        }
    }

    private func appendStreamError(to buffer: inout ByteBuffer) {
        switch service {
        case .openAI, .azure, .bedrock:
            buffer.put("{\"error\":{\"message\":\"The server had an error while processing your request\",")
            buffer.put("\"type\":\"server_error\",\"param\":null,\"code\":null}}")
        case .anthropic:
            buffer.put("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}")
        case .gemini:
            buffer.put("{\"error\":{\"code\":503,\"message\":\"The model is overloaded. Please try again later.\",")
            buffer.put("\"status\":\"UNAVAILABLE\"}}")
        }
    }
}
