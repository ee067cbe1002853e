import Testing
import WeirBase
import WeirDialects

@Suite("OpenAI chat: an answer's events as one completion")
struct OpenAIChatAnswerWriterTests {
    private static func written(_ events: [AnswerEvent]) -> String {
        var writer = OpenAIChatAnswerWriter(AnswerContext(id: "w1", created: 7, request: ChatRequest()))
        var out = ByteBuffer()
        for event in events { writer.write(event, to: &out) }
        let bytes = out.span
        return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    private static func answer(_ choices: String, usage: String = "") -> String {
        #"{"id":"chatcmpl-w1","object":"chat.completion","created":7,"model":"m","choices":["# + choices + "]\(usage)}"
    }

    private static let start = AnswerEvent.start(model: "m", id: "theirs")

    @Test("pieces of two choices are put together, each with its finish reason")
    func texts() {
        let wire = Self.written([
            Self.start, .text(choice: 0, "a"), .text(choice: 1, "x"), .text(choice: 0, "b"),
            .logprobs(choice: 0, RawJSON("[1]")), .logprobs(choice: 0, RawJSON("[]")),
            .logprobs(choice: 0, RawJSON("[2]")), .finish(choice: 0, .length, stopSequence: nil),
            .finish(choice: 1, .refusal, stopSequence: nil), .usage(Usage()), .end, .text(choice: 0, "late"),
        ])
        #expect(
            wire
                == Self.answer(
                    #"{"index":0,"message":{"role":"assistant","content":"ab","refusal":null},"#
                        + #""logprobs":{"content":[1,2],"refusal":null},"finish_reason":"length"},"#
                        + #"{"index":1,"message":{"role":"assistant","content":"x","refusal":null},"#
                        + #""logprobs":null,"finish_reason":"content_filter"}"#,
                    usage: #","usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,"#
                        + #""prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0},"#
                        + #""completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"#
                        + #""accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#))
    }

    @Test("calls without text have content null, and {} for no arguments; reasoning is beside them")
    func calls() {
        let wire = Self.written([
            Self.start, .reasoning(choice: 0, "r"), .reasoningSignature(choice: 0, "s"),
            .redactedReasoning(choice: 0, "d"), .toolCall(choice: 0, call: 0, id: "c1", name: "f", signature: nil),
            .toolArguments(choice: 0, call: 0, "[1"), .toolArguments(choice: 0, call: 0, "]"),
            .toolCall(choice: 0, call: 1, id: "c2", name: "g", signature: "t"),
            .finish(choice: 0, .toolCalls, stopSequence: nil), .end,
        ])
        #expect(
            wire
                == Self.answer(
                    #"{"index":0,"message":{"role":"assistant","content":null,"refusal":null,"reasoning_content":"r","#
                        + #""thinking_blocks":[{"type":"thinking","thinking":"","signature":"s"},"#
                        + #"{"type":"redacted_thinking","data":"d"}],"tool_calls":[{"id":"c1","type":"function","#
                        + #""function":{"name":"f","arguments":"[1]"}},{"id":"c2","type":"function","extra_content":"#
                        + #"{"google":{"thought_signature":"t"}},"function":{"name":"g","arguments":"{}"}}]},"#
                        + #""logprobs":null,"finish_reason":"tool_calls"}"#))
    }

    @Test("an error is written instead of the answer")
    func errors() {
        let wire = Self.written([
            Self.start, .text(choice: 0, "a"), .error(UpstreamProblem(.timeout, "slow")), .end,
        ])
        #expect(
            wire == #"{"error":{"message":"slow","type":"server_error","param":null,"code":"upstream_timeout"}}"#)
    }

    @Test("text beyond the bound is an error")
    func bound() {
        let piece = String(repeating: "x", count: 32 << 20)
        let fits = Self.written([Self.start, .text(choice: 0, piece), .text(choice: 0, piece), .end])
        #expect(fits.hasPrefix("{\"id\""))
        let wire = Self.written([Self.start, .text(choice: 0, piece), .text(choice: 0, piece), .text(choice: 0, "x")])
        #expect(wire.hasPrefix("{\"error\""))
    }
}
