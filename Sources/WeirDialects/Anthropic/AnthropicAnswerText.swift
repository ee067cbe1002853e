internal import WeirBase
internal import WeirWire

// What the two forms of an answer on the Messages surface, stream and JSON, have in common.

extension ByteBuffer {
    /// Appends a usage object of the Messages API: its input counts neither what was read from the cache nor what was written to it.
    mutating func append(anthropicUsage usage: Usage) {
        append(#"{"input_tokens":"#)
        append(decimal: max(0, usage.input - usage.cachedInput - usage.cacheWriteInput))
        append(#","cache_creation_input_tokens":"#)
        append(decimal: usage.cacheWriteInput)
        append(#","cache_read_input_tokens":"#)
        append(decimal: usage.cachedInput)
        if usage.cacheWriteInput > 0 {
            append(#","cache_creation":{"ephemeral_5m_input_tokens":"#)
            append(decimal: max(0, usage.cacheWriteInput - usage.cacheWrite1hInput))
            append(#","ephemeral_1h_input_tokens":"#)
            append(decimal: usage.cacheWrite1hInput)
            append("}")
        }
        append(#","output_tokens":"#)
        append(decimal: usage.output)
        if usage.reasoningOutput > 0 {
            append(#","output_tokens_details":{"thinking_tokens":"#)
            append(decimal: usage.reasoningOutput)
            append("}")
        }
        if usage.webSearches > 0 {
            append(#","server_tool_use":{"web_search_requests":"#)
            append(decimal: usage.webSearches)
            append("}")
        }
        append("}")
    }

    /// Appends `"stop_reason":...,"stop_sequence":...`.
    mutating func append(anthropicStop stop: AnthropicStop) {
        append(#""stop_reason":"#)
        append(jsonString: stop.reason)
        append(#","stop_sequence":"#)
        if let sequence = stop.sequence { append(jsonString: sequence) } else { append("null") }
    }

    /// Appends the members of a message up to its model, without the closing brace.
    mutating func append(anthropicMessage id: String, model: String) {
        append(#"{"id":"#)
        append(jsonString: "msg_\(id)")
        append(#","type":"message","role":"assistant","model":"#)
        append(jsonString: model)
    }
}

/// Why an answer ended, as it is gathered from events.
struct AnthropicStop {
    private var finish = FinishReason.stop
    private var hasCalls = false
    private var hasRefusal = false
    private var stopSequence: String?

    mutating func note(finish: FinishReason, stopSequence: String?) {
        self.finish = finish
        self.stopSequence = stopSequence
    }
    mutating func noteCall() { hasCalls = true }
    mutating func noteRefusal() { hasRefusal = true }

    /// Servers that finish with "stop" after calls are known, and a finish for calls without any would leave the client waiting for them.
    var reason: String {
        switch finish {
        case .length: "max_tokens"
        case .contentFilter, .refusal: "refusal"
        case .pause: "pause_turn"
        case .stop, .toolCalls, .stopSequence:
            if hasCalls {
                "tool_use"
            } else if hasRefusal {
                "refusal"
            } else {
                stopSequence == nil ? "end_turn" : "stop_sequence"
            }
        }
    }

    var sequence: String? { reason == "stop_sequence" ? stopSequence : nil }

    /// Whether a call's arguments may be incomplete: the answer was cut.
    var cutsArguments: Bool {
        switch finish {
        case .length, .contentFilter, .refusal: true
        case .stop, .stopSequence, .toolCalls, .pause: false
        }
    }
}

/// Follows the arguments of a call piece by piece, to see whether they are a whole JSON object: it counts brackets.
struct ArgumentsProgress {
    private(set) var isEmpty = true
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isBroken = false

    /// Whether the pieces so far are an object from its first brace to its last, as far as brackets tell.
    var isWhole: Bool { !isEmpty && !isBroken && depth == 0 && !isInString }

    mutating func feed(_ piece: String) {
        for byte in piece.utf8 {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            if depth == 0 {
                if byte <= 0x20 { continue }
                if !isEmpty || byte != UInt8(ascii: "{") { isBroken = true }
            }
            isEmpty = false
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
    }
}
