import Testing
import WeirBase

@testable import WeirDialects

@Suite("Bedrock: answers (providers.md, sections 6.3, 6.4 and 11)") struct BedrockAnswerTests {
    static let start = AnswerEvent.start(model: "", id: "")
    static let usageText =
        #"{"inputTokens":10,"outputTokens":5,"totalTokens":15,"cacheReadInputTokens":100,"cacheWriteInputTokens":20,"cacheDetails":[{"ttl":"1h","inputTokens":8},{"ttl":"5m","inputTokens":12}]}"#
    static let usage = BedrockFixture.usage {
        $0.input = 130
        $0.cachedInput = 100
        $0.cacheWriteInput = 20
        $0.cacheWrite1hInput = 8
        $0.output = 5
    }

    @Test("a whole answer, with the members in the order in which Amazon writes them") func whole() {
        let events = BedrockFixture.whole(
            #"{"metrics":{"latencyMs":7},"output":{"message":{"content":[{"reasoningContent":{"reasoningText":{"signature":"sig","text":"hm"}}},{"reasoningContent":{"redactedContent":"cmVk"}},{"text":"a\u00e9"},{"citationsContent":{"content":[{"text":"cited"}],"citations":[]}},{"toolUse":{"input":{"a": 1.0},"name":"f","toolUseId":"t1"}},{"toolUse":{"input":{},"name":"g","toolUseId":"t2"}}],"role":"assistant"}},"stopReason":"tool_use","usage":"#
                + Self.usageText + "}")
        #expect(
            events == [
                Self.start, .reasoning(choice: 0, "hm"), .reasoningSignature(choice: 0, "sig"),
                .redactedReasoning(choice: 0, "cmVk"), .text(choice: 0, "aé"), .text(choice: 0, "cited"),
                .toolCall(choice: 0, call: 0, id: "t1", name: "f", signature: nil),
                .toolArguments(choice: 0, call: 0, #"{"a": 1.0}"#),
                .toolCall(choice: 0, call: 1, id: "t2", name: "g", signature: nil),
                .toolArguments(choice: 0, call: 1, "{}"), .finish(choice: 0, .toolCalls, stopSequence: nil), Self.usage,
                .end,
            ])
    }

    static let frames = [
        ("messageStart", #"{"p":"abc","role":"assistant"}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}},"p":"abcd"}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"sig"}}}"#),
        ("contentBlockStop", #"{"contentBlockIndex":0}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":1,"delta":{"text":"Hel"}}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":1,"delta":{"text":""}}"#),
        ("contentBlockDelta", #"{"contentBlockIndex":1,"delta":{"citation":{"title":"t"}}}"#),
        ("contentBlockStop", #"{"contentBlockIndex":1}"#),
        ("contentBlockStart", #"{"start":{"toolUse":{"name":"f","toolUseId":"t1"}},"contentBlockIndex":2}"#),
        ("contentBlockStart", #"{"contentBlockIndex":3,"start":{"toolUse":{"name":"g","toolUseId":"t2"}}}"#),
        ("contentBlockDelta", #"{"delta":{"toolUse":{"input":"{\"a\""}},"contentBlockIndex":2}"#),
        ("contentBlockDelta", #"{"delta":{"toolUse":{"input":":1}"}},"contentBlockIndex":2}"#),
        ("somethingNew", #"{"x":[1]}"#),
        ("messageStop", #"{"stopReason":"tool_use"}"#),
        ("metadata", #"{"metrics":{"latencyMs":7},"usage":"# + usageText + "}"),
    ]

    @Test("a stream: usage comes behind the stop") func stream() {
        #expect(
            BedrockFixture.stream(Self.frames) == [
                Self.start, .reasoning(choice: 0, "hm"), .reasoningSignature(choice: 0, "sig"),
                .text(choice: 0, "Hel"), .toolCall(choice: 0, call: 0, id: "t1", name: "f", signature: nil),
                .toolCall(choice: 0, call: 1, id: "t2", name: "g", signature: nil),
                .toolArguments(choice: 0, call: 0, #"{"a""#), .toolArguments(choice: 0, call: 0, ":1}"),
                .finish(choice: 0, .toolCalls, stopSequence: nil), Self.usage, .end,
            ])
    }

    @Test("the same through frames, in pieces of every size") func pieces() throws {
        let wire = Self.frames.flatMap { BedrockFixture.event($0.0, $0.1) }
        let expected = BedrockFixture.stream(Self.frames)
        for size in [1, 2, 7, 64, 100, 1_000, wire.count] {
            var decoder = EventStreamDecoder()
            var reader = BedrockAnswerReader()
            var events: [AnswerEvent] = []
            for at in stride(from: 0, to: wire.count, by: size) {
                let piece = Array(wire[at..<min(at + size, wire.count)])
                try decoder.feed(piece.span) { kind, name, payload in
                    reader.read(kind, name, payload) { events.append($0) }
                }
            }
            try decoder.finish()
            reader.finish { events.append($0) }
            #expect(events == expected, "pieces of \(size)")
        }
    }

    @Test("a stream without messageStop is cut, wherever it ends") func cut() {
        for count in 0..<13 {
            guard case .error(let problem) = BedrockFixture.stream(Array(Self.frames[..<count])).last else {
                Issue.record("\(count)")
                continue
            }
            #expect(problem.kind == .malformed)
        }
    }

    static let finishes: [(String, FinishReason)] = [
        ("end_turn", .stop), ("stop_sequence", .stopSequence), ("tool_use", .toolCalls), ("max_tokens", .length),
        ("model_context_window_exceeded", .length), ("guardrail_intervened", .contentFilter),
        ("content_filtered", .contentFilter), ("something_new", .stop),
    ]

    @Test("stop reasons", arguments: finishes)
    func finish(word: String, reason: FinishReason) {
        let end: [AnswerEvent] = [Self.start, .finish(choice: 0, reason, stopSequence: nil), .end]
        #expect(BedrockFixture.whole(#"{"stopReason":""# + word + #""}"#) == end)
        #expect(BedrockFixture.stream([("messageStop", #"{"stopReason":""# + word + #""}"#)]) == end)
    }

    @Test("reasons that are failures, not ends", arguments: ["malformed_model_output", "malformed_tool_use"])
    func failure(word: String) {
        let problem = UpstreamProblem(.server, "the model gave up with \(word)", code: word)
        #expect(BedrockFixture.whole(#"{"stopReason":""# + word + #""}"#) == [Self.start, .error(problem)])
    }

    static let exceptions: [(String, UpstreamProblem)] = [
        ("throttlingException", UpstreamProblem(.rateLimit, "m", code: "ThrottlingException")),
        ("modelStreamErrorException", UpstreamProblem(.server, "m", code: "ModelStreamErrorException")),
        ("validationException", UpstreamProblem(.invalidRequest, "m", code: "ValidationException")),
        ("internalServerException", UpstreamProblem(.server, "m", code: "InternalServerException")),
        ("serviceUnavailableException", UpstreamProblem(.overloaded, "m", code: "ServiceUnavailableException")),
        ("modelTimeoutException", UpstreamProblem(.timeout, "m", code: "ModelTimeoutException")),
        ("somethingNewException", UpstreamProblem(.server, "m", code: "SomethingNewException")),
    ]

    @Test("exceptions in a stream end it", arguments: exceptions)
    func exception(name: String, problem: UpstreamProblem) {
        let events = BedrockFixture.stream([
            Self.frames[0], (name, #"{"message":"m"}"#), ("messageStop", #"{"stopReason":"end_turn"}"#),
        ])
        #expect(events == [Self.start, .error(problem)])
    }

    @Test("an error outside the model, and a model's own words") func otherErrors() {
        var events: [AnswerEvent] = []
        var reader = BedrockAnswerReader()
        reader.read(.error, Array("InternalFailure".utf8).span, Array("broke at arn:aws:x".utf8).span) {
            events.append($0)
        }
        #expect(events == [.error(UpstreamProblem(.server, "broke at [...]", code: "InternalFailure"))])
        let words = BedrockFixture.stream([
            ("modelStreamErrorException", #"{"originalMessage":"oops","originalStatusCode":500}"#)
        ])
        #expect(words == [.error(UpstreamProblem(.server, "oops", code: "ModelStreamErrorException"))])
    }

    static let broken = [
        "", "<html>", "[]", "7", "{}", #"{"stopReason":7}"#, #"{"stopReason":"end_turn"}x"#,
        #"{"stopReason":"end_turn""#,
        #"{"output":{"message":{"content":[{"toolUse":{"name":"f"}}]}},"stopReason":"tool_use"}"#,
    ]

    @Test("what is no answer is malformed", arguments: broken)
    func malformed(body: String) {
        guard case .error(let problem) = BedrockFixture.whole(body).last else {
            Issue.record("\(BedrockFixture.whole(body))")
            return
        }
        #expect(problem.kind == .malformed)
    }

    static let brokenFrames = [
        ("contentBlockDelta", "x"), ("contentBlockDelta", "[]"), ("somethingNew", "x"),
        ("contentBlockDelta", #"{"contentBlockIndex":9,"delta":{"toolUse":{"input":"{}"}}}"#),
        ("contentBlockStart", #"{"contentBlockIndex":9,"start":{"toolUse":{"name":"","toolUseId":"t"}}}"#),
        ("messageStop", "{}"),
    ]

    @Test("frames that are none of the dialect's", arguments: brokenFrames)
    func malformedFrame(name: String, payload: String) {
        guard case .error(let problem) = BedrockFixture.stream([(name, payload)]).last else {
            Issue.record("no error")
            return
        }
        #expect(problem.kind == .malformed)
    }

    @Test("members of other kinds than they should be are passed over") func oddKinds() {
        let events = BedrockFixture.whole(
            #"{"output":{"message":{"content":[{"text":7,"toolUse":"x","reasoningContent":[]},"y",{"citationsContent":{"content":7}}]}},"stopReason":"end_turn","usage":[]}"#
        )
        #expect(events == [Self.start, .finish(choice: 0, .stop, stopSequence: nil), .end])
    }

    @Test("deep nesting is refused, not followed") func deep() {
        let deep = String(repeating: #"{"citationsContent":{"content":["#, count: 100_000)
        guard case .error(let problem) = BedrockFixture.whole(#"{"output":{"message":{"content":["# + deep).last else {
            Issue.record("no error")
            return
        }
        #expect(problem.kind == .malformed)
    }

    // MARK: Problems

    static let problems: [(status: Int, type: String?, body: String, problem: UpstreamProblem)] = [
        (400, "ValidationException", #"{"message":"bad"}"#, problem(.invalidRequest, "bad", "ValidationException")),
        (
            400, "ValidationException:http://internal.amazon.com/coral/",
            #"{"message":"Input is too long for requested model."}"#,
            problem(.contextLength, "Input is too long for requested model.", "ValidationException")
        ),
        (
            400, "ValidationException", #"{"message":"The provided model identifier is invalid."}"#,
            problem(.modelNotFound, "The provided model identifier is invalid.", "ValidationException")
        ),
        (
            403, "AccessDeniedException",
            #"{"Message":"User: arn:aws:iam::123456789012:user/x is not authorized"}"#,
            problem(.credential, "User: [...] is not authorized", "AccessDeniedException")
        ),
        (
            403, "UnrecognizedClientException", "{}",
            problem(.credential, "the provider answered with status 403", "UnrecognizedClientException")
        ),
        (
            403, nil, #"{"__type":"com.amazon.coral#ExpiredTokenException","message":"m"}"#,
            problem(.credential, "m", "ExpiredTokenException")
        ),
        (403, "InvalidSignatureException", #"{"message":"m"}"#, problem(.credential, "m", "InvalidSignatureException")),
        (
            404, "ResourceNotFoundException", #"{"message":"m"}"#,
            problem(.modelNotFound, "m", "ResourceNotFoundException")
        ),
        (408, "ModelTimeoutException", #"{"message":"m"}"#, problem(.timeout, "m", "ModelTimeoutException")),
        (424, "ModelErrorException", #"{"message":"m"}"#, problem(.server, "m", "ModelErrorException")),
        (
            429, "ThrottlingException", #"{"message":"Too many requests"}"#,
            problem(.rateLimit, "Too many requests", "ThrottlingException")
        ),
        (
            429, "ThrottlingException", #"{"message":"Too many tokens per day"}"#,
            problem(.quota, "Too many tokens per day", "ThrottlingException")
        ),
        (429, "ModelNotReadyException", #"{"message":"m"}"#, problem(.overloaded, "m", "ModelNotReadyException")),
        (
            400, "ServiceQuotaExceededException", #"{"message":"m"}"#,
            problem(.quota, "m", "ServiceQuotaExceededException")
        ),
        (500, "InternalServerException", #"{"message":"m"}"#, problem(.server, "m", "InternalServerException")),
        (
            503, "ServiceUnavailableException", #"{"message":"m"}"#,
            problem(.overloaded, "m", "ServiceUnavailableException")
        ),
        (429, nil, "<html>", problem(.rateLimit, "the provider answered with status 429", nil)),
        (401, nil, "", problem(.credential, "the provider answered with status 401", nil)),
        (413, nil, "", problem(.invalidRequest, "the provider answered with status 413", nil)),
        (502, nil, "", problem(.server, "the provider answered with status 502", nil)),
    ]

    static func problem(_ kind: UpstreamProblem.Kind, _ message: String, _ code: String?) -> UpstreamProblem {
        UpstreamProblem(kind, message, code: code)
    }

    @Test("problems", arguments: problems)
    func problem(status: Int, type: String?, body: String, problem: UpstreamProblem) {
        #expect(
            BedrockAnswerReader.problem(
                status: status, errorType: type, retryAfter: nil, body: Array(body.utf8).span) == problem)
    }

    @Test("Retry-After, in seconds") func retryAfter() {
        let problem = BedrockAnswerReader.problem(status: 503, retryAfter: "2", body: Span())
        #expect(
            problem == UpstreamProblem(.overloaded, "the provider answered with status 503", retryAfter: .seconds(2)))
    }
}
