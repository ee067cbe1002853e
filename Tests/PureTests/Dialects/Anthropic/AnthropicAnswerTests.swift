// A long file: tables of answers, each with the events that it is.
import Testing
import WeirBase
import WeirDialects
import WeirTestSupport
import WeirWire

@Suite("Anthropic answers into events") struct AnthropicAnswerReaderTests {
    /// The events of a stream's bytes.
    static func events(_ wire: String) -> [AnswerEvent] {
        let bytes = Array(wire.utf8)
        var reader = AnthropicAnswerReader()
        var scanner = SSEScanner()
        var events: [AnswerEvent] = []
        var at = 0
        while let event = scanner.next(in: bytes.span, from: at) {
            at = Int(event.range.end)
            guard event.dataLines > 0 else { continue }
            var data = ByteBuffer()
            event.appendData(of: bytes.span, to: &data)
            reader.read(event: bytes.span.extracting(event.name.bounds), data.span) { events.append($0) }
        }
        reader.finish { events.append($0) }
        return events
    }

    static func whole(_ body: String) -> [AnswerEvent] {
        var events: [AnswerEvent] = []
        AnthropicAnswerReader.read(whole: Array(body.utf8).span) { events.append($0) }
        return events
    }

    static func event(_ name: String, _ data: String) -> String { "event: \(name)\ndata: \(data)\n\n" }
    static let start = event(
        "message_start",
        #"{"type":"message_start","message":{"id":"msg_1","type":"message","model":"m","content":[],"usage":{"input_tokens":10,"cache_read_input_tokens":7,"output_tokens":1}}}"#
    )
    static func block(_ index: Int, _ block: String) -> String {
        event("content_block_start", #"{"type":"content_block_start","index":\#(index),"content_block":\#(block)}"#)
    }
    static func delta(_ index: Int, _ delta: String) -> String {
        event("content_block_delta", #"{"type":"content_block_delta","index":\#(index),"delta":\#(delta)}"#)
    }
    static func stop(_ index: Int) -> String {
        event("content_block_stop", #"{"type":"content_block_stop","index":\#(index)}"#)
    }
    static func end(_ delta: String) -> String {
        event("message_delta", #"{"type":"message_delta","delta":\#(delta),"usage":{"output_tokens":15}}"#)
            + event("message_stop", #"{"type":"message_stop"}"#)
    }
    static var usage: Usage {
        var usage = Usage()
        (usage.input, usage.cachedInput, usage.output) = (17, 7, 15)
        return usage
    }

    @Test("a stream with reasoning, text and two calls") func stream() {
        let wire =
            Self.start + Self.block(0, #"{"type":"thinking","thinking":"","signature":""}"#)
            + Self.event("ping", #"{"type":"ping"}"#) + Self.delta(0, #"{"type":"thinking_delta","thinking":"h\nm"}"#)
            + Self.delta(0, #"{"type":"signature_delta","signature":"s=="}"#) + Self.stop(0)
            + Self.block(1, #"{"type":"redacted_thinking","data":"d"}"#) + Self.stop(1)
            + Self.block(2, #"{"type":"text","text":""}"#) + Self.delta(2, #"{"type":"text_delta","text":"h\u00e9"}"#)
            + Self.delta(2, #"{"type":"citations_delta","citation":{"text":"x"}}"#) + Self.stop(2)
            + Self.block(3, #"{"type":"server_tool_use","id":"srv","name":"web_search","input":{}}"#)
            + Self.delta(3, #"{"type":"input_json_delta","partial_json":"{}"}"#) + Self.stop(3)
            + Self.block(4, #"{"type":"tool_use","id":"a","name":"f","input":{}}"#)
            + Self.delta(4, #"{"type":"input_json_delta","partial_json":""}"#)
            + Self.delta(4, #"{"type":"input_json_delta","partial_json":"{\"n\":"}"#)
            + Self.delta(4, #"{"type":"input_json_delta","partial_json":"1}"}"#) + Self.stop(4)
            + Self.block(5, #"{"type":"tool_use","id":"b","name":"g","input":{"x": 1}}"#) + Self.stop(5)
            + Self.event("new_event", #"{"type":"new_event"}"#)
            + Self.end(#"{"stop_reason":"tool_use","stop_sequence":null}"#)
        let wanted: [AnswerEvent] = [
            .start(model: "m", id: "msg_1"), .reasoning(choice: 0, "h\nm"), .reasoningSignature(choice: 0, "s=="),
            .redactedReasoning(choice: 0, "d"), .text(choice: 0, "hé"),
            .toolCall(choice: 0, call: 0, id: "a", name: "f", signature: nil),
            .toolArguments(choice: 0, call: 0, #"{"n":"#), .toolArguments(choice: 0, call: 0, "1}"),
            .toolCall(choice: 0, call: 1, id: "b", name: "g", signature: nil),
            .toolArguments(choice: 0, call: 1, #"{"x": 1}"#), .finish(choice: 0, .toolCalls, stopSequence: nil),
            .usage(Self.usage), .end,
        ]
        #expect(Self.events(wire) == wanted)
        // Names of events are in the data, too.
        #expect(
            Self.events(
                wire.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("event:") }.joined(
                    separator: "\n")) == wanted)
    }

    static let finishes: [(String, FinishReason, String?)] = [
        (#"{"stop_reason":"end_turn"}"#, .stop, nil),
        (#"{"stop_reason":"max_tokens","stop_sequence":null}"#, .length, nil),
        (#"{"stop_reason":"stop_sequence","stop_sequence":"X"}"#, .stopSequence, "X"),
        (#"{"stop_reason":"tool_use"}"#, .toolCalls, nil), (#"{"stop_reason":"pause_turn"}"#, .pause, nil),
        (#"{"stop_reason":"refusal"}"#, .refusal, nil),
        (#"{"stop_reason":"model_context_window_exceeded"}"#, .length, nil),
        (#"{"stop_reason":"compaction"}"#, .stop, nil),
    ]
    @Test("each reason to end, in streams and in JSON", arguments: finishes)
    func finish(delta: String, reason: FinishReason, sequence: String?) {
        let finish = AnswerEvent.finish(choice: 0, reason, stopSequence: sequence)
        #expect(
            Self.events(Self.start + Self.end(delta)) == [
                .start(model: "m", id: "msg_1"), finish, .usage(Self.usage), .end,
            ])
        let body = #"{"model":"m","id":"i","content":[],\#(delta.dropFirst())"#
        #expect(Self.whole(body) == [.start(model: "m", id: "i"), finish, .end])
    }

    @Test("a refusal is explained") func refusal() {
        let delta =
            #"{"stop_reason":"refusal","stop_details":{"type":"refusal","category":"cyber","explanation":"no"}}"#
        #expect(Self.events(Self.start + Self.end(delta))[1] == .refusal(choice: 0, "no"))
    }

    @Test("a whole answer") func whole() {
        let body =
            #"{"usage":{"input_tokens":10,"cache_read_input_tokens":7,"output_tokens":15},"content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"a"},{"type":"web_search_tool_result","content":[]},{"type":"tool_use","id":"t","name":"f","input":{"a":"\u00e9"}},{"type":"tool_use","id":"u","name":"g","input":{ }}],"id":"i","model":"m","type":"message","stop_reason":"tool_use"}"#
        #expect(
            Self.whole(body) == [
                .start(model: "m", id: "i"), .reasoning(choice: 0, "hm"), .reasoningSignature(choice: 0, "s"),
                .text(choice: 0, "a"), .toolCall(choice: 0, call: 0, id: "t", name: "f", signature: nil),
                .toolArguments(choice: 0, call: 0, #"{"a":"\u00e9"}"#),
                .toolCall(choice: 0, call: 1, id: "u", name: "g", signature: nil),
                .finish(choice: 0, .toolCalls, stopSequence: nil), .usage(Self.usage), .end,
            ])
    }

    static let noAnswers = [
        "", "<html>", "[]", "{}", #"{"content":[]}"#, #"{"content":"a","stop_reason":"end_turn"}"#,
        #"{"content":[1],"stop_reason":"end_turn"}"#, #"{"content":[{}],"stop_reason":"end_turn"}"#,
        #"{"content":[{"type":"tool_use","name":"f"}],"stop_reason":"end_turn"}"#,
        #"{"content":[{"type":"tool_use","id":"a","name":"f","input":"x"}],"stop_reason":"end_turn"}"#,
        #"{"content":[],"stop_reason":"end_turn""#,
    ]
    @Test("what is no answer is malformed, and the error is the last event", arguments: noAnswers) func noAnswer(
        body: String
    ) {
        guard case .error(let problem)? = Self.whole(body).last else {
            Issue.record("accepted")
            return
        }
        #expect(problem.kind == .malformed)
    }

    static let noStreams: [String] = [
        "", start, block(0, #"{"type":"text","text":""}"#), start + start, start + event("content_block_delta", "{"),
        start + event("content_block_delta", "[1]"), start + event("content_block_delta", "{}"),
        start + event("content_block_start", #"{"content_block":{"type":"text"}}"#),
        start + block(0, #"{"type":"tool_use"}"#), start + block(0, "{}"), event("message_stop", "{}"),
        event("message_start", "{}"), start + event("message_delta", "{}"),
        start + (0...128).map { block($0, #"{"type":"tool_use","id":"a","name":"f","input":{}}"#) }.joined(),
    ]
    @Test("what is no stream is malformed", arguments: noStreams) func noStream(wire: String) {
        guard case .error(let problem)? = Self.events(wire).last else {
            Issue.record("accepted")
            return
        }
        #expect(problem.kind == .malformed)
        #expect(
            Self.events(wire + Self.end(#"{"stop_reason":"end_turn"}"#)).count(where: {
                if case .error = $0 { true } else { false }
            }) <= 1)
    }

    @Test("an error in a stream is the last event") func streamError() {
        let error = Self.event("error", #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#)
        #expect(
            Self.events(Self.start + error + Self.end("{}")) == [
                .start(model: "m", id: "msg_1"),
                .error(UpstreamProblem(.overloaded, "Overloaded", code: "overloaded_error")),
            ])
        #expect(
            Self.whole(#"{"type":"error","error":{"type":"api_error","message":"x"}}"#)
                == [.error(UpstreamProblem(.server, "x", code: "api_error"))])
    }

    @Test("a usage that cannot be read is none") func badUsage() {
        let wire =
            Self.start.replacing(#""input_tokens":10"#, with: #""input_tokens":-1"#)
            + Self.end(#"{"stop_reason":"end_turn"}"#)
        #expect(Self.events(wire).count == 3)
    }

    // MARK: Errors

    static let problems: [(Int, String, String, UpstreamProblem.Kind)] = [
        (400, "invalid_request_error", "messages: bad", .invalidRequest),
        (400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum", .contextLength),
        (400, "invalid_request_error", "input length and `max_tokens` exceed context limit: 1 + 2 > 2", .contextLength),
        (400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API.", .quota),
        (400, "invalid_request_error", "You have reached your specified API usage limits.", .quota),
        (400, "invalid_request_error", "Output blocked by content filtering policy", .contentPolicy),
        (401, "authentication_error", "invalid x-api-key", .credential), (402, "billing_error", "x", .quota),
        (403, "permission_error", "x", .credential), (404, "not_found_error", "model: x", .modelNotFound),
        (409, "conflict_error", "x", .server), (413, "request_too_large", "x", .invalidRequest),
        (429, "rate_limit_error", "x", .rateLimit), (500, "api_error", "x", .server),
        (504, "timeout_error", "x", .timeout),
        (529, "overloaded_error", "x", .overloaded),
        (503, "new_error", "x", .overloaded), (408, "", "x", .timeout), (422, "", "x", .invalidRequest),
    ]
    @Test("errors by type, words and status", arguments: problems.indices) func problem(index: Int) {
        let (status, type, message, kind) = Self.problems[index]
        let body = #"{"type":"error","error":{"type":"\#(type)","message":"\#(message)"},"request_id":"req_1"}"#
        let problem = AnthropicAnswerReader.problem(status: status, retryAfter: "12", body: Array(body.utf8).span)
        #expect(problem.kind == kind && problem.message == message && problem.retryAfter == .seconds(12))
    }

    @Test("a spent limit is no rate to wait for") func spent() {
        let body =
            #"{"error":{"type":"rate_limit_error","message":"x","details":{"error_code":"enforced_spend_limit_reached"}}}"#
        let problem = AnthropicAnswerReader.problem(status: 429, retryAfter: nil, body: Array(body.utf8).span)
        #expect(problem == UpstreamProblem(.quota, "x", code: "enforced_spend_limit_reached"))
    }

    @Test(
        "a body that says nothing is judged by its status",
        arguments: ["", "<html>", "{}", #"{"error":"x"}"#, #"{"error":{"type":1}}"#])
    func noBody(body: String) {
        let problem = AnthropicAnswerReader.problem(status: 502, retryAfter: nil, body: Array(body.utf8).span)
        #expect(problem.kind == .server && !problem.message.isEmpty && problem.code == nil)
    }

    @Test("addresses, keys and ids do not leave the gateway") func cleaned() {
        let body =
            #"{"error":{"type":"rate_limit_error","message":"limit of org (0a1b2c3d-0000-4444-8888-0123456789ab) sk-ant-api03-x, see https://a.b/c req_011 bye"}}"#
        let problem = AnthropicAnswerReader.problem(status: 429, retryAfter: nil, body: Array(body.utf8).span)
        #expect(problem.message == "limit of org [...] [...] see [...] [...] bye")
    }

    static let delays: [(String, TimeSpan?)] = [
        ("0", .zero), ("1.5", .milliseconds(1_500)), ("1.25", .milliseconds(1_250)), ("1.0009", .milliseconds(1_000)),
        ("99999999999999999999", .seconds(10_000_000)), ("", nil), ("-1", nil), ("1.", nil), (".5", nil), ("1e3", nil),
        ("Wed, 21 Oct 2026 07:28:00 GMT", nil),
    ]
    @Test("Retry-After", arguments: delays) func retryAfter(text: String, span: TimeSpan?) {
        #expect(AnthropicAnswerReader.problem(status: 429, retryAfter: text, body: [UInt8]().span).retryAfter == span)
    }
}

@Suite("Anthropic surface: answers from events") struct AnthropicAnswerWriterTests {
    static func context() -> AnswerContext {
        var request = ChatRequest()
        request.model = "asked"
        return AnswerContext(id: "ABC", created: 1, request: request)
    }

    static func stream(_ events: [AnswerEvent]) -> String {
        var writer = AnthropicStreamWriter(context())
        var out = ByteBuffer()
        for event in events { writer.write(event, to: &out) }
        return String(decoding: Array(span: out.span), as: UTF8.self)
    }

    static func whole(_ events: [AnswerEvent]) -> String {
        var writer = AnthropicAnswerWriter(context())
        var out = ByteBuffer()
        for event in events { writer.write(event, to: &out) }
        return String(decoding: Array(span: out.span), as: UTF8.self)
    }

    /// The data of each event without what it shares with all others, as `NAME DATA`.
    static func short(_ wire: String) -> [String] {
        wire.split(separator: "\n\n").map { event in
            let lines = event.split(separator: "\n")
            let name = lines[0].dropFirst("event: ".count)
            let data = lines[1].dropFirst("data: ".count)
            #expect(data.hasPrefix(#"{"type":"\#(name)""#), "the event's name and its type")
            return "\(name) \(data.dropFirst(#"{"type":"\#(name)""#.count).dropFirst().dropLast())"
        }
    }

    static var usage: Usage {
        var usage = Usage()
        usage.input = 20
        usage.cachedInput = 7
        usage.cacheWriteInput = 5
        usage.cacheWrite1hInput = 2
        usage.output = 15
        usage.reasoningOutput = 4
        usage.webSearches = 1
        return usage
    }
    static let usageText =
        #"{"input_tokens":8,"cache_creation_input_tokens":5,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":2},"output_tokens":15,"output_tokens_details":{"thinking_tokens":4},"server_tool_use":{"web_search_requests":1}}"#
    static let noUsage =
        #"{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}"#

    static let answer: [AnswerEvent] = [
        .start(model: "m", id: "x"), .reasoning(choice: 0, "h"), .reasoning(choice: 0, "m"),
        .reasoningSignature(choice: 0, "s"), .reasoning(choice: 0, "more"), .redactedReasoning(choice: 0, "d"),
        .text(choice: 0, "a\""), .text(choice: 0, ""), .text(choice: 1, "no"), .text(choice: 0, "b"),
        .toolCall(choice: 0, call: 0, id: "t", name: "f", signature: "g"),
        .toolArguments(choice: 0, call: 0, #"{"a":"#), .toolArguments(choice: 0, call: 0, "1}"),
        .toolCall(choice: 0, call: 1, id: "u", name: "g", signature: nil),
        .finish(choice: 0, .stop, stopSequence: nil), .usage(usage), .end,
    ]

    @Test("a stream: blocks one after the other, usage with the finish") func stream() {
        #expect(
            Self.short(Self.stream(Self.answer)) == [
                #"message_start "message":{"id":"msg_ABC","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}"#,
                #"content_block_start "index":0,"content_block":{"type":"thinking","thinking":"","signature":""}"#,
                #"content_block_delta "index":0,"delta":{"type":"thinking_delta","thinking":"h"}"#,
                #"content_block_delta "index":0,"delta":{"type":"thinking_delta","thinking":"m"}"#,
                #"content_block_delta "index":0,"delta":{"type":"signature_delta","signature":"s"}"#,
                #"content_block_stop "index":0"#,
                #"content_block_start "index":1,"content_block":{"type":"thinking","thinking":"","signature":""}"#,
                #"content_block_delta "index":1,"delta":{"type":"thinking_delta","thinking":"more"}"#,
                #"content_block_stop "index":1"#,
                #"content_block_start "index":2,"content_block":{"type":"redacted_thinking","data":"d"}"#,
                #"content_block_stop "index":2"#,
                #"content_block_start "index":3,"content_block":{"type":"text","text":""}"#,
                #"content_block_delta "index":3,"delta":{"type":"text_delta","text":"a\""}"#,
                #"content_block_delta "index":3,"delta":{"type":"text_delta","text":"b"}"#,
                #"content_block_stop "index":3"#,
                #"content_block_start "index":4,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}"#,
                #"content_block_delta "index":4,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}"#,
                #"content_block_delta "index":4,"delta":{"type":"input_json_delta","partial_json":"1}"}"#,
                #"content_block_stop "index":4"#,
                #"content_block_start "index":5,"content_block":{"type":"tool_use","id":"u","name":"g","input":{}}"#,
                #"content_block_stop "index":5"#,
                #"message_delta "delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":\#(Self.usageText)"#,
                "message_stop ",
            ])
    }

    @Test("a whole answer") func whole() {
        #expect(
            Self.whole(Self.answer)
                == #"{"id":"msg_ABC","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"thinking","thinking":"more","signature":""},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"a\"b"},{"type":"tool_use","id":"t","name":"f","input":{"a":1}},{"type":"tool_use","id":"u","name":"g","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":\#(Self.usageText)}"#
        )
        #expect(
            Self.whole([.start(model: "", id: ""), .end])
                == #"{"id":"msg_ABC","type":"message","role":"assistant","model":"asked","content":[],"stop_reason":"end_turn","stop_sequence":null,"usage":\#(Self.noUsage)}"#
        )
    }

    static let finishes: [([AnswerEvent], String)] = [
        ([], #""end_turn","stop_sequence":null"#),
        ([.finish(choice: 0, .stopSequence, stopSequence: "X")], #""stop_sequence","stop_sequence":"X""#),
        ([.finish(choice: 0, .stop, stopSequence: "X")], #""stop_sequence","stop_sequence":"X""#),
        ([.finish(choice: 0, .length, stopSequence: nil)], #""max_tokens","stop_sequence":null"#),
        ([.finish(choice: 0, .contentFilter, stopSequence: nil)], #""refusal","stop_sequence":null"#),
        ([.finish(choice: 0, .refusal, stopSequence: nil)], #""refusal","stop_sequence":null"#),
        ([.finish(choice: 0, .pause, stopSequence: nil)], #""pause_turn","stop_sequence":null"#),
        ([.finish(choice: 0, .toolCalls, stopSequence: nil)], #""end_turn","stop_sequence":null"#),
        (
            [.refusal(choice: 0, "no"), .finish(choice: 0, .stop, stopSequence: nil)],
            #""refusal","stop_sequence":null"#
        ),
        (
            [
                .toolCall(choice: 0, call: 0, id: "a", name: "f", signature: nil),
                .finish(choice: 0, .stop, stopSequence: nil),
            ],
            #""tool_use","stop_sequence":null"#
        ),
    ]
    @Test("each reason to end", arguments: finishes.indices) func finish(index: Int) {
        let (events, text) = Self.finishes[index]
        let all = [.start(model: "m", id: "")] + events + [.end]
        #expect(Self.whole(all).contains("\"stop_reason\":" + text))
        #expect(Self.stream(all).contains("\"stop_reason\":" + text))
    }

    @Test("arguments of parallel calls may come mixed") func mixed() {
        let events: [AnswerEvent] = [
            .start(model: "m", id: ""), .toolCall(choice: 0, call: 0, id: "a", name: "f", signature: nil),
            .toolCall(choice: 0, call: 1, id: "b", name: "g", signature: nil),
            .toolArguments(choice: 0, call: 1, #"{"x":"}"#), .toolArguments(choice: 0, call: 0, #"{"y":[{}]"#),
            .toolArguments(choice: 0, call: 1, #"\""}"#), .toolArguments(choice: 0, call: 0, "}"),
            .finish(choice: 0, .toolCalls, stopSequence: nil), .end,
        ]
        let short = Self.short(Self.stream(events))
        #expect(short.filter { $0.hasPrefix("content_block_stop") }.count == 2 && short.last == "message_stop ")
        #expect(
            Self.whole(events).contains(
                #""input":{"y":[{}]}},{"type":"tool_use","id":"b","name":"g","input":{"x":"}\""}}"#))
    }

    @Test(
        "arguments that are no object are an error in a stream, unless the answer was cut; in JSON they stand as they came"
    )
    func badArguments() {
        func events(_ piece: String, _ reason: FinishReason) -> [AnswerEvent] {
            [
                .start(model: "m", id: ""), .toolCall(choice: 0, call: 0, id: "a", name: "f", signature: nil),
                .toolArguments(choice: 0, call: 0, piece), .finish(choice: 0, reason, stopSequence: nil), .end,
            ]
        }
        for piece in ["[1]", "{", "{}x", "hello", #"{"a":"}"#] {
            #expect(Self.short(Self.stream(events(piece, .toolCalls))).last?.hasPrefix("error ") == true, "\(piece)")
            #expect(Self.short(Self.stream(events(piece, .length))).last == "message_stop ")
            #expect(Self.whole(events(piece, .toolCalls)).contains(#""input":{"_raw":"#))
        }
        #expect(Self.short(Self.stream(events(" {} ", .toolCalls))).last == "message_stop ")
        let late: [AnswerEvent] = [.toolArguments(choice: 0, call: 0, "{}"), .end]
        #expect(Self.short(Self.stream(late)).last?.hasPrefix("error ") == true)
        #expect(Self.whole(late).hasPrefix(#"{"type":"error""#))
    }

    @Test("an error ends an answer, and nothing follows") func error() {
        let events: [AnswerEvent] = [
            .start(model: "m", id: ""), .text(choice: 0, "a"), .error(UpstreamProblem(.overloaded, "busy")),
            .text(choice: 0, "b"),
            .end,
        ]
        #expect(Self.short(Self.stream(events)).last == #"error "error":{"type":"overloaded_error","message":"busy"}"#)
        #expect(Self.whole(events) == #"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#)
    }
}
