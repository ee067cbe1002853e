import WeirBase

/// `:generateContent` and `:streamGenerateContent` (providers.md, section 5.2): every event is a whole response with the parts added; thoughts
/// come first, a function's call comes in one piece, and every event has the usage so far.
struct GeminiAnswer: AnswerFormat {
    private let ask: Ask
    private let contents: [Content]
    private let thought: Content

    init(_ ask: Ask) {
        self.ask = ask
        contents = (0..<ask.count).map { ask.content(choice: $0) }
        thought = ask.thought
    }

    private var callsTool: Bool { ask.directive.tool != nil }
    private var pieces: Int { contents.first?.pieces ?? 0 }
    /// Events of each candidate after its thoughts.
    private var parts: Int { callsTool ? 1 : pieces }

    /// Candidates take turns; the closing events are one for each candidate, without a part, with its finish reason.
    var steps: Steps { Steps(opening: 0, content: thought.pieces + parts * ask.count, closing: ask.count) }

    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.put("{\"candidates\":[")
        for candidate in 0..<ask.count {
            if candidate > 0 { buffer.put(",") }
            buffer.put("{\"content\":{\"parts\":[")
            var isFirst = true
            if candidate == 0, thought.pieces > 0 {
                buffer.put("{\"thought\":true,\"text\":\"")
                thought.appendAll(as: .json, to: &buffer)
                buffer.put("\"}")
                isFirst = false
            }
            if callsTool || pieces > 0 {
                if !isFirst { buffer.put(",") }
                appendPart(candidate, nil, number, to: &buffer)
            }
            appendCandidateEnd(candidate, isFinished: true, to: &buffer)
        }
        buffer.put("]")
        appendTail(outputTokens: ask.usage.output, number, to: &buffer)
    }

    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let steps = steps
        openEvent(step, in: &buffer)
        let isThought = step < thought.pieces
        let isClosing = step >= steps.content
        let candidate = isThought ? 0 : isClosing ? step - steps.content : (step - thought.pieces) % ask.count
        buffer.put("{\"candidates\":[{\"content\":{\"parts\":[")
        if isThought {
            buffer.put("{\"thought\":true,\"text\":\"")
            thought.append(step, as: .json, to: &buffer)
            buffer.put("\"}")
        } else if isClosing {
            buffer.put("{\"text\":\"\"}")
        } else {
            appendPart(candidate, (step - thought.pieces) / ask.count, number, to: &buffer)
        }
        appendCandidateEnd(candidate, isFinished: isClosing, to: &buffer)
        buffer.put("]")
        let isLast = step == steps.all - 1
        appendTail(outputTokens: isLast ? ask.usage.output : min(step + 1, ask.usage.output), number, to: &buffer)
        closeEvent(isLast: isLast, in: &buffer)
    }

    // MARK: Framing

    private func openEvent(_ step: Int, in buffer: inout ByteBuffer) {
        guard ask.isArray else { return ask.openEvent(in: &buffer) }
        if step == 0 { buffer.put("[") } else { buffer.put(",\r\n") }
    }

    private func closeEvent(isLast: Bool, in buffer: inout ByteBuffer) {
        guard ask.isArray else { return ask.closeEvent(in: &buffer) }
        if isLast { buffer.put("]") }
    }

    // MARK: Parts

    /// Piece `piece` of a candidate's text, or all of it; a function's call is always whole.
    private func appendPart(_ candidate: Int, _ piece: Int?, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let content = contents[candidate]
        guard let tool = ask.directive.tool else {
            buffer.put("{\"text\":\"")
            if let piece {
                content.append(piece, as: .json, to: &buffer)
            } else {
                content.appendAll(as: .json, to: &buffer)
            }
            return buffer.put("\"}")
        }
        appendCall(of: tool, 0, candidate, number, to: &buffer)
        // Of parallel calls the first one alone is signed.
        buffer.put(",\"thoughtSignature\":\"")
        ask.appendCallSignature(of: tool, content, to: &buffer)
        buffer.put("\"}")
        for call in ask.furtherCalls {
            buffer.put(",")
            appendCall(of: tool, call, candidate, number, to: &buffer)
            buffer.put("}")
        }
    }

    /// Appends the part of call `call`, its end left open.
    private func appendCall(
        of tool: String, _ call: Int, _ candidate: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer
    ) {
        buffer.put("{\"functionCall\":{\"id\":\"call_")
        buffer.append(decimal: candidate)
        buffer.put("_mock")
        number.append(to: &buffer)
        ask.appendCallSuffix(call, to: &buffer)
        buffer.put("\",\"name\":\"")
        buffer.append(tool)
        buffer.put("\",\"args\":{")
        ToolArguments.appendMembers(of: ask.arguments(call: call, choice: candidate), to: &buffer)
        buffer.put("}}")
    }

    private func appendCandidateEnd(_ candidate: Int, isFinished: Bool, to buffer: inout ByteBuffer) {
        buffer.put("],\"role\":\"model\"}")
        if isFinished {
            buffer.put(",\"finishReason\":\"")
            if let finish = ask.directive.finish {
                buffer.append(finish)
            } else if ask.isShortened {
                buffer.put("MAX_TOKENS")
            } else {
                buffer.put("STOP")
            }
            buffer.put("\"")
        }
        buffer.put(",\"index\":")
        buffer.append(decimal: candidate)
        buffer.put("}")
    }

    /// The usage with `outputTokens` so far, and the names.
    private func appendTail(outputTokens: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        if !ask.directive.omitsUsage {
            let usage = ask.usage
            let thoughts = min(usage.reasoningOutput, outputTokens)
            buffer.put(",\"usageMetadata\":{\"promptTokenCount\":")
            buffer.append(decimal: usage.input)
            buffer.put(",\"candidatesTokenCount\":")
            buffer.append(decimal: outputTokens - thoughts)
            buffer.put(",\"totalTokenCount\":")
            buffer.append(decimal: usage.input + outputTokens)
            if usage.cachedInput > 0 {
                buffer.put(",\"cachedContentTokenCount\":")
                buffer.append(decimal: usage.cachedInput)
            }
            if thoughts > 0 {
                buffer.put(",\"thoughtsTokenCount\":")
                buffer.append(decimal: thoughts)
            }
            buffer.put(",\"promptTokensDetails\":[{\"modality\":\"TEXT\",\"tokenCount\":")
            buffer.append(decimal: usage.input)
            buffer.put("}]}")
        }
        buffer.put(",\"modelVersion\":\"")
        buffer.put(ask.model)
        buffer.put("\",\"responseId\":\"mock")
        number.append(to: &buffer)
        buffer.put("\"}")
    }
}
