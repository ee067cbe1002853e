internal import WeirBase
internal import WeirWire

/// Reads answers of Converse and events of ConverseStream, frame by frame (`EventStreamDecoder`). Of a stream it keeps which block is which call.
/// Neither form names the model or the answer: `start` is empty. Citations and what else has no event in no dialect are passed over.
public struct BedrockAnswerReader: AnswerReader {
    /// Calls of one answer.
    static let callLimit = 4_096

    private var hasStarted = false
    private var isFinished = false
    private var isOver = false
    /// The block of each call so far.
    var callBlocks: [Int64] = []

    public init() {}

    // MARK: Streams

    /// Reads a frame by its type; exceptions are known by their names.
    public mutating func read(event name: Span<UInt8>, _ data: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        let isException = name.count >= 8 && name.extracting((name.count - 8)..<name.count).isText("xception")
        read(isException ? .exception : .event, name, data, give)
    }

    /// Reads a frame of an event stream.
    public mutating func read(
        _ kind: EventStreamKind, _ name: Span<UInt8>, _ payload: Span<UInt8>, _ give: (AnswerEvent) -> Void
    ) {
        guard !isOver else { return }
        switch kind {
        case .event:
            var problem: UpstreamProblem?
            do throws(JSONError) {
                try readEvent(ShortName(name, from: 0, to: name.count), payload, &problem, give)
            } catch { problem = Self.malformed(error) }
            if let problem { fail(problem, give) }
        case .exception: fail(BedrockProblem.exception(JSONPlace.source(name), payload), give)
        case .error:
            fail(BedrockProblem.error(JSONPlace.source(name), message: JSONPlace.source(payload)), give)
        }
    }

    public mutating func finish(_ give: (AnswerEvent) -> Void) {
        guard !isOver else { return }
        guard isFinished else {
            return fail(UpstreamProblem(.malformed, "the answer ended before its last event"), give)
        }
        isOver = true
        give(.end)
    }

    mutating func fail(_ problem: UpstreamProblem, _ give: (AnswerEvent) -> Void) {
        isOver = true
        give(.error(problem))
    }

    static func malformed(_ error: JSONError) -> UpstreamProblem {
        UpstreamProblem(.malformed, "the answer is not valid JSON, at byte \(error.offset)")
    }

    mutating func start(_ give: (AnswerEvent) -> Void) {
        if !hasStarted { give(.start(model: "", id: "")) }
        hasStarted = true
    }

    private mutating func readEvent(
        _ name: ShortName?, _ data: Span<UInt8>, _ problem: inout UpstreamProblem?, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) {
        start(give)
        let root = try JSONPlace.root(data)
        guard root.kind == .object else { throw JSONError(.notAnObject, at: root.start) }
        switch name {
        case BedrockName.contentBlockStart, BedrockName.contentBlockDelta:
            // The block's number may stand behind what is in it.
            var block: Int64 = 0
            var content: JSONPlace?
            _ = try root.members(data) { (member, value) throws(JSONError) in
                let range = try value.range(data)
                if member == BedrockName.contentBlockIndex { block = JSONText.integer(data, range) ?? -1 }
                if member == BedrockName.start || member == BedrockName.delta { content = value }
                return Int(range.end)
            }
            guard let content else { return }
            if name == BedrockName.contentBlockStart {
                try readStart(data, content, block, &problem, give)
            } else {
                try readDelta(data, content, block, &problem, give)
            }
        case BedrockName.messageStop:
            var reason: String?
            _ = try root.members(data) { (member, value) throws(JSONError) in
                member == BedrockName.stopReason ? try value.read(data, into: &reason) : try value.skip(data)
            }
            finish(reason, &problem, give)
        case BedrockName.metadata:
            _ = try root.members(data) { (member, value) throws(JSONError) in
                let range = try value.range(data)
                if member == BedrockName.usage, value.kind == .object { readUsage(data, range, give) }
                return Int(range.end)
            }
        default: _ = try root.skip(data)  // messageStart, contentBlockStop, and events of tomorrow
        }
    }

    private mutating func readStart(
        _ data: Span<UInt8>, _ start: JSONPlace, _ block: Int64, _ problem: inout UpstreamProblem?,
        _ give: (AnswerEvent) -> Void
    ) throws(JSONError) {
        _ = try start.members(data) { (member, value) throws(JSONError) in
            guard member == BedrockName.toolUse, value.kind == .object else { return try value.skip(data) }
            var (id, name): (String?, String?)
            let end = try value.members(data) { (member, value) throws(JSONError) in
                switch member {
                case BedrockName.toolUseId: return try value.read(data, into: &id)
                case BedrockName.name: return try value.read(data, into: &name)
                default: return try value.skip(data)
                }
            }
            giveCall(id, name, block, &problem, give)
            return end
        }
    }

    mutating func giveCall(
        _ id: String?, _ name: String?, _ block: Int64, _ problem: inout UpstreamProblem?, _ give: (AnswerEvent) -> Void
    ) {
        guard let id, let name, !id.isEmpty, !name.isEmpty, callBlocks.count < Self.callLimit else {
            problem = UpstreamProblem(.malformed, "the answer has a tool call without id or name, or too many calls")
            return
        }
        callBlocks.append(block)
        give(.toolCall(choice: 0, call: callBlocks.count - 1, id: id, name: name, signature: nil))
    }

    private func readDelta(
        _ data: Span<UInt8>, _ delta: JSONPlace, _ block: Int64, _ problem: inout UpstreamProblem?,
        _ give: (AnswerEvent) -> Void
    ) throws(JSONError) {
        _ = try delta.members(data) { (member, value) throws(JSONError) in
            switch member {
            case BedrockName.text: return try readText(data, value, give)
            case BedrockName.toolUse:
                var input: String?
                let end = try value.members(data) { (member, value) throws(JSONError) in
                    member == BedrockName.input ? try value.read(data, into: &input) : try value.skip(data)
                }
                guard let call = callBlocks.lastIndex(of: block) else {
                    problem = UpstreamProblem(.malformed, "the answer has arguments of a call that has not begun")
                    return end
                }
                if let input, !input.isEmpty { give(.toolArguments(choice: 0, call: call, input)) }
                return end
            case BedrockName.reasoningContent: return try readReasoning(data, value, give)
            default: return try value.skip(data)
            }
        }
    }

    func readText(
        _ data: Span<UInt8>, _ value: JSONPlace, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> Int {
        var text: String?
        let end = try value.read(data, into: &text)
        if let text, !text.isEmpty { give(.text(choice: 0, text)) }
        return end
    }

    /// Text, signature and redacted content of reasoning: in a stream as deltas, in a whole answer below `reasoningText`.
    func readReasoning(
        _ data: Span<UInt8>, _ reasoning: JSONPlace, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> Int {
        var (text, signature, redacted): (String?, String?, String?)
        let end = try reasoning.members(data) { (member, value) throws(JSONError) in
            switch member {
            case BedrockName.text: return try value.read(data, into: &text)
            case BedrockName.signature: return try value.read(data, into: &signature)
            case BedrockName.redactedContent: return try value.read(data, into: &redacted)
            case BedrockName.reasoningText:
                return try value.members(data) { (member, value) throws(JSONError) in
                    switch member {
                    case BedrockName.text: return try value.read(data, into: &text)
                    case BedrockName.signature: return try value.read(data, into: &signature)
                    default: return try value.skip(data)
                    }
                }
            default: return try value.skip(data)
            }
        }
        if let text, !text.isEmpty { give(.reasoning(choice: 0, text)) }
        if let signature, !signature.isEmpty { give(.reasoningSignature(choice: 0, signature)) }
        if let redacted, !redacted.isEmpty { give(.redactedReasoning(choice: 0, redacted)) }
        return end
    }

    mutating func finish(
        _ reason: String?, _ problem: inout UpstreamProblem?, _ give: (AnswerEvent) -> Void
    ) {
        let finish: FinishReason
        switch reason {
        case "end_turn": finish = .stop
        case "stop_sequence": finish = .stopSequence
        case "tool_use": finish = .toolCalls
        case "max_tokens", "model_context_window_exceeded": finish = .length
        case "guardrail_intervened", "content_filtered": finish = .contentFilter
        case "malformed_model_output", "malformed_tool_use":
            problem = UpstreamProblem(.server, "the model gave up with \(reason!)", code: reason)
            return
        case nil:
            problem = UpstreamProblem(.malformed, "the answer does not say why it ended")
            return
        default: finish = callBlocks.isEmpty ? .stop : .toolCalls  // a reason of tomorrow
        }
        isFinished = true
        give(.finish(choice: 0, finish, stopSequence: nil))
    }

    /// Counts that contradict each other are no reason to lose an answer that is there; it is billed by its text then.
    func readUsage(_ data: Span<UInt8>, _ range: ByteRange, _ give: (AnswerEvent) -> Void) {
        if let usage = try? UsageMapping.read(data, range, as: .bedrock) { give(.usage(usage)) }
    }
}

extension Span where Element == UInt8 {
    /// Whether these bytes are `text`, a short one.
    func isText(_ text: StaticString) -> Bool { ShortName(self, from: 0, to: count) == ShortName(text) }
}
