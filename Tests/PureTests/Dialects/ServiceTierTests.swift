import Testing
import WeirBase

@testable import WeirDialects

@Suite("Service tier of an answer") struct ServiceTierTests {
    static let usage = #""usage":{"prompt_tokens":3,"completion_tokens":2}"#

    @Test(
        "a JSON answer's own tier is found, whole and split anywhere, and nobody else's",
        arguments: [
            (#"{"id":"a",\#(usage),"service_tier":"default","system_fingerprint":"f"}"#, ServiceTier.standard),
            (#"{"id":"a",\#(usage) , "service_tier" : "flex" }"#, .flex),
            (#"{"service_tier":"priority","text":"x",\#(usage)}"#, .priority),
            (#"{"tools":[{"service_tier":"flex"}],"service_tier":"priority",\#(usage)}"#, .priority),
            (#"{"tools":[{"service_tier":"flex"}],\#(usage)}"#, nil),
            (#"{\#(usage),"more":{"service_tier":"flex"}}"#, nil),
            (#"{\#(usage),"more":{"service_tier":"flex"},"service_tier":"scale"}"#, .scale),
            (#"{"text":"\"service_tier\":\"flex\"",\#(usage),"service_tier":"fast"}"#, .fast),
            (#"{"text":"\"service_tier\":\"flex\"",\#(usage)}"#, nil),
            (#"{"inner":{\#(usage),"service_tier":"flex"},\#(usage)}"#, nil),
            (#"{"inner":{\#(usage),"service_tier":"flex"},\#(usage),"service_tier":"scale"}"#, .scale),
            (#"{\#(usage),"service_tier":null}"#, nil), (#"{\#(usage),"service_tier":"auto"}"#, nil),
            (#"{\#(usage),"service_tier":7}"#, nil), (#"{\#(usage)}"#, nil),
        ] as [(String, ServiceTier?)])
    func whole(text: String, tier: ServiceTier?) {
        let bytes = Array(text.utf8)
        var meter = OpenAIResponseMeter()
        meter.feedWhole(bytes.span)
        #expect(meter.tier == tier)
        #expect(meter.usage != .none)
        for cut in 0...bytes.count {
            var pieces = OpenAIResponseMeter()
            pieces.feed(bytes.span.extracting(0..<cut))
            pieces.feed(bytes.span.extracting(cut..<bytes.count))
            #expect(pieces.tier == tier, "cut at \(cut)")
        }
    }

    @Test(
        "a stream's tier is the one beside its usage, split anywhere",
        arguments: [
            (
                #"data: {"service_tier":"flex","choices":[{"delta":{"content":"service_tier"}}]}"# + "\n\n"
                    + #"data: {"service_tier":"default","choices":[],\#(usage)}"# + "\n\ndata: [DONE]\n\n",
                OpenAIBody.UsagePlace.top, ServiceTier.standard
            ),
            (#"data: {"choices":[],\#(usage)}"# + "\n\n", .top, nil),
            (
                "event: response.completed\n"
                    + #"data: {"type":"response.completed","response":{"service_tier":"priority","usage":{"input_tokens":3,"output_tokens":1}}}"#
                    + "\n\n", .inResponse, .priority
            ),
        ] as [(String, OpenAIBody.UsagePlace, ServiceTier?)])
    func stream(text: String, place: OpenAIBody.UsagePlace, tier: ServiceTier?) {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var meter = OpenAIStreamMeter(place, strips: false)
            var out = ByteBuffer()
            _ = meter.feed(bytes.span.extracting(0..<cut), into: &out)
            _ = meter.feed(bytes.span.extracting(cut..<bytes.count), into: &out)
            #expect(meter.report.tier == tier, "cut at \(cut)")
            #expect(meter.report.usage != .none)
        }
    }

    @Test("an event too large to be kept has its tier found, too")
    func longEvent() {
        let filling = String(repeating: "x", count: OpenAIStreamMeter.heldLimit + 100)
        let text =
            "event: response.completed\n"
            + #"data: {"response":{"output":"\#(filling)","service_tier":"flex","usage":{"input_tokens":3,"output_tokens":1}}}"#
            + "\n\n"
        for size in [1_000, 1, 7, 100_000] {
            var meter = OpenAIStreamMeter(.inResponse, strips: false)
            var out = ByteBuffer()
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                _ = meter.feed(bytes.span.extracting(start..<min(start + size, bytes.count)), into: &out)
            }
            #expect(meter.report.tier == .flex && meter.report.isDone)
        }
    }
}
