import Foundation
import Testing
import WeirBase

@testable import WeirDialects

/// Answers of which nobody has thought, in the order in which readers give their events, or with mistakes in it.
private struct RandomAnswer {
    private var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }

    mutating func text() -> String {
        let pieces = ["a", "\"", "\\", "\n", "\r\n", "\u{0}", "é", "日", "😀", "{", "}", "[", " ", "\u{2028}"]
        return (0..<below(8)).map { _ in pieces[below(pieces.count)] }.joined()
    }

    mutating func events() -> [AnswerEvent] {
        var events: [AnswerEvent] = below(10) == 0 ? [] : [.start(model: text(), id: "r")]
        var calls = 0
        for _ in 0..<below(14) {
            switch below(9) {
            case 0, 1: events.append(.text(choice: 0, text()))
            case 2: events.append(.reasoning(choice: 0, text()))
            case 3:
                events.append(
                    below(2) == 0 ? .reasoningSignature(choice: 0, text()) : .redactedReasoning(choice: 0, text()))
            case 4: events.append(.refusal(choice: 0, text()))
            case 5:
                let elements = [#"{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[]}"#, "", " "]
                events.append(.logprobs(choice: 0, RawJSON("[\(elements[below(3)])]")))
            case 6, 7:
                events.append(
                    .toolCall(
                        choice: 0, call: calls, id: "c" + text(), name: "f", signature: below(3) == 0 ? text() : nil))
                calls += 1
            default:
                guard calls > 0 else { continue }
                let pieces = [#"{"a":"#, "1}", "{}", "\n", "", #"{"b":"}"}"#]
                events.append(.toolArguments(choice: 0, call: below(calls), pieces[below(pieces.count)]))
            }
        }
        if below(20) == 0 { events.append(.error(UpstreamProblem(.server, text()))) }
        let reasons: [FinishReason] = [.stop, .stopSequence, .toolCalls, .pause, .length, .contentFilter, .refusal]
        if below(10) > 0 { events.append(.finish(choice: 0, reasons[below(reasons.count)], stopSequence: nil)) }
        var usage = Usage()
        (usage.input, usage.output) = (below(100), below(100))
        if below(3) > 0 { events.append(.usage(usage)) }
        return events + [.end]
    }
}

@Suite("OpenAI Responses surface: random answers") struct OpenAIResponsesPropertyTests {
    private func written(_ events: [AnswerEvent], by writer: some AnswerWriter) -> String {
        var writer = writer
        var out = ByteBuffer()
        for event in events { writer.write(event, to: &out) }
        return out.text()
    }

    /// A value whatever the order of its members.
    private func canonical(_ value: Any) throws -> Data {
        try JSONSerialization.data(withJSONObject: value, options: .sortedKeys)
    }

    @Test("the pieces of a stream make its response, and that is the one which is written whole") func streams() throws
    {
        for seed in 0..<1_000 { try stream(seed: seed) }
    }

    private func stream(seed: Int) throws {
        var random = RandomAnswer(seed: seed)
        let events = random.events()
        var request = ChatRequest()
        request.model = "m"
        request.logprobs = random.below(2) == 0
        let context = AnswerContext(id: "w1", created: 7, request: request)
        let wire = written(events, by: OpenAIResponsesStreamWriter(context))
        let whole = try JSONSerialization.jsonObject(
            with: Data(written(events, by: OpenAIResponsesAnswerWriter(context)).utf8))
        let object = try #require(whole as? [String: Any])
        if wire.hasPrefix("event: error\n") {
            #expect(object["error"] is [String: Any], "seed \(seed)")
            return
        }
        let stream = try ResponsesStream(wire)
        let response = try #require(stream.response)
        if object["object"] == nil {
            #expect(response["status"] as? String == "failed", "seed \(seed)")
            let problem = try #require(object["error"] as? [String: Any])
            #expect((response["error"] as? [String: Any])?["message"] as? String == problem["message"] as? String)
        } else {
            #expect(try canonical(response) == canonical(object), "seed \(seed)")
        }
    }

    @Test("the items of an answer that are sent back are read as what the answer said") func replays() throws {
        for seed in 0..<1_000 { try replay(seed: seed) }
    }

    private func replay(seed: Int) throws {
        var random = RandomAnswer(seed: seed)
        // Arguments that are no object, and what is cut, are refused when they come back.
        let events = random.events().filter { event in
            switch event {
            case .toolArguments, .error, .logprobs: false
            default: true
            }
        }
        let context = AnswerContext(id: "w1", created: 7, request: ChatRequest())
        let whole = try JSONSerialization.jsonObject(
            with: Data(written(events, by: OpenAIResponsesAnswerWriter(context)).utf8))
        let output = try #require((whole as? [String: Any])?["output"] as? [Any])
        let isCut = output.contains { item in
            guard let item = item as? [String: Any], item["type"] as? String == "function_call" else { return false }
            return item["status"] as? String == "incomplete"
        }
        guard !isCut else { return }
        let question: Any = ["role": "user", "content": "q"]
        let body = try JSONSerialization.data(withJSONObject: ["model": "m", "input": [question] + output])
        var notes = TranslationNotes()
        let request = try OpenAIResponsesRequestReader.read(Array(body).span, &notes)
        let answer = request.messages.dropFirst()
        #expect(answer.allSatisfy { $0.role == .assistant }, "seed \(seed)")
        #expect(answer.flatMap(\.parts).map(\.content) == parts(events), "seed \(seed)")
    }

    @Test("a response does not depend on where its pieces were split") func splits() {
        for seed in 0..<500 {
            var random = RandomAnswer(seed: seed)
            let events = random.events()
            let context = AnswerContext(id: "w1", created: 7, request: ChatRequest())
            let whole = written(events, by: OpenAIResponsesAnswerWriter(context))
            #expect(written(events.flatMap(split), by: OpenAIResponsesAnswerWriter(context)) == whole, "seed \(seed)")
        }
    }

    /// An event a character.
    private func split(_ event: AnswerEvent) -> [AnswerEvent] {
        switch event {
        case .text(let choice, let text): text.unicodeScalars.map { .text(choice: choice, String($0)) }
        case .reasoning(let choice, let text): text.unicodeScalars.map { .reasoning(choice: choice, String($0)) }
        case .refusal(let choice, let text): text.unicodeScalars.map { .refusal(choice: choice, String($0)) }
        case .toolArguments(let choice, let call, let piece):
            piece.unicodeScalars.map { .toolArguments(choice: choice, call: call, String($0)) }
        default: [event]
        }
    }

    /// What of an answer comes back: all but reasoning that nothing proves.
    private func parts(_ events: [AnswerEvent]) -> [Part.Content] {
        var parts: [Part.Content] = []
        var reasoning: String?
        for event in events {
            var isReasoning = false
            switch event {
            case .text(_, let text) where !text.isEmpty:
                if case .text(let before)? = parts.last, reasoning == nil {
                    parts[parts.count - 1] = .text(before + text)
                } else {
                    parts.append(.text(text))
                }
            case .refusal(_, let text) where !text.isEmpty:
                if case .refusal(let before)? = parts.last, reasoning == nil {
                    parts[parts.count - 1] = .refusal(before + text)
                } else {
                    parts.append(.refusal(text))
                }
            case .reasoning(_, let text) where !text.isEmpty:
                reasoning = (reasoning ?? "") + text
                isReasoning = true
            case .reasoningSignature(_, let signature) where !signature.isEmpty:
                parts.append(.reasoning(ReasoningText(text: reasoning ?? "", signature: signature)))
            case .redactedReasoning(_, let data): parts.append(.reasoning(ReasoningText(text: "", redacted: data)))
            case .toolCall(_, _, let id, let name, let signature):
                // A signature without a byte says nothing.
                let said = signature.flatMap { $0.isEmpty ? nil : $0 }
                parts.append(.toolCall(ToolCall(id: id, name: name, arguments: .emptyObject, signature: said)))
            default: isReasoning = true
            }
            if !isReasoning { reasoning = nil }
        }
        return parts
    }
}
