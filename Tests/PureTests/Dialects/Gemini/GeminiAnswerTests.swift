import Testing
import WeirBase

@testable import WeirDialects

@Suite("Gemini: answers (providers.md, sections 5.2 and 10)") struct GeminiAnswerTests {
    static let start = AnswerEvent.start(model: "gemini-2.5-flash", id: "r1")

    static func usage(_ change: (inout Usage) -> Void) -> AnswerEvent {
        var usage = Usage()
        change(&usage)
        return .usage(usage)
    }

    @Test("a text, with the members in the order in which Google writes them") func text() {
        let events = GeminiFixture.whole(
            #"""
            {
              "candidates": [
                {"content": {"parts": [{"text": "Hel"}, {"text": "lo \u00e9\n"}], "role": "model"}, "finishReason": "STOP", "index": 0, "avgLogprobs": -0.1}
              ],
              "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 2, "totalTokenCount": 31, "thoughtsTokenCount": 20, "cachedContentTokenCount": 4, "toolUsePromptTokenCount": 3,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 9}]},
              "modelVersion": "gemini-2.5-flash",
              "responseId": "r1"
            }
            """#)
        let counts = Self.usage {
            $0.input = 12
            $0.cachedInput = 4
            $0.output = 22
            $0.reasoningOutput = 20
        }
        #expect(
            events == [
                Self.start, .text(choice: 0, "Hel"), .text(choice: 0, "lo é\n"),
                .finish(choice: 0, .stop, stopSequence: nil), counts, .end,
            ])
    }

    @Test("a stream: thoughts, texts, the last usage") func stream() {
        let events = GeminiFixture.stream([
            #"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}],"role":"model"}}],"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9},"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#,
            #"{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}],"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#,
            #"{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"c2ln"}],"role":"model"},"finishReason":"MAX_TOKENS","index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1,"totalTokenCount":10},"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#,
        ])
        let counts = Self.usage {
            $0.input = 9
            $0.output = 1
        }
        #expect(
            events == [
                Self.start, .reasoning(choice: 0, "hm"), .text(choice: 0, "a"),
                .finish(choice: 0, .length, stopSequence: nil), counts, .end,
            ])
    }

    @Test("calls keep their signatures and finish as calls; ids are made up where there are none") func calls() {
        let events = GeminiFixture.whole(
            #"{"candidates":[{"content":{"parts":[{"thoughtSignature":"c2ln","functionCall":{"name":"f","args":{"a": 1.0,"b":"\u00e9"},"id":"x1"}},{"functionCall":{"name":"g"}},{"functionCall":{"name":"g"}}],"role":"model"},"finishReason":"STOP"}],"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#
        )
        #expect(events.count == 7)
        #expect(events[1] == .toolCall(choice: 0, call: 0, id: "x1", name: "f", signature: "c2ln"))
        #expect(events[2] == .toolArguments(choice: 0, call: 0, #"{"a": 1.0,"b":"\u00e9"}"#))
        guard case .toolCall(0, 1, let first, "g", nil) = events[3],
            case .toolCall(0, 2, let second, "g", nil) = events[4]
        else {
            Issue.record("\(events)")
            return
        }
        #expect(first != second)
        #expect([first, second].allSatisfy { $0.utf8.count <= 40 && $0.hasPrefix("call_") })
        #expect(events[5] == .finish(choice: 0, .toolCalls, stopSequence: nil))
    }

    @Test("another turn's made-up ids are others") func madeIDs() {
        func id(_ response: String) -> AnswerEvent {
            GeminiFixture.whole(
                #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]},"finishReason":"STOP"}],"responseId":""#
                    + response + #""}"#)[1]
        }
        #expect(id("a") != id("b"))
        #expect(id("a") == id("a"))
    }

    @Test("choices are told apart by the index behind their content") func choices() {
        let events = GeminiFixture.stream([
            #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"index":0},{"content":{"parts":[{"text":"b"}]},"index":1}],"responseId":"r1","modelVersion":"gemini-2.5-flash"}"#,
            #"{"candidates":[{"finishReason":"STOP","index":1},{"finishReason":"SAFETY","index":0}]}"#,
        ])
        #expect(
            events == [
                Self.start, .text(choice: 0, "a"), .text(choice: 1, "b"),
                .finish(choice: 1, .stop, stopSequence: nil), .finish(choice: 0, .contentFilter, stopSequence: nil),
                .end,
            ])
    }

    @Test("log probabilities in OpenAI's form") func logprobs() {
        let events = GeminiFixture.whole(
            #"{"candidates":[{"content":{"parts":[{"text":"é"}]},"finishReason":"STOP","logprobsResult":{"topCandidates":[{"candidates":[{"token":"é","tokenId":7,"logProbability":-0.5},{"token":"e","logProbability":-1.50}]},{}],"chosenCandidates":[{"token":"é","logProbability":-0.5},{"token":"\n"}]}}]}"#
        )
        #expect(
            events[2]
                == .logprobs(
                    choice: 0,
                    RawJSON(
                        #"[{"token":"é","logprob":-0.5,"bytes":null,"top_logprobs":[{"token":"é","logprob":-0.5,"bytes":null},{"token":"e","logprob":-1.50,"bytes":null}]},{"token":"\n","logprob":0,"bytes":null,"top_logprobs":[]}]"#
                    )))
    }

    static let finishes: [(String, FinishReason)] =
        [("STOP", .stop), ("MAX_TOKENS", .length), ("ESCALATION", .stop), ("CONTINUATION", .stop)]
        + [
            "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
            "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER",
        ].map { ($0, .contentFilter) }

    @Test("finish reasons", arguments: finishes)
    func finish(word: String, reason: FinishReason) {
        let events = GeminiFixture.whole(
            #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":""# + word + #""}]}"#)
        #expect(events.suffix(2) == [.finish(choice: 0, reason, stopSequence: nil), .end])
    }

    static let failures: [(String, UpstreamProblem.Kind)] =
        [("MISSING_THOUGHT_SIGNATURE", .invalidRequest), ("SOMETHING_NEW", .server)]
        + [
            "MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "OTHER",
            "NO_IMAGE",
        ].map { ($0, .server) }

    @Test("reasons that are failures, not ends", arguments: failures)
    func failure(word: String, kind: UpstreamProblem.Kind) {
        let events = GeminiFixture.whole(#"{"candidates":[{"finishReason":""# + word + #""}]}"#)
        guard case .error(let problem) = events.last else {
            Issue.record("\(events)")
            return
        }
        #expect(problem.kind == kind && problem.code == word)
    }

    @Test("a blocked prompt is an answer without content") func blocked() {
        let events = GeminiFixture.whole(
            #"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":4},"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#
        )
        #expect(
            events == [
                Self.start, .finish(choice: 0, .contentFilter, stopSequence: nil), Self.usage { $0.input = 4 }, .end,
            ])
    }

    @Test("an error in a stream ends it") func streamError() {
        let events = GeminiFixture.stream([
            #"{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"modelVersion":"gemini-2.5-flash","responseId":"r1"}"#,
            #"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#,
            #"{"candidates":[{"content":{"parts":[{"text":"b"}]}}]}"#,
        ])
        #expect(
            events == [
                Self.start, .text(choice: 0, "a"),
                .error(UpstreamProblem(.overloaded, "The model is overloaded.", code: "UNAVAILABLE")),
            ])
    }

    static let broken = [
        "", "<html>", "[]", "7", "null", "{}", #"{"candidates":[]}"#, #"{"candidates":[7]}"#, #"{"candidates":[{}]}"#,
        #"{"candidates":[{"index":-1}]}"#, #"{"candidates":[{"index":128}]}"#, #"{"candidates":[{"index":1.5}]}"#,
        #"{"candidates":[{"index":1,"finishReason":"STOP"}]}"#,
        #"{"candidates":[{"content":{"parts":[{"functionCall":{}}]},"finishReason":"STOP"}]}"#,
        #"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}x"#,
        #"{"candidates":[{"content":{"parts":[{"text":"a"}"#, #"{"candidates":{"finishReason":"STOP"}}"#,
    ]

    @Test("what is no answer is malformed, and so is one that is cut", arguments: broken)
    func malformed(body: String) {
        guard case .error(let problem) = GeminiFixture.whole(body).last else {
            Issue.record("\(GeminiFixture.whole(body))")
            return
        }
        #expect(problem.kind == .malformed)
    }

    @Test("members of other kinds than they should be are passed over") func oddKinds() {
        let events = GeminiFixture.whole(
            #"{"candidates":[{"content":{"parts":[{"text":7,"thought":1},"x",{"functionCall":"f"}],"role":3},"finishReason":"STOP","index":null,"logprobsResult":[]}],"usageMetadata":[],"promptFeedback":7,"modelVersion":3}"#
        )
        #expect(events == [.start(model: "", id: ""), .finish(choice: 0, .stop, stopSequence: nil), .end])
    }

    @Test("names with escapes are names") func escapedNames() {
        let events = GeminiFixture.whole(
            #"{"c\u0061ndidates":[{"content":{"p\u0061rts":[{"te\u0078t":"a"}]},"finishReason":"\u0053TOP"}]}"#)
        #expect(events.count == 4 && events[1] == .text(choice: 0, "a"))
    }

    // MARK: Problems

    static let problems: [(status: Int, body: String, problem: UpstreamProblem)] = [
        (
            400,
            #"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#,
            UpstreamProblem(
                .credential, "API key not valid. Please pass a valid API key.", code: "API_KEY_INVALID")
        ),
        (
            400, #"[{"error":{"code":400,"message":"API key expired.","status":"INVALID_ARGUMENT"}}]"#,
            UpstreamProblem(.credential, "API key expired.", code: "INVALID_ARGUMENT")
        ),
        (
            400, #"{"error":{"code":400,"message":"Unknown name \"x\"","status":"INVALID_ARGUMENT"}}"#,
            UpstreamProblem(.invalidRequest, #"Unknown name "x""#, code: "INVALID_ARGUMENT")
        ),
        (
            400,
            #"{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
            UpstreamProblem(
                .contextLength,
                "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
                code: "INVALID_ARGUMENT")
        ),
        (
            400, #"{"error":{"code":400,"message":"User location is not supported","status":"FAILED_PRECONDITION"}}"#,
            UpstreamProblem(.credential, "User location is not supported", code: "FAILED_PRECONDITION")
        ),
        (
            403,
            #"{"error":{"code":403,"message":"Project projects/123 denied, see https://x.y/z","status":"PERMISSION_DENIED"}}"#,
            UpstreamProblem(.credential, "Project [...] denied, see [...]", code: "PERMISSION_DENIED")
        ),
        (
            404, #"{"error":{"code":404,"message":"no such model","status":"NOT_FOUND"}}"#,
            UpstreamProblem(.modelNotFound, "no such model", code: "NOT_FOUND")
        ),
        (
            429,
            #"{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"46.5s"}]}}"#,
            UpstreamProblem(.rateLimit, "slow", code: "RESOURCE_EXHAUSTED", retryAfter: .milliseconds(46_500))
        ),
        (
            429,
            #"{"error":{"code":429,"message":"day","status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaMetric":"m","quotaId":"GenerateRequestsPerMinute"},{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"7s"}]}}"#,
            UpstreamProblem(.quota, "day", code: "RESOURCE_EXHAUSTED", retryAfter: .seconds(7))
        ),
        (
            429,
            #"{"error":{"code":429,"message":"hours","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"7200s"}]}}"#,
            UpstreamProblem(.quota, "hours", code: "RESOURCE_EXHAUSTED", retryAfter: .seconds(7_200))
        ),
        (402, "{}", UpstreamProblem(.quota, "the provider answered with status 402")),
        (499, "", UpstreamProblem(.server, "the provider answered with status 499")),
        (500, "<html>", UpstreamProblem(.server, "the provider answered with status 500")),
        (503, "[]", UpstreamProblem(.overloaded, "the provider answered with status 503")),
        (
            504, #"{"error":{"status":"DEADLINE_EXCEEDED"}}"#,
            UpstreamProblem(.timeout, "the provider answered with status 504", code: "DEADLINE_EXCEEDED")
        ),
    ]

    @Test("problems", arguments: problems)
    func problem(status: Int, body: String, problem: UpstreamProblem) {
        #expect(GeminiFixture.problem(status, body) == problem)
    }

    @Test("Retry-After counts where there is no RetryInfo") func retryAfter() {
        #expect(GeminiFixture.problem(503, "", retryAfter: "3").retryAfter == .seconds(3))
        #expect(GeminiFixture.problem(503, "", retryAfter: "Wed, 21 Oct").retryAfter == nil)
    }
}
