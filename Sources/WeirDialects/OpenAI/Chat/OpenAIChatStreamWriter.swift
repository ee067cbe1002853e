public import WeirBase
internal import WeirWire

/// Writes an answer as the event stream of chat completions: chunks of one id, each choice's first with its role, one with its finish reason, the
/// usage if the client asked for it, `[DONE]`. An error is the last event; no `[DONE]` follows it.
public struct OpenAIChatStreamWriter: AnswerWriter {
    /// What is known of a choice.
    private struct Choice {
        /// Of each call, whether a part of its arguments has come.
        var callHasArguments: [Bool] = []
        var isOpen = false
    }

    private let context: AnswerContext
    /// A chunk up to the value of its choice's `index`; made at `start`.
    private var head: [UInt8] = []
    private var choices: [Choice] = []
    private var isOver = false

    public init(_ context: AnswerContext) { self.context = context }

    public mutating func write(_ event: AnswerEvent, to out: inout ByteBuffer) {
        guard !isOver else { return }
        switch event {
        case .start(let model, _):
            makeHead(model: model)
            guard open(0, &out) else { return }
        case .text(let choice, let text): write(choice, "\"content\":", text, &out)
        case .reasoning(let choice, let text): write(choice, "\"reasoning_content\":", text, &out)
        case .refusal(let choice, let text): write(choice, "\"refusal\":", text, &out)
        case .reasoningSignature(let choice, let signature): writeThinking(choice, signature, isRedacted: false, &out)
        case .redactedReasoning(let choice, let data): writeThinking(choice, data, isRedacted: true, &out)
        case .toolCall(let choice, let call, let id, let name, let signature):
            guard open(choice, &out), addCall(call, of: choice, &out) else { return }
            beginCall(call, of: choice, &out)
            out.append(UInt8(ascii: ","))
            out.append(openAICallID: id, name: name, signature: signature)
            out.append("\"\"}}]")
            endDelta(&out)
        case .toolArguments(let choice, let call, let piece):
            guard open(choice, &out), hasCall(call, of: choice, &out) else { return }
            choices[choice].callHasArguments[call] = true
            writeArguments(call, of: choice, piece, &out)
        case .logprobs(let choice, let elements):
            guard open(choice, &out) else { return }
            beginDelta(choice, &out)
            out.append("},\"logprobs\":{\"content\":")
            out.append(elements.bytes)
            out.append(",\"refusal\":null},\"finish_reason\":null}]")
            endChunk(&out)
        case .finish(let choice, let reason, _):
            guard open(choice, &out) else { return }
            // A call without arguments is `{}`: clients parse what they have put together.
            for (call, hasArguments) in choices[choice].callHasArguments.enumerated() where !hasArguments {
                writeArguments(call, of: choice, "{}", &out)
            }
            beginDelta(choice, &out)
            out.append("},\"logprobs\":null,\"finish_reason\":\"")
            out.append(reason.openAIName)
            out.append("\"}]")
            endChunk(&out)
        case .usage(let usage): write(usage, &out)
        case .end:
            isOver = true
            out.append("data: [DONE]\n\n")
        case .error(let problem): fail(problem, &out)
        }
    }

    private mutating func makeHead(model: String) {
        var chunk = ByteBuffer(capacity: 192)
        chunk.append("data: {\"id\":\"chatcmpl-")
        chunk.append(context.id)
        chunk.append("\",\"object\":\"chat.completion.chunk\",\"created\":")
        chunk.append(decimal: Int(context.created))
        chunk.append(",\"model\":")
        chunk.append(jsonString: model.isEmpty ? context.request.model : model)
        chunk.append(",\"choices\":[")
        let bytes = chunk.span
        head = bytes.indices.map { bytes[$0] }
    }

    /// Writes the role of a choice that has not been seen.
    /// - Returns: false if there is no such choice; the stream has failed then.
    private mutating func open(_ choice: Int, _ out: inout ByteBuffer) -> Bool {
        guard choice >= 0, choice < OpenAIAnswerLimits.choices else {
            fail(.strayChoice, &out)
            return false
        }
        if head.isEmpty { makeHead(model: "") }
        while choices.count <= choice { choices.append(Choice()) }
        guard !choices[choice].isOpen else { return true }
        choices[choice].isOpen = true
        beginDelta(choice, &out)
        out.append("\"role\":\"assistant\",\"content\":\"\",\"refusal\":null")
        endDelta(&out)
        return true
    }

    private mutating func addCall(_ call: Int, of choice: Int, _ out: inout ByteBuffer) -> Bool {
        guard call == choices[choice].callHasArguments.count, call < OpenAIAnswerLimits.calls else {
            fail(.strayCall, &out)
            return false
        }
        choices[choice].callHasArguments.append(false)
        return true
    }

    private mutating func hasCall(_ call: Int, of choice: Int, _ out: inout ByteBuffer) -> Bool {
        guard choices[choice].callHasArguments.indices.contains(call) else {
            fail(.strayArguments, &out)
            return false
        }
        return true
    }

    /// A chunk whose delta is one member with a string.
    private mutating func write(_ choice: Int, _ name: StaticString, _ text: String, _ out: inout ByteBuffer) {
        guard open(choice, &out) else { return }
        beginDelta(choice, &out)
        out.append(name)
        out.append(jsonString: text)
        endDelta(&out)
    }

    private mutating func writeThinking(
        _ choice: Int, _ value: String, isRedacted: Bool, _ out: inout ByteBuffer
    ) {
        guard open(choice, &out) else { return }
        beginDelta(choice, &out)
        out.append("\"thinking_blocks\":[")
        out.append(openAIThinking: value, isRedacted: isRedacted)
        out.append("]")
        endDelta(&out)
    }

    private func writeArguments(_ call: Int, of choice: Int, _ piece: String, _ out: inout ByteBuffer) {
        beginCall(call, of: choice, &out)
        out.append(",\"function\":{\"arguments\":")
        out.append(jsonString: piece)
        out.append("}}]")
        endDelta(&out)
    }

    private mutating func write(_ usage: Usage, _ out: inout ByteBuffer) {
        guard context.request.includeUsage else { return }
        if head.isEmpty { makeHead(model: "") }
        out.append(head)
        out.append("],\"usage\":")
        out.append(openAIChatUsage: usage)
        out.append("}\n\n")
    }

    private mutating func fail(_ problem: UpstreamProblem, _ out: inout ByteBuffer) {
        isOver = true
        OpenAIErrorShape(problem).appendEvent(to: &out)
    }

    private func beginCall(_ call: Int, of choice: Int, _ out: inout ByteBuffer) {
        beginDelta(choice, &out)
        out.append("\"tool_calls\":[{\"index\":")
        out.append(decimal: call)
    }

    private func beginDelta(_ choice: Int, _ out: inout ByteBuffer) {
        out.append(head)
        out.append("{\"index\":")
        out.append(decimal: choice)
        out.append(",\"delta\":{")
    }

    private func endDelta(_ out: inout ByteBuffer) {
        out.append("},\"logprobs\":null,\"finish_reason\":null}]")
        endChunk(&out)
    }

    /// With usage asked for every chunk names it.
    private func endChunk(_ out: inout ByteBuffer) {
        if context.request.includeUsage { out.append(",\"usage\":null") }
        out.append("}\n\n")
    }
}
