public import WeirBase
internal import WeirWire

/// Writes a whole answer of the Messages API (providers.md, sections 4.2 and 9), all of it at `end`; after an `error` the body of an error answer.
///
/// A call's arguments that are no JSON object, because the answer was cut or the model erred, become `{"_raw":"TEXT"}`: the client sees what came.
/// Memory: the answer once more; it has been read whole, so that its reader's bound is the bound.
public struct AnthropicAnswerWriter: AnswerWriter {
    private struct Block {
        enum Kind: Equatable {
            case text
            case thinking(signature: String)
            case redacted
            case call(Int, id: String, name: String)
        }

        var kind: Kind
        /// The text, the data or the arguments: grown in place, for they come in pieces.
        var text: String
    }

    private let id: String
    private var model: String
    private var blocks: [Block] = []
    private var stop = AnthropicStop()
    private var usage = Usage()
    private var isOver = false

    public init(_ context: AnswerContext) {
        id = context.id
        model = context.request.model
    }

    public mutating func write(_ event: AnswerEvent, to out: inout ByteBuffer) {
        guard !isOver else { return }
        switch event {
        case .start(let model, _): if !model.isEmpty { self.model = model }
        case .text(0, let text): add(text)
        case .refusal(0, let text):
            stop.noteRefusal()
            add(text)
        case .reasoning(0, let text): add(reasoning: text, signature: "")
        case .reasoningSignature(0, let signature): add(reasoning: "", signature: signature)
        case .redactedReasoning(0, let data): blocks.append(Block(kind: .redacted, text: data))
        case .toolCall(0, let call, let id, let name, _):
            stop.noteCall()
            blocks.append(Block(kind: .call(call, id: id, name: name), text: ""))
        case .toolArguments(0, let call, let piece): add(piece, toCall: call, &out)
        case .finish(0, let reason, let sequence): stop.note(finish: reason, stopSequence: sequence)
        case .usage(let usage): self.usage = usage
        case .end: end(&out)
        case .error(let problem): fail(problem, &out)
        case .text, .refusal, .reasoning, .reasoningSignature, .redactedReasoning, .toolCall, .toolArguments, .finish,
            .logprobs:
            break
        }
    }

    private mutating func add(_ text: String) {
        guard !text.isEmpty else { return }
        if blocks.last?.kind == .text {
            blocks[blocks.count - 1].text += text
        } else {
            blocks.append(Block(kind: .text, text: text))
        }
    }

    /// A signature ends its block.
    private mutating func add(reasoning text: String, signature: String) {
        if blocks.last?.kind == .thinking(signature: "") {
            blocks[blocks.count - 1].text += text
            blocks[blocks.count - 1].kind = .thinking(signature: signature)
        } else if !text.isEmpty || !signature.isEmpty {
            blocks.append(Block(kind: .thinking(signature: signature), text: text))
        }
    }

    private mutating func add(_ piece: String, toCall call: Int, _ out: inout ByteBuffer) {
        let at = blocks.lastIndex { block in if case .call(call, _, _) = block.kind { true } else { false } }
        guard let at else {
            return fail(UpstreamProblem(.malformed, "the provider gave arguments of a call that has not begun"), &out)
        }
        blocks[at].text += piece
    }

    private mutating func fail(_ problem: UpstreamProblem, _ out: inout ByteBuffer) {
        isOver = true
        AnthropicErrorShape(problem).append(to: &out)
    }

    private mutating func end(_ out: inout ByteBuffer) {
        isOver = true
        out.append(anthropicMessage: id, model: model)
        out.append(#","content":["#)
        for (index, block) in blocks.enumerated() {
            if index > 0 { out.append(",") }
            append(block, &out)
        }
        out.append("],")
        out.append(anthropicStop: stop)
        out.append(#","usage":"#)
        out.append(anthropicUsage: usage)
        out.append("}")
    }

    private func append(_ block: Block, _ out: inout ByteBuffer) {
        switch block.kind {
        case .text:
            out.append(#"{"type":"text","text":"#)
            out.append(jsonString: block.text)
        case .thinking(let signature):
            out.append(#"{"type":"thinking","thinking":"#)
            out.append(jsonString: block.text)
            out.append(#","signature":"#)
            out.append(jsonString: signature)
        case .redacted:
            out.append(#"{"type":"redacted_thinking","data":"#)
            out.append(jsonString: block.text)
        case .call(_, let id, let name):
            out.append(#"{"type":"tool_use","id":"#)
            out.append(jsonString: id)
            out.append(#","name":"#)
            out.append(jsonString: name)
            out.append(#","input":"#)
            append(arguments: block.text, &out)
        }
        out.append("}")
    }

    private func append(arguments: String, _ out: inout ByteBuffer) {
        let text = arguments.utf8Span.span
        if text.firstNonWhitespace(from: 0, to: text.count) == text.count {
            out.append("{}")
        } else if (try? JSONScanner.members(of: text, wanted: [])) != nil {
            out.append(text)
        } else {
            out.append(#"{"_raw":"#)
            out.append(jsonString: arguments)
            out.append("}")
        }
    }
}
