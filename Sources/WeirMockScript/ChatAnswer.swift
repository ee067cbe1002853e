import WeirBase

/// `POST /v1/chat/completions` (providers.md, sections 2.2 and 2.3).
struct ChatAnswer: AnswerFormat {
    private let ask: Ask
    private let contents: [Content]
    private let pieces: Int

    init(_ ask: Ask) {
        self.ask = ask
        contents = (0..<ask.count).map { ask.content(choice: $0) }
        pieces = contents.first?.pieces ?? 0
    }

    /// A choice's role, its pieces (choices take turns), its finish reason; then usage and [DONE]. Azure says before all of it what its filters
    /// think of the prompt.
    var steps: Steps {
        var steps = chatSteps
        steps.opening += filterSteps
        return steps
    }

    private var chatSteps: Steps {
        Steps(opening: ask.count, content: pieces * ask.count, closing: ask.count + (sendsUsage ? 2 : 1))
    }

    private var filterSteps: Int { ask.service == .azure ? 1 : 0 }

    private var sendsUsage: Bool { ask.wantsStreamUsage && !ask.directive.omitsUsage }

    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        appendStart("chat.completion", number, to: &buffer)
        if ask.service == .azure {
            AzureFilter.appendPrompt(to: &buffer)
            buffer.put(",")
        }
        buffer.put("\"choices\":[")
        for index in 0..<ask.count {
            if index > 0 { buffer.put(",") }
            buffer.put("{\"index\":")
            buffer.append(decimal: index)
            buffer.put(",\"message\":{\"role\":\"assistant\",\"content\":")
            if ask.directive.tool != nil {
                buffer.put("null,\"tool_calls\":[{")
                appendCall(0, of: index, number, to: &buffer)
                for call in ask.furtherCalls {
                    buffer.put(",{")
                    appendCall(call, of: index, number, to: &buffer)
                }
                buffer.put("]")
            } else {
                buffer.put("\"")
                contents[index].appendAll(as: .json, to: &buffer)
                buffer.put("\"")
            }
            buffer.put(",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"")
            appendFinish(to: &buffer)
            buffer.put("\"")
            if ask.service == .azure { AzureFilter.appendChoice(to: &buffer) }
            buffer.put("}")
        }
        buffer.put("]")
        if !ask.directive.omitsUsage {
            buffer.put(",\"usage\":")
            ask.appendChatUsage(to: &buffer)
        }
        buffer.put(",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_weirmock\"}")
    }

    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let steps = chatSteps
        let step = step - filterSteps
        ask.openEvent(in: &buffer)
        if step < 0 {
            AzureFilter.appendFirstChunk(to: &buffer)
        } else if step == steps.all - 1 {
            buffer.put("[DONE]")
        } else if sendsUsage, step == steps.all - 2 {
            appendStart("chat.completion.chunk", number, to: &buffer)
            buffer.put("\"service_tier\":\"default\",\"system_fingerprint\":\"fp_weirmock\",\"choices\":[],\"usage\":")
            ask.appendChatUsage(to: &buffer)
            buffer.put("}")
        } else {
            appendChunk(step, steps, number, to: &buffer)
        }
        ask.closeEvent(in: &buffer)
    }

    private func appendChunk(_ step: Int, _ steps: Steps, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let opening = step < steps.opening
        let closing = step >= steps.opening + steps.content
        let choice = opening ? step : (step - steps.opening) % ask.count
        appendStart("chat.completion.chunk", number, to: &buffer)
        buffer.put("\"service_tier\":\"default\",\"system_fingerprint\":\"fp_weirmock\",\"choices\":[{\"index\":")
        buffer.append(decimal: choice)
        buffer.put(",\"delta\":{")
        if opening {
            appendRole(choice, number, to: &buffer)
        } else if !closing {
            appendDelta((step - steps.opening) / ask.count, of: choice, number, to: &buffer)
        }
        buffer.put("}")
        if ask.service == .azure, !opening, !closing { AzureFilter.appendChoice(to: &buffer) }
        buffer.put(",\"logprobs\":null,\"finish_reason\":")
        if closing {
            buffer.put("\"")
            appendFinish(to: &buffer)
            buffer.put("\"}]")
        } else {
            buffer.put("null}]")
        }
        if sendsUsage { buffer.put(",\"usage\":null") }
        buffer.put("}")
    }

    private func appendRole(_ choice: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        guard ask.directive.tool != nil else {
            buffer.put("\"role\":\"assistant\",\"content\":\"\",\"refusal\":null")
            return
        }
        buffer.put("\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,")
        appendCall(0, of: choice, number, isWhole: false, to: &buffer)
        buffer.put("],\"refusal\":null")
    }

    private func appendDelta(_ piece: Int, of choice: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let content = contents[choice]
        guard ask.directive.tool != nil else {
            buffer.put("\"content\":\"")
            content.append(piece, as: .json, to: &buffer)
            return buffer.put("\"")
        }
        buffer.put("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"")
        ToolArguments.append(piece, of: content, to: &buffer)
        buffer.put("\"}}")
        if piece == pieces - 1 {
            for call in ask.furtherCalls {
                buffer.put(",{\"index\":")
                buffer.append(decimal: call)
                buffer.put(",")
                appendCall(call, of: choice, number, to: &buffer)
            }
        }
        buffer.put("]")
    }

    private func appendStart(_ object: StaticString, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.put("{\"id\":\"chatcmpl-mock")
        number.append(to: &buffer)
        buffer.put("\",\"object\":\"")
        buffer.put(object)
        buffer.put("\",\"created\":")
        buffer.put(Ask.created)
        buffer.put(",\"model\":\"")
        buffer.put(ask.model)
        buffer.put("\",")
    }

    /// Appends a call's members and the end of its object.
    /// - Parameter isWhole: with its arguments; a stream sends those of the first call in pieces.
    private func appendCall(
        _ call: Int, of choice: Int, _ number: AnswerNumber, isWhole: Bool = true, to buffer: inout ByteBuffer
    ) {
        buffer.put("\"id\":\"call_")
        buffer.append(decimal: choice)
        buffer.put("_mock")
        number.append(to: &buffer)
        ask.appendCallSuffix(call, to: &buffer)
        buffer.put("\",\"type\":\"function\",\"function\":{\"name\":\"")
        buffer.append(ask.directive.tool ?? "")
        buffer.put("\",\"arguments\":\"")
        if isWhole { ToolArguments.appendAll(of: ask.arguments(call: call, choice: choice), to: &buffer) }
        buffer.put("\"}}")
    }

    private func appendFinish(to buffer: inout ByteBuffer) {
        if let finish = ask.directive.finish {
            buffer.append(finish)
        } else if ask.isShortened {
            buffer.put("length")
        } else if ask.directive.tool == nil {
            buffer.put("stop")
        } else {
            buffer.put("tool_calls")
        }
    }
}

/// What Azure's content filters add to a chat (providers.md, section 3): nothing is ever filtered.
private enum AzureFilter {
    static func appendPrompt(to buffer: inout ByteBuffer) {
        buffer.put("\"prompt_filter_results\":[{\"prompt_index\":0")
        appendChoice(to: &buffer)
        buffer.put("}]")
    }

    /// It has no id, no model and no choice.
    static func appendFirstChunk(to buffer: inout ByteBuffer) {
        buffer.put("{\"id\":\"\",\"object\":\"\",\"created\":0,\"model\":\"\",\"choices\":[],")
        appendPrompt(to: &buffer)
        buffer.put("}")
    }

    static func appendChoice(to buffer: inout ByteBuffer) {
        buffer.put(",\"content_filter_results\":{\"hate\":{\"filtered\":false,\"severity\":\"safe\"},")
        buffer.put("\"self_harm\":{\"filtered\":false,\"severity\":\"safe\"},")
        buffer.put("\"sexual\":{\"filtered\":false,\"severity\":\"safe\"},")
        buffer.put("\"violence\":{\"filtered\":false,\"severity\":\"safe\"}}")
    }
}

extension Ask {
    /// The usage object of chat and text completions.
    func appendChatUsage(to buffer: inout ByteBuffer) {
        let usage = usage
        buffer.put("{\"prompt_tokens\":")
        buffer.append(decimal: usage.input)
        buffer.put(",\"completion_tokens\":")
        buffer.append(decimal: usage.output)
        buffer.put(",\"total_tokens\":")
        buffer.append(decimal: usage.input + usage.output)
        buffer.put(",\"prompt_tokens_details\":{\"cached_tokens\":")
        buffer.append(decimal: usage.cachedInput)
        if usage.cacheWriteInput > 0 {
            buffer.put(",\"cache_write_tokens\":")
            buffer.append(decimal: usage.cacheWriteInput)
        }
        buffer.put(",\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":")
        buffer.append(decimal: usage.reasoningOutput)
        buffer.put(",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}")
    }
}
