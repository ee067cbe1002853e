import WeirBase

/// `/model/{id}/converse` and `converse-stream` (providers.md, section 6.3): a reasoning block where one was asked for, then one block, a text or a
/// tool's use. Events are binary messages; the usage comes after the stop.
struct BedrockAnswer: AnswerFormat {
    private let ask: Ask
    private let content: Content
    private let thought: Content

    init(_ ask: Ask) {
        self.ask = ask
        content = ask.content()
        thought = ask.thought
    }

    private var hasThought: Bool { thought.pieces > 0 }
    private var hasBlock: Bool { content.pieces > 0 }
    private var isEmpty: Bool { !hasBlock && !hasThought }
    /// Only a tool's use is announced: blocks of text and reasoning begin with their first piece.
    private var startsBlock: Bool { !hasThought && ask.directive.tool != nil }

    /// messageStart and a tool's start; pieces; the last block's stop, messageStop, metadata.
    var steps: Steps {
        Steps(
            opening: startsBlock ? 2 : 1, content: thought.pieces + content.pieces, closing: isEmpty ? 2 : 3)
    }

    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.put("{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[")
        if hasThought {
            buffer.put("{\"reasoningContent\":{\"reasoningText\":{\"text\":\"")
            thought.appendAll(as: .json, to: &buffer)
            buffer.put("\",\"signature\":\"")
            ask.appendThoughtSignature(to: &buffer)
            buffer.put("\"}}}")
            if hasBlock { buffer.put(",") }
        }
        if hasBlock { appendBlock(0, number, to: &buffer) }
        for call in ask.furtherCalls {
            buffer.put(",")
            appendBlock(call, number, to: &buffer)
        }
        buffer.put("]}},\"stopReason\":\"")
        ask.appendStopReason(to: &buffer)
        buffer.put("\"")
        appendUsage(to: &buffer)
        buffer.put(",\"metrics\":{\"latencyMs\":1}}")
    }

    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let steps = steps
        let piece = step - steps.opening
        switch (step, steps.all - 1 - step) {
        case (_, 0):
            event("metadata", to: &buffer) {
                $0.put("\"metrics\":{\"latencyMs\":1}")
                appendUsage(to: &$0)
            }
        case (_, 1):
            event("messageStop", to: &buffer) {
                $0.put("\"stopReason\":\"")
                ask.appendStopReason(to: &$0)
                $0.put("\"")
            }
        case (0, _): event("messageStart", to: &buffer) { $0.put("\"role\":\"assistant\"") }
        case (1, _) where startsBlock: appendToolStart(0, call: 0, number, to: &buffer)
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

    /// Every payload ends in padding, so that its length tells nothing.
    private func event(_ name: StaticString, to buffer: inout ByteBuffer, _ members: (inout ByteBuffer) -> Void) {
        var payload = ByteBuffer()
        payload.put("{")
        members(&payload)
        payload.put(",\"p\":\"")
        for letter in 0..<(payload.count % 26 + 1) { payload.append(UInt8(ascii: "a") + UInt8(letter)) }
        payload.put("\"}")
        EventStreamFrame(event: name).append(payload.span, to: &buffer)
    }

    private func delta(_ block: Int, to buffer: inout ByteBuffer, _ delta: (inout ByteBuffer) -> Void) {
        event("contentBlockDelta", to: &buffer) {
            $0.put("\"contentBlockIndex\":")
            $0.append(decimal: block)
            $0.put(",\"delta\":{")
            delta(&$0)
            $0.put("}")
        }
    }

    /// Ends the block that was streamed, and sends the further calls.
    private func appendLastBlocks(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let last = hasThought && hasBlock ? 1 : 0
        appendBlockStop(last, to: &buffer)
        for call in ask.furtherCalls {
            appendToolStart(last + call, call: call, number, to: &buffer)
            delta(last + call, to: &buffer) {
                $0.put("\"toolUse\":{\"input\":\"")
                ToolArguments.appendAll(of: ask.arguments(call: call), to: &$0)
                $0.put("\"}")
            }
            appendBlockStop(last + call, to: &buffer)
        }
    }

    private func appendToolStart(_ index: Int, call: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        guard let tool = ask.directive.tool else { return }
        event("contentBlockStart", to: &buffer) {
            $0.put("\"contentBlockIndex\":")
            $0.append(decimal: index)
            $0.put(",\"start\":{\"toolUse\":{\"toolUseId\":\"tooluse_mock")
            number.append(to: &$0)
            ask.appendCallSuffix(call, to: &$0)
            $0.put("\",\"name\":\"")
            $0.append(tool)
            $0.put("\"}}")
        }
    }

    private func appendBlockStop(_ index: Int, to buffer: inout ByteBuffer) {
        event("contentBlockStop", to: &buffer) {
            $0.put("\"contentBlockIndex\":")
            $0.append(decimal: index)
        }
    }

    private func appendThought(_ piece: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        delta(0, to: &buffer) {
            $0.put("\"reasoningContent\":{\"text\":\"")
            thought.append(piece, as: .json, to: &$0)
            $0.put("\"}")
        }
        guard piece == thought.pieces - 1 else { return }
        delta(0, to: &buffer) {
            $0.put("\"reasoningContent\":{\"signature\":\"")
            ask.appendThoughtSignature(to: &$0)
            $0.put("\"}")
        }
        guard hasBlock else { return }
        appendBlockStop(0, to: &buffer)
        appendToolStart(1, call: 0, number, to: &buffer)
    }

    private func appendPiece(_ piece: Int, to buffer: inout ByteBuffer) {
        delta(hasThought ? 1 : 0, to: &buffer) {
            if ask.directive.tool == nil {
                $0.put("\"text\":\"")
                content.append(piece, as: .json, to: &$0)
                $0.put("\"")
            } else {
                $0.put("\"toolUse\":{\"input\":\"")
                ToolArguments.append(piece, of: content, to: &$0)
                $0.put("\"}")
            }
        }
    }

    // MARK: Parts

    private func appendBlock(_ call: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        guard let tool = ask.directive.tool else {
            buffer.put("{\"text\":\"")
            content.appendAll(as: .json, to: &buffer)
            return buffer.put("\"}")
        }
        buffer.put("{\"toolUse\":{\"toolUseId\":\"tooluse_mock")
        number.append(to: &buffer)
        ask.appendCallSuffix(call, to: &buffer)
        buffer.put("\",\"name\":\"")
        buffer.append(tool)
        buffer.put("\",\"input\":{")
        ToolArguments.appendMembers(of: ask.arguments(call: call), to: &buffer)
        buffer.put("}}}")
    }

    private func appendUsage(to buffer: inout ByteBuffer) {
        guard !ask.directive.omitsUsage else { return }
        let usage = ask.usage
        buffer.put(",\"usage\":{\"inputTokens\":")
        buffer.append(decimal: ask.freshInputTokens)
        buffer.put(",\"outputTokens\":")
        buffer.append(decimal: usage.output)
        buffer.put(",\"totalTokens\":")
        buffer.append(decimal: ask.freshInputTokens + usage.cachedInput + usage.cacheWriteInput + usage.output)
        buffer.put(",\"cacheReadInputTokens\":")
        buffer.append(decimal: usage.cachedInput)
        buffer.put(",\"cacheWriteInputTokens\":")
        buffer.append(decimal: usage.cacheWriteInput)
        buffer.put("}")
    }
}

extension Ask {
    /// An exception in the stream, or a message whose checksum is wrong.
    func appendBrokenFrame(garbage: Bool, to buffer: inout ByteBuffer) {
        var frame =
            garbage
            ? EventStreamFrame(event: "contentBlockDelta") : EventStreamFrame(exception: "modelStreamErrorException")
        frame.isCorrupt = garbage
        var payload = ByteBuffer()
        if garbage {
            payload.put("{\"contentBlockIndex\":0,\"delta\":{\"text\":\"corrupt\"},\"p\":\"ab\"}")
        } else {
            payload.put("{\"message\":\"The model stopped in the middle of its answer.\",\"originalStatusCode\":500}")
        }
        frame.append(payload.span, to: &buffer)
    }
}
