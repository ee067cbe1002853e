import Foundation
import Testing
import WeirBase
import WeirDialects
import WeirTestSupport

@Suite("OpenAI stream meter") struct OpenAIStreamMeterTests {
    struct Result: Equatable {
        var text: String
        var report: OpenAIStreamReport
    }

    static func run(_ parts: [[UInt8]], strips: Bool, _ place: OpenAIBody.UsagePlace = .top) -> Result {
        var meter = OpenAIStreamMeter(place, strips: strips)
        var sent: [UInt8] = []
        for part in parts {
            var out = ByteBuffer()
            switch meter.feed(part.span, into: &out) {
            case .whole:
                #expect(out.count == 0)
                sent += part
            case .appended: sent += Array(span: out.span)
            }
        }
        var rest = ByteBuffer()
        meter.finish(into: &rest)
        sent += Array(span: rest.span)
        return Result(text: String(decoding: sent, as: UTF8.self), report: meter.report)
    }

    static func usage(_ input: Int, _ output: Int) -> UsageReading {
        var usage = Usage()
        (usage.input, usage.output) = (input, output)
        return .read(usage)
    }

    static func chunk(_ delta: String, finish: String = "null", index: Int = 0, rest: String = "") -> String {
        #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":\#(index),"delta":\#(delta),"logprobs":null,"finish_reason":\#(finish)}]\#(rest)}"#
    }
    static let usageObject =
        #"{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}"#
    static let usageChunk =
        #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":\#(usageObject)}"#

    /// A stream as its events, each with what a client that asked for no usage would have seen; nil: nothing.
    struct Stream: Sendable, CustomStringConvertible {
        var description: String
        var events: [(sent: String, seen: String?)]
        var finish: OpenAIFinish? = .stop
        var usage = OpenAIStreamMeterTests.usage(9, 3)
        var end = "\n\n"
        var content = 0

        var wire: String { events.map { $0.sent + end }.joined() }
        var seen: String { events.compactMap { $0.seen.map { $0 + end } }.joined() }
    }

    static func data(_ text: String) -> String { "data: " + text }
    static func same(_ text: String) -> (String, String?) { (text, text) }
    static func nulled(
        _ delta: String, finish: String = "null", index: Int = 0, before: String = "", after: String = ""
    ) -> (String, String?) {
        (
            data(chunk(delta, finish: finish, index: index, rest: before + #","usage":null"# + after)),
            data(chunk(delta, finish: finish, index: index, rest: before + after))
        )
    }

    static let streams: [Stream] = [
        Stream(
            description: "OpenAI with obfuscation",
            events: [
                nulled(
                    #"{"role":"assistant","content":"","refusal":null}"#,
                    after: #","obfuscation":"aB3"}"#.dropLast().description),
                nulled(#"{"content":"Hel"}"#, after: #","obfuscation":"xyzw12""#),
                nulled(#"{"content":"lo \"usage\":null é漢🎉"}"#, after: #","obfuscation":"q""#),
                nulled("{}", finish: #""stop""#, after: #","obfuscation":"r""#), (data(usageChunk), nil),
                same("data: [DONE]"),
            ], content: 4),
        Stream(
            description: "llama.cpp with timings",
            events: [
                same(data(chunk(#"{"role":"assistant","content":null}"#))), same(data(chunk(#"{"content":"a"}"#))),
                same(data(chunk("{}", finish: #""length""#))),
                (
                    data(
                        #"{"choices":[],"created":1,"id":"c","model":"m","object":"chat.completion.chunk","usage":\#(usageObject),"timings":{"prompt_n":9,"prompt_ms":1.5}}"#
                    ), nil
                ),
                same("data: [DONE]"),
            ], finish: .length, content: 3),
        Stream(
            description: "CRLF, heartbeats, blanks, no [DONE]",
            events: [
                same(": ping"),
                (
                    #"data: {"choices": [ {"delta": {"content": "a"}, "finish_reason": null} ], "usage": null}"#,
                    #"data: {"choices": [ {"delta": {"content": "a"}, "finish_reason": null} ]}"#
                ),
                same(": ping\r\n: pong"),
                (
                    #"data: {"usage": null, "choices": [{"delta": {}, "finish_reason": "content_filter"}]}"#,
                    #"data: {"choices": [{"delta": {}, "finish_reason": "content_filter"}]}"#
                ),
                (#"data: { "usage" : {"prompt_tokens": 9, "completion_tokens": 3} , "choices" : [ ] }"#, nil),
            ], finish: .contentFilter, end: "\r\n\r\n", content: 2),
        Stream(
            description: "CR, tool calls, n = 2",
            events: [
                nulled(
                    #"{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]}"#),
                nulled(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"usage\":null}"}}]}"#, index: 1),
                nulled("{}", finish: #""tool_calls""#), (data(usageChunk), nil), same("data: [DONE]"),
            ], finish: .toolCalls, end: "\r\r", content: 3),
        Stream(
            description: "Azure's first chunk, and usage in the last choice",
            events: [
                (#"data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}],"id":""}"#, nil),
                same(data(chunk(#"{"content":"a"}"#))),
                (
                    data(chunk("{}", finish: #""stop""#, rest: #","usage":\#(usageObject)"#)),
                    data(chunk("{}", finish: #""stop""#))
                ), same("data:[DONE]"),
            ], content: 2),
        Stream(
            description: "continuous usage, the last one counts",
            events: [
                (
                    data(chunk(#"{"content":"a"}"#, rest: #","usage":{"prompt_tokens":9,"completion_tokens":1}"#)),
                    data(chunk(#"{"content":"a"}"#))
                ),
                (
                    data(
                        chunk(
                            #"{"content":"b"}"#, finish: #""eos""#,
                            rest: #","usage":{"prompt_tokens":9,"completion_tokens":2}"#)),
                    data(chunk(#"{"content":"b"}"#, finish: #""eos""#))
                ),
                (data(#"{"usage":{"prompt_tokens":9,"completion_tokens":3}}"#), nil), same("data: [DONE]"),
            ], finish: .other, content: 2),
        Stream(
            description: "nested usage stays",
            events: [
                same(data(#"{"choices":[{"delta":{"usage":null}}]}"#)),
                same(data(#"{"choices":[{"delta":{}}],"x_groq":{"usage":{"prompt_tokens":5}}}"#)),
                (
                    data(#"{"x":{"usage":null},"choices":[{"a":"usage"}],"usage":null,"b":["usage",{"usage":null}]}"#),
                    data(#"{"x":{"usage":null},"choices":[{"a":"usage"}],"b":["usage",{"usage":null}]}"#)
                ),
                (
                    data(#"{"usage":null,"choices":[{"delta":{"content":"x\"usage\\\""}}]}"#),
                    data(#"{"choices":[{"delta":{"content":"x\"usage\\\""}}]}"#)
                ),
                same("event: x\nid: 3\nretry: 9"), same("data: not json \"usage\":null"), same("data: {\"usage\":null"),
                same("data"),
            ], finish: nil, usage: .none, content: 4),
        Stream(
            description: "over several data lines",
            events: [
                same("data: {\"choices\":\ndata: [{}]}"),
                ("data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":9,\ndata:\"completion_tokens\":3}}", nil),
                same("data: [DONE]"),
            ], finish: nil, content: 1),
        Stream(
            description: "unreadable usage",
            events: [
                same(data(chunk("{}", finish: #""function_call""#))),
                (data(#"{"choices":[],"usage":{"prompt_tokens":-4}}"#), nil),
            ],
            finish: .functionCall, usage: .unreadable, content: 1),
    ]

    @Test("with strip on the client sees what it would have seen, at every split", arguments: streams) func strips(
        stream: Stream
    ) {
        let bytes = Array(stream.wire.utf8)
        let whole = Self.run([bytes], strips: true)
        #expect(whole.text == stream.seen)
        #expect(whole.report.usage == stream.usage && whole.report.finish == stream.finish && !whole.report.hasError)
        #expect(whole.report.dropped == stream.events.filter { $0.seen == nil }.count)
        #expect(whole.report.contentEvents == stream.content)
        for parts in everySplit(of: bytes) {
            #expect(Self.run(parts, strips: true) == whole, "parts: \(parts.map(\.count))")
        }
    }

    @Test("the answer's text is collected, at every split")
    func collects() {
        let events = [
            Self.chunk(#"{"role":"assistant","content":""}"#), Self.chunk(#"{"content":"Caf\u00e9 \"x\" "}"#),
            Self.chunk(#"{"reasoning_content":"why"}"#), Self.chunk(#"{"reasoning":" not"}"#),
            Self.chunk(#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"content\":\"a\"}"}}]}"#),
            #"{"choices":[{"index":0,"text":"old","logprobs":{"content":[{"token":"no"}]},"finish_reason":null}]}"#,
            Self.usageChunk, "[DONE]",
        ]
        let bytes = Array(events.map { "data: \($0)\n\n" }.joined().utf8)
        for parts in everySplit(of: bytes) {
            var meter = OpenAIStreamMeter(strips: true, collectsText: true)
            var out = ByteBuffer()
            for part in parts { _ = meter.feed(part.span, into: &out) }
            let text = String(decoding: Array(span: meter.text.span), as: UTF8.self)
            #expect(text == #"Café "x" why not{"content":"a"}old"#)
        }
        let named = Array(
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"a\\nb\"}\n\n"
                .utf8)
        var meter = OpenAIStreamMeter(.inResponse, strips: false, collectsText: true)
        var out = ByteBuffer()
        _ = meter.feed(named.span, into: &out)
        #expect(Array(span: meter.text.span) == Array("a\nb".utf8))
    }

    @Test("with strip off every byte passes, at every split, in the call that brings it", arguments: streams)
    func passes(stream: Stream) {
        let bytes = Array(stream.wire.utf8)
        for parts in everySplit(of: bytes) {
            let result = Self.run(parts, strips: false)
            #expect(result.text == stream.wire && result.report.dropped == 0)
            #expect(
                result.report.usage == stream.usage && result.report.finish == stream.finish,
                "parts: \(parts.map(\.count))")
            var meter = OpenAIStreamMeter(strips: false)
            var out = ByteBuffer()
            #expect(parts.allSatisfy { meter.feed($0.span, into: &out) == .whole })
        }
    }

    @Test("errors in a stream are seen and passed") func errors() {
        for wire in [
            #"{"error":{"message":"x","code":500}}"#, #"{"choices":[],"error":{"message":"x"}}"#,
            #"{"error":"text","usage":null}"#,
        ] {
            for parts in everySplit(of: Array("data: \(wire)\n\n".utf8)) {
                let result = Self.run(parts, strips: true)
                #expect(result.report.hasError && result.text == "data: \(wire)\n\n")
            }
        }
        #expect(
            !Self.run([Array("data: \(Self.chunk("{}", rest: #","error":null"#))\n\n".utf8)], strips: true).report
                .hasError)
        #expect(
            !Self.run([Array("data: \(Self.chunk(#"{"content":"\"error\":1"}"#))\n\n".utf8)], strips: true).report
                .hasError)
    }

    @Test("a stream that is cut gives out what was held") func cut() {
        for text in ["data: {\"choices\":[", "data: a\n", ": x", "data: {}\r"] {
            for parts in everySplit(of: Array(text.utf8)) {
                let result = Self.run(parts, strips: true)
                #expect(result.text == text && result.report.events == 0)
            }
        }
    }

    @Test(
        "events over 4 KiB are never held or changed, and their usage is read",
        arguments: [3_900, 4_200, 9_000, 70_000]) func long(size: Int)
    {
        let filler = String(repeating: "漢\\n", count: size / 5)
        let big =
            "data: "
            + Self.chunk("{\"content\":\"\(filler)\"}", rest: #","usage":{"prompt_tokens":9,"completion_tokens":3}"#)
            + "\n\n"
        let after = "data: " + Self.chunk("{}", finish: #""stop""#, rest: #","usage":null"#) + "\n\n"
        let bytes = Array((big + after).utf8)
        let whole = Self.run([bytes], strips: true)
        #expect(
            whole.report.usage == Self.usage(9, 3) && whole.report.finish == .stop && whole.report.contentEvents == 2)
        #expect(whole.text.hasPrefix(big) == (big.utf8.count > OpenAIStreamMeter.heldLimit))
        #expect(whole.text.hasSuffix("]}\n\n"))
        for step in [1, 13, 100, 1000, 4095, 4096, 4097, 5000] {
            let parts = stride(from: 0, to: bytes.count, by: step).map {
                Array(bytes[$0..<min($0 + step, bytes.count)])
            }
            #expect(Self.run(parts, strips: true) == whole, "step \(step)")
            #expect(Self.run(parts, strips: false).report.usage == Self.usage(9, 3))
        }
    }

    @Test("a Responses stream: usage in the last event, however large") func responses() {
        for size in [0, 100, 20_000] {
            let text = String(repeating: "x", count: size)
            let wire = """
                event: response.created
                data: {"type":"response.created","response":{"id":"r","usage":null,"output":[]},"sequence_number":0}

                event: response.output_text.delta
                data: {"type":"response.output_text.delta","delta":"usage \\"usage\\":{}","sequence_number":1}

                event: response.incomplete
                data: {"type":"response.incomplete","response":{"id":"r","output":[{"content":[{"text":"\(text)","usage":{"input_tokens":77}}]}],"usage":{"input_tokens":9,"output_tokens":3},"metadata":{"usage":"1"}},"usage":{"input_tokens":1},"sequence_number":2}


                """
            let bytes = Array(wire.utf8)
            let whole = Self.run([bytes], strips: false, .inResponse)
            #expect(whole.text == wire && whole.report.usage == Self.usage(9, 3))
            #expect(whole.report.isDone)
            #expect(whole.report.finish == .incomplete && whole.report.events == 3 && whole.report.contentEvents == 1)
            let splits =
                size < 1000
                ? everySplit(of: bytes)
                : [1, 50, 4096, 9999].map { step in
                    stride(from: 0, to: bytes.count, by: step).map { Array(bytes[$0..<min($0 + step, bytes.count)]) }
                }
            for parts in splits {
                #expect(Self.run(parts, strips: false, .inResponse) == whole, "parts: \(parts.map(\.count).prefix(3))")
            }
        }
        let failed = Self.run([Array("event: error\ndata: {\"type\":\"error\"}\n\n".utf8)], strips: false, .inResponse)
        #expect(failed.report.hasError)
    }
}
