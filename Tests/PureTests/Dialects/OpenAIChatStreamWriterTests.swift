import Testing
import WeirBase
import WeirDialects

@Suite("OpenAI chat: an answer's events as a stream")
struct OpenAIChatStreamWriterTests {
    private static func written(_ events: [AnswerEvent], usage: Bool = false) -> String {
        var request = ChatRequest()
        request.model = "asked"
        request.includeUsage = usage
        var writer = OpenAIChatStreamWriter(AnswerContext(id: "w1", created: 7, request: request))
        var out = ByteBuffer()
        for event in events { writer.write(event, to: &out) }
        let bytes = out.span
        return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    /// A chunk of one choice as it must be, byte for byte.
    private static func chunk(
        _ delta: String, choice: Int = 0, logprobs: String = "null", finish: String = "null", usage: String = ""
    ) -> String {
        "data: {\"id\":\"chatcmpl-w1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",\"choices\":["
            + "{\"index\":\(choice),\"delta\":{\(delta)},\"logprobs\":\(logprobs),\"finish_reason\":\(finish)}]\(usage)}\n\n"
    }

    private static let role = #""role":"assistant","content":"","refusal":null"#
    private static let start = AnswerEvent.start(model: "m", id: "theirs")

    @Test("a text has its role, its pieces, its finish and [DONE]")
    func text() {
        let wire = Self.written([
            Self.start, .text(choice: 0, "a\"\n"), .finish(choice: 0, .stop, stopSequence: nil), .usage(Usage()), .end,
        ])
        #expect(
            wire == Self.chunk(Self.role) + Self.chunk(#""content":"a\"\n""#) + Self.chunk("", finish: "\"stop\"")
                + "data: [DONE]\n\n")
    }

    @Test("usage that was asked for is null in each chunk and comes in one of its own")
    func usage() {
        var usage = Usage()
        (usage.input, usage.cachedInput, usage.cacheWriteInput, usage.audioInput) = (10, 3, 2, 1)
        (usage.output, usage.reasoningOutput, usage.audioOutput) = (5, 4, 1)
        let wire = Self.written([Self.start, .usage(usage), .end], usage: true)
        #expect(
            wire == Self.chunk(Self.role, usage: #","usage":null"#)
                + #"data: {"id":"chatcmpl-w1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"#
                + #""usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"#
                + #""cached_tokens":3,"cache_write_tokens":2,"audio_tokens":1},"completion_tokens_details":{"#
                + #""reasoning_tokens":4,"audio_tokens":1,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}}"#
                + "\n\ndata: [DONE]\n\n")
    }

    @Test("calls are begun once and continued by index; one without arguments gets {}")
    func calls() {
        let wire = Self.written([
            Self.start, .toolCall(choice: 0, call: 0, id: "c1", name: "f", signature: nil),
            .toolArguments(choice: 0, call: 0, "{\"a\":1}"),
            .toolCall(choice: 0, call: 1, id: "c2", name: "g", signature: "s"),
            .finish(choice: 0, .toolCalls, stopSequence: nil), .end,
        ])
        #expect(
            wire == Self.chunk(Self.role)
                + Self.chunk(
                    #""tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}]"#)
                + Self.chunk(#""tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]"#)
                + Self.chunk(
                    #""tool_calls":[{"index":1,"id":"c2","type":"function","extra_content":{"google":"#
                        + #"{"thought_signature":"s"}},"function":{"name":"g","arguments":""}}]"#)
                + Self.chunk(#""tool_calls":[{"index":1,"function":{"arguments":"{}"}}]"#)
                + Self.chunk("", finish: "\"tool_calls\"") + "data: [DONE]\n\n")
    }

    @Test(
        "each other piece of an answer is a delta of its own",
        arguments: [
            (AnswerEvent.reasoning(choice: 0, "r"), #""reasoning_content":"r""#),
            (.refusal(choice: 0, "no"), #""refusal":"no""#),
            (
                .reasoningSignature(choice: 0, "s"),
                #""thinking_blocks":[{"type":"thinking","thinking":"","signature":"s"}]"#
            ),
            (.redactedReasoning(choice: 0, "d"), #""thinking_blocks":[{"type":"redacted_thinking","data":"d"}]"#),
        ])
    func pieces(event: AnswerEvent, delta: String) {
        #expect(Self.written([Self.start, event]) == Self.chunk(Self.role) + Self.chunk(delta))
    }

    @Test("log probabilities keep their bytes")
    func logprobs() {
        let wire = Self.written([Self.start, .logprobs(choice: 0, RawJSON("[{\"logprob\":-0.10}]"))])
        #expect(
            wire == Self.chunk(Self.role)
                + Self.chunk("", logprobs: "{\"content\":[{\"logprob\":-0.10}],\"refusal\":null}"))
    }

    @Test("a second choice has its own role")
    func choices() {
        let wire = Self.written([Self.start, .text(choice: 1, "b")])
        #expect(
            wire == Self.chunk(Self.role) + Self.chunk(Self.role, choice: 1) + Self.chunk(#""content":"b""#, choice: 1))
    }

    @Test(
        "finish reasons are of OpenAI's set",
        arguments: [
            (FinishReason.stop, "stop"), (.stopSequence, "stop"), (.pause, "stop"), (.length, "length"),
            (.toolCalls, "tool_calls"), (.contentFilter, "content_filter"), (.refusal, "content_filter"),
        ])
    func finish(reason: FinishReason, name: String) {
        let wire = Self.written([Self.start, .finish(choice: 0, reason, stopSequence: nil)])
        #expect(wire == Self.chunk(Self.role) + Self.chunk("", finish: "\"\(name)\""))
    }

    @Test(
        "an error ends the stream without [DONE]",
        arguments: [
            (UpstreamProblem.Kind.invalidRequest, "invalid_request_error", "null"),
            (.contextLength, "invalid_request_error", "\"context_length_exceeded\""),
            (.contentPolicy, "invalid_request_error", "\"content_policy_violation\""),
            (.modelNotFound, "invalid_request_error", "\"model_not_found\""),
            (.credential, "server_error", "\"upstream_auth_error\""),
            (.quota, "insufficient_quota", "\"insufficient_quota\""),
            (.rateLimit, "requests", "\"rate_limit_exceeded\""),
            (.overloaded, "server_error", "\"upstream_unavailable\""),
            (.server, "server_error", "\"upstream_error\""), (.timeout, "server_error", "\"upstream_timeout\""),
            (.malformed, "server_error", "\"upstream_error\""),
        ])
    func errors(kind: UpstreamProblem.Kind, type: String, code: String) {
        let problem = UpstreamProblem(kind, "why", param: "p", code: "theirs")
        let wire = Self.written([Self.start, .error(problem), .text(choice: 0, "late"), .end])
        #expect(
            wire == Self.chunk(Self.role)
                + "data: {\"error\":{\"message\":\"why\",\"type\":\"\(type)\",\"param\":\"p\",\"code\":\(code)}}\n\n")
    }

    @Test(
        "events that fit no answer end the stream as malformed",
        arguments: [
            AnswerEvent.text(choice: -1, "x"), .text(choice: 128, "x"), .toolArguments(choice: 0, call: 0, "x"),
            .toolCall(choice: 0, call: 1, id: "c", name: "f", signature: nil),
        ])
    func unfit(event: AnswerEvent) {
        let wire = Self.written([Self.start, event, .end])
        #expect(wire.hasSuffix("\"code\":\"upstream_error\"}}\n\n") && !wire.contains("[DONE]"))
    }
}
