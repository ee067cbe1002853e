import Testing
import WeirBase

@testable import WeirDialects

/// Random requests that use everything which both the form between dialects and chat completions can say.
private struct RandomChat {
    private var random: RandomConversation

    init(seed: UInt64) { random = RandomConversation(seed: seed) }

    private mutating func pick<Element>(_ list: [Element]) -> Element { list[random.below(list.count)] }
    private mutating func some<Value>(_ value: (inout RandomConversation) -> Value) -> Value? {
        random.chance() ? value(&random) : nil
    }

    private mutating func userPart() -> Part {
        switch random.below(5) {
        case 0:
            let media = pick([Media(type: "image/png", .base64("QUJD")), Media(type: nil, .url("https://x.test/a?b"))])
            return Part(.image(media, detail: pick([nil, "low", "auto"])))
        case 1: return Part(.document(Media(type: "application/pdf", .base64("QUJD")), title: random.word()))
        case 2: return Part(.audio(Media(type: pick(["audio/wav", "audio/mp3"]), .base64("QUJD"))))
        default: return .text(random.word())
        }
    }

    private mutating func addTurn(_ turn: Int, to messages: inout [ChatMessage]) {
        messages.append(ChatMessage(.user, (0...random.below(3)).map { _ in userPart() }))
        if random.below(4) == 0 { messages.append(ChatMessage(.system, [.text(random.word())])) }
        var answer = (0..<random.below(3)).map { _ in Part.text(random.word()) }
        if random.below(4) == 0 { answer.append(Part(.refusal(random.word()))) }
        let ids = (0..<random.below(3)).map { "call \(turn) \($0) \(random.word())" }.filter { $0.utf8.count <= 40 }
        for id in ids {
            answer.append(Part(.toolCall(ToolCall(id: id, name: "f_1", arguments: random.object()))))
        }
        guard !answer.isEmpty else { return }
        messages.append(ChatMessage(.assistant, answer))
        let results = ids.map { id in
            Part(.toolResult(ToolResult(callID: id, parts: some { [.text($0.word())] } ?? [])))
        }
        if !results.isEmpty { messages.append(ChatMessage(.user, results)) }
    }

    mutating func request() -> ChatRequest {
        var request = ChatRequest()
        request.model = "gpt-5.1"
        if let text = some({ $0.word() }) { request.system = [.text(text)] }
        for turn in 0...random.below(3) { addTurn(turn, to: &request.messages) }
        for index in 0..<random.below(3) {
            request.tools.append(
                ToolDefinition(
                    name: "f_\(index)", description: some { $0.word() }, parameters: some { $0.object() },
                    strict: pick([nil, true, false])))
        }
        if !request.tools.isEmpty {
            request.toolChoice = pick([nil, .auto, ToolChoice.none, .required, .named("f_0")])
            request.parallelToolCalls = pick([nil, true, false])
        }
        request.maxTokens = some { 1 + $0.below(9_000) }
        request.temperature = pick([nil, JSONNumber("0.70"), JSONNumber("2"), JSONNumber("1e-1")])
        request.topP = pick([nil, JSONNumber("0.950")])
        request.seed = pick([nil, JSONNumber("-9007199254740993")])
        request.frequencyPenalty = pick([nil, JSONNumber("-2")])
        request.presencePenalty = pick([nil, JSONNumber("0.0")])
        request.logitBias = some { $0.object() }
        request.stop = (0..<random.below(5)).map { _ in random.word() }
        request.choices = 1 + random.below(3)
        request.logprobs = random.chance()
        if request.logprobs { request.topLogprobs = some { $0.below(20) } }
        request.format = pick([
            nil, .text, .jsonObject,
            .jsonSchema(
                name: random.word(), description: some { $0.word() }, schema: random.object(),
                strict: pick([nil, true, false])),
        ])
        request.reasoning.effort = pick([nil, "none", "minimal", "low", "medium", "high", "xhigh", "max"])
        request.user = some { $0.word() }
        request.serviceTier = pick([nil, "auto", "default", "flex", "priority"])
        request.verbosity = pick([nil, "low", "medium", "high"])
        request.stream = random.chance()
        request.includeUsage = request.stream
        return request
    }
}

@Suite("OpenAI chat: there and back") struct OpenAIChatRoundTripTests {
    @Test("a request written is read back as it was") func requests() throws {
        for seed in 1...600 {
            var random = RandomChat(seed: UInt64(seed))
            let request = random.request()
            var out = ByteBuffer()
            var notes = TranslationNotes()
            try OpenAIChatRequestWriter.write(request, to: TargetOptions(model: request.model), &notes, &out)
            #expect(notes.dropped.isEmpty, "seed \(seed)")
            let read = try OpenAIChatRequestReader.read(out.span, &notes)
            #expect(read == request && notes.dropped.isEmpty, "seed \(seed)")
        }
    }

    @Test("an answer written as a stream is read back as it was") func streams() {
        for seed in 1...600 {
            var random = RandomConversation(seed: UInt64(seed))
            let events = random.answer()
            var writer = OpenAIChatStreamWriter(AnswerContext(id: "R", created: 7, request: ChatRequest()))
            var out = ByteBuffer()
            for event in events { writer.write(event, to: &out) }
            #expect(Self.plain(OpenAIChatFixture.events(out.text())) == Self.plain(events), "seed \(seed)")
        }
    }

    @Test("an answer written as JSON is read back as it was, its pieces put together") func wholes() {
        for seed in 1...600 {
            var random = RandomConversation(seed: UInt64(seed))
            let events = random.answer()
            var writer = OpenAIChatAnswerWriter(AnswerContext(id: "R", created: 7, request: ChatRequest()))
            var out = ByteBuffer()
            for event in events { writer.write(event, to: &out) }
            #expect(
                Self.joined(Self.plain(OpenAIChatFixture.whole(out.text()))) == Self.joined(Self.plain(events)),
                "seed \(seed)")
        }
    }

    @Test("what proves reasoning, and calls, comes back from a client that sends an answer's message again")
    func extensions() throws {
        var writer = OpenAIChatAnswerWriter(AnswerContext(id: "R", created: 7, request: ChatRequest()))
        var out = ByteBuffer()
        for event: AnswerEvent in [
            .start(model: "m", id: "i"), .reasoning(choice: 0, "thou"), .reasoning(choice: 0, "ght"),
            .reasoningSignature(choice: 0, "s+/="), .redactedReasoning(choice: 0, "d"), .text(choice: 0, "a"),
            .toolCall(choice: 0, call: 0, id: "c", name: "f", signature: "t\""),
            .finish(choice: 0, .toolCalls, stopSequence: nil), .end,
        ] { writer.write(event, to: &out) }
        let answer = out.text()
        let start = try #require(answer.firstRange(of: #"{"role":"assistant""#)).lowerBound
        let end = try #require(answer.firstRange(of: #","logprobs":"#)).lowerBound
        let body =
            #"{"model":"m","messages":["# + answer[start..<end]
            + #",{"role":"tool","tool_call_id":"c","content":"r"}]}"#
        let (request, dropped) = try OpenAIChatRequestReaderTests.read(body)
        #expect(dropped.isEmpty)
        #expect(
            request.messages.first
                == ChatMessage(
                    .assistant,
                    [
                        Part(.reasoning(ReasoningText(text: "thought", signature: "s+/="))),
                        Part(.reasoning(ReasoningText(text: "", redacted: "d"))), .text("a"),
                        Part(.toolCall(ToolCall(id: "c", name: "f", arguments: .emptyObject, signature: "t\""))),
                    ]))
    }

    /// What chat completions can say of an answer: fewer reasons and counts, ids of the writer's own, and `{}` for no arguments.
    private static func plain(_ events: [AnswerEvent]) -> [AnswerEvent] {
        events.compactMap { event in
            switch event {
            case .start(let model, _): return .start(model: model, id: "")
            case .toolArguments(_, _, "{}"): return nil
            case .finish(let choice, .stopSequence, _), .finish(let choice, .pause, _):
                return .finish(choice: choice, .stop, stopSequence: nil)
            case .finish(let choice, .refusal, _): return .finish(choice: choice, .contentFilter, stopSequence: nil)
            case .usage(var usage):
                (usage.cacheWrite1hInput, usage.webSearches) = (0, 0)
                return .usage(usage)
            default: return event
            }
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
        return joined
    }
}
