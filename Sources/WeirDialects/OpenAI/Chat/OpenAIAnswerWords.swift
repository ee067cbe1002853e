internal import WeirBase
internal import WeirWire

// Pieces that chunks and whole chat answers share (https://platform.openai.com/docs/api-reference/chat).

/// Bounds of what a writer of chat answers follows; an answer beyond them is none that a client could use.
enum OpenAIAnswerLimits {
    /// OpenAI's bound of `n`.
    static let choices = 128
    /// OpenAI's bound of tools in a request; no turn calls more of them in parallel.
    static let calls = 128
    /// Bytes of text, reasoning and arguments that a whole answer may hold.
    static let bytes = 64 << 20
}

extension UpstreamProblem {
    static let strayChoice = UpstreamProblem(.malformed, "the answer has a choice that was not asked for")
    static let strayCall = UpstreamProblem(.malformed, "the answer's tool calls are out of order or too many")
    static let strayArguments = UpstreamProblem(.malformed, "the answer has arguments of no tool call")
}

extension FinishReason {
    /// The value of `finish_reason`: never one outside OpenAI's set, which SDKs take as an enumeration.
    var openAIName: StaticString {
        switch self {
        case .stop, .stopSequence, .pause: "stop"
        case .length: "length"
        case .toolCalls: "tool_calls"
        case .contentFilter, .refusal: "content_filter"
        }
    }
}

extension UpstreamProblem.Kind {
    /// `type` and `code` of the error object.
    var openAINames: (type: String, code: String?) {
        switch self {
        case .invalidRequest: ("invalid_request_error", nil)
        case .contextLength: ("invalid_request_error", "context_length_exceeded")
        case .contentPolicy: ("invalid_request_error", "content_policy_violation")
        case .modelNotFound: ("invalid_request_error", "model_not_found")
        case .credential: ("server_error", "upstream_auth_error")
        case .quota: ("insufficient_quota", "insufficient_quota")
        case .rateLimit: ("requests", "rate_limit_exceeded")
        case .overloaded: ("server_error", "upstream_unavailable")
        case .timeout: ("server_error", "upstream_timeout")
        case .server, .malformed: ("server_error", "upstream_error")
        }
    }
}

extension ByteBuffer {
    /// Appends the usage object of chat completions. Its wholes include cached, written and reasoning tokens, as `Usage` does.
    mutating func append(openAIChatUsage usage: Usage) {
        append("{\"prompt_tokens\":")
        append(decimal: usage.input)
        append(",\"completion_tokens\":")
        append(decimal: usage.output)
        append(",\"total_tokens\":")
        append(decimal: usage.input + usage.output)
        append(",\"prompt_tokens_details\":{\"cached_tokens\":")
        append(decimal: usage.cachedInput)
        append(",\"cache_write_tokens\":")
        append(decimal: usage.cacheWriteInput)
        append(",\"audio_tokens\":")
        append(decimal: usage.audioInput)
        append("},\"completion_tokens_details\":{\"reasoning_tokens\":")
        append(decimal: usage.reasoningOutput)
        append(",\"audio_tokens\":")
        append(decimal: usage.audioOutput)
        append(",\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}")
    }

    /// Appends the members of a tool call between `"id"` and its arguments' string, which comes next.
    mutating func append(openAICallID id: String, name: String, signature: String?) {
        append("\"id\":")
        append(jsonString: id)
        append(",\"type\":\"function\",")
        if let signature {
            // Where Google's own OpenAI endpoint puts it, so that its clients send it back.
            append("\"extra_content\":{\"google\":{\"thought_signature\":")
            append(jsonString: signature)
            append("}},")
        }
        append("\"function\":{\"name\":")
        append(jsonString: name)
        append(",\"arguments\":")
    }

    /// Appends an element of `thinking_blocks`: what proves reasoning that was shown, or reasoning that only the provider can read.
    mutating func append(openAIThinking value: String, isRedacted: Bool) {
        append(
            isRedacted
                ? "{\"type\":\"redacted_thinking\",\"data\":"
                : "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":" as StaticString)
        append(jsonString: value)
        append("}")
    }
}
