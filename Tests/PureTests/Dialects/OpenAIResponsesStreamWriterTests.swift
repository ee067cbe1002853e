import Testing
import WeirBase
import WeirDialects

@Suite("OpenAI Responses surface: an answer's events as a stream") struct OpenAIResponsesStreamWriterTests {
    typealias Whole = OpenAIResponsesAnswerWriterTests

    static func written(_ events: [AnswerEvent], logprobs: Bool = false) -> String {
        var request = ChatRequest()
        request.model = "m"
        request.logprobs = logprobs
        var writer = OpenAIResponsesStreamWriter(AnswerContext(id: "w1", created: 7, request: request))
        var out = ByteBuffer()
        for event in events { writer.write(event, to: &out) }
        let bytes = out.span
        return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    /// Events as they must be, byte for byte: the first two, the given ones, numbered, and the last.
    private static func stream(_ events: [(String, String)], _ last: String, _ response: String) -> String {
        let begun = Whole.response("", status: "in_progress")
        let all =
            [("response.created", #""response":\#(begun)"#), ("response.in_progress", #""response":\#(begun)"#)]
            + events
            + [(last, #""response":\#(response)"#)]
        return all.enumerated().map { number, event in
            "event: \(event.0)\ndata: {\"type\":\"\(event.0)\",\"sequence_number\":\(number),\(event.1)}\n\n"
        }.joined()
    }

    private static func added(_ item: String, at index: Int = 0) -> (String, String) {
        ("response.output_item.added", #""output_index":\#(index),"item":\#(item)"#)
    }
    private static func done(_ item: String, at index: Int = 0) -> (String, String) {
        ("response.output_item.done", #""output_index":\#(index),"item":\#(item)"#)
    }
    /// An event of a part, or of a call where `list` is nil.
    private static func event(
        _ name: String, _ id: String, at index: Int = 0, list: String? = "content", part: Int = 0, _ rest: String
    ) -> (String, String) {
        let place = list.map { #""\#($0)_index":\#(part),"# } ?? ""
        return ("response." + name, #""item_id":"\#(id)","output_index":\#(index),"# + place + rest)
    }
    private static func delta(_ text: String, logprobs: String = "") -> (String, String) {
        event("output_text.delta", "msg_w1_0", #""delta":"\#(text)","logprobs":[\#(logprobs)]"#)
    }

    @Test("a text has the events of its item and its part around its pieces") func text() {
        let whole = Whole.message(Whole.text(#"a\"\nb"#))
        #expect(
            Self.written([Whole.start, .text(choice: 0, "a\"\n"), .text(choice: 0, "b"), Whole.finish(.stop), .end])
                == Self.stream(
                    [
                        Self.added(Whole.message("", status: "in_progress")),
                        Self.event("content_part.added", "msg_w1_0", #""part":"# + Whole.text("")),
                        Self.delta(#"a\"\n"#), Self.delta("b"),
                        Self.event("output_text.done", "msg_w1_0", #""text":"a\"\nb","logprobs":[]"#),
                        Self.event("content_part.done", "msg_w1_0", #""part":"# + Whole.text(#"a\"\nb"#)),
                        Self.done(whole),
                    ], "response.completed", Whole.response(whole)))
    }

    @Test("a refusal is a part of its own, and a cut answer ends as incomplete") func refusal() {
        let part = #"{"type":"refusal","refusal":"no"}"#
        let whole = Whole.message(Whole.text("a") + "," + part, status: "incomplete")
        #expect(
            Self.written([
                Whole.start, .text(choice: 0, "a"), .refusal(choice: 0, "no"), Whole.finish(.refusal), .end,
            ])
                == Self.stream(
                    [
                        Self.added(Whole.message("", status: "in_progress")),
                        Self.event("content_part.added", "msg_w1_0", #""part":"# + Whole.text("")), Self.delta("a"),
                        Self.event("output_text.done", "msg_w1_0", #""text":"a","logprobs":[]"#),
                        Self.event("content_part.done", "msg_w1_0", #""part":"# + Whole.text("a")),
                        Self.event(
                            "content_part.added", "msg_w1_0", part: 1, #""part":{"type":"refusal","refusal":""}"#),
                        Self.event("refusal.delta", "msg_w1_0", part: 1, #""delta":"no""#),
                        Self.event("refusal.done", "msg_w1_0", part: 1, #""refusal":"no""#),
                        Self.event("content_part.done", "msg_w1_0", part: 1, #""part":"# + part), Self.done(whole),
                    ], "response.incomplete",
                    Whole.response(whole, status: "incomplete", details: #"{"reason":"content_filter"}"#)))
    }

    @Test("reasoning is a summary, which ends with its signature; calls are items of their own") func calls() {
        let reasoning = Whole.reasoning("hm", seal: "weir1.s.s")
        let part = #"{"type":"summary_text","text":"hm"}"#
        let calls = [Whole.call("c1", #"{\"a\":1}"#, at: 1), Whole.call("c2", "{}", at: 2)]
        #expect(
            Self.written([
                Whole.start, .reasoning(choice: 0, "hm"), .reasoningSignature(choice: 0, "s"), Whole.call(0, "c1"),
                Whole.arguments(0, #"{"a":"#), Whole.arguments(0, "1}"), Whole.call(1, "c2"),
                Whole.finish(.toolCalls), .end,
            ])
                == Self.stream(
                    [
                        Self.added(Whole.reasoning(nil, seal: nil)),
                        Self.event(
                            "reasoning_summary_part.added", "rs_w1_0", list: "summary",
                            #""part":{"type":"summary_text","text":""}"#),
                        Self.event("reasoning_summary_text.delta", "rs_w1_0", list: "summary", #""delta":"hm""#),
                        Self.event("reasoning_summary_text.done", "rs_w1_0", list: "summary", #""text":"hm""#),
                        Self.event("reasoning_summary_part.done", "rs_w1_0", list: "summary", #""part":"# + part),
                        Self.done(reasoning), Self.added(Whole.call("c1", "", at: 1, status: "in_progress"), at: 1),
                        Self.event(
                            "function_call_arguments.delta", "fc_w1_1", at: 1, list: nil, #""delta":"{\"a\":""#),
                        Self.event("function_call_arguments.delta", "fc_w1_1", at: 1, list: nil, #""delta":"1}""#),
                        Self.event(
                            "function_call_arguments.done", "fc_w1_1", at: 1, list: nil,
                            #""name":"f","arguments":"{\"a\":1}""#),
                        Self.done(calls[0], at: 1),
                        Self.added(Whole.call("c2", "", at: 2, status: "in_progress"), at: 2),
                        Self.event("function_call_arguments.delta", "fc_w1_2", at: 2, list: nil, #""delta":"{}""#),
                        Self.event(
                            "function_call_arguments.done", "fc_w1_2", at: 2, list: nil,
                            #""name":"f","arguments":"{}""#),
                        Self.done(calls[1], at: 2),
                    ], "response.completed", Whole.response(([reasoning] + calls).joined(separator: ","))))
    }

    @Test("log probabilities that were asked for are in the event of their text") func logprobs() {
        let whole = Whole.message(Whole.text("abc", logprobs: "1,2,3"))
        #expect(
            Self.written(
                [
                    Whole.start, .text(choice: 0, "a"), .text(choice: 0, "b"), .logprobs(choice: 0, RawJSON("[1]")),
                    .logprobs(choice: 0, RawJSON("[2,\n3]")), .text(choice: 0, "c"), .end,
                ], logprobs: true)
                == Self.stream(
                    [
                        Self.added(Whole.message("", status: "in_progress")),
                        Self.event("content_part.added", "msg_w1_0", #""part":"# + Whole.text("")), Self.delta("a"),
                        Self.delta("b", logprobs: "1"), Self.delta("", logprobs: "2,3"), Self.delta("c"),
                        Self.event("output_text.done", "msg_w1_0", #""text":"abc","logprobs":[1,2,3]"#),
                        Self.event(
                            "content_part.done", "msg_w1_0", #""part":"# + Whole.text("abc", logprobs: "1,2,3")),
                        Self.done(whole),
                    ], "response.completed", Whole.response(whole)))
    }

    @Test("a stream begins without the model's name, too, and may be empty") func empty() {
        #expect(Self.written([.end, .end]) == Self.stream([], "response.completed", Whole.response("")))
    }

    @Test(
        "an error ends the stream as failed, with what came before",
        arguments: [
            (UpstreamProblem.Kind.rateLimit, "rate_limit_exceeded"), (.invalidRequest, "invalid_prompt"),
            (.contextLength, "invalid_prompt"), (.contentPolicy, "invalid_prompt"), (.credential, "server_error"),
            (.quota, "server_error"), (.modelNotFound, "server_error"), (.overloaded, "server_error"),
            (.server, "server_error"), (.timeout, "server_error"), (.malformed, "server_error"),
        ])
    func errors(kind: UpstreamProblem.Kind, code: String) {
        let problem = UpstreamProblem(kind, "why")
        let items = [
            Whole.call("c1", "{", at: 0, status: "incomplete"), Whole.reasoning(nil, seal: "weir1.r.d", at: 1),
        ]
        let wire = Self.written([
            Whole.start, Whole.call(0, "c1"), Whole.arguments(0, "{"), .redactedReasoning(choice: 0, "d"),
            .error(problem), .text(choice: 0, "late"), .end,
        ])
        #expect(
            wire
                == Self.stream(
                    [
                        Self.added(Whole.call("c1", "", at: 0, status: "in_progress")),
                        Self.event("function_call_arguments.delta", "fc_w1_0", list: nil, #""delta":"{""#),
                        Self.added(Whole.reasoning(nil, seal: nil, at: 1), at: 1), Self.done(items[1], at: 1),
                    ], "response.failed",
                    Whole.response(
                        items.joined(separator: ","), status: "failed",
                        error: #"{"code":"\#(code)","message":"why"}"#)))
    }

    @Test("an error before all else is an error event") func errorFirst() {
        let wire = Self.written([.error(UpstreamProblem(.rateLimit, "why", param: "p")), Whole.start, .end])
        #expect(
            wire == "event: error\ndata: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"why\","
                + "\"param\":\"p\",\"sequence_number\":0}\n\n")
    }

    @Test(
        "events that fit no answer end the stream as failed",
        arguments: OpenAIResponsesAnswerWriterTests.faults)
    func unfit(events: [AnswerEvent]) throws {
        let stream = try ResponsesStream(Self.written([Whole.start, .text(choice: 0, "a")] + events + [.end]))
        #expect(stream.response?["status"] as? String == "failed")
    }

    @Test("raw values of the request do not break the lines of events") func lines() throws {
        let members =
            "\"metadata\":{\r\n\"k\":\n\n\"v\\n\"},\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\n\n}}]"
        let request = try OpenAIResponsesRequestReaderTests.read(members: members).request
        var writer = OpenAIResponsesStreamWriter(AnswerContext(id: "w1", created: 7, request: request))
        var out = ByteBuffer()
        for event in [Whole.start, .text(choice: 0, "a"), .end] { writer.write(event, to: &out) }
        let bytes = out.span
        let stream = try ResponsesStream(String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self))
        #expect(stream.response?["metadata"] as? [String: String] == ["k": "v\n"])
    }
}
