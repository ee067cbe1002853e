import Testing
import WeirBase
import WeirDialects

/// Random requests and answers that use everything which both the form between dialects and the Messages API can say.
struct RandomConversation {
    var json: RandomJSON

    init(seed: UInt64) { json = RandomJSON(seed: seed) }

    mutating func below(_ bound: Int) -> Int { json.below(bound) }
    mutating func chance() -> Bool { below(2) == 0 }
    mutating func word() -> String {
        let texts = ["a", "é\u{0}", "漢字\n", "🎉\"\\", " b ", "</x>", "\u{7f}\u{1}", "data: \r\n\r\n", "\u{2028}c"]
        return (0...below(3)).map { _ in texts[below(texts.count)] }.joined()
    }
    mutating func id() -> String { "toolu_\(below(1_000_000))-A" }
    mutating func object() -> RawJSON { RawJSON(json.object(depth: 2).trimming()) }
    mutating func cache() -> CacheMark? { below(12) == 0 ? (chance() ? .usual : .hour) : nil }

    mutating func image() -> Part.Content {
        chance()
            ? .image(
                Media(type: ["image/png", "image/jpeg", "image/gif", "image/webp"][below(4)], .base64("QUJD")),
                detail: nil)
            : .image(Media(type: nil, .url("https://example.com/\(below(100))")), detail: nil)
    }

    mutating func document() -> Part.Content {
        let title = chance() ? word() : nil
        return switch below(3) {
        case 0: .document(Media(type: "application/pdf", .base64("QUJD")), title: title)
        case 1: .document(Media(type: "text/plain", .text(word())), title: title)
        default: .document(Media(type: "application/pdf", .url("https://example.com/x.pdf")), title: title)
        }
    }

    mutating func userParts(_ calls: [String]) -> [Part] {
        var parts: [Part] = calls.map { id in
            let inner = (0..<below(3)).map { _ in
                switch below(3) {
                case 0: Part(image(), cache: cache())
                case 1: Part(document(), cache: cache())
                default: Part(.text(word()), cache: cache())
                }
            }
            return Part(.toolResult(ToolResult(callID: id, parts: inner, isError: chance())), cache: cache())
        }
        for _ in 0..<below(3) { parts.append(Part(chance() ? image() : document(), cache: cache())) }
        parts.append(Part(.text(word()), cache: cache()))
        return parts
    }

    mutating func assistantParts() -> (parts: [Part], calls: [String]) {
        var parts: [Part] = []
        if chance() { parts.append(Part(.reasoning(ReasoningText(text: word(), signature: "c2ln")))) }
        if below(4) == 0 { parts.append(Part(.reasoning(ReasoningText(text: "", redacted: "ZGF0YQ==")))) }
        parts.append(Part(.text(word()), cache: cache()))
        let calls = (0..<below(3)).map { _ in id() }
        for call in calls {
            parts.append(Part(.toolCall(ToolCall(id: call, name: "f_1", arguments: object())), cache: cache()))
        }
        return (parts, calls)
    }

    mutating func request() -> ChatRequest {
        var request = ChatRequest()
        request.model = "claude-opus-4-5"
        request.maxTokens = 2_000 + below(9_000)
        request.stream = chance()
        for _ in 0..<below(3) { request.system.append(Part(.text(word()), cache: cache())) }
        var calls: [String] = []
        for _ in 0...below(3) {
            request.messages.append(ChatMessage(.user, userParts(calls)))
            let answer = assistantParts()
            request.messages.append(ChatMessage(.assistant, answer.parts))
            calls = answer.calls
        }
        request.messages.append(ChatMessage(.user, userParts(calls)))
        for index in 0..<below(3) {
            request.tools.append(
                ToolDefinition(
                    name: "f_\(index)", description: chance() ? word() : nil,
                    parameters: RawJSON(#"{"type":"object","x":\#(json.value(depth: 2))}"#),
                    strict: [nil, true, false][below(3)], cache: cache()))
        }
        if !request.tools.isEmpty, chance() {
            request.toolChoice = [.auto, .required, .named("f_0")][below(3)]
            if chance() { request.parallelToolCalls = chance() }
        }
        for _ in 0..<below(3) { request.stop.append(word()) }
        switch below(4) {
        case 0: request.temperature = JSONNumber(["0", "1", "0.50", "1e-1"][below(4)])
        case 1: request.topP = JSONNumber("0.95")
        case 2:
            if request.toolChoice == nil || request.toolChoice == .auto {
                // Before results of tools a budget asks for a turn that begins with proven thinking.
                request.reasoning.budget = calls.isEmpty ? [0, 1_024][below(2)] : 0
            }
        default: break
        }
        if request.reasoning.budget == nil, chance() { request.topK = JSONNumber("40") }
        if chance() { request.format = .jsonSchema(name: nil, description: nil, schema: object(), strict: nil) }
        if chance() { request.user = word() }
        request.serviceTier = [nil, "default", "auto"][below(3)]
        return request
    }

    /// An answer's events as its own writer and reader keep them apart: reasoning and text in turns, calls whole one after the other.
    mutating func answer() -> [AnswerEvent] {
        var events: [AnswerEvent] = [.start(model: "claude \"x\"", id: "msg_R")]
        if chance() {
            for _ in 0...below(2) { events.append(.reasoning(choice: 0, word())) }
            events.append(.reasoningSignature(choice: 0, "c2ln"))
        }
        if chance() { events.append(.redactedReasoning(choice: 0, "ZGF0YQ==")) }
        for _ in 0..<below(4) { events.append(.text(choice: 0, word())) }
        let calls = below(3)
        for call in 0..<calls {
            events.append(.toolCall(choice: 0, call: call, id: id(), name: "f", signature: nil))
            let arguments = Array(object().bytes)
            guard arguments != Array("{}".utf8) else { continue }
            let cut = below(arguments.count)
            for piece in [arguments[..<cut], arguments[cut...]] where !piece.isEmpty {
                if let text = String(validating: piece, as: UTF8.self) {
                    events.append(.toolArguments(choice: 0, call: call, text))
                } else {
                    events.append(.toolArguments(choice: 0, call: call, String(decoding: arguments, as: UTF8.self)))
                    break
                }
            }
        }
        let reasons: [(FinishReason, String?)] =
            calls > 0
            ? [(.toolCalls, nil), (.length, nil)]
            : [(.stop, nil), (.stopSequence, "X"), (.length, nil), (.refusal, nil), (.pause, nil)]
        let (reason, sequence) = reasons[below(reasons.count)]
        events.append(.finish(choice: 0, reason, stopSequence: sequence))
        var usage = Usage()
        usage.cachedInput = below(100)
        usage.cacheWriteInput = below(100)
        usage.cacheWrite1hInput = below(usage.cacheWriteInput + 1)
        usage.input = usage.cachedInput + usage.cacheWriteInput + below(1_000)
        usage.output = below(1_000)
        usage.reasoningOutput = below(usage.output + 1)
        usage.webSearches = below(2)
        return events + [.usage(usage), .end]
    }
}

extension String {
    /// Without blanks at both ends.
    fileprivate func trimming() -> String {
        let start = drop { " \n\r\t".contains($0) || $0 == "\r\n" }
        return String(start.reversed().drop { " \n\r\t".contains($0) || $0 == "\r\n" }.reversed())
    }
}

@Suite("Anthropic: there and back") struct AnthropicRoundTripTests {
    @Test("a request written is read back as it was") func requests() throws {
        for seed in 1...600 {
            var random = RandomConversation(seed: UInt64(seed))
            let request = random.request()
            var out = ByteBuffer()
            var notes = TranslationNotes()
            try AnthropicRequestWriter.write(request, to: TargetOptions(model: request.model), &notes, &out)
            guard notes.dropped.allSatisfy({ $0 == "cache_control" }) else {
                Issue.record("seed \(seed) dropped \(notes.dropped)")
                continue
            }
            // More than four cache markers cannot be said.
            let wanted = notes.dropped.isEmpty ? request : Self.withoutMarks(request)
            var back = TranslationNotes()
            var read = try AnthropicRequestReader.read(out.span, &back)
            if !notes.dropped.isEmpty { read = Self.withoutMarks(read) }
            #expect(read == wanted && back.dropped.isEmpty, "seed \(seed)")
            // The same bytes are a request to whoever passes them on as they are.
            let parsed = try AnthropicRequest.parse(out.span, looksInside: true)
            #expect(parsed.maxTokens == request.maxTokens && parsed.stream == request.stream, "seed \(seed)")
        }
    }

    private static func withoutMarks(_ request: ChatRequest) -> ChatRequest {
        var request = request
        func clean(_ part: Part) -> Part {
            var part = part
            part.cache = nil
            if case .toolResult(var result) = part.content {
                result.parts = result.parts.map(clean)
                part.content = .toolResult(result)
            }
            return part
        }
        request.system = request.system.map(clean)
        request.messages = request.messages.map { ChatMessage($0.role, $0.parts.map(clean)) }
        for index in request.tools.indices { request.tools[index].cache = nil }
        return request
    }

    @Test("an answer written as a stream is read back as it was, and metered") func streams() {
        for seed in 1...600 {
            var random = RandomConversation(seed: UInt64(seed))
            let events = random.answer()
            let wire = AnthropicAnswerWriterTests.stream(events)
            #expect(AnthropicAnswerReaderTests.events(wire) == Self.withID(events), "seed \(seed)")
            var meter = AnthropicStreamMeter()
            meter.feed(Array(wire.utf8).span)
            guard case .usage(let usage) = events[events.count - 2] else { return }
            #expect(meter.report.isDone && meter.report.usage == .read(usage), "seed \(seed)")
        }
    }

    @Test("an answer written as JSON is read back as it was, its pieces put together") func wholes() {
        for seed in 1...600 {
            var random = RandomConversation(seed: UInt64(seed))
            let events = random.answer()
            let body = AnthropicAnswerWriterTests.whole(events)
            #expect(AnthropicAnswerReaderTests.whole(body) == Self.joined(Self.withID(events)), "seed \(seed)")
        }
    }

    /// The answer's id is the writer's own.
    private static func withID(_ events: [AnswerEvent]) -> [AnswerEvent] {
        events.map { event in
            if case .start(let model, _) = event { .start(model: model, id: "msg_ABC") } else { event }
        }
    }

    private static func joined(_ events: [AnswerEvent]) -> [AnswerEvent] {
        var joined: [AnswerEvent] = []
        for event in events {
            switch (joined.last, event) {
            case (.text(_, let before), .text(_, let text)): joined[joined.count - 1] = .text(choice: 0, before + text)
            case (.reasoning(_, let before), .reasoning(_, let text)):
                joined[joined.count - 1] = .reasoning(choice: 0, before + text)
            case (.toolArguments(_, let call, let before), .toolArguments(_, _, let text)):
                joined[joined.count - 1] = .toolArguments(choice: 0, call: call, before + text)
            default: joined.append(event)
            }
        }
        // An object with blanks alone is empty when it is read back.
        return joined.filter { event in
            guard case .toolArguments(_, _, let text) = event else { return true }
            return text.contains { !"{} \n\r\t".contains($0) && $0 != "\r\n" }
        }
    }
}
