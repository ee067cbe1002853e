internal import WeirBase
internal import WeirWire

/// Reads answers of the Messages API into events (providers.md, sections 4.2, 4.3 and 8). What tools of the provider's own did in an answer is
/// passed over: no translated request asks for them.
///
/// A usage that cannot be read is left out, as if the provider had given none.
///
/// Memory: the calls that are open at once, at most `openCallLimit`.
public struct AnthropicAnswerReader: AnswerReader {
    /// More blocks are never open at once: blocks follow each other.
    static let openCallLimit = 128

    private var hasBegun = false
    private var isOver = false
    private var calls = 0
    private var openCalls: [(block: Int64, call: Int)] = []
    private var usage: Usage?
    private var usageIsUnreadable = false

    public init() {}

    public mutating func read(event name: Span<UInt8>, _ data: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        guard !isOver else { return }
        do throws(JSONError) {
            let event = try StreamEvent(data)
            let named = AnthropicType(name, from: 0, to: name.count)
            if let problem = try read(event, named == .other ? event.type : named, data, give) {
                fail(problem, give)
            }
        } catch {
            fail(UpstreamProblem(.malformed, "the provider's stream holds an event that is no JSON object"), give)
        }
    }

    public mutating func finish(_ give: (AnswerEvent) -> Void) {
        guard !isOver else { return }
        fail(UpstreamProblem(.malformed, "the provider's stream ended before the answer did"), give)
    }

    private mutating func fail(_ problem: UpstreamProblem, _ give: (AnswerEvent) -> Void) {
        isOver = true
        give(.error(problem))
    }

    // MARK: Events

    private mutating func read(
        _ event: StreamEvent, _ type: AnthropicType, _ bytes: Span<UInt8>, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> UpstreamProblem? {
        switch type {
        case .contentBlockDelta: return try readDelta(event, bytes, give)
        case .contentBlockStart: return try readBlockStart(event, bytes, give)
        case .contentBlockStop:
            if let index = event.index { openCalls.removeAll { $0.block == index } }
            return nil
        case .messageStart: return try readStart(event, bytes, give)
        case .messageDelta: return try readMessageDelta(event, bytes, give)
        case .messageStop: return readStop(give)
        case .error: return AnthropicProblem.read(status: nil, retryAfter: nil, bytes)
        default: return nil  // pings, and events that are yet to come
        }
    }

    private mutating func readStart(
        _ event: StreamEvent, _ bytes: Span<UInt8>, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> UpstreamProblem? {
        guard !hasBegun, let range = event.message else { return Self.disorder }
        hasBegun = true
        let message = try AnthropicMessage(bytes, range)
        note(message.usage, bytes)
        give(.start(model: message.model?.string(bytes) ?? "", id: message.id?.string(bytes) ?? ""))
        return nil
    }

    private mutating func readBlockStart(
        _ event: StreamEvent, _ bytes: Span<UInt8>, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> UpstreamProblem? {
        guard hasBegun, let index = event.index, let range = event.block else { return Self.disorder }
        let block = try AnthropicBlock(bytes, range)
        let call = block.type == .toolUse ? calls : nil
        guard Self.give(block, call: calls, bytes, give) else { return Self.disorder }
        guard let call else { return nil }
        guard openCalls.count < Self.openCallLimit else { return Self.disorder }
        openCalls.append((index, call))
        calls += 1
        return nil
    }

    private func readDelta(
        _ event: StreamEvent, _ bytes: Span<UInt8>, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> UpstreamProblem? {
        guard hasBegun, let range = event.delta else { return Self.disorder }
        var walk = try JSONObjectWalk(bytes, in: range)
        // Each delta has one member besides its type.
        while let member = try walk.next(bytes) {
            guard member.kind == .string else { continue }
            switch AnthropicName(bytes, member.name, isPlain: member.isPlain) {
            case .text: give(.text(choice: 0, AnthropicValue.string(bytes, member.value)))
            case .thinking: give(.reasoning(choice: 0, AnthropicValue.string(bytes, member.value)))
            case .signature: give(.reasoningSignature(choice: 0, AnthropicValue.string(bytes, member.value)))
            case .partialJSON:
                guard let open = openCalls.last(where: { $0.block == event.index }), member.value.count > 2 else {
                    continue  // of a tool that the provider runs itself, or empty
                }
                give(.toolArguments(choice: 0, call: open.call, AnthropicValue.string(bytes, member.value)))
            default: break
            }
        }
        return nil
    }

    private mutating func readMessageDelta(
        _ event: StreamEvent, _ bytes: Span<UInt8>, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> UpstreamProblem? {
        guard hasBegun, let range = event.delta else { return Self.disorder }
        note(event.usage, bytes)
        try AnthropicMessage(bytes, range).giveFinish(bytes, give)
        return nil
    }

    private mutating func readStop(_ give: (AnswerEvent) -> Void) -> UpstreamProblem? {
        guard hasBegun else { return Self.disorder }
        isOver = true
        if let usage, !usageIsUnreadable { give(.usage(usage)) }
        give(.end)
        return nil
    }

    private mutating func note(_ value: AnthropicValue?, _ bytes: Span<UInt8>) {
        guard let value, value.kind != .null else { return }
        switch AnthropicUsage.read(bytes, value.range, over: usage) {
        case .read(let read): usage = read
        case .unreadable: usageIsUnreadable = true
        case .none: break
        }
    }

    private static var disorder: UpstreamProblem {
        UpstreamProblem(.malformed, "the provider's stream is no stream of the Messages API")
    }

    // MARK: Whole answers

    public static func read(whole body: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        do throws(JSONError) {
            let message = try AnthropicMessage(body, ByteRange(start: 0, end: body.count))
            if message.type == .error {
                return give(.error(AnthropicProblem.read(status: nil, retryAfter: nil, body)))
            }
            guard let content = message.content, content.kind == .array, message.stopReason?.kind == .string else {
                return give(.error(notAnAnswer))
            }
            give(.start(model: message.model?.string(body) ?? "", id: message.id?.string(body) ?? ""))
            guard try read(content: content.range, body, give) else { return give(.error(notAnAnswer)) }
            message.giveFinish(body, give)
            if let usage = message.usage, usage.kind != .null,
                case .read(let counts) = AnthropicUsage.read(body, usage.range)
            {
                give(.usage(counts))
            }
            give(.end)
        } catch {
            give(.error(notAnAnswer))
        }
    }

    private static func read(
        content: ByteRange, _ bytes: Span<UInt8>, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> Bool {
        var calls = 0
        var items = try JSONArrayWalk(bytes, in: content)
        while let item = try items.next(bytes) {
            guard item.kind == .object else { return false }
            let block = try AnthropicBlock(bytes, item.value)
            guard self.give(block, call: calls, bytes, give) else { return false }
            if block.type == .toolUse { calls += 1 }
        }
        return true
    }

    private static var notAnAnswer: UpstreamProblem {
        UpstreamProblem(.malformed, "the provider's answer is none of the Messages API")
    }

    public static func problem(status: Int, retryAfter: String?, body: Span<UInt8>) -> UpstreamProblem {
        AnthropicProblem.read(status: status, retryAfter: retryAfter, body)
    }

    // MARK: Blocks

    /// Gives what a block holds; one that begins in a stream is empty but for a call's name.
    /// - Returns: false if it is no block.
    private static func give(
        _ block: AnthropicBlock, call: Int, _ bytes: Span<UInt8>, _ give: (AnswerEvent) -> Void
    ) -> Bool {
        func text(_ value: AnthropicValue?) -> String? {
            guard let text = value?.string(bytes), !text.isEmpty else { return nil }
            return text
        }
        switch block.type {
        case .text: if let text = text(block.text) { give(.text(choice: 0, text)) }
        case .thinking:
            if let text = text(block.thinking) { give(.reasoning(choice: 0, text)) }
            if let signature = text(block.signature) { give(.reasoningSignature(choice: 0, signature)) }
        case .redactedThinking: if let data = text(block.data) { give(.redactedReasoning(choice: 0, data)) }
        case .toolUse:
            guard let id = text(block.id), let name = text(block.name) else { return false }
            give(.toolCall(choice: 0, call: call, id: id, name: name, signature: nil))
            guard let input = block.input else { return true }
            guard input.kind == .object else { return false }
            if bytes.firstNonWhitespace(from: Int(input.range.start) + 1, to: bytes.count) < Int(input.range.end) - 1 {
                give(.toolArguments(choice: 0, call: call, bytes.text(input.range)))
            }
        default: return !block.typeRange.isEmpty
        }
        return true
    }
}

/// An event of a stream: where its members are.
private struct StreamEvent {
    var type = AnthropicType.other
    var index: Int64?
    var delta: ByteRange?
    var block: ByteRange?
    var message: ByteRange?
    var usage: AnthropicValue?

    init(_ bytes: Span<UInt8>) throws(JSONError) {
        var walk = try JSONObjectWalk(bytes, in: ByteRange(start: 0, end: bytes.count))
        while let member = try walk.next(bytes) {
            switch (AnthropicName(bytes, member.name, isPlain: member.isPlain), member.kind) {
            case (.type, .string): type = AnthropicType(bytes, member.value)
            case (.index, .number): index = JSONText.integer(bytes, member.value)
            case (.delta, .object): delta = member.value
            case (.contentBlock, .object): block = member.value
            case (.message, .object): message = member.value
            case (.usage, _): usage = AnthropicValue(member)
            default: break
            }
        }
    }
}

/// A message, or what `message_delta` adds to it: where its members are.
private struct AnthropicMessage {
    var type = AnthropicType.other
    var id: AnthropicValue?
    var model: AnthropicValue?
    var content: AnthropicValue?
    var usage: AnthropicValue?
    var stopReason: AnthropicValue?
    var stopSequence: AnthropicValue?
    var stopDetails: AnthropicValue?

    init(_ bytes: Span<UInt8>, _ range: ByteRange) throws(JSONError) {
        var walk = try JSONObjectWalk(bytes, in: range)
        while let member = try walk.next(bytes) {
            let value = AnthropicValue(member)
            switch AnthropicName(bytes, member.name, isPlain: member.isPlain) {
            case .type where value.kind == .string: type = AnthropicType(bytes, value.range)
            case .id: id = value
            case .model: model = value
            case .content: content = value
            case .usage: usage = value
            case .stopReason: stopReason = value
            case .stopSequence: stopSequence = value
            case .stopDetails: stopDetails = value
            default: break
            }
        }
    }

    /// Gives why the answer ended, if it says so, and before it what a refusal explains.
    func giveFinish(_ bytes: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        guard let stopReason, stopReason.kind == .string else { return }
        let reason: FinishReason
        switch AnthropicFinish(bytes, stopReason.range) {
        case .endTurn: reason = .stop
        case .stopSequence: reason = .stopSequence
        case .maxTokens, .contextWindow: reason = .length
        case .toolUse: reason = .toolCalls
        case .pauseTurn: reason = .pause
        case .refusal: reason = .refusal
        case .other: reason = .stop  // a word of a later day: the answer is there
        }
        if reason == .refusal, let explanation = explanation(bytes) { give(.refusal(choice: 0, explanation)) }
        give(.finish(choice: 0, reason, stopSequence: stopSequence?.string(bytes)))
    }

    private func explanation(_ bytes: Span<UInt8>) -> String? {
        guard let stopDetails, stopDetails.kind == .object,
            var details = try? JSONScanner.members(of: bytes, in: stopDetails.range, wanted: ["explanation"]),
            let member = details.member(0), member.kind == .string, member.value.count > 2
        else { return nil }
        return AnthropicValue.string(bytes, member.value)
    }
}
