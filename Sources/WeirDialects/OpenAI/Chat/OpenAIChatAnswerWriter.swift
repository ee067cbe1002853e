public import WeirBase
internal import WeirWire

/// Writes an answer as one chat completion, all of it at `end`; an error is written instead of it. What it keeps is bounded by
/// `OpenAIAnswerLimits`.
public struct OpenAIChatAnswerWriter: AnswerWriter {
    private struct Call {
        var id: String
        var name: String
        var signature: String?
        var arguments = ""
    }

    private struct Choice {
        var text = ""
        var reasoning = ""
        var refusal = ""
        /// Of what came as signatures and redacted reasoning: elements of `thinking_blocks`.
        var thinking: [(isRedacted: Bool, value: String)] = []
        var calls: [Call] = []
        var logprobs: [RawJSON] = []
        var finish = FinishReason.stop
    }

    private let context: AnswerContext
    private var model = ""
    private var choices: [Choice] = []
    private var usage: Usage?
    private var keptBytes = 0
    private var isOver = false

    public init(_ context: AnswerContext) { self.context = context }

    public mutating func write(_ event: AnswerEvent, to out: inout ByteBuffer) {
        guard !isOver else { return }
        do throws(UpstreamProblem) {
            switch event {
            case .start(let model, _):
                self.model = model
                _ = try place(0)
            case .text(let choice, let text): choices[try place(choice, keeping: text)].text += text
            case .reasoning(let choice, let text): choices[try place(choice, keeping: text)].reasoning += text
            case .refusal(let choice, let text): choices[try place(choice, keeping: text)].refusal += text
            case .reasoningSignature(let choice, let value):
                choices[try place(choice, keeping: value)].thinking.append((false, value))
            case .redactedReasoning(let choice, let value):
                choices[try place(choice, keeping: value)].thinking.append((true, value))
            case .toolCall(let choice, let call, let id, let name, let signature):
                let at = try place(choice, keeping: id, name, signature ?? "")
                guard call == choices[at].calls.count, call < OpenAIAnswerLimits.calls else {
                    throw UpstreamProblem.strayCall
                }
                choices[at].calls.append(Call(id: id, name: name, signature: signature))
            case .toolArguments(let choice, let call, let piece):
                let at = try place(choice, keeping: piece)
                guard choices[at].calls.indices.contains(call) else {
                    throw UpstreamProblem.strayArguments
                }
                choices[at].calls[call].arguments += piece
            case .logprobs(let choice, let elements):
                let at = try place(choice)
                try keep(elements.bytes.count)
                choices[at].logprobs.append(elements)
            case .finish(let choice, let reason, _): choices[try place(choice)].finish = reason
            case .usage(let usage): self.usage = usage
            case .end:
                isOver = true
                writeAnswer(&out)
            case .error(let problem): throw problem
            }
        } catch {
            isOver = true
            OpenAIErrorShape(error).append(to: &out)
        }
    }

    /// The place of a choice in `choices`, made if it is new, once there is room for what it is to keep.
    private mutating func place(_ choice: Int, keeping texts: String...) throws(UpstreamProblem) -> Int {
        guard choice >= 0, choice < OpenAIAnswerLimits.choices else {
            throw .strayChoice
        }
        for text in texts { try keep(text.utf8.count) }
        while choices.count <= choice { choices.append(Choice()) }
        return choice
    }

    private mutating func keep(_ count: Int) throws(UpstreamProblem) {
        guard count <= OpenAIAnswerLimits.bytes - keptBytes else {
            throw UpstreamProblem(.malformed, "the answer is longer than \(OpenAIAnswerLimits.bytes) bytes")
        }
        keptBytes += count
    }

    private func writeAnswer(_ out: inout ByteBuffer) {
        out.append("{\"id\":\"chatcmpl-")
        out.append(context.id)
        out.append("\",\"object\":\"chat.completion\",\"created\":")
        out.append(decimal: Int(context.created))
        out.append(",\"model\":")
        out.append(jsonString: model.isEmpty ? context.request.model : model)
        out.append(",\"choices\":[")
        for (index, choice) in choices.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out.append("{\"index\":")
            out.append(decimal: index)
            write(choice, &out)
        }
        out.append("]")
        if let usage {
            out.append(",\"usage\":")
            out.append(openAIChatUsage: usage)
        }
        out.append("}")
    }

    private func write(_ choice: Choice, _ out: inout ByteBuffer) {
        out.append(",\"message\":{\"role\":\"assistant\",\"content\":")
        let isSilent = choice.text.isEmpty && !(choice.calls.isEmpty && choice.refusal.isEmpty)
        if isSilent { out.append("null") } else { out.append(jsonString: choice.text) }
        out.append(",\"refusal\":")
        if choice.refusal.isEmpty { out.append("null") } else { out.append(jsonString: choice.refusal) }
        if !choice.reasoning.isEmpty {
            out.append(",\"reasoning_content\":")
            out.append(jsonString: choice.reasoning)
        }
        writeThinking(choice, &out)
        writeCalls(choice.calls, &out)
        out.append("},\"logprobs\":")
        writeLogprobs(choice.logprobs, &out)
        out.append(",\"finish_reason\":\"")
        out.append(choice.finish.openAIName)
        out.append("\"}")
    }

    private func writeThinking(_ choice: Choice, _ out: inout ByteBuffer) {
        guard !choice.thinking.isEmpty else { return }
        out.append(",\"thinking_blocks\":[")
        for (index, block) in choice.thinking.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out.append(openAIThinking: block.value, isRedacted: block.isRedacted)
        }
        out.append("]")
    }

    private func writeCalls(_ calls: [Call], _ out: inout ByteBuffer) {
        guard !calls.isEmpty else { return }
        out.append(",\"tool_calls\":[")
        for (index, call) in calls.enumerated() {
            out.append(index > 0 ? ",{" : "{" as StaticString)
            out.append(openAICallID: call.id, name: call.name, signature: call.signature)
            out.append(jsonString: call.arguments.isEmpty ? "{}" : call.arguments)
            out.append("}}")
        }
        out.append("]")
    }

    /// The elements of all arrays as one array.
    private func writeLogprobs(_ arrays: [RawJSON], _ out: inout ByteBuffer) {
        guard !arrays.isEmpty else { return out.append("null") }
        out.append("{\"content\":[")
        var isFirst = true
        for array in arrays where array.bytes.count > 2 {
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            out.append(Array(array.bytes.dropFirst().dropLast()))
        }
        out.append("],\"refusal\":null}")
    }
}
