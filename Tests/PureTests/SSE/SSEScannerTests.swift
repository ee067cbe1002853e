import Testing
import WeirBase
import WeirTestSupport
import WeirWire

@Suite("SSE scanner (HTML standard, section 9.2.6)") struct SSEScannerTests {
    struct Event: Equatable {
        var data: String
        var name = ""
        var id: String?
        var retry: String?
    }

    /// Reads a stream the way a relay does: walk what is complete, carry what is not. Also gives back all bytes in pieces.
    static func read(_ parts: [[UInt8]]) -> (events: [Event], bytes: [UInt8]) {
        var scanner = SSEScanner()
        var carry: [UInt8] = []
        var isPartial = false
        var events: [Event] = []
        var all: [UInt8] = []
        func take(_ event: SSEEvent, _ bytes: [UInt8]) {
            all += bytes[event.range.bounds]
            guard event.dataLines > 0 else { return }
            func text(_ range: ByteRange) -> String { String(decoding: bytes[range.bounds], as: UTF8.self) }
            var data = ByteBuffer()
            event.appendData(of: bytes.span, to: &data)
            events.append(
                Event(
                    data: String(decoding: Array(span: data.span), as: UTF8.self), name: text(event.name),
                    id: event.id.map(text),
                    retry: event.retry.map(text)))
        }
        for part in parts {
            var at = scanner.leadingLineFeed(in: part.span)
            all += part[..<at]
            if isPartial {
                let end = scanner.findEnd(in: part.span, from: at)
                carry += part[at..<(end ?? part.count)]
                guard let end else { continue }
                if let event = scanner.complete(carry.span) {
                    take(event, carry)
                } else {
                    Issue.record("no event in \(carry)")
                }
                carry = []
                isPartial = false
                at = end
            }
            while at < part.count, let event = scanner.next(in: part.span, from: at) {
                take(event, part)
                at = Int(event.range.end)
            }
            if at < part.count {
                carry = Array(part[at...])
                isPartial = true
            }
        }
        return (events, all + carry)
    }

    static let cases: [(String, [Event])] = [
        ("", []), ("\n", []), ("data: a\n\n", [Event(data: "a")]), ("data:a\n\n", [Event(data: "a")]),
        ("data:  a\n\n", [Event(data: " a")]),
        (": comment\n\ndata: a\n\n", [Event(data: "a")]), ("data: a\ndata: b\n\n", [Event(data: "a\nb")]),
        ("data: cut\n", []), ("data: cut", []),
        ("data\n\n", [Event(data: "")]), ("data:\n\n", [Event(data: "")]), ("data\ndata\n\n", [Event(data: "\n")]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", [Event(data: "a"), Event(data: "b")]),
        ("data: a\r\rdata: b\r\r", [Event(data: "a"), Event(data: "b")]),
        ("data: a\r\n\ndata: b\n\r\n", [Event(data: "a"), Event(data: "b")]),
        ("data: a\r\ndata: b\rdata: c\n\n", [Event(data: "a\nb\nc")]),
        ("\u{FEFF}data: a\n\n", [Event(data: "a")]), ("\u{FEFF}\ndata: a\n\n", [Event(data: "a")]),
        ("\u{FEFF}\n\n\ndata: a\n\n", [Event(data: "a")]),
        ("data: a\n\n\u{FEFF}data: b\n\n", [Event(data: "a")]), ("\u{FEFF}: x\n\ndata: a\n\n", [Event(data: "a")]),
        ("event: ping\ndata: {}\n\n", [Event(data: "{}", name: "ping")]),
        ("data: {}\nevent: x\nevent: y\n\n", [Event(data: "{}", name: "y")]),
        ("event: only\n\ndata: a\n\n", [Event(data: "a")]), ("datum: x\ndata: a\ndataset: y\n\n", [Event(data: "a")]),
        ("id: 7\ndata: a\n\n", [Event(data: "a", id: "7")]), ("id\ndata: a\n\n", [Event(data: "a", id: "")]),
        ("id: a\u{0}b\ndata: a\n\n", [Event(data: "a")]), ("retry: 100\ndata: a\n\n", [Event(data: "a", retry: "100")]),
        ("retry: 1x\ndata: a\n\n", [Event(data: "a")]), ("retry:\ndata: a\n\n", [Event(data: "a")]),
        (":\n:\n:\n\n", []),
        ("data: é漢🎉\n\n", [Event(data: "é漢🎉")]), ("\n\n\ndata: a\n\n\n\n", [Event(data: "a")]), (" data: a\n\n", []),
        ("data: a\n: c\ndata: b\nfoo\n\n", [Event(data: "a\nb")]),
        ("\r\n\r\ndata: a\r\n\r\n: ping\r\n\r\n", [Event(data: "a")]),
        (
            "data: {\"x\":\"0123456789012345678901234567890123456789\"}\n\ndata: [DONE]\n\n",
            [Event(data: "{\"x\":\"0123456789012345678901234567890123456789\"}"), Event(data: "[DONE]")]
        ),
    ]
    @Test("events do not depend on where reads split, and no byte is lost", arguments: cases)
    func splits(wire: String, events: [Event]) {
        for parts in everySplit(of: Array(wire.utf8)) {
            let result = Self.read(parts)
            #expect(result.events == events, "parts: \(parts.map(\.count))")
            #expect(result.bytes == Array(wire.utf8), "parts: \(parts.map(\.count))")
        }
    }

    @Test("random streams give the same events at random splits", arguments: 0..<30) func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "data: ", "data", ":", "\n", "\n", "\r", "\r\n", "\r\n\r\n", "\n\n", "event: x", "id: 1", " ", "{\"a\":1}",
            ": c", "retry: 5", "漢",
        ]
        for _ in 0..<20 {
            var wire = ""
            for _ in 0..<40 { wire += pieces[Int(generator.next() % UInt64(pieces.count))] }
            let bytes = Array(wire.utf8)
            let whole = Self.read([bytes]).events
            for parts in everySplit(of: bytes) where parts.count != 2 || generator.next() % 8 == 0 {
                #expect(Self.read(parts).events == whole, "\(wire.debugDescription) \(parts.map(\.count))")
            }
        }
    }
}
