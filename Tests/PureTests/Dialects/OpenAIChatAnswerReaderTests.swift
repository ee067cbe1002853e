// A long file: tables of answers, each with the events that it is.
import Testing
import WeirBase
import WeirTestSupport

@testable import WeirDialects

@Suite("OpenAI chat: answers into events (providers.md, sections 2.2, 2.3 and 7)") struct OpenAIChatAnswerReaderTests {
    typealias Fixture = OpenAIChatFixture

    static let start = AnswerEvent.start(model: "m", id: "i")
    static func finish(_ reason: FinishReason = .stop, sequence: String? = nil) -> AnswerEvent {
        .finish(choice: 0, reason, stopSequence: sequence)
    }
    static func call(_ call: Int, _ id: String, _ name: String = "f", signature: String? = nil) -> AnswerEvent {
        .toolCall(choice: 0, call: call, id: id, name: name, signature: signature)
    }
    static func arguments(_ call: Int, _ piece: String) -> AnswerEvent {
        .toolArguments(choice: 0, call: call, piece)
    }
    static var usage: Usage {
        var usage = Usage()
        (usage.input, usage.cachedInput, usage.output, usage.reasoningOutput) = (10, 3, 5, 2)
        return usage
    }
    static let writtenUsage =
        #""usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":2}}"#

    /// What stands between an answer's start and its end.
    private static func inner(_ events: [AnswerEvent]) -> [AnswerEvent] {
        #expect(events.first == start && events.last == .end, "\(events)")
        return Array(events.dropFirst().dropLast())
    }

    // MARK: OpenAI's own

    static let wire =
        "data: "
        + #"{"id":"i","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"xY"}"#
        + "\n\n: comment\n\ndata:"
        + Fixture.chunk(#""content":"h\u00e9 日""#) + "\r\n\r\ndata: "
        + Fixture.chunk(
            #""tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]"#)
        + "\n\ndata: " + Fixture.chunk(#""tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]"#)
        + "\n\ndata: " + Fixture.chunk(#""tool_calls":[{"index":0,"function":{"arguments":"1}"}}]"#)
        + "\n\ndata: "
        + Fixture.chunk(
            #""tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]"#)
        + "\n\ndata: " + Fixture.chunk("", finish: "tool_calls")
        + "\n\ndata: " + #"{"id":"i","model":"m","choices":[],"# + writtenUsage + "}" + "\n\ndata: [DONE]\n\n"
    static let wanted: [AnswerEvent] = [
        start, .text(choice: 0, "hé 日"), call(0, "a"), arguments(0, #"{"x":"#), arguments(0, "1}"), call(1, "b", "g"),
        finish(.toolCalls), .usage(usage), .end,
    ]

    @Test("a stream, wherever its reads split") func splits() {
        for parts in everySplit(of: Array(Self.wire.utf8)) {
            #expect(Fixture.events(parts) == Self.wanted, "parts: \(parts.map(\.count))")
        }
    }

    @Test("a stream that is cut before its end is an error, and nothing is given twice") func cuts() {
        let bytes = Array(Self.wire.utf8)
        let done = Array("data: [DONE]\n\n".utf8).count
        for prefix in everyPrefix(of: bytes) where prefix.count < bytes.count {
            let events = Fixture.events([Array(prefix)])
            // With the reason to finish everything is there; only the usage may be missing.
            let isWhole = events.last == .end
            #expect(isWhole || events.last.map(Self.isMalformed) == true, "\(prefix.count)")
            #expect(!isWhole || events.contains(Self.finish(.toolCalls)))
            if prefix.count >= bytes.count - done { #expect(events == Self.wanted) }
            if !isWhole { #expect(events.dropLast().elementsEqual(Self.wanted.prefix(events.count - 1))) }
        }
    }

    private static func isMalformed(_ event: AnswerEvent) -> Bool {
        if case .error(let problem) = event { problem.kind == .malformed } else { false }
    }

    @Test("a whole answer") func whole() {
        let body = Fixture.answer(
            #""content":"a","refusal":null,"annotations":[],"tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"n\":1}"}},{"id":"d","type":"function","function":{"name":"g","arguments":""}}]"#,
            finish: "tool_calls", rest: ",\(Self.writtenUsage),\"service_tier\":\"default\",\"error\":null")
        #expect(
            Fixture.whole(body) == [
                Self.start, .text(choice: 0, "a"), Self.call(0, "c"), Self.arguments(0, #"{"n":1}"#),
                Self.call(1, "d", "g"), Self.finish(.toolCalls), .usage(Self.usage), .end,
            ])
    }

    @Test("choices come apart by their index, which may stand behind them") func choices() {
        let events = Fixture.stream([
            #"{"choices":[{"delta":{"content":"b"},"index":1}],"model":"m","id":"i"}"#,
            #"{"choices":[{"delta":{"content":"a"},"index":0,"finish_reason":"stop"},{"index":1,"finish_reason":"length","delta":{"content":"c"}}]}"#,
        ])
        #expect(
            Self.inner(events) == [
                .text(choice: 1, "b"), .text(choice: 0, "a"), .text(choice: 1, "c"), Self.finish(),
                .finish(choice: 1, .length, stopSequence: nil),
            ])
        let whole = #"{"model":"m","id":"i","choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]}"#
        #expect(
            Self.inner(Fixture.whole(whole)) == [
                .text(choice: 0, "a"), .text(choice: 1, "b"), Self.finish(),
                .finish(choice: 1, .stop, stopSequence: nil),
            ])
    }

    @Test("log probabilities are given as they are") func logprobs() {
        let body =
            #"{"id":"i","model":"m","choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-0.10}],"refusal":null},"finish_reason":"stop"},{"index":0,"logprobs":{"content":[]}}]}"#
        #expect(
            Self.inner(Fixture.stream([body])) == [
                .text(choice: 0, "a"), .logprobs(choice: 0, RawJSON(#"[{"token":"a","logprob":-0.10}]"#)),
                Self.finish(),
            ])
    }

    static let reasons: [(String, FinishReason)] = [
        ("stop", .stop), ("length", .length), ("tool_calls", .stop), ("content_filter", .contentFilter),
        ("function_call", .stop), ("eos", .stop), ("COMPLETE", .stop), ("model_length", .length),
        ("max_tokens", .length), ("MAX_TOKENS", .length), ("end_turn", .stop), ("safety", .contentFilter),
        ("refusal", .refusal), ("stop_sequence", .stopSequence), ("tomorrow", .stop), ("", .stop),
    ]
    @Test("each reason to finish, in streams and whole", arguments: reasons)
    func reason(word: String, reason: FinishReason) {
        let wanted = [.text(choice: 0, "a"), Self.finish(reason)]
        #expect(
            Self.inner(Fixture.stream([Fixture.chunk(#""content":"a""#), Fixture.chunk("", finish: word)])) == wanted)
        #expect(Self.inner(Fixture.whole(Fixture.answer(#""content":"a""#, finish: word))) == wanted)
    }

    static let failures: [(String, UpstreamProblem.Kind)] = [
        ("insufficient_system_resource", .overloaded), ("error", .server), ("ERROR", .server), ("abort", .server),
    ]
    @Test("a reason that is a failure is an error", arguments: failures)
    func failure(word: String, kind: UpstreamProblem.Kind) {
        for events in [
            Fixture.stream([Fixture.chunk("", finish: word)]),
            Fixture.whole(Fixture.answer(#""content":"a""#, finish: word)),
        ] {
            guard case .error(let problem)? = events.last else {
                Issue.record("\(events)")
                continue
            }
            #expect(problem.kind == kind && problem.code == word)
        }
    }

    @Test("a sequence that stopped the answer is named where the server says which") func stopSequence() {
        func stream(_ value: String) -> [AnswerEvent] {
            Self.inner(
                Fixture.stream([
                    #"{"id":"i","model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop","stop_reason":\#(value)}]}"#
                ]))
        }
        #expect(stream(#""END""#).last == Self.finish(.stopSequence, sequence: "END"))
        #expect(stream("128009").last == Self.finish())
        let call = Fixture.chunk(#""tool_calls":[{"id":"a","function":{"name":"f"}}]"#)
        let end = #"{"choices":[{"delta":{},"finish_reason":"stop","stop_reason":"</call>"}]}"#
        #expect(Fixture.stream([call, end]).dropLast().last == Self.finish(.toolCalls))
        #expect(stream("null").last == Self.finish())
    }

    // MARK: Texts

    /// A delta, which may as well be a message, and what it says.
    static let deltas: [(String, [AnswerEvent])] = [
        (#""role":"assistant","content":null"#, []), (#""content":"""#, []),
        (#""reasoning_content":"r","content":"a""#, [.reasoning(choice: 0, "r"), .text(choice: 0, "a")]),
        (#""content":"a","reasoning":"r""#, [.reasoning(choice: 0, "r"), .text(choice: 0, "a")]),
        (#""reasoning":"r","reasoning_content":"r","content":null"#, [.reasoning(choice: 0, "r")]),
        (#""reasoning":"r","reasoning_content":"""#, [.reasoning(choice: 0, "r")]),
        (#""refusal":"no","content":null"#, [.refusal(choice: 0, "no")]),
        (
            #""content":[{"type":"thinking","thinking":[{"type":"text","text":"r"}]},{"type":"text","text":"a"},{"type":"x"}]"#,
            [.reasoning(choice: 0, "r"), .text(choice: 0, "a")]
        ),
        (
            #""reasoning_content":"r","thinking_blocks":[{"type":"thinking","thinking":"r","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"x"},1]"#,
            [.reasoning(choice: 0, "r"), .reasoningSignature(choice: 0, "s"), .redactedReasoning(choice: 0, "d")]
        ),
        (
            #""thinking_blocks":[{"type":"thinking","thinking":"r","signature":""}]"#, [.reasoning(choice: 0, "r")]
        ),
    ]
    @Test("texts in all their places", arguments: deltas) func delta(delta: String, said: [AnswerEvent]) {
        #expect(Self.inner(Fixture.stream([Fixture.chunk(delta, finish: "stop")])) == said + [Self.finish()])
        #expect(Self.inner(Fixture.whole(Fixture.answer(delta))) == said + [Self.finish()])
    }

    // MARK: Calls

    /// What servers make of calls: deltas of chunks, and what is meant. An id that the reader makes is `?`.
    static let callForms: [(String, [String], [AnswerEvent])] = [
        (
            "id and name in each piece",
            [
                #"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}}"#,
                #"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"}"}}"#,
            ],
            [call(0, "a"), arguments(0, "{"), arguments(0, "}")]
        ),
        (
            "no index",
            [
                #"{"id":"a","function":{"name":"f","arguments":"{"}}"#, #"{"id":"a","function":{"arguments":"}"}}"#,
                #"{"id":"b","function":{"name":"f","arguments":"{"}}"#, #"{"function":{"arguments":"}"}}"#,
            ],
            [
                call(0, "a"), arguments(0, "{"), arguments(0, "}"), call(1, "b"), arguments(1, "{"), arguments(1, "}"),
            ]
        ),
        (
            "an index in later pieces only",
            [#"{"id":"a","function":{"name":"f"}}"#, #"{"index":0,"function":{"arguments":"{}"}}"#],
            [call(0, "a"), arguments(0, "{}")]
        ),
        (
            "no id",
            [
                #"{"index":0,"function":{"name":"f","arguments":"{}"}}"#,
                #"{"index":1,"function":{"name":"f","arguments":"{}"}}"#,
            ],
            [call(0, "?"), arguments(0, "{}"), call(1, "?"), arguments(1, "{}")]
        ),
        (
            "neither index nor id",
            [
                #"{"function":{"name":"f","arguments":"{"}}"#, #"{"function":{"arguments":"}"}}"#,
                #"{"function":{"name":"g"}}"#,
            ],
            [call(0, "?"), arguments(0, "{"), arguments(0, "}"), call(1, "?", "g")]
        ),
        (
            "an empty id",
            [#"{"index":0,"id":"","function":{"name":"f","arguments":"{}"}}"#],
            [call(0, "?"), arguments(0, "{}")]
        ),
        (
            "every call is number 0",
            [
                #"{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}"#,
                #"{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}"#,
                #"{"index":0,"function":{"name":"g","arguments":"{}"}}"#,
            ],
            [
                call(0, "a"), arguments(0, "{}"), call(1, "b"), arguments(1, "{}"), call(2, "?", "g"),
                arguments(2, "{}"),
            ]
        ),
        (
            "arguments as an object, again and again",
            [
                #"{"index":0,"id":"a","function":{"name":"f","arguments":{"x": "\u00e9"}}}"#,
                #"{"index":0,"id":"a","function":{"name":"f","arguments":{"x": "\u00e9"}}}"#,
            ],
            [call(0, "a"), arguments(0, #"{"x": "\u00e9"}"#)]
        ),
        (
            "a name that comes after the arguments have begun",
            [
                #"{"index":0,"id":"a","function":{"arguments":"{"}}"#,
                #"{"index":0,"function":{"name":"f","arguments":"}"}}"#,
            ],
            [call(0, "a"), arguments(0, "{"), arguments(0, "}")]
        ),
        (
            "Google's signature",
            [
                #"{"index":0,"id":"a","extra_content":{"google":{"thought_signature":"s"}},"function":{"name":"f","arguments":null}}"#
            ],
            [call(0, "a", signature: "s")]
        ),
        (
            "a call of another kind is none",
            [#"{"index":0,"id":"a","type":"custom","custom":{"name":"f","input":"x"}}"#], []
        ),
    ]
    @Test("calls in all their forms", arguments: callForms) func calls(
        what: String, pieces: [String], wanted: [AnswerEvent]
    ) {
        let chunks = pieces.map { Fixture.chunk(#""tool_calls":["# + $0 + "]") } + [Fixture.chunk("", finish: "stop")]
        let events = Self.withoutMadeIDs(Self.inner(Fixture.stream(chunks)))
        #expect(events == wanted + [Self.finish(wanted.isEmpty ? .stop : .toolCalls)], "\(what)")
    }

    @Test("calls of one delta are apart, whatever they are named by") func together() {
        for names in ["", #""index":0,"#, #""id":"","#, #""index":0,"id":"","#] {
            let calls = (0..<3).map { _ in "{\(names)" + #""function":{"name":"f","arguments":"{}"}}"# }
            let list = #""content":null,"tool_calls":["# + calls.joined(separator: ",") + "]"
            let wanted: [AnswerEvent] = (0..<3).flatMap { [Self.call($0, "?"), Self.arguments($0, "{}")] }
            for events in [Fixture.whole(Fixture.answer(list)), Fixture.stream([Fixture.chunk(list)])] {
                #expect(Self.withoutMadeIDs(Self.inner(events)) == wanted + [Self.finish(.toolCalls)], "\(names)")
                let ids = events.compactMap { if case .toolCall(_, _, let id, _, _) = $0 { id } else { nil } }
                #expect(Set(ids).count == 3)
            }
        }
    }

    @Test("ids that are made differ from answer to answer") func madeIDs() {
        func id(_ created: Int) -> [AnswerEvent] {
            Fixture.stream([
                #"{"created":\#(created),"choices":[{"delta":{"tool_calls":[{"function":{"name":"f"}}]}}]}"#
            ])
        }
        #expect(id(1) == id(1))
        #expect(id(1) != id(2))
    }

    private static func withoutMadeIDs(_ events: [AnswerEvent]) -> [AnswerEvent] {
        events.map { event in
            guard case .toolCall(let choice, let call, let id, let name, let signature) = event,
                id.hasPrefix("call_"), id.hasSuffix("_0_\(call)")
            else { return event }
            return .toolCall(choice: choice, call: call, id: "?", name: name, signature: signature)
        }
    }

    // MARK: Usage and ends

    @Test("usage: in every chunk, in Groq's place, unreadable, or not at all") func usages() {
        func usage(_ output: Int) -> String { #""usage":{"prompt_tokens":10,"completion_tokens":\#(output)}"# }
        func chunk(_ rest: String, finish: String = "null") -> String {
            #"{"id":"i","model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":\#(finish)}]\#(rest)}"#
        }
        func counts(_ chunks: [String]) -> Usage? {
            let events = Self.inner(Fixture.stream(chunks))
            if case .usage(let usage)? = events.last { return usage } else { return nil }
        }
        let last = #""stop""#
        #expect(counts([chunk("," + usage(1)), chunk("," + usage(2), finish: last)])?.output == 2)
        #expect(counts([chunk("," + usage(1), finish: last), chunk(",\"usage\":null")])?.output == 1)
        #expect(counts([chunk(#","x_groq":{"id":"r","# + usage(7) + "}", finish: last)])?.output == 7)
        #expect(counts([chunk(#","usage":{"prompt_tokens":-1}"#, finish: last)]) == nil)
        #expect(counts([chunk(#","usage":{}"#, finish: last)]) == nil)
        #expect(counts([chunk("", finish: last), "{" + usage(3) + "}"])?.output == 3)
        #expect(counts([chunk("", finish: last)]) == nil)
    }

    @Test("Azure's first chunk is none of the answer, and its empty names are none") func azure() {
        let first =
            #"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}]}"#
        let events = Fixture.stream([first, Fixture.chunk(#""content":"a""#, finish: "stop")])
        #expect(Self.inner(events) == [.text(choice: 0, "a"), Self.finish()])
    }

    @Test("without [DONE] a stream is whole if every choice has finished; with it, in any case") func ends() {
        let text = Fixture.chunk(#""content":"a""#)
        let end = Fixture.chunk("", finish: "stop")
        let wanted = [Self.start, .text(choice: 0, "a"), Self.finish(), .end]
        #expect(Fixture.stream([text, end], isDone: false) == wanted)
        #expect(Fixture.stream([text]) == wanted)
        #expect(Fixture.stream([text, end, "[DONE] ", text]) == wanted)
        #expect(Fixture.stream([text, "{}", #"{"timings":{}}"#, end]) == wanted)
        #expect(Fixture.stream([text], isDone: false).last.map(Self.isMalformed) == true)
    }

    static let noAnswers = [
        "", "<html>", "[]", "null", "{}", #"{"choices":[]}"#, #"{"choices":1}"#, #"{"choices":[1]}"#,
        #"{"choices":[{"index":-1}]}"#, #"{"choices":[{"index":128}]}"#, #"{"choices":[{"index":"x"}]}"#,
        #"{"choices":[{"message":{"content":"a"}}"#,
        #"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"arguments":"{}"}}]}}]}"#,
        #"{"choices":[{"message":{"tool_calls":["#
            + (0...128).map { #"{"index":\#($0),"function":{"name":"f"}}"# }.joined(separator: ",") + "]}}]}",
    ]
    @Test("what is no answer is malformed, and the error is the last event", arguments: noAnswers)
    func noAnswer(body: String) {
        let whole = Fixture.whole(body)
        #expect(whole.last.map(Self.isMalformed) == true, "\(whole)")
        let stream = Fixture.stream([body.isEmpty ? "x" : body])
        #expect(stream.last.map(Self.isMalformed) == true, "\(stream)")
        #expect(stream.count(where: { if case .error = $0 { true } else { false } }) == 1)
    }

    @Test("arguments without a name are kept up to a bound") func earlyArguments() {
        let piece = String(repeating: "x", count: 40_000)
        let chunk = Fixture.chunk(#""tool_calls":[{"index":0,"id":"a","function":{"arguments":"\#(piece)"}}]"#)
        #expect(Fixture.stream([chunk, chunk]).last == .error(.namelessCall))
    }

    // MARK: Errors

    @Test("an error in a stream is the last event, in each of its shapes") func streamErrors() {
        let shapes: [(String, UpstreamProblem)] = [
            (
                #"{"error":{"message":"busy","type":"server_error","param":null,"code":null}}"#,
                UpstreamProblem(.server, "busy", code: "server_error")
            ),
            (#"{"error":"busy"}"#, UpstreamProblem(.server, "busy")),
            (#"{"object":"error","message":"busy","code":503}"#, UpstreamProblem(.overloaded, "busy", code: "503")),
            (#"{"message":"busy"}"#, UpstreamProblem(.server, "busy")),
            (#"{"detail":"busy"}"#, UpstreamProblem(.server, "busy")),
            (
                #"{"error":{"code":429,"message":"slow"},"choices":[]}"#,
                UpstreamProblem(.rateLimit, "slow", code: "429")
            ),
        ]
        let text = Fixture.chunk(#""content":"a""#)
        for (shape, problem) in shapes {
            #expect(
                Fixture.stream([text, shape, text]) == [Self.start, .text(choice: 0, "a"), .error(problem)], "\(shape)")
            #expect(Fixture.whole(shape) == [.error(problem)], "\(shape)")
        }
    }

    static let problems: [(Int, String, UpstreamProblem.Kind)] = [
        (
            400, #"{"error":{"message":"bad","type":"invalid_request_error","param":"n","code":"invalid_value"}}"#,
            .invalidRequest
        ),
        (400, #"{"error":{"message":"x","code":"context_length_exceeded"}}"#, .contextLength),
        (400, #"{"error":{"code":400,"message":"x","type":"exceed_context_size_error","n_ctx":9}}"#, .contextLength),
        (
            400, #"{"object":"error","message":"This model's maximum context length is 9 tokens","code":400}"#,
            .contextLength
        ),
        (500, #"{"error":{"message":"the request exceeds the available context size"}}"#, .contextLength),
        (
            422, #"{"message":"Prompt contains 9 tokens, too large for model with 8 maximum context length"}"#,
            .contextLength
        ),
        (
            400,
            #"{"error":{"message":"x","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
            .contentPolicy
        ),
        (400, #"{"error":{"message":"x","code":"content_policy_violation"}}"#, .contentPolicy),
        (401, #"{"error":{"message":"x","code":"invalid_api_key"}}"#, .credential),
        (401, #"{"error":{"code":"401","message":"Access denied"}}"#, .credential), (403, "{}", .credential),
        (402, #"{"error":{"message":"Insufficient Balance"}}"#, .quota),
        (404, #"{"error":{"message":"x","code":"model_not_found"}}"#, .modelNotFound),
        (404, #"{"error":{"code":"DeploymentNotFound","message":"x"}}"#, .modelNotFound),
        (400, #"{"error":{"message":"x","code":"model_not_found"}}"#, .modelNotFound),
        (404, #"{"error":"model 'x' not found"}"#, .modelNotFound), (408, "", .timeout), (409, "{}", .server),
        (413, "", .invalidRequest),
        (
            422, #"{"detail":[{"type":"extra_forbidden","loc":["body","x"],"msg":"Extra inputs are not permitted"}]}"#,
            .invalidRequest
        ),
        (429, #"{"error":{"message":"x","type":"requests","code":"rate_limit_exceeded"}}"#, .rateLimit),
        (429, #"{"error":{"message":"x","type":"insufficient_quota","code":"credit_balance_exhausted"}}"#, .quota),
        (429, #"{"error":{"message":"x","type":"insufficient_quota","code":"project_spend_limit_exceeded"}}"#, .quota),
        (429, #"{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}"#, .quota),
        (429, #"{"error":{"code":"429","message":"x"}}"#, .rateLimit),
        (429, #"{"error":{"code":"slow_down"}}"#, .rateLimit),
        (500, "<html>", .server), (502, "", .server), (503, "{}", .overloaded), (504, "", .timeout),
        (529, "", .overloaded),
        (400, #"[{"error":{"code":400,"message":"x","status":"INVALID_ARGUMENT"}}]"#, .invalidRequest),
    ]
    @Test("what an error means", arguments: problems) func problem(
        status: Int, body: String, kind: UpstreamProblem.Kind
    ) {
        #expect(Fixture.problem(status, body).kind == kind)
    }

    @Test("an error's words, member, code and time") func problemFacts() {
        let problem = Fixture.problem(
            400, #"{"error":{"message":"n is bad","type":"invalid_request_error","param":"n","code":"invalid_value"}}"#,
            retryAfter: "2.5")
        #expect(
            problem
                == UpstreamProblem(
                    .invalidRequest, "n is bad", param: "n", code: "invalid_value", retryAfter: .milliseconds(2_500)))
        #expect(Fixture.problem(422, #"{"detail":[{"msg":"first"},{"msg":"second"}]}"#).message == "first")
        #expect(
            Fixture.problem(422, #"{"object":"error","message":{"detail":[{"msg":"deep"}]}}"#).message == "deep")
        #expect(Fixture.problem(500, #"[{"error":{"message":"in a list"}}]"#).message == "in a list")
        #expect(Fixture.problem(502, "<html>").message == "the provider answered with status 502")
        #expect(Fixture.problem(502, #"{"error":{"message":"cut"#).message == "the provider answered with status 502")
    }

    @Test("keys, organisations, addresses and accounts stay here; words that look alike do not") func secrets() {
        let words = [
            "sk-abc***xyz.", "https://platform.openai.com/account", "org-AbCd", "(proj_x)", "req_0123",
            "mine.openai.azure.com", "123456789012",
        ]
        let message = words.joined(separator: " ") + " task-based disk-bound"
        let problem = Fixture.problem(401, #"{"error":{"message":"\#(message)"}}"#)
        #expect(problem.message == words.map { _ in "[...]" }.joined(separator: " ") + " task-based disk-bound")
    }
}
