import Testing
import WeirBase
import WeirWire

@Suite("Response head (RFC 9112, sections 4, 6.3 and 9)") struct ResponseHeadTests {
    static let good: [(String, HTTPMethod, ResponseSummary)] = [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .post,
            ResponseSummary(status: 200, reason: "OK", fields: [["Content-Length", "5"]], framing: .length(5))
        ),
        (
            "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n", .post,
            ResponseSummary(status: 200, fields: [["Transfer-Encoding", "chunked"]], framing: .chunked)
        ),
        (
            "HTTP/1.1 503\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", .post,
            ResponseSummary(
                status: 503, fields: [["Content-Length", "0"], ["Connection", "close"]], framing: .length(0),
                keepsAlive: false)
        ),
        (
            "HTTP/1.1 200 Tr\u{E8}s bien, merci\r\n\r\n", .get,
            ResponseSummary(status: 200, reason: "Tr\u{E8}s bien, merci", framing: .untilClose, keepsAlive: false)
        ),
        (
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", .get,
            ResponseSummary(
                status: 200, reason: "OK", version: .http10,
                fields: [["Connection", "keep-alive"], ["Content-Length", "1"]], framing: .length(1))
        ),
        (
            "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", .get,
            ResponseSummary(
                status: 200, reason: "OK", version: .http10, fields: [["Content-Length", "1"]],
                framing: .length(1), keepsAlive: false)
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", .head,
            ResponseSummary(status: 200, reason: "OK", fields: [["Content-Length", "99999999999"]])
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .head,
            ResponseSummary(status: 200, reason: "OK", fields: [["Transfer-Encoding", "chunked"]])
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", .post, ResponseSummary(status: 204, reason: "No Content")),
        (
            "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", .post,
            ResponseSummary(status: 204, reason: "No Content", fields: [["Content-Length", "0"]])
        ),
        (  // a body where there can be none: the connection is not used again
            "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", .post,
            ResponseSummary(
                status: 204, reason: "No Content", fields: [["Content-Length", "5"]], keepsAlive: false)
        ),
        (
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", .post,
            ResponseSummary(
                status: 204, reason: "No Content", fields: [["Transfer-Encoding", "chunked"]], keepsAlive: false)
        ),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", .get,
            ResponseSummary(status: 304, reason: "Not Modified", fields: [["Content-Length", "7"]])
        ),
        ("HTTP/1.1 100 Continue\r\n\r\n", .post, ResponseSummary(status: 100, reason: "Continue")),
        (
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", .post,
            ResponseSummary(status: 103, reason: "Early Hints", fields: [["Link", "</a>"]])
        ),
        (
            "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", .post,
            ResponseSummary(status: 999, reason: "What", fields: [["Content-Length", "0"]], framing: .length(0))
        ),
    ]

    @Test("is read the same wherever reads split", arguments: good)
    func accepted(_ wire: String, _ method: HTTPMethod, _ expected: ResponseSummary) throws {
        var expected = expected
        expected.bytes = wire.utf8.count - (wire.hasSuffix("x") ? 1 : 0)
        #expect(try readResponse(Array(wire.utf8), answering: method) == expected)
    }

    static let bad: [(String, HTTPError)] = [
        ("\r\n", .badStatusLine(at: 0)),
        ("HTTP/1.1\r\n", .badStatusLine(at: 8)),
        ("HTTP/1.1 20\r\n", .badStatusLine(at: 11)),
        ("HTTP/1.1 2000 OK\r\n", .badStatusLine(at: 12)),
        ("HTTP/1.1 099 OK\r\n", .badStatusLine(at: 9)),
        ("HTTP/1.1 +20 OK\r\n", .badStatusLine(at: 9)),
        ("HTTP/1.1  200 OK\r\n", .badStatusLine(at: 9)),
        ("HTTP/1.1\t200 OK\r\n", .badStatusLine(at: 8)),
        ("HTTP/1.1 200\tOK\r\n", .badStatusLine(at: 12)),
        ("http/1.1 200 OK\r\n", .badStatusLine(at: 0)),
        (" HTTP/1.1 200 OK\r\n", .badStatusLine(at: 0)),
        ("ICY 200 OK and more\r\n", .badStatusLine(at: 0)),
        ("HTTP/2.0 200 OK\r\n", .unsupportedVersion(at: 0)),
        ("HTTP/1.1 200 OK\n", .bareLineFeed(at: 15)),
        ("HTTP/1.1 200 O\0K\r\n", .controlCharacter(at: 14)),
        ("HTTP/1.1 101 Switching Protocols\r\n", .unexpectedUpgrade),
    ]

    @Test("is refused at once and with the place, wherever reads split", arguments: bad)
    func refused(_ wire: String, _ error: HTTPError) { #expect(responseError(wire) == error) }

    @Test("interim answers are read before the final one")
    func interim() throws {
        let wire = Array(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 \r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                .utf8)
        var head = ResponseHead()
        var start = 0
        var seen: [Int] = []
        repeat {
            let window = Array(wire[start...])
            let count = try head.read(window.span, answering: .post, limits: .upstream)
            start += try #require(count)
            seen.append(head.status)
        } while head.isInterim
        #expect(seen == [100, 102, 200])
        #expect(head.fields.count == 1)
        #expect(wire[start...].elementsEqual("ok".utf8))
    }
}
