import Testing
import WeirBase

@testable import WeirDialects

@Suite("OpenAI Responses surface: an answer's events as one response") struct OpenAIResponsesAnswerWriterTests {
    static func written(_ events: [AnswerEvent], _ request: ChatRequest = ChatRequest()) -> String {
        var writer = OpenAIResponsesAnswerWriter(AnswerContext(id: "w1", created: 7, request: request))
        var out = ByteBuffer()
        for event in events { writer.write(event, to: &out) }
        let bytes = out.span
        return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    /// What a response of a request that says nothing repeats.
    static let echo =
        #""background":false,"previous_response_id":null,"store":false,"truncation":"disabled","instructions":null,"#
        + #""metadata":{},"max_output_tokens":null,"max_tool_calls":null,"parallel_tool_calls":true,"#
        + #""prompt_cache_key":null,"reasoning":{"effort":null,"summary":null},"safety_identifier":null,"#
        + #""temperature":1.0,"text":{"format":{"type":"text"},"verbosity":"medium"},"tool_choice":"auto","tools":[],"#
        + #""top_logprobs":0,"top_p":1.0,"user":null"#

    /// A response as it must be, byte for byte.
    static func response(
        _ output: String, status: String = "completed", error: String = "null", details: String = "null",
        usage: String = "null"
    ) -> String {
        #"{"id":"resp_w1","object":"response","created_at":7,"status":"\#(status)","error":\#(error),"#
            + #""incomplete_details":\#(details),"model":"m","output":[\#(output)],\#(echo),"usage":\#(usage)}"#
    }

    static func message(_ parts: String, at index: Int = 0, status: String = "completed") -> String {
        #"{"id":"msg_w1_\#(index)","type":"message","role":"assistant","content":[\#(parts)],"status":"\#(status)"}"#
    }

    static func text(_ text: String, logprobs: String = "") -> String {
        #"{"type":"output_text","text":"\#(text)","annotations":[],"logprobs":[\#(logprobs)]}"#
    }

    static func reasoning(_ summary: String?, seal: String?, at index: Int = 0) -> String {
        let parts = summary.map { #"{"type":"summary_text","text":"\#($0)"}"# } ?? ""
        let content = seal.map { "\"\($0)\"" } ?? "null"
        return #"{"id":"rs_w1_\#(index)","type":"reasoning","summary":[\#(parts)],"encrypted_content":\#(content)}"#
    }

    static func call(_ id: String, _ arguments: String, at index: Int, status: String = "completed") -> String {
        #"{"id":"fc_w1_\#(index)","type":"function_call","call_id":"\#(id)","name":"f","arguments":"\#(arguments)","#
            + #""status":"\#(status)"}"#
    }

    static let start = AnswerEvent.start(model: "m", id: "theirs")
    static func finish(_ reason: FinishReason) -> AnswerEvent { .finish(choice: 0, reason, stopSequence: nil) }
    static func call(_ call: Int, _ id: String, signature: String? = nil) -> AnswerEvent {
        .toolCall(choice: 0, call: call, id: id, name: "f", signature: signature)
    }
    static func arguments(_ call: Int, _ piece: String) -> AnswerEvent {
        .toolArguments(choice: 0, call: call, piece)
    }

    /// Events between the start and the end, and the items that they make.
    static let answers: [([AnswerEvent], [String])] = [
        ([], []), ([.text(choice: 0, ""), .reasoning(choice: 0, ""), .reasoningSignature(choice: 0, "")], []),
        ([.text(choice: 0, "a"), .text(choice: 1, "x"), .text(choice: 0, "\n")], [message(text(#"a\n"#))]),
        (
            [.text(choice: 0, "a"), .refusal(choice: 0, "n"), .refusal(choice: 0, "o"), .text(choice: 0, "b")],
            [message(text("a") + #",{"type":"refusal","refusal":"no"},"# + text("b"))]
        ),
        (
            [
                .reasoning(choice: 0, "h"), .reasoning(choice: 0, "m"), .reasoningSignature(choice: 0, "s"),
                .reasoning(choice: 0, "x"), .redactedReasoning(choice: 0, "d"), .reasoningSignature(choice: 0, "t"),
                .text(choice: 0, "a"),
            ],
            [
                reasoning("hm", seal: "weir1.s.s"), reasoning("x", seal: nil, at: 1),
                reasoning(nil, seal: "weir1.r.d", at: 2), reasoning(nil, seal: "weir1.s.t", at: 3),
                message(text("a"), at: 4),
            ]
        ),
        (
            [
                .text(choice: 0, "a"), call(0, "c1"), arguments(0, #"{"a":"#), call(1, "c2", signature: "g"),
                arguments(0, "1}"), arguments(1, "{}"), call(2, "c3"), arguments(1, "\n"), .text(choice: 0, "b"),
            ],
            [
                message(text("a")), call("c1", #"{\"a\":1}"#, at: 1), reasoning(nil, seal: "weir1.c.2.c2g", at: 2),
                call("c2", "{}", at: 3), call("c3", "{}", at: 4), message(text("b"), at: 5),
            ]
        ),
    ]
    @Test("an answer's items", arguments: answers) func items(events: [AnswerEvent], items: [String]) {
        let wire = Self.written([Self.start] + events + [Self.finish(.stop), .end, .text(choice: 0, "late")])
        #expect(wire == Self.response(items.joined(separator: ",")))
        #expect(Self.written([Self.start] + events + [.end]) == wire, "a finish reason is no condition")
    }

    static let finishes: [(FinishReason, String?)] = [
        (.stop, nil), (.stopSequence, nil), (.toolCalls, nil), (.pause, nil), (.length, "max_output_tokens"),
        (.contentFilter, "content_filter"), (.refusal, "content_filter"),
    ]
    @Test("an answer that was cut is incomplete, and so is what was cut in it", arguments: finishes)
    func finishReasons(reason: FinishReason, details: String?) {
        let status = details == nil ? "completed" : "incomplete"
        let why = details.map { #"{"reason":"\#($0)"}"# } ?? "null"
        let text = Self.written([Self.start, .text(choice: 0, "a"), Self.finish(reason), .end])
        #expect(text == Self.response(Self.message(Self.text("a"), status: status), status: status, details: why))
        let calls = Self.written([
            Self.start, Self.call(0, "c1"), Self.arguments(0, "{}"), Self.call(1, "c2"), Self.arguments(1, "{"),
            Self.finish(reason), .end,
        ])
        let items = [Self.call("c1", "{}", at: 0), Self.call("c2", "{", at: 1, status: status)]
        #expect(calls == Self.response(items.joined(separator: ","), status: status, details: why))
    }

    @Test("usage has its own names") func usage() {
        var usage = Usage()
        (usage.input, usage.cachedInput, usage.cacheWriteInput) = (10, 3, 2)
        (usage.output, usage.reasoningOutput) = (5, 4)
        let wire = Self.written([Self.start, Self.finish(.stop), .usage(usage), .end])
        #expect(
            wire
                == Self.response(
                    "",
                    usage: #"{"input_tokens":10,"input_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},"#
                        + #""output_tokens":5,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":15}"#))
    }

    @Test("log probabilities of a text are one array, where they were asked for") func logprobs() {
        var request = ChatRequest()
        let events: [AnswerEvent] = [
            Self.start, .logprobs(choice: 0, RawJSON("[0]")), .text(choice: 0, "a"),
            .logprobs(choice: 0, RawJSON("[1]")),
            .text(choice: 0, "b"), .logprobs(choice: 0, RawJSON("[ ]")), .logprobs(choice: 0, RawJSON("[2,\n3]")),
            .end,
        ]
        #expect(Self.written(events, request) == Self.response(Self.message(Self.text("ab"))))
        request.logprobs = true
        #expect(Self.written(events, request) == Self.response(Self.message(Self.text("ab", logprobs: "1,2,3"))))
    }

    @Test("a response repeats its request") func echoes() throws {
        let members =
            #""instructions":"i\n","metadata":{ "k":\#n"v" },"max_output_tokens":9,"parallel_tool_calls":false,"#
            + #""prompt_cache_key":"p","reasoning":{"effort":"low","summary":"auto"},"safety_identifier":"s","#
            + #""temperature":0.70,"text":{"format":{"type":"json_schema","name":"n","description":"d","#
            + #""schema":{\#r\#n"a":1}},"verbosity":"low"},"tools":[{"type":"function","name":"f","parameters":{\#n}},"#
            + #"{"type":"function","name":"g","description":"d","strict":true}],"top_logprobs":2,"top_p":0.5,"user":"u""#
        let choices: [(String, String)] = [
            ("", #""auto""#), (#","tool_choice":"none""#, #""none""#), (#","tool_choice":"required""#, #""required""#),
            (#","tool_choice":{"type":"function","name":"f"}"#, #"{"type":"function","name":"f"}"#),
            (
                #","tool_choice":{"type":"allowed_tools","tools":[{"name":"f","type":"function"}],"mode":"auto"}"#,
                #"{"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]}"#
            ),
        ]
        for (choice, wanted) in choices {
            let request = try OpenAIResponsesRequestReaderTests.read(members: members + choice).request
            let wire = Self.written([.start(model: "", id: ""), .end], request)
            #expect(
                wire == #"{"id":"resp_w1","object":"response","created_at":7,"status":"completed","error":null,"#
                    + #""incomplete_details":null,"model":"m","output":[],"background":false,"#
                    + #""previous_response_id":null,"store":false,"truncation":"disabled","instructions":"i\n","#
                    + #""metadata":{ "k":"v" },"max_output_tokens":9,"max_tool_calls":null,"#
                    + #""parallel_tool_calls":false,"prompt_cache_key":"p","#
                    + #""reasoning":{"effort":"low","summary":"auto"},"safety_identifier":"s","temperature":0.70,"#
                    + #""text":{"format":{"type":"json_schema","name":"n","description":"d","schema":{"a":1},"#
                    + #""strict":false},"verbosity":"low"},"tool_choice":\#(wanted),"tools":[{"type":"function","#
                    + #""name":"f","description":null,"parameters":{},"strict":false},{"type":"function","name":"g","#
                    + #""description":"d","parameters":null,"strict":true}],"top_logprobs":2,"top_p":0.5,"user":"u","#
                    + #""usage":null}"#)
        }
    }

    static let faults: [[AnswerEvent]] = [
        [.error(UpstreamProblem(.server, "broken"))], [call(1, "c")], [arguments(0, "{}")],
        [call(0, "c1"), arguments(0, "{}"), .text(choice: 0, "a"), arguments(0, "{}")],
    ]
    @Test("an error is written instead of the response", arguments: faults) func errors(events: [AnswerEvent]) {
        let wire = Self.written([Self.start, .text(choice: 0, "a")] + events + [.end])
        #expect(wire.hasPrefix(#"{"error":{"message":""#) && wire.hasSuffix(#""code":"upstream_error"}}"#))
    }

    private struct Silence: ResponsesListener {
        func note(
            _ change: ResponsesOutput.Change, of item: ResponsesOutput.Item, at index: Int, _ out: inout ByteBuffer
        ) {}
    }

    @Test("an answer is bounded, what its items take beside their texts included") func bound() throws {
        var output = ResponsesOutput(keepsLogprobs: false)
        var silence = Silence()
        var out = ByteBuffer()
        func text(_ bytes: Int) -> String { String(repeating: "x", count: bytes) }
        try output.add(.text(choice: 0, text(48 << 20)), telling: &silence, &out)
        for call in 0..<128 { try output.add(Self.call(call, "c"), telling: &silence, &out) }
        // An item and a part for each text, and of each call the item, its id and its name.
        let rest = (16 << 20) - 2 * 256 - 128 * (128 + 2)
        try output.add(.text(choice: 0, text(rest)), telling: &silence, &out)
        let problem = #expect(throws: UpstreamProblem.self) {
            try output.add(Self.arguments(1, "x"), telling: &silence, &out)
        }
        #expect(problem?.kind == .malformed)
    }
}
