import Testing
import WeirBase
import WeirTestSupport

@testable import WeirDialects

@Suite("event streams of Amazon (application/vnd.amazon.eventstream)") struct EventStreamDecoderTests {
    struct Frame: Equatable {
        var kind: EventStreamKind
        var name: String
        var payload: String
    }

    static func decode(_ parts: [[UInt8]], limit: Int = 1 << 20) -> (frames: [Frame], error: EventStreamError?) {
        var decoder = EventStreamDecoder(frameLimit: limit)
        var frames: [Frame] = []
        do throws(EventStreamError) {
            for part in parts {
                try decoder.feed(part.span) { kind, name, payload in
                    frames.append(
                        Frame(kind: kind, name: JSONPlace.source(name), payload: JSONPlace.source(payload)))
                }
            }
            try decoder.finish()
        } catch { return (frames, error) }
        return (frames, nil)
    }

    static let headersOfAllKinds: [(String, BedrockFixture.Value)] = [
        ("a", .other(0, [])), ("b", .other(1, [])), ("c", .other(2, [7])), ("d", .other(3, [1, 2])),
        ("e", .other(4, [1, 2, 3, 4])), ("f", .other(5, Array(1...8))), ("g", .other(6, [0, 3, 1, 2, 3])),
        (":message-type", .string("exception")), ("h", .other(8, Array(1...8))), ("i", .other(9, Array(1...16))),
        ("x", .string("")), (":exception-type", .string("throttlingException")),
        ("a name of over thirty-two bytes, which nobody knows", .string("v")),
    ]

    @Test("frames do not depend on where reads split") func splits() {
        let wire =
            BedrockFixture.event("messageStart", #"{"role":"assistant"}"#)
            + BedrockFixture.frame([], [])
            + BedrockFixture.frame(Self.headersOfAllKinds, Array(#"{"message":"slow"}"#.utf8))
            + BedrockFixture.frame(
                [
                    (":message-type", .string("error")), (":error-code", .string("InternalError")),
                    (":error-message", .string("broke")),
                ], [])
        let frames = [
            Frame(kind: .event, name: "messageStart", payload: #"{"role":"assistant"}"#),
            Frame(kind: .event, name: "", payload: ""),
            Frame(kind: .exception, name: "throttlingException", payload: #"{"message":"slow"}"#),
            Frame(kind: .error, name: "InternalError", payload: "broke"),
        ]
        for parts in everySplit(of: wire) {
            let result = Self.decode(parts)
            #expect(result.frames == frames && result.error == nil, "parts: \(parts.map(\.count))")
        }
    }

    @Test("every changed bit is found") func damage() {
        let good = BedrockFixture.event("messageStop", #"{"stopReason":"end_turn"}"#)
        for bit in 0..<(good.count * 8) {
            var bad = good
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            let result = Self.decode([bad])
            #expect(result.frames.isEmpty && result.error != nil, "bit \(bit)")
        }
    }

    @Test("a stream that ends inside a frame is cut") func cut() {
        let wire = BedrockFixture.event("messageStop", "{}")
        for count in 1..<wire.count { #expect(Self.decode([Array(wire[..<count])]).error == .cut) }
        #expect(Self.decode([]).error == nil)
    }

    @Test("a frame that is too long is refused by its first twelve bytes") func tooLong() {
        let wire = BedrockFixture.event("contentBlockDelta", String(repeating: "x", count: 200))
        #expect(Self.decode([Array(wire[..<12])], limit: 100).error == .tooLong(bytes: wire.count))
        #expect(Self.decode([wire], limit: wire.count).error == nil)
    }

    static let badPreludes: [(total: UInt32, headers: UInt32)] = [
        (0, 0), (15, 0), (16, 1), (40, 25), (40, .max), (16, 16),
    ]

    @Test("lengths that no frame has", arguments: badPreludes)
    func lengths(total: UInt32, headers: UInt32) {
        var wire = BedrockFixture.number(total) + BedrockFixture.number(headers)
        wire += BedrockFixture.number(wire.span.crc32())
        wire += [UInt8](repeating: 0, count: 64)
        #expect(Self.decode([wire]).error == .badFrame)
    }

    static let badHeaders: [[(String, BedrockFixture.Value)]] = [
        [("", .string("v"))], [("a", .other(10, []))], [("a", .other(4, [1, 2, 3]))], [("a", .other(7, [0]))],
        [("a", .other(7, [0, 9, 1]))], [(":message-type", .string("rumour"))],
        [(":message-type", .string("a type of over thirty-two bytes is none"))],
    ]

    @Test("headers that do not fill their room", arguments: badHeaders)
    func headers(_ headers: [(String, BedrockFixture.Value)]) {
        #expect(Self.decode([BedrockFixture.frame(headers, [])]).error == .badFrame)
    }

    @Test("after an error nothing more is given") func stops() {
        var decoder = EventStreamDecoder()
        var bad = BedrockFixture.event("a", "{}")
        bad[bad.count - 1] ^= 1
        var count = 0
        for bytes in [bad, BedrockFixture.event("b", "{}")] {
            #expect(throws: EventStreamError.badChecksum) { try decoder.feed(bytes.span) { _, _, _ in count += 1 } }
        }
        #expect(count == 0)
        #expect(throws: EventStreamError.badChecksum) { try decoder.finish() }
    }

    @Test("frames of random sizes in random pieces") func random() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let payloads = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                String(repeating: "y", count: Int.random(in: 0...3_000, using: &random))
            }
            var rest = payloads.flatMap { BedrockFixture.event("contentBlockDelta", $0) }[...]
            var parts: [[UInt8]] = []
            while !rest.isEmpty {
                let count = min(rest.count, Int.random(in: 1...2_000, using: &random))
                parts.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let result = Self.decode(parts)
            #expect(result.frames.map(\.payload) == payloads, "parts: \(parts.map(\.count))")
        }
    }
}
