import Testing
import WeirBase
import WeirDialects
import WeirTestSupport

@Suite("OpenAI stream meter: where a stream ends") struct OpenAIStreamEndTests {
    struct Case: Sendable {
        var wire: String
        var place = OpenAIBody.UsagePlace.top
        var lacksTerminalEvent = false
        var lacksLineFeed = false
    }

    static let large = String(repeating: "x", count: 5_000)

    static let cases = [
        Case(wire: "data: {}\n\ndata: [DONE]\n\n"), Case(wire: "data: {}\r\n\r\ndata: [DONE]\r\n\r\n"),
        Case(wire: "data: [DONE]\r\n\r", lacksLineFeed: true),
        Case(wire: "data: [DONE]\r\n\r\n: ping\r\n\r", lacksLineFeed: true), Case(wire: "data: [DONE]\r\r"),
        Case(wire: "data: [DONE]\n\n: pi"), Case(wire: "data: [DONE]\r\n\r\n: ping\r\n"),
        Case(wire: "", lacksTerminalEvent: true), Case(wire: "data: {}\n\n", lacksTerminalEvent: true),
        Case(wire: "data: {}\r\n\r", lacksTerminalEvent: true), Case(wire: "data: [DONE]\n", lacksTerminalEvent: true),
        Case(wire: "data: \"[DONE]\"\n\n", lacksTerminalEvent: true),
        Case(wire: "event: response.completed\ndata: {}\n\n", place: .inResponse),
        Case(wire: "event: response.failed\r\ndata: {}\r\n\r", place: .inResponse, lacksLineFeed: true),
        Case(wire: "event: response.incomplete\ndata: {\"a\":\"\(large)\"}\n\n", place: .inResponse),
        Case(
            wire: "event: response.completed\r\ndata: {\"a\":\"\(large)\"}\r\n\r", place: .inResponse,
            lacksLineFeed: true),
        Case(wire: "event: response.created\ndata: {}\n\n", place: .inResponse, lacksTerminalEvent: true),
        Case(wire: "event: a.delta\ndata: {\"a\":\"\(large)\"}\n\n", place: .inResponse, lacksTerminalEvent: true),
        Case(wire: "", place: .inResponse, lacksTerminalEvent: true), Case(wire: "data: {}\n\n", place: .inResponse),
    ]

    @Test("the terminal event is told, and what is missing of its line end, at every split", arguments: cases)
    func ends(entry: Case) {
        let bytes = Array(entry.wire.utf8)
        let splits =
            bytes.count < 1_000
            ? everySplit(of: bytes)
            : [1, 50, 4_096, 9_999].map { step in
                stride(from: 0, to: bytes.count, by: step).map { Array(bytes[$0..<min($0 + step, bytes.count)]) }
            }
        for parts in splits {
            for strips in [false, true] {
                var meter = OpenAIStreamMeter(entry.place, strips: strips)
                var out = ByteBuffer()
                for part in parts { _ = meter.feed(part.span, into: &out) }
                #expect(meter.lacksTerminalEvent == entry.lacksTerminalEvent, "parts: \(parts.map(\.count).prefix(3))")
                #expect(meter.lacksLineFeed == entry.lacksLineFeed, "parts: \(parts.map(\.count).prefix(3))")
            }
        }
    }
}
