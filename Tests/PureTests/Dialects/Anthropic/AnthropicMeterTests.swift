import Testing
import WeirBase
import WeirDialects
import WeirTestSupport

@Suite("Anthropic meters") struct AnthropicMeterTests {
    static func event(_ name: String, _ data: String) -> String { "event: \(name)\ndata: \(data)\n\n" }

    static let start = event(
        "message_start",
        #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":3},"output_tokens":1}}}"#
    )
    static let blocks =
        event(
            "content_block_start",
            #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#)
        + event("ping", #"{"type":"ping"}"#)
        + event(
            "content_block_delta",
            #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé \"q\"\n"}}"#)
        + event(
            "content_block_delta",
            #"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}"#)
        + event(
            "content_block_delta",
            #"{"type":"content_block_delta","index":2,"delta":{"type":"thinking_delta","thinking":"hm"}}"#)
        + event("content_block_stop", #"{"type":"content_block_stop","index":0}"#)
    static let end =
        event(
            "message_delta",
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15,"output_tokens_details":{"thinking_tokens":4}}}"#
        )
        + event("message_stop", #"{"type":"message_stop"}"#)

    static func run(_ parts: [[UInt8]], collectsText: Bool = true) -> (report: AnthropicStreamReport, text: String) {
        var meter = AnthropicStreamMeter(collectsText: collectsText)
        for part in parts { meter.feed(part.span) }
        #expect(meter.isBetweenEvents && meter.lacksTerminalEvent != meter.report.isDone)
        return (meter.report, String(decoding: Array(span: meter.text.span), as: UTF8.self))
    }

    static var usage: Usage {
        var usage = Usage()
        usage.input = 22
        usage.cachedInput = 7
        usage.cacheWriteInput = 5
        usage.cacheWrite1hInput = 3
        usage.output = 15
        usage.reasoningOutput = 4
        return usage
    }

    @Test("a stream is read the same however reads split it") func splits() {
        for wire in [Self.start + Self.blocks + Self.end] {
            for parts in everySplit(of: Array(wire.utf8)) {
                let (report, text) = Self.run(parts)
                #expect(report.usage == .read(Self.usage) && report.finish == .endTurn && report.isDone)
                #expect(report.events == 9 && report.contentEvents == 4 && !report.hasError)
                #expect(report.begun?.input == 22 && report.begun?.output == 1)
                #expect(text == "Hé \"q\"\n{\"a\":hm")
            }
        }
    }

    @Test("CRLF, and a name behind the data") func lines() {
        let wire = (Self.start + Self.blocks + Self.end).replacing("\n", with: "\r\n")
        for parts in [[Array(wire.utf8)], wire.utf8.map { [$0] }] {
            #expect(Self.run(parts).report.usage == .read(Self.usage))
        }
        let swapped = Self.start + "data: {\"usage\":{\"output_tokens\":2}}\nevent: message_delta\n\n"
        #expect(Self.run([Array(swapped.utf8)]).report.usage != .none)
    }

    @Test("all that lacks may be the last line feed") func lineFeed() {
        var meter = AnthropicStreamMeter()
        meter.feed(Array((Self.start + Self.end).replacing("\n", with: "\r\n").utf8.dropLast()).span)
        #expect(meter.lacksLineFeed && !meter.lacksTerminalEvent)
    }

    @Test("a stream that breaks has begun, and has no usage yet") func broken() {
        let (report, _) = Self.run([Array((Self.start + Self.blocks).utf8)])
        #expect(report.usage == .none && report.begun?.input == 22 && !report.isDone)
    }

    @Test("counts of message_delta replace those of message_start") func cumulative() {
        let delta = Self.event(
            "message_delta",
            #"{"delta":{"stop_reason":"tool_use"},"usage":{"input_tokens":20,"cache_read_input_tokens":null,"output_tokens":3,"server_tool_use":{"web_search_requests":2}}}"#
        )
        let (report, _) = Self.run([Array((Self.start + delta).utf8)])
        guard case .read(let usage) = report.usage else {
            Issue.record("\(report.usage)")
            return
        }
        #expect(usage.input == 32 && usage.cachedInput == 7 && usage.output == 3 && usage.webSearches == 2)
        #expect(report.finish == .toolUse)
    }

    @Test("an error is seen, an unreadable usage is not believed") func errors() {
        let error = Self.event("error", #"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#)
        #expect(Self.run([Array((Self.start + error).utf8)]).report.hasError)
        let bad = Self.event("message_delta", #"{"delta":{},"usage":{"output_tokens":-3}}"#)
        #expect(Self.run([Array((Self.start + bad).utf8)]).report.usage == .unreadable)
    }

    @Test("events too large to keep are read piece by piece") func long() {
        let pad = String(repeating: "x", count: 9000)
        let wire =
            Self.start.replacing(#""id":"msg_1""#, with: #""id":"\#(pad)""#) + Self.blocks
            + Self.event("content_block_delta", #"{"delta":{"type":"text_delta","text":"\#(pad)"}}"#)
            + Self.end.replacing(#""stop_sequence":null"#, with: #""stop_sequence":"\#(pad)""#)
        for size in [wire.utf8.count, 1, 100, 4096, 5000] {
            let bytes = Array(wire.utf8)
            let parts = stride(from: 0, to: bytes.count, by: size).map {
                Array(bytes[$0..<min($0 + size, bytes.count)])
            }
            let (report, _) = Self.run(parts)
            #expect(report.usage == .read(Self.usage) && report.isDone && report.contentEvents == 5, "\(size)")
        }
    }

    @Test("a JSON answer's usage", arguments: [1, 7, 1000]) func whole(size: Int) {
        let bytes = Array(
            #"{"id":"msg_1","content":[{"type":"text","text":"\"usage\":{}"}],"usage":{"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":7,"cache_creation":{"ephemeral_1h_input_tokens":3},"output_tokens":15,"output_tokens_details":{"thinking_tokens":4}},"stop_reason":"end_turn"}"#
                .utf8)
        var meter = AnthropicResponseMeter()
        for start in stride(from: 0, to: bytes.count, by: size) {
            #expect(!meter.isComplete && meter.usage == .none)
            meter.feed(Array(bytes[start..<min(start + size, bytes.count)]).span)
        }
        #expect(meter.isComplete && meter.usage == .read(Self.usage))
    }

    @Test("errors have the form that clients know") func shape() {
        var out = ByteBuffer()
        AnthropicErrorShape(message: "a \"b\"", type: "rate_limit_error", code: "c", requestID: "r").append(to: &out)
        #expect(
            String(decoding: Array(span: out.span), as: UTF8.self)
                == #"{"type":"error","error":{"type":"rate_limit_error","message":"a \"b\"","details":{"error_code":"c"}},"request_id":"r"}"#
        )
        var event = ByteBuffer()
        AnthropicErrorShape(UpstreamProblem(.overloaded, "busy")).appendEvent(to: &event)
        #expect(
            String(decoding: Array(span: event.span), as: UTF8.self)
                == "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n"
        )
        #expect(AnthropicErrorShape.status(of: .credential) == 502 && AnthropicErrorShape.status(of: .timeout) == 504)
    }
}
