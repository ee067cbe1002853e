import WeirBase

/// `POST /v1/messages` (providers.md, sections 4.2 and 4.3): a thinking block where one was asked for, then one block, a text or a tool's use.
struct AnthropicAnswer: AnswerFormat {
    private let ask: Ask
    private let content: Content
    private let thought: Content

    init(_ ask: Ask) {
        self.ask = ask
        content = ask.content()
        thought = ask.thought
    }

    /// A message without a word has no block.
    private var hasBlock: Bool { content.pieces > 0 }
    private var hasThought: Bool { thought.pieces > 0 }
    private var isEmpty: Bool { !hasBlock && !hasThought }

    /// Opened by message_start, the first block's start and a ping; closed by the last block's stop, message_delta and message_stop. What lies
    /// between two blocks goes out with the last piece of the first.
    var steps: Steps {
        Steps(opening: isEmpty ? 1 : 3, content: thought.pieces + content.pieces, closing: isEmpty ? 2 : 3)
    }

    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        appendMessage(number, isWhole: true, to: &buffer)
    }

    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let steps = steps
        let piece = step - steps.opening
        switch (step, steps.all - 1 - step) {
        case (_, 0): event("message_stop", to: &buffer) { $0.put("}") }
        case (_, 1): event("message_delta", to: &buffer, appendEnd)
        case (0, _):
            event("message_start", to: &buffer) {
                $0.put(",\"message\":")
                appendMessage(number, isWhole: false, to: &$0)
                $0.put("}")
            }
        case (1, _): appendBlockStart(0, isThought: hasThought, number, to: &buffer)
        case (2, _): event("ping", to: &buffer) { $0.put("}") }
        case (_, 2): appendLastBlocks(number, to: &buffer)
        default:
            if piece < thought.pieces {
                appendThought(piece, number, to: &buffer)
            } else {
                appendPiece(piece - thought.pieces, to: &buffer)
            }
        }
    }

    // MARK: Events

    /// Ends the block that was streamed, and sends the further calls.
    private func appendLastBlocks(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let last = hasThought && hasBlock ? 1 : 0
        appendBlockStop(last, to: &buffer)
        for call in ask.furtherCalls {
            appendBlockStart(last + call, isThought: false, call: call, number, to: &buffer)
            delta(last + call, to: &buffer) {
                $0.put("input_json_delta\",\"partial_json\":\"")
                ToolArguments.appendAll(of: ask.arguments(call: call), to: &$0)
            }
            appendBlockStop(last + call, to: &buffer)
        }
    }

    private func event(_ name: StaticString, to buffer: inout ByteBuffer, _ rest: (inout ByteBuffer) -> Void) {
        ask.openEvent(name, in: &buffer)
        buffer.put("{\"type\":\"")
        buffer.put(name)
        buffer.put("\"")
        rest(&buffer)
        ask.closeEvent(in: &buffer)
    }

    private func delta(_ block: Int, to buffer: inout ByteBuffer, _ rest: (inout ByteBuffer) -> Void) {
        event("content_block_delta", to: &buffer) {
            $0.put(",\"index\":")
            $0.append(decimal: block)
            $0.put(",\"delta\":{\"type\":\"")
            rest(&$0)
            $0.put("\"}}")
        }
    }

    private func appendBlockStart(
        _ index: Int, isThought: Bool, call: Int = 0, _ number: AnswerNumber, to buffer: inout ByteBuffer
    ) {
        event("content_block_start", to: &buffer) {
            $0.put(",\"index\":")
            $0.append(decimal: index)
            $0.put(",\"content_block\":")
            if isThought {
                $0.put("{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")
            } else {
                appendBlock(call, number, isWhole: false, to: &$0)
            }
            $0.put("}")
        }
    }

    private func appendBlockStop(_ index: Int, to buffer: inout ByteBuffer) {
        event("content_block_stop", to: &buffer) {
            $0.put(",\"index\":")
            $0.append(decimal: index)
            $0.put("}")
        }
    }

    private func appendThought(_ piece: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        delta(0, to: &buffer) {
            $0.put("thinking_delta\",\"thinking\":\"")
            thought.append(piece, as: .json, to: &$0)
        }
        guard piece == thought.pieces - 1 else { return }
        delta(0, to: &buffer) {
            $0.put("signature_delta\",\"signature\":\"")
            ask.appendThoughtSignature(to: &$0)
        }
        guard hasBlock else { return }
        appendBlockStop(0, to: &buffer)
        appendBlockStart(1, isThought: false, number, to: &buffer)
    }

    private func appendPiece(_ piece: Int, to buffer: inout ByteBuffer) {
        delta(hasThought ? 1 : 0, to: &buffer) {
            if ask.directive.tool == nil {
                $0.put("text_delta\",\"text\":\"")
                content.append(piece, as: .json, to: &$0)
            } else {
                $0.put("input_json_delta\",\"partial_json\":\"")
                ToolArguments.append(piece, of: content, to: &$0)
            }
        }
    }

    private func appendEnd(to buffer: inout ByteBuffer) {
        buffer.put(",\"delta\":{\"stop_reason\":\"")
        ask.appendStopReason(to: &buffer)
        buffer.put("\",\"stop_sequence\":null}")
        if !ask.directive.omitsUsage {
            buffer.put(",\"usage\":{")
            appendInputCounts(to: &buffer)
            buffer.put(",\"output_tokens\":")
            buffer.append(decimal: ask.usage.output)
            appendOutputDetails(to: &buffer)
            buffer.put("}")
        }
        buffer.put("}")
    }

    // MARK: Parts

    private func appendMessage(_ number: AnswerNumber, isWhole: Bool, to buffer: inout ByteBuffer) {
        buffer.put("{\"id\":\"msg_mock")
        number.append(to: &buffer)
        buffer.put("\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"")
        buffer.put(ask.model)
        buffer.put("\",\"content\":[")
        if isWhole { appendBlocks(number, to: &buffer) }
        buffer.put("],\"stop_reason\":")
        if isWhole {
            buffer.put("\"")
            ask.appendStopReason(to: &buffer)
            buffer.put("\"")
        } else {
            buffer.put("null")
        }
        buffer.put(",\"stop_sequence\":null")
        if !ask.directive.omitsUsage {
            buffer.put(",\"usage\":{")
            appendInputCounts(to: &buffer)
            buffer.put(",\"cache_creation\":{\"ephemeral_5m_input_tokens\":")
            buffer.append(decimal: ask.usage.cacheWriteInput)
            buffer.put(",\"ephemeral_1h_input_tokens\":0},\"output_tokens\":")
            // A stream begins before its output is known.
            buffer.append(decimal: isWhole ? ask.usage.output : min(1, ask.usage.output))
            if isWhole { appendOutputDetails(to: &buffer) }
            buffer.put(",\"service_tier\":\"standard\"}")
        }
        buffer.put("}")
    }

    private func appendBlocks(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        if hasThought {
            buffer.put("{\"type\":\"thinking\",\"thinking\":\"")
            thought.appendAll(as: .json, to: &buffer)
            buffer.put("\",\"signature\":\"")
            ask.appendThoughtSignature(to: &buffer)
            buffer.put("\"}")
            if hasBlock { buffer.put(",") }
        }
        if hasBlock { appendBlock(0, number, isWhole: true, to: &buffer) }
        for call in ask.furtherCalls {
            buffer.put(",")
            appendBlock(call, number, isWhole: true, to: &buffer)
        }
    }

    /// The text or the block of call `call`, whole or as it starts in a stream.
    private func appendBlock(_ call: Int, _ number: AnswerNumber, isWhole: Bool, to buffer: inout ByteBuffer) {
        guard let tool = ask.directive.tool else {
            buffer.put("{\"type\":\"text\",\"text\":\"")
            if isWhole { content.appendAll(as: .json, to: &buffer) }
            return buffer.put("\"}")
        }
        buffer.put("{\"type\":\"tool_use\",\"id\":\"toolu_mock")
        number.append(to: &buffer)
        ask.appendCallSuffix(call, to: &buffer)
        buffer.put("\",\"name\":\"")
        buffer.append(tool)
        buffer.put("\",\"input\":{")
        if isWhole { ToolArguments.appendMembers(of: ask.arguments(call: call), to: &buffer) }
        buffer.put("}}")
    }

    private func appendInputCounts(to buffer: inout ByteBuffer) {
        buffer.put("\"input_tokens\":")
        buffer.append(decimal: ask.freshInputTokens)
        buffer.put(",\"cache_creation_input_tokens\":")
        buffer.append(decimal: ask.usage.cacheWriteInput)
        buffer.put(",\"cache_read_input_tokens\":")
        buffer.append(decimal: ask.usage.cachedInput)
    }

    private func appendOutputDetails(to buffer: inout ByteBuffer) {
        buffer.put(",\"output_tokens_details\":{\"thinking_tokens\":")
        buffer.append(decimal: ask.usage.reasoningOutput)
        buffer.put("}")
    }
}

/// What a request's tokens are counted to be: `/v1/messages/count_tokens`, `:countTokens`.
struct TokenCountAnswer: AnswerFormat {
    private let ask: Ask

    init(_ ask: Ask) { self.ask = ask }

    var steps: Steps { Steps(opening: 0, content: 0, closing: 0) }

    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        if ask.service == .gemini { buffer.put("{\"totalTokens\":") } else { buffer.put("{\"input_tokens\":") }
        buffer.append(decimal: ask.usage.input)
        buffer.put("}")
    }

    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {}
}
