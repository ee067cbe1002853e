import WeirBase

/// `POST /v1/responses` (providers.md, sections 2.4 and 2.5): a message, or function calls.
struct ResponsesAnswer: AnswerFormat {
    private let ask: Ask
    private let content: Content

    init(_ ask: Ask) {
        self.ask = ask
        content = ask.content()
    }

    private var callsTool: Bool { ask.directive.tool != nil }

    /// A message opens with created, in_progress, item added, part added and closes with text done, part done, item done, completed;
    /// a function call has no parts.
    var steps: Steps {
        Steps(opening: callsTool ? 3 : 4, content: content.pieces, closing: callsTool ? 3 : 4)
    }

    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        appendResponse(.ended, number, to: &buffer)
    }

    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let steps = steps
        let fromEnd = steps.all - 1 - step
        switch step {
        case 0: appendWhole("response.created", .started, step, number, to: &buffer)
        case 1: appendWhole("response.in_progress", .started, step, number, to: &buffer)
        case 2: appendItemEvent("response.output_item.added", done: false, step, number, to: &buffer)
        case 3 where !callsTool: appendPartEvent("response.content_part.added", done: false, step, number, to: &buffer)
        default:
            switch fromEnd {
            case 0:
                let name: StaticString = ask.isShortened ? "response.incomplete" : "response.completed"
                appendWhole(name, .ended, step + 4 * ask.furtherCalls.count, number, to: &buffer)
            case 1:
                appendItemEvent("response.output_item.done", done: true, step, number, to: &buffer)
                appendFurtherCalls(after: step, number, to: &buffer)
            case 2 where !callsTool:
                appendPartEvent("response.content_part.done", done: true, step, number, to: &buffer)
            case (callsTool ? 2 : 3): appendTextDone(step, number, to: &buffer)
            default: appendDelta(step - steps.opening, step, number, to: &buffer)
            }
        }
        ask.closeEvent(in: &buffer)
    }

    /// The items behind the first, four events each. The one that is last is closed by the caller.
    private func appendFurtherCalls(after step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        var step = step
        for call in ask.furtherCalls {
            let arguments = ask.arguments(call: call)
            for event in 0..<4 {
                ask.closeEvent(in: &buffer)
                step += 1
                switch event {
                case 0:
                    appendItemEvent("response.output_item.added", done: false, call: call, step, number, to: &buffer)
                case 1:
                    open("response.function_call_arguments.delta", step, in: &buffer)
                    appendPlace(call, number, to: &buffer)
                    buffer.put(",\"delta\":\"")
                    ToolArguments.appendAll(of: arguments, to: &buffer)
                    buffer.put("\"}")
                case 2: appendTextDone(call: call, step, number, to: &buffer)
                default:
                    appendItemEvent("response.output_item.done", done: true, call: call, step, number, to: &buffer)
                }
            }
        }
    }

    private enum Phase { case started, ended }

    /// How what has ended has ended: the limit on the output may have cut it.
    private var ending: StaticString { ask.isShortened ? "incomplete" : "completed" }

    private func open(_ name: StaticString, _ step: Int, in buffer: inout ByteBuffer) {
        ask.openEvent(name, in: &buffer)
        buffer.put("{\"type\":\"")
        buffer.put(name)
        buffer.put("\",\"sequence_number\":")
        buffer.append(decimal: step)
        buffer.put(",")
    }

    private func appendWhole(
        _ name: StaticString, _ phase: Phase, _ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer
    ) {
        open(name, step, in: &buffer)
        buffer.put("\"response\":")
        appendResponse(phase, number, to: &buffer)
        buffer.put("}")
    }

    private func appendItemEvent(
        _ name: StaticString, done: Bool, call: Int = 0, _ step: Int, _ number: AnswerNumber,
        to buffer: inout ByteBuffer
    ) {
        open(name, step, in: &buffer)
        buffer.put("\"output_index\":")
        buffer.append(decimal: call)
        buffer.put(",\"item\":")
        appendItem(call, done: done, number, to: &buffer)
        buffer.put("}")
    }

    private func appendPartEvent(
        _ name: StaticString, done: Bool, _ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer
    ) {
        open(name, step, in: &buffer)
        appendPlace(0, number, to: &buffer)
        buffer.put(",\"part\":")
        appendPart(done: done, to: &buffer)
        buffer.put("}")
    }

    private func appendDelta(_ piece: Int, _ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        open(callsTool ? "response.function_call_arguments.delta" : "response.output_text.delta", step, in: &buffer)
        appendPlace(0, number, to: &buffer)
        buffer.put(",\"delta\":\"")
        if callsTool {
            ToolArguments.append(piece, of: content, to: &buffer)
            buffer.put("\"}")
        } else {
            content.append(piece, as: .json, to: &buffer)
            buffer.put("\",\"logprobs\":[]}")
        }
    }

    private func appendTextDone(
        call: Int = 0, _ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer
    ) {
        open(callsTool ? "response.function_call_arguments.done" : "response.output_text.done", step, in: &buffer)
        appendPlace(call, number, to: &buffer)
        if let tool = ask.directive.tool {
            buffer.put(",\"name\":\"")
            buffer.append(tool)
            buffer.put("\",\"arguments\":\"")
            ToolArguments.appendAll(of: ask.arguments(call: call), to: &buffer)
            buffer.put("\"}")
        } else {
            buffer.put(",\"text\":\"")
            content.appendAll(as: .json, to: &buffer)
            buffer.put("\",\"logprobs\":[]}")
        }
    }

    private func appendPlace(_ call: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.put("\"item_id\":\"")
        appendItemID(call, number, to: &buffer)
        buffer.put("\",\"output_index\":")
        buffer.append(decimal: call)
        if !callsTool { buffer.put(",\"content_index\":0") }
    }

    private func appendItemID(_ call: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        if callsTool { buffer.put("fc_mock") } else { buffer.put("msg_mock") }
        number.append(to: &buffer)
        ask.appendCallSuffix(call, to: &buffer)
    }

    private func appendPart(done: Bool, to buffer: inout ByteBuffer) {
        buffer.put("{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\"")
        if done { content.appendAll(as: .json, to: &buffer) }
        buffer.put("\"}")
    }

    /// The message, or call `call`.
    private func appendItem(_ call: Int, done: Bool, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.put("{\"id\":\"")
        appendItemID(call, number, to: &buffer)
        if let tool = ask.directive.tool {
            buffer.put("\",\"type\":\"function_call\",\"call_id\":\"call_mock")
            number.append(to: &buffer)
            ask.appendCallSuffix(call, to: &buffer)
            buffer.put("\",\"name\":\"")
            buffer.append(tool)
            buffer.put("\",\"arguments\":\"")
            if done { ToolArguments.appendAll(of: ask.arguments(call: call), to: &buffer) }
            buffer.put("\",\"status\":\"")
        } else {
            buffer.put("\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[")
            if done { appendPart(done: true, to: &buffer) }
            buffer.put("],\"status\":\"")
        }
        buffer.put(done ? ending : "in_progress")
        buffer.put("\"}")
    }

    private func appendResponse(_ phase: Phase, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.put("{\"id\":\"resp_mock")
        number.append(to: &buffer)
        buffer.put("\",\"object\":\"response\",\"created_at\":")
        buffer.put(Ask.created)
        buffer.put(",\"status\":\"")
        buffer.put(phase == .ended ? ending : "in_progress")
        buffer.put("\",\"background\":false,\"error\":null,\"incomplete_details\":")
        let isCut = phase == .ended && ask.isShortened
        buffer.put(isCut ? "{\"reason\":\"max_output_tokens\"}" : "null")
        buffer.put(",\"instructions\":null,")
        buffer.put("\"max_output_tokens\":null,\"model\":\"")
        buffer.put(ask.model)
        buffer.put("\",\"output\":[")
        if phase == .ended {
            appendItem(0, done: true, number, to: &buffer)
            for call in ask.furtherCalls {
                buffer.put(",")
                appendItem(call, done: true, number, to: &buffer)
            }
        }
        buffer.put("],\"parallel_tool_calls\":true,\"previous_response_id\":null,\"reasoning\":{\"effort\":null,")
        buffer.put(
            "\"summary\":null},\"service_tier\":\"default\",\"store\":true,\"temperature\":1.0,\"text\":{\"format\":")
        buffer.put(
            "{\"type\":\"text\"}},\"tool_choice\":\"auto\",\"tools\":[],\"top_p\":1.0,\"truncation\":\"disabled\",")
        buffer.put("\"usage\":")
        if phase == .ended, !ask.directive.omitsUsage { appendUsage(to: &buffer) } else { buffer.put("null") }
        buffer.put(",\"user\":null,\"metadata\":{}}")
    }

    private func appendUsage(to buffer: inout ByteBuffer) {
        let usage = ask.usage
        buffer.put("{\"input_tokens\":")
        buffer.append(decimal: usage.input)
        buffer.put(",\"input_tokens_details\":{\"cached_tokens\":")
        buffer.append(decimal: usage.cachedInput)
        if usage.cacheWriteInput > 0 {
            buffer.put(",\"cache_write_tokens\":")
            buffer.append(decimal: usage.cacheWriteInput)
        }
        buffer.put("},\"output_tokens\":")
        buffer.append(decimal: usage.output)
        buffer.put(",\"output_tokens_details\":{\"reasoning_tokens\":")
        buffer.append(decimal: usage.reasoningOutput)
        buffer.put("},\"total_tokens\":")
        buffer.append(decimal: usage.input + usage.output)
        buffer.put("}")
    }
}
