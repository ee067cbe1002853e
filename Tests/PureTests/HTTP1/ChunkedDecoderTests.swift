import Testing
import WeirBase
import WeirTestSupport
import WeirWire

@Suite("Chunked bodies (RFC 9112, section 7.1)") struct ChunkedDecoderTests {
    /// What came out, and the bytes that it took.
    struct Decoded: Equatable {
        var content: [UInt8] = []
        var bytes = 0
        var isEnded = false
        var error: HTTPError?
    }

    static func decode(_ parts: [[UInt8]], limits: HTTPLimits) -> Decoded {
        var decoder = ChunkedDecoder()
        var result = Decoded()
        parts: for part in parts {
            var offset = 0
            do throws(HTTPError) {
                while true {
                    switch try decoder.next(in: part.span, from: &offset, limits: limits) {
                    case .data(let range):
                        #expect(!range.isEmpty && range.bounds.upperBound == offset)
                        result.content += part[range.bounds]
                    case .end:
                        result.isEnded = true
                        break parts
                    case .needsMore:
                        #expect(offset == part.count)
                        continue parts
                    }
                }
            } catch {
                result.error = error
                break parts
            }
        }
        result.bytes = decoder.position
        #expect(decoder.isEnded == result.isEnded)
        return result
    }

    /// Decodes `wire` in every split; all must agree.
    static func decode(_ wire: String, limits: HTTPLimits = HTTPLimits()) -> Decoded {
        let splits = everySplit(of: Array(wire.utf8))
        let whole = decode(splits[0], limits: limits)
        for parts in splits where decode(parts, limits: limits) != whole {
            Issue.record("\(parts.map(\.count)) gives another result than the whole, \(whole)")
        }
        return whole
    }

    static let good: [(String, String)] = [
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
        ("a\r\n0123456789\r\n00000\r\n\r\n", "0123456789"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        ("001\r\n\n\r\n2\r\n\r\n\r\n0\r\n\r\n", "\n\r\n"),
        ("1;a\r\nx\r\n1;b=c;d=\"e;\tf\"\r\ny\r\n0;z\r\n\r\n", "xy"),
        ("1 \t;a\r\nx\r\n0\r\n\r\n", "x"),
        ("1\r\nx\r\n0\r\nExpires: never\r\nX-Sum:\tabc \r\nEmpty:\r\n\r\n", "x"),
    ]

    @Test("give the same content wherever reads split", arguments: good)
    func accepted(_ wire: String, _ content: String) {
        let result = Self.decode(wire)
        #expect(result.error == nil && result.isEnded)
        #expect(result.content == Array(content.utf8))
        #expect(result.bytes == wire.utf8.count)
        let pipelined = Self.decode([Array((wire + "GET / HTTP/1.1\r\n").utf8)], limits: HTTPLimits())
        #expect(pipelined == result, "what follows the body is left alone")
        for count in 0..<wire.utf8.count {
            let cut = Self.decode([Array(wire.utf8.prefix(count))], limits: HTTPLimits())
            #expect(!cut.isEnded && cut.error == nil, "a body that is cut is not complete")
        }
    }

    static let bad: [(String, HTTPError)] = [
        ("\r\n", .badChunkSize(at: 0)),
        (";a\r\n", .badChunkSize(at: 0)),
        (" 5\r\n", .badChunkSize(at: 0)),
        ("\t5\r\n", .badChunkSize(at: 0)),
        ("+5\r\n", .badChunkSize(at: 0)),
        ("-5\r\n", .badChunkSize(at: 0)),
        ("0x5\r\n", .badChunkSize(at: 1)),
        ("5g\r\n", .badChunkSize(at: 1)),
        ("5_0\r\n", .badChunkSize(at: 1)),
        ("5,5\r\n", .badChunkSize(at: 1)),
        ("5 \r\n", .badChunkSize(at: 2)),
        ("5 5\r\n", .badChunkSize(at: 2)),
        ("5\n", .badChunkSize(at: 1)),
        ("5\rx", .badChunkSize(at: 2)),
        ("5\r\r\n", .badChunkSize(at: 2)),
        ("\u{665}\r\n", .badChunkSize(at: 0)),
        ("5\0\r\n", .badChunkSize(at: 1)),
        ("5;a\n", .badChunkExtension(at: 3)),
        ("5;a\0", .badChunkExtension(at: 3)),
        ("5;a\rx", .badChunkSize(at: 4)),
        ("65\r\n", .bodyTooLarge(limit: 100)),
        ("63\r\n\(String(repeating: "a", count: 99))\r\n2\r\n", .bodyTooLarge(limit: 100)),
        ("ffffffffffffffff\r\n", .bodyTooLarge(limit: 100)),
        ("7fffffffffffffff\r\n", .bodyTooLarge(limit: 100)),
        ("10000000000000000\r\n", .bodyTooLarge(limit: 100)),
        ("000000000000000000000\r\n", .chunkLineTooLong(limit: 20)),
        ("1;aaaaaaaaaaaaaaaaaaa\r\n", .chunkLineTooLong(limit: 20)),
        ("1;aaaaaaaa\r\nx\r\n1;bbbbbbbbbbb\r\n", .chunkLineTooLong(limit: 18)),
        ("5\r\nhello0\r\n\r\n", .missingChunkEnd(at: 8)),
        ("5\r\nhello\n0\r\n\r\n", .missingChunkEnd(at: 8)),
        ("5\r\nhello\rx", .missingChunkEnd(at: 9)),
        ("4\r\nhello\r\n", .missingChunkEnd(at: 7)),
        ("0\r\n\n", .badTrailer(at: 3)),
        ("0\r\n\rx", .badTrailer(at: 4)),
        ("0\r\n a: b\r\n", .badTrailer(at: 3)),
        ("0\r\n: b\r\n", .badTrailer(at: 3)),
        ("0\r\na : b\r\n", .badTrailer(at: 4)),
        ("0\r\na\r\n", .badTrailer(at: 4)),
        ("0\r\na: b\n", .badTrailer(at: 7)),
        ("0\r\na: b\rc", .badTrailer(at: 8)),
        ("0\r\na: b\r\n c\r\n", .badTrailer(at: 9)),
        ("0\r\na: \0\r\n", .badTrailer(at: 6)),
        ("0\r\nGET / HTTP/1.1\r\n", .badTrailer(at: 6)),
        ("0\r\na: 01234567890123456789012345678901\r\n", .trailersTooLarge(limit: 30)),
        ("0\r\na:\r\nb:\r\nc:\r\nd:\r\n", .tooManyFields(limit: 3)),
    ]

    @Test("are refused with the position, wherever reads split", arguments: bad)
    func refused(_ wire: String, _ error: HTTPError) {
        var limits = HTTPLimits()
        limits.bodyBytes = 100
        limits.chunkLineBytes = 20
        limits.chunkExtensionBytes = 18
        limits.trailerBytes = 30
        limits.fields = 3
        let result = Self.decode(wire, limits: limits)
        #expect(result.error == error)
        #expect(!result.isEnded)
    }

    @Test("without a limit, sizes up to the largest number count and larger ones are refused")
    func unlimited() {
        #expect(Self.decode("7fffffffffffffff\r\nx", limits: .upstream).error == nil)
        #expect(Self.decode("8000000000000000\r\n", limits: .upstream).error == .bodyTooLarge(limit: .max))
        #expect(Self.decode("1\r\nx\r\n7fffffffffffffff\r\n", limits: .upstream).error == .bodyTooLarge(limit: .max))
    }

    @Test("an upstream's stream may have an extension on each of many chunks, a client's body not")
    func manyExtensions() {
        let wire = Array((String(repeating: "1;sum=0123456789\r\nx\r\n", count: 500) + "0\r\n\r\n").utf8)
        let stream = Self.decode([wire], limits: .upstream)
        #expect(stream.isEnded && stream.content.count == 500)
        #expect(Self.decode([wire], limits: HTTPLimits()).error == .chunkLineTooLong(limit: 4_096))
    }

    @Test("written by the buffer, decode to what was written")
    func roundTrip() {
        let pieces = ["a", String(repeating: "b", count: 15), "", String(repeating: "c", count: 16), "\r\n0\r\n\r\n"]
        var wire = ByteBuffer()
        for piece in pieces { wire.appendChunk(Array(piece.utf8).span) }
        wire.appendLastChunk()
        var text: [UInt8] = []
        for at in 0..<wire.count { text.append(wire.span[at]) }
        let result = Self.decode(String(decoding: text, as: UTF8.self))
        #expect(result.isEnded)
        #expect(result.content == Array(pieces.joined().utf8))
    }
}
