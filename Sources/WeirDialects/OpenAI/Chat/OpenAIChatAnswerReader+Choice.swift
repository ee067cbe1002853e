internal import WeirBase
internal import WeirWire

/// What is known of a choice.
struct ChatChoice {
    var calls: [OpenCall] = []
    /// Why it ended, as far as the server has said so.
    var reason: FinishReason?
    var stopSequence: String?

    /// Why it ended, in agreement with what it holds: some servers say `stop` after calls.
    var finish: FinishReason {
        switch reason {
        case nil, .stop, .stopSequence: calls.isEmpty ? reason ?? .stop : .toolCalls
        case .toolCalls: calls.isEmpty ? .stop : .toolCalls
        case let reason?: reason
        }
    }

    mutating func note(reason word: String, _ problem: inout UpstreamProblem?) {
        switch word {
        case "stop", "eos", "end_turn", "COMPLETE": reason = .stop
        case "stop_sequence", "STOP_SEQUENCE": reason = .stopSequence
        case "length", "max_tokens", "model_length", "MAX_TOKENS": reason = .length
        case "tool_calls", "function_call", "tool_use", "TOOL_CALL": reason = .toolCalls
        case "content_filter", "safety", "SAFETY", "ERROR_TOXIC": reason = .contentFilter
        case "refusal": reason = .refusal
        case "insufficient_system_resource":
            problem = UpstreamProblem(.overloaded, "the provider ran out of resources", code: word)
        case "error", "ERROR", "abort", "cancelled":
            problem = UpstreamProblem(.server, "the model gave up with \(word)", code: word)
        // A word of another server or a later day: the answer is there.
        default: reason = reason ?? .stop
        }
    }
}

extension OpenAIChatAnswerReader {
    /// Reads a choice of a chunk or of a whole answer.
    /// - Returns: where it ends.
    mutating func readChoice(
        _ data: Span<UInt8>, _ place: JSONPlace, at position: Int, _ problem: inout UpstreamProblem?,
        _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> Int {
        var delta: JSONPlace?
        var logprobs: JSONPlace?
        var (reason, stopReason): (String?, String?)
        var index: Int? = position
        let end = try place.members(data) { (name, place) throws(JSONError) in
            switch name {
            // Some servers have an empty message beside the delta.
            case ChatName.delta, ChatName.message:
                if place.kind == .object, delta == nil || name == ChatName.delta { delta = place }
                return try place.skip(data)
            case ChatName.index:
                let value = try place.value(data)
                if value.kind != .null { index = value.integer(data) }
                return value.end
            case ChatName.finishReason: return try place.read(data, into: &reason)
            case ChatName.stopReason: return try place.read(data, into: &stopReason)
            case ChatName.logprobs:
                logprobs = place
                return try place.skip(data)
            default: return try place.skip(data)
            }
        }
        guard place.kind == .object, let index, (0..<OpenAIAnswerLimits.choices) ~= index else {
            problem = problem ?? .strayChoice
            return end
        }
        while choices.count <= index { choices.append(ChatChoice()) }
        if let delta { try readDelta(data, delta, of: index, &problem, give) }
        if let logprobs { try readLogprobs(data, logprobs, of: index, give) }
        if let reason, !reason.isEmpty {
            choices[index].note(reason: reason, &problem)
            // vLLM names the sequence here, and with the same word a token or nothing.
            if choices[index].reason == .stop, let stopReason {
                choices[index].reason = .stopSequence
                choices[index].stopSequence = stopReason
            }
        }
        return end
    }

    private func readLogprobs(
        _ data: Span<UInt8>, _ place: JSONPlace, of choice: Int, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) {
        _ = try place.members(data) { (name, place) throws(JSONError) in
            let value = try place.value(data)
            if name == ChatName.content, value.kind == .array, !value.isEmpty(data) {
                give(.logprobs(choice: choice, RawJSON(data, value.range)))
            }
            return value.end
        }
    }

    // MARK: Deltas

    /// Gives what a delta or a message holds, in the order in which a model says it, whichever order its members have.
    private mutating func readDelta(
        _ data: Span<UInt8>, _ place: JSONPlace, of choice: Int, _ problem: inout UpstreamProblem?,
        _ give: (AnswerEvent) -> Void
    ) throws(JSONError) {
        var (content, thinking, calls): (JSONPlace?, JSONPlace?, JSONPlace?)
        var (reasoning, otherReasoning, refusal): (String?, String?, String?)
        _ = try place.members(data) { (name, place) throws(JSONError) in
            switch name {
            case ChatName.reasoningContent: return try place.read(data, into: &reasoning)
            case ChatName.reasoning: return try place.read(data, into: &otherReasoning)
            case ChatName.refusal: return try place.read(data, into: &refusal)
            case ChatName.content: content = place
            case ChatName.thinkingBlocks: thinking = place
            case ChatName.toolCalls: calls = place
            default: break
            }
            return try place.skip(data)
        }
        // Who has both says the same in both.
        let said = [reasoning, otherReasoning].lazy.compactMap(\.self).first { !$0.isEmpty }
        if let said { give(.reasoning(choice: choice, said)) }
        if let thinking { try readThinking(data, thinking, of: choice, hasText: said != nil, give) }
        if let content { try readContent(data, content, of: choice, give) }
        if let refusal, !refusal.isEmpty { give(.refusal(choice: choice, refusal)) }
        if let calls {
            // Pieces of one delta are of different calls.
            var taken: Set<Int> = []
            _ = try calls.elements(data) { (element) throws(JSONError) in
                var call = ChatCall()
                let end = try call.read(element, data)
                if problem == nil { problem = take(call, of: choice, besides: &taken, give) }
                return end
            }
        }
    }

    private func readThinking(
        _ data: Span<UInt8>, _ place: JSONPlace, of choice: Int, hasText: Bool, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) {
        _ = try place.elements(data) { (element) throws(JSONError) in
            var block = ThinkingBlock()
            let end = try block.read(element, data)
            guard let reasoning = block.reasoning else { return end }
            if let redacted = reasoning.redacted {
                if !redacted.isEmpty { give(.redactedReasoning(choice: choice, redacted)) }
            } else if !hasText, !reasoning.text.isEmpty {
                give(.reasoning(choice: choice, reasoning.text))
            }
            if let signature = reasoning.signature { give(.reasoningSignature(choice: choice, signature)) }
            return end
        }
    }

    /// Reads a string, or Mistral's parts: texts, and thinking that has texts in it.
    private func readContent(
        _ data: Span<UInt8>, _ place: JSONPlace, of choice: Int, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) {
        guard place.kind == .array else {
            if let text = try place.value(data).string(data), !text.isEmpty { give(.text(choice: choice, text)) }
            return
        }
        func texts(_ place: JSONPlace, _ event: (String) -> AnswerEvent) throws(JSONError) -> Int {
            var text: String?
            let end = try place.members(data) { (name, place) throws(JSONError) in
                name == ChatName.text ? try place.read(data, into: &text) : try place.skip(data)
            }
            if let text, !text.isEmpty { give(event(text)) }
            return end
        }
        _ = try place.elements(data) { (part) throws(JSONError) in
            _ = try part.members(data) { (name, place) throws(JSONError) in
                guard name == ChatName.thinking else { return try place.skip(data) }
                return try place.elements(data) { (piece) throws(JSONError) in
                    try texts(piece) { .reasoning(choice: choice, $0) }
                }
            }
            return try texts(part) { .text(choice: choice, $0) }
        }
    }
}
