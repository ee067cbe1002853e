public import WeirBase
internal import WeirWire

// Policy. A block is open until the next one begins, as Anthropic has it, and blocks are numbered as they open. Only calls may stay open together:
// providers that mix the arguments of parallel calls exist, so that a call's block closes when its arguments are whole. `message_delta` waits for the
// usage, which in other dialects comes after the finish.

/// Writes a stream of the Messages API (providers.md, sections 4.3 and 9). The true count of the input is not known when the stream begins: it is in
/// `message_delta`, where SDKs take it from. Other choices than the first do not exist here and are passed over.
///
/// Memory: a few bytes for each open call, at most `openCallLimit` of them; nothing of the texts.
public struct AnthropicStreamWriter: AnswerWriter {
    /// More calls than these at once are closed, whole or not.
    static let openCallLimit = 128

    private enum Open { case none, text, thinking, signed }
    private struct OpenCall {
        var call: Int
        var block: Int
        var arguments = ArgumentsProgress()
    }

    private let id: String
    private let requestedModel: String
    private var hasBegun = false
    private var isOver = false
    private var open = Open.none
    /// The number of the next block.
    private var next = 0
    private var calls: [OpenCall] = []
    /// Whether a call's block was closed before its arguments were whole.
    private var hasBrokenCall = false
    private var stop = AnthropicStop()
    private var usage = Usage()

    public init(_ context: AnswerContext) {
        id = context.id
        requestedModel = context.request.model
    }

    public mutating func write(_ event: AnswerEvent, to out: inout ByteBuffer) {
        guard !isOver else { return }
        switch event {
        case .start(let model, _): begin(model, &out)
        case .text(0, let text): write(text, &out)
        case .refusal(0, let text):
            stop.noteRefusal()
            write(text, &out)
        case .reasoning(0, let text): writeReasoning(text, &out)
        case .reasoningSignature(0, let signature): writeSignature(signature, &out)
        case .redactedReasoning(0, let data): writeRedacted(data, &out)
        case .toolCall(0, let call, let id, let name, _): beginCall(call, id, name, &out)
        case .toolArguments(0, let call, let piece): writeArguments(call, piece, &out)
        case .finish(0, let reason, let sequence): stop.note(finish: reason, stopSequence: sequence)
        case .usage(let usage): self.usage = usage
        case .end: end(&out)
        case .error(let problem): fail(problem, &out)
        case .text, .refusal, .reasoning, .reasoningSignature, .redactedReasoning, .toolCall, .toolArguments, .finish,
            .logprobs:
            break
        }
    }

    // MARK: The message

    private mutating func begin(_ model: String, _ out: inout ByteBuffer) {
        guard !hasBegun else { return }
        hasBegun = true
        out.append("event: message_start\ndata: {\"type\":\"message_start\",\"message\":")
        out.append(anthropicMessage: id, model: model.isEmpty ? requestedModel : model)
        out.append(
            #","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}"#)
        out.append("\n\n")
    }

    private mutating func end(_ out: inout ByteBuffer) {
        begin("", &out)
        closeAll(&out)
        if hasBrokenCall, !stop.cutsArguments { return fail(Self.brokenCall, &out) }
        isOver = true
        out.append("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{")
        out.append(anthropicStop: stop)
        out.append(#"},"usage":"#)
        out.append(anthropicUsage: usage)
        out.append("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
    }

    private mutating func fail(_ problem: UpstreamProblem, _ out: inout ByteBuffer) {
        isOver = true
        AnthropicErrorShape(problem).appendEvent(to: &out)
    }

    // MARK: Text and reasoning

    private mutating func write(_ text: String, _ out: inout ByteBuffer) {
        guard !text.isEmpty else { return }
        if open != .text { openBlock(.text, #"{"type":"text","text":""}"#, &out) }
        appendDelta(next - 1, #"{"type":"text_delta","text":"#, text, &out)
    }

    private mutating func writeReasoning(_ text: String, _ out: inout ByteBuffer) {
        guard !text.isEmpty else { return }
        openThinking(&out)
        appendDelta(next - 1, #"{"type":"thinking_delta","thinking":"#, text, &out)
    }

    /// A signature is a block's last delta: what is reasoned after it has a block of its own.
    private mutating func writeSignature(_ signature: String, _ out: inout ByteBuffer) {
        openThinking(&out)
        appendDelta(next - 1, #"{"type":"signature_delta","signature":"#, signature, &out)
        open = .signed
    }

    private mutating func openThinking(_ out: inout ByteBuffer) {
        if open != .thinking { openBlock(.thinking, #"{"type":"thinking","thinking":"","signature":""}"#, &out) }
    }

    private mutating func writeRedacted(_ data: String, _ out: inout ByteBuffer) {
        closeAll(&out)
        appendStart(&out)
        out.append(#"{"type":"redacted_thinking","data":"#)
        out.append(jsonString: data)
        out.append("}}\n\n")
        appendStop(next - 1, &out)
    }

    private mutating func openBlock(_ kind: Open, _ block: StaticString, _ out: inout ByteBuffer) {
        closeAll(&out)
        appendStart(&out)
        out.append(block)
        out.append("}\n\n")
        open = kind
    }

    // MARK: Calls

    private mutating func beginCall(_ call: Int, _ id: String, _ name: String, _ out: inout ByteBuffer) {
        stop.noteCall()
        closeBlock(&out)
        for done in calls where done.arguments.isWhole { appendStop(done.block, &out) }
        calls.removeAll { $0.arguments.isWhole }
        if calls.count == Self.openCallLimit { closeCalls(&out) }
        appendStart(&out)
        out.append(#"{"type":"tool_use","id":"#)
        out.append(jsonString: id)
        out.append(#","name":"#)
        out.append(jsonString: name)
        out.append(",\"input\":{}}}\n\n")
        calls.append(OpenCall(call: call, block: next - 1))
    }

    private mutating func writeArguments(_ call: Int, _ piece: String, _ out: inout ByteBuffer) {
        guard !piece.isEmpty else { return }
        guard let at = calls.lastIndex(where: { $0.call == call }) else { return fail(Self.brokenCall, &out) }
        calls[at].arguments.feed(piece)
        appendDelta(calls[at].block, #"{"type":"input_json_delta","partial_json":"#, piece, &out)
    }

    // MARK: Events

    private mutating func closeAll(_ out: inout ByteBuffer) {
        closeBlock(&out)
        closeCalls(&out)
    }

    private mutating func closeBlock(_ out: inout ByteBuffer) {
        if open != .none { appendStop(next - 1, &out) }
        open = .none
    }

    private mutating func closeCalls(_ out: inout ByteBuffer) {
        for call in calls {
            if !call.arguments.isEmpty, !call.arguments.isWhole { hasBrokenCall = true }
            appendStop(call.block, &out)
        }
        calls.removeAll()
    }

    private static var brokenCall: UpstreamProblem {
        UpstreamProblem(.malformed, "the provider called a tool with arguments that are no JSON object")
    }

    /// Appends the beginning of a block up to the block itself, and counts it.
    private mutating func appendStart(_ out: inout ByteBuffer) {
        begin("", &out)
        out.append("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":")
        out.append(decimal: next)
        out.append(#","content_block":"#)
        next += 1
    }

    private func appendDelta(_ block: Int, _ delta: StaticString, _ text: String, _ out: inout ByteBuffer) {
        out.append("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        out.append(decimal: block)
        out.append(#","delta":"#)
        out.append(delta)
        out.append(jsonString: text)
        out.append("}}\n\n")
    }

    private func appendStop(_ block: Int, _ out: inout ByteBuffer) {
        out.append("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":")
        out.append(decimal: block)
        out.append("}\n\n")
    }
}
