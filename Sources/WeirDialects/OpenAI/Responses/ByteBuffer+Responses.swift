internal import WeirBase
internal import WeirWire

// Items, parts and usage of the Responses API, as responses and events have them (providers.md, sections 2.4 and 2.5).

extension ByteBuffer {
    /// Appends the id of an item, a JSON string: of its kind, the response and its place, so that it stays the same in all events.
    mutating func append(responsesID kind: ResponsesOutput.Item.Kind, at index: Int, of response: String) {
        switch kind {
        case .message: append("\"msg_")
        case .reasoning: append("\"rs_")
        case .call: append("\"fc_")
        }
        append(response)
        append("_")
        append(decimal: index)
        append("\"")
    }

    /// Appends an item with all that it has so far.
    /// - Parameter isEmpty: whether its parts are left out, as where it begins.
    mutating func append(
        responsesItem item: ResponsesOutput.Item, at index: Int, of response: String, isEmpty: Bool = false
    ) {
        append(#"{"id":"#)
        append(responsesID: item.kind, at: index, of: response)
        switch item.kind {
        case .message: append(#","type":"message","role":"assistant","content":["#)
        case .reasoning: append(#","type":"reasoning","summary":["#)
        case .call(let id, let name):
            append(#","type":"function_call""#)
            append(member: "call_id", string: id)
            append(member: "name", string: name)
            append(member: "arguments", string: isEmpty ? "" : item.parts.first?.text ?? "")
            append(item.status)
            return append("}")
        }
        if !isEmpty {
            for part in item.parts {
                beginElement()
                append(responsesPart: part)
            }
        }
        append("]")
        if item.kind == .reasoning {
            beginMember("encrypted_content")
            if let seal = item.seal { append(jsonString: seal) } else { append("null") }
        } else {
            append(item.status)
        }
        append("}")
    }

    private mutating func append(_ status: ResponsesOutput.Item.Status) {
        switch status {
        case .inProgress: append(#","status":"in_progress""#)
        case .completed: append(#","status":"completed""#)
        case .incomplete: append(#","status":"incomplete""#)
        }
    }

    /// Appends a part of a message or of a summary.
    /// - Parameter isEmpty: whether its text is left out, as where it begins.
    mutating func append(responsesPart part: ResponsesOutput.Part, isEmpty: Bool = false) {
        let text = isEmpty ? "" : part.text
        switch part.kind {
        case .text:
            append(#"{"type":"output_text""#)
            append(member: "text", string: text)
            append(#","annotations":[],"logprobs":"#)
            append(responsesLogprobs: isEmpty ? [] : part.logprobs)
        case .refusal:
            append(#"{"type":"refusal""#)
            append(member: "refusal", string: text)
        case .summary, .arguments:  // arguments are a call's own member, and no part of the wire
            append(#"{"type":"summary_text""#)
            append(member: "text", string: text)
        }
        append("}")
    }

    /// Appends the elements of all arrays as one array.
    mutating func append(responsesLogprobs arrays: [RawJSON]) {
        append("[")
        for array in arrays {
            let bytes = array.bytes.span
            let end = bytes.count - 1
            guard end > 0, bytes.firstNonWhitespace(from: 1, to: end) < end else { continue }
            beginElement()
            append(onOneLine: bytes.extracting(1..<end))
        }
        append("]")
    }

    /// Appends valid JSON without its line breaks, which would end an event's line: they are never inside a string.
    mutating func append(onOneLine json: Span<UInt8>) {
        var start = 0
        for at in json.indices where json[at] == UInt8(ascii: "\n") || json[at] == UInt8(ascii: "\r") {
            append(json.extracting(start..<at))
            start = at + 1
        }
        append(json.extracting(start..<json.count))
    }

    /// Appends a usage object. Its wholes include cached, written and reasoning tokens, as `Usage` does.
    mutating func append(responsesUsage usage: Usage) {
        append(#"{"input_tokens":"#)
        append(decimal: usage.input)
        append(#","input_tokens_details":{"cached_tokens":"#)
        append(decimal: usage.cachedInput)
        append(#","cache_write_tokens":"#)
        append(decimal: usage.cacheWriteInput)
        append(#"},"output_tokens":"#)
        append(decimal: usage.output)
        append(#","output_tokens_details":{"reasoning_tokens":"#)
        append(decimal: usage.reasoningOutput)
        append(#"},"total_tokens":"#)
        append(decimal: usage.input + usage.output)
        append("}")
    }
}
