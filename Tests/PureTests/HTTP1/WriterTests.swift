import Testing
import WeirBase
import WeirWire

@Suite("Writers: what they write parses as what was meant, and nothing else can be injected") struct WriterTests {
    @Test("start lines")
    func startLines() throws {
        var buffer = ByteBuffer()
        for status in [200, 204, 429, 500, 299] { buffer.appendStatusLine(status) }
        try buffer.appendRequestLine(.post, Array("/v1/a?b?c".utf8).span)
        #expect(
            string(buffer.span)
                == "HTTP/1.1 200 OK\r\nHTTP/1.1 204 No Content\r\nHTTP/1.1 429 Too Many Requests\r\nHTTP/1.1 500 Internal Server Error\r\n"
                + "HTTP/1.1 299 \r\nPOST /v1/a?b?c HTTP/1.1\r\n")
    }

    @Test(
        "a target that would break the line is refused",
        arguments: ["", "/a b", "/a\r\nX: y", "/a#b", "/\u{FC}", "/a?b c", "/\0"])
    func badTarget(_ target: String) {
        var buffer = ByteBuffer()
        buffer.append("kept")
        let bytes = Array(target.utf8)
        #expect(throws: HTTPError.self) { try buffer.appendRequestLine(.get, bytes.span) }
        #expect(string(buffer.span) == "kept")
    }

    @Test(
        "a value that would break the field is refused",
        arguments: ["a\r\nX: y", "a\n", "\r", "a\0", "a\u{7F}", "\u{1B}"])
    func badValue(_ value: String) {
        var buffer = ByteBuffer()
        buffer.append("kept")
        let bytes = Array(value.utf8)
        #expect(throws: HTTPError.self) { try buffer.appendField("x", value) }
        #expect(throws: HTTPError.self) { try buffer.appendField("x", prefix: "Bearer ", bytes.span) }
        #expect(string(buffer.span) == "kept")
    }

    @Test("fields and framing")
    func fields() throws {
        var buffer = ByteBuffer()
        try buffer.appendField("a", "\u{FC} \t;")
        try buffer.appendField("authorization", prefix: "Bearer ", Array("k".utf8).span)
        buffer.appendField("b", literal: "c")
        buffer.appendField("n", decimal: 12)
        for framing in [Framing.none, .untilClose, .length(0), .length(77), .chunked] { buffer.appendFraming(framing) }
        buffer.appendEndOfHead()
        #expect(
            string(buffer.span)
                == "a: \u{FC} \t;\r\nauthorization: Bearer k\r\nb: c\r\nn: 12\r\ncontent-length: 0\r\ncontent-length: 77\r\n"
                + "transfer-encoding: chunked\r\n\r\n")
    }

    @Test("a copied field is its line without the white space behind the value")
    func copied() throws {
        let wire = Array("GET / HTTP/1.0\r\nA: a\r\nB:  b \t\r\nC:\r\nD: \r\n\r\n".utf8)
        var head = RequestHead()
        _ = try head.read(wire.span, limits: HTTPLimits())
        var buffer = ByteBuffer()
        for index in head.fields.indices {
            buffer.appendField(copying: head.fields[index], of: wire.span)
            let end = Int(head.fields[index].value.end)  // the same from bytes that end with the value
            buffer.appendField(copying: head.fields[index], of: wire.span.extracting(0..<end))
        }
        #expect(string(buffer.span) == "A: a\r\nA: a\r\nB:  b\r\nB:  b\r\nC:\r\nC:\r\nD: \r\nD: \r\n")
    }

    @Test("any request that is read and written again reads the same", arguments: 0..<200 as Range<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let wire = random.request()
        let read = try #require(try readRequest(wire), "\(String(decoding: wire, as: UTF8.self))")
        var head = RequestHead()
        _ = try head.read(wire.span, limits: HTTPLimits())
        var buffer = ByteBuffer()
        let target = wire.span.extracting(head.target.bounds)
        try buffer.appendRequestLine(methodOf: head, in: wire.span, target)
        for index in head.fields.indices { buffer.appendField(copying: head.fields[index], of: wire.span) }
        buffer.appendEndOfHead()
        let again = Array(string(buffer.span).utf8)
        var expected = read
        expected.bytes = again.count
        expected.version = .http11
        #expect(try readRequest(again) == expected)
    }
}

/// Requests that are good, from a seed.
extension SplitMix {
    mutating func text(_ characters: String, _ count: ClosedRange<Int>) -> String {
        let all = Array(characters)
        return String(
            (0..<Int.random(in: count, using: &self)).map { _ in all[Int.random(in: 0..<all.count, using: &self)] })
    }

    mutating func request() -> [UInt8] {
        let token = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let value = token + "()<>@,;:\\\"/[]?={} \t\u{FC}\u{1F600}"
        let space = [" ", "", "\t", "   ", " \t"]
        var method = Bool.random(using: &self) ? "POST" : text("ABCXYZ-", 1...9)
        if method == "CONNECT" { method = "GET" }
        var wire = "\(method) /\(text("abc/%?=&;.~", 0...60)) HTTP/1.1\r\n"
        var lines = ["Host: \(text("abc.-_", 0...20))"]
        for _ in 0..<Int.random(in: 0...12, using: &self) {
            let names = [
                "x-\(text(token, 1...40))", "authorization", "Content-Type", "X-Stainless-OS", "date", "X-Request-ID",
            ]
            lines.append(
                names.randomElement(using: &self)! + ":" + space.randomElement(using: &self)! + text(value, 0...80)
                    + space.randomElement(using: &self)!)
        }
        switch Int.random(in: 0..<3, using: &self) {
        case 0: lines.append("cOntent-length: \(Int.random(in: 0..<1_000_000, using: &self))")
        case 1: lines.append("Transfer-Encoding: chunked")
        default: break
        }
        lines.shuffle(using: &self)
        wire += lines.map { $0 + "\r\n" }.joined() + "\r\n"
        return Array(wire.utf8)
    }
}
