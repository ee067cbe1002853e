import Testing
import WeirBase
import WeirWire

/// A request that is good, and what it must be read as.
struct GoodRequest: Sendable, CustomTestStringConvertible {
    var name: String
    var wire: String
    var method = "GET"
    var path = "/"
    var query: String?
    var authority: String?
    var version = HTTPVersion.http11
    var fields = 1
    var framing = Framing.none
    var keepsAlive = true
    var expectsContinue = false
    var testDescription: String { name }
}

@Suite("Request head (RFC 9112, sections 2, 3, 6 and 9)") struct RequestHeadTests {
    static let good: [GoodRequest] = [
        GoodRequest(name: "a GET", wire: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        GoodRequest(
            name: "a POST with a length",
            wire: "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
            method: "POST", path: "/v1/chat/completions", fields: 2, framing: .length(5)),
        GoodRequest(
            name: "a length of 0", wire: "POST /a HTTP/1.1\r\nHost: x\r\ncontent-length:0\r\n\r\n", method: "POST",
            path: "/a",
            fields: 2, framing: .length(0)),
        GoodRequest(
            name: "leading zeros in a length",
            wire: "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0000000000000000000007\r\n\r\n",
            method: "POST", path: "/a", fields: 2, framing: .length(7)),
        GoodRequest(
            name: "chunked", wire: "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", method: "POST",
            path: "/a",
            fields: 2, framing: .chunked),
        GoodRequest(
            name: "chunked in capitals with white space",
            wire: "POST /a HTTP/1.1\r\nHost: x\r\nTRANSFER-ENCODING:\t CHUNKED \t\r\n\r\n",
            method: "POST", path: "/a", fields: 2, framing: .chunked),
        GoodRequest(
            name: "a query with ? in it", wire: "GET /v1/models?after=a?b&limit=2 HTTP/1.1\r\nHost: x\r\n\r\n",
            path: "/v1/models",
            query: "after=a?b&limit=2"),
        GoodRequest(name: "an empty query", wire: "GET /a? HTTP/1.1\r\nHost: x\r\n\r\n", path: "/a", query: ""),
        GoodRequest(
            name: "absolute form", wire: "GET http://example.com:80/a/b?c HTTP/1.1\r\nHost: other\r\n\r\n",
            path: "/a/b", query: "c",
            authority: "example.com:80"),
        GoodRequest(
            name: "absolute form without a path", wire: "GET HTTPS://[::1]:8443 HTTP/1.1\r\nHost: x\r\n\r\n", path: "",
            authority: "[::1]:8443"),
        GoodRequest(name: "a Host with a port", wire: "GET / HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n"),
        GoodRequest(name: "a Host with an empty port", wire: "GET / HTTP/1.1\r\nHost: a.example:\r\n\r\n"),
        GoodRequest(
            name: "absolute form, query without a path", wire: "GET http://x?q=/ HTTP/1.1\r\nHost: x\r\n\r\n", path: "",
            query: "q=/",
            authority: "x"),
        GoodRequest(name: "asterisk", wire: "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", method: "OPTIONS", path: ""),
        GoodRequest(name: "another method", wire: "QUERY /a HTTP/1.1\r\nHost: x\r\n\r\n", method: "QUERY", path: "/a"),
        GoodRequest(
            name: "a method that begins like POST", wire: "POSTER /a HTTP/1.1\r\nHost: x\r\n\r\n", method: "POSTER",
            path: "/a"),
        GoodRequest(
            name: "a method in small letters is another method", wire: "get / HTTP/1.1\r\nHost: x\r\n\r\n",
            method: "get"),
        GoodRequest(
            name: "HTTP/1.0 closes", wire: "GET / HTTP/1.0\r\n\r\n", version: .http10, fields: 0, keepsAlive: false),
        GoodRequest(
            name: "HTTP/1.0 keeps alive when asked to", wire: "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            version: .http10),
        GoodRequest(
            name: "close wins over keep-alive",
            wire: "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, x, close\r\n\r\n", fields: 2,
            keepsAlive: false),
        GoodRequest(
            name: "close in a second Connection field",
            wire: "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nConnection: CLOSE\r\n\r\n", fields: 3,
            keepsAlive: false),
        GoodRequest(
            name: "an empty Connection list", wire: "GET / HTTP/1.1\r\nHost: x\r\nConnection: , ,\r\n\r\n", fields: 2),
        GoodRequest(
            name: "Expect", wire: "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n",
            method: "POST",
            fields: 3, framing: .length(1), expectsContinue: true),
        GoodRequest(
            name: "Expect without a body is nothing", wire: "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n",
            fields: 2),
        GoodRequest(
            name: "Expect in HTTP/1.0 is ignored", wire: "POST / HTTP/1.0\r\nExpect: what\r\nContent-Length: 1\r\n\r\n",
            method: "POST", version: .http10, fields: 2, framing: .length(1), keepsAlive: false),
        GoodRequest(name: "two empty lines before", wire: "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        GoodRequest(
            name: "obs-text and tabs in a value", wire: "GET / HTTP/1.1\r\nHost: x\r\nX-A: \u{FC}\tb \u{1F600}\r\n\r\n",
            fields: 2),
        GoodRequest(name: "an empty value", wire: "GET / HTTP/1.1\r\nHost:\r\nX-A: \t \r\nX-B:\r\n\r\n", fields: 3),
        GoodRequest(
            name: "unusual token characters", wire: "GET / HTTP/1.1\r\nHost: x\r\n!#$%&'*+-.^_`|~09azAZ: v\r\n\r\n",
            fields: 2),
        GoodRequest(
            name: "a very long name",
            wire: "GET / HTTP/1.1\r\nHost: x\r\n\(String(repeating: "name-", count: 40)): v\r\n\r\n", fields: 2),
        GoodRequest(
            name: "a body that begins with what a head may not hold",
            wire: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n\n\0\r", method: "POST", fields: 2,
            framing: .length(3)),
    ]

    @Test("is read the same wherever reads split", arguments: good)
    func accepted(_ request: GoodRequest) throws {
        let summary = try #require(try readRequest(Array(request.wire.utf8)))
        #expect(summary.method == request.method)
        #expect(summary.path == request.path)
        #expect(summary.query == request.query)
        #expect(summary.authority == request.authority)
        #expect(summary.version == request.version)
        #expect(summary.fields.count == request.fields)
        #expect(summary.framing == request.framing)
        #expect(summary.keepsAlive == request.keepsAlive)
        #expect(summary.expectsContinue == request.expectsContinue)
        let head = request.wire.utf8.count - (request.framing == .length(3) ? 3 : 0)
        #expect(summary.bytes == head)
    }

    static let bad: [(String, HTTPError)] = [
        ("GET / HTTP/1.1\nHost: x\n\n", .bareLineFeed(at: 14)),
        ("GET / HTTP/1.1\r\nHost: x\n", .bareLineFeed(at: 23)),
        ("\n", .bareLineFeed(at: 0)),
        ("GET / HTTP/1.1\rHost: x\r\n\r\n", .bareCarriageReturn(at: 14)),
        ("GET / HTTP/1.1\r\nHost: x\r\n\rX", .bareCarriageReturn(at: 25)),
        ("GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", .bareCarriageReturn(at: 23)),
        ("GET / HTTP/1.1\r\nHost: a\0b\r\n", .controlCharacter(at: 23)),
        ("GET / HTTP/1.1\r\nX: \u{7F}", .controlCharacter(at: 19)),
        ("GET / HTTP/1.1\r\nX: \u{1B}[0m", .controlCharacter(at: 19)),
        ("\u{16}\u{3}\u{1}", .tlsOnPlainPort),
        ("\r\n\r\n\r\n", .badRequestLine(at: 4)),
        (" GET / HTTP/1.1\r\n", .badRequestLine(at: 0)),
        ("GET\r\n", .badRequestLine(at: 3)),
        ("GET \r\n", .badRequestLine(at: 4)),
        ("GET /\r\n", .badRequestLine(at: 4)),
        ("GET  / HTTP/1.1\r\n", .badRequestLine(at: 4)),
        ("GET /  HTTP/1.1\r\n", .badRequestLine(at: 5)),
        ("GET / HTTP/1.1 \r\n", .badRequestLine(at: 4)),
        ("GET / a HTTP/1.1\r\n", .badRequestLine(at: 5)),
        ("GET /?a b HTTP/1.1\r\n", .badRequestLine(at: 7)),
        ("GET\t/ HTTP/1.1\r\n", .badRequestLine(at: 3)),
        ("GET /\tHTTP/1.1\r\n", .badRequestLine(at: 4)),
        ("G@T / HTTP/1.1\r\n", .badRequestLine(at: 1)),
        ("GET / http/1.1\r\n", .badRequestLine(at: 6)),
        ("GET / HTTP/1.x\r\n", .badRequestLine(at: 6)),
        ("GET / HTTP/1,1\r\n", .badRequestLine(at: 6)),
        ("GET / HTTP/2.0\r\n", .unsupportedVersion(at: 6)),
        ("GET / HTTP/1.2\r\n", .unsupportedVersion(at: 6)),
        ("GET / HTTP/0.9\r\n", .unsupportedVersion(at: 6)),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion(at: 6)),
        ("CONNECT example.com:443 HTTP/1.1\r\n", .connectNotSupported),
        ("GET a HTTP/1.1\r\n", .badTarget(at: 4)),
        ("GET * HTTP/1.1\r\n", .badTarget(at: 4)),
        ("OPTIONS ** HTTP/1.1\r\n", .badTarget(at: 8)),
        ("OPTIONS *?a HTTP/1.1\r\n", .badTarget(at: 8)),
        ("GET /a#b HTTP/1.1\r\n", .badTarget(at: 6)),
        ("GET /a?b#c HTTP/1.1\r\n", .badTarget(at: 8)),
        ("GET /\u{FC} HTTP/1.1\r\n", .badTarget(at: 5)),
        ("GET /a\tb HTTP/1.1\r\n", .badTarget(at: 6)),
        ("GET http:///a HTTP/1.1\r\n", .badTarget(at: 11)),
        ("GET http:// HTTP/1.1\r\n", .badTarget(at: 4)),
        ("GET http://:80/ HTTP/1.1\r\n", .badTarget(at: 11)),
        ("GET ftp://a/ HTTP/1.1\r\n", .badTarget(at: 4)),
        ("GET http://user@host/ HTTP/1.1\r\n", .badHost(at: 15)),
        ("GET / HTTP/1.1\r\n\r\n", .missingHost),
        ("GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedHost(at: 25)),
        ("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", .repeatedHost(at: 25)),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .badHost(at: 23)),
        ("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", .badHost(at: 23)),
        ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .badHost(at: 23)),
        ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .badHost(at: 23)),
        ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .badHost(at: 24)),
        ("GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", .badHost(at: 25)),
        ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .badHost(at: 23)),
        ("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", .badHost(at: 27)),
        ("GET / HTTP/1.1\r\n Host: x\r\n", .foldedField(at: 16)),
        ("GET / HTTP/1.1\r\nA: x\r\n\ty\r\n", .foldedField(at: 22)),
        ("GET / HTTP/1.1\r\nA: x\r\n \r\n", .foldedField(at: 22)),
        ("GET / HTTP/1.1\r\nHost : x\r\n", .spaceBeforeColon(at: 20)),
        ("GET / HTTP/1.1\r\nHost\t: x\r\n", .spaceBeforeColon(at: 20)),
        ("GET / HTTP/1.1\r\n: x\r\n", .badFieldName(at: 16)),
        ("GET / HTTP/1.1\r\nHo st: x\r\n", .badFieldName(at: 18)),
        ("GET / HTTP/1.1\r\nHo(st: x\r\n", .badFieldName(at: 18)),
        ("GET / HTTP/1.1\r\nX\u{FC}: x\r\n", .badFieldName(at: 17)),
        ("GET / HTTP/1.1\r\nHost\r\n", .missingColon(at: 20)),
        ("GET / HTTP/1.1\r\nHost x\r\n", .missingColon(at: 22)),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: a b\r\n\r\n", .badConnection(at: 39)),
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: \"a\"\r\n\r\n", .badConnection(at: 37)),
        ("POST / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n", .unsupportedExpectation(at: 34)),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nExpect: a\r\n\r\n", .unsupportedExpectation(at: 56)
        ),
    ]

    @Test("is refused at once and with the place, wherever reads split", arguments: bad)
    func refused(_ wire: String, _ error: HTTPError) {
        #expect(requestError(wire) == error)
        #expect(requestError(wire + "x") == error || wire.hasSuffix("\r"), "more bytes behind it change nothing")
    }

    @Test("waits for more bytes as long as all is well", arguments: good)
    func incomplete(_ request: GoodRequest) throws {
        let wire = Array(request.wire.utf8)
        let end = try #require(try readRequest(wire)).bytes
        for count in 0..<end {
            var head = RequestHead()
            let window = Array(wire[..<count])
            let result = try head.read(window.span, limits: HTTPLimits())
            #expect(result == nil)
            #expect(head.hasBegun == (window.count > 0 && window != [0x0D]), "\(count)")
        }
    }

    @Test("leaves what follows it alone: pipelined requests are read one after the other")
    func pipelined() throws {
        let wires = Self.good.filter { $0.framing == .none }.map { Array($0.wire.utf8) }
        let all = wires.flatMap { $0 }
        var head = RequestHead()
        var start = 0
        for wire in wires {
            let window = Array(all[start...])
            let count = try head.read(window.span, limits: HTTPLimits())
            #expect(count == wire.count)
            #expect(RequestSummary(head, bytes: wire.count, of: wire) == (try readRequest(wire)))
            start += wire.count
        }
        #expect(start == all.count)
    }

    @Test("limits: head, target, fields, empty lines, body")
    func limits() {
        var limits = HTTPLimits()
        limits.headBytes = 64
        let head = "GET / HTTP/1.1\r\nHost: x\r\nX-Filler: "
        let fits = head + String(repeating: "a", count: 64 - head.utf8.count - 4) + "\r\n\r\n"
        #expect(fits.utf8.count == 64)
        #expect(requestError(fits, limits: limits) == nil)
        #expect(requestError(head + String(repeating: "a", count: 64), limits: limits) == .headTooLarge(limit: 64))
        #expect(requestError(fits.dropLast(2) + "a\r\n\r\n", limits: limits) == .headTooLarge(limit: 64))
        #expect(requestError(String(repeating: "a", count: 64), limits: limits) == .headTooLarge(limit: 64))

        limits = HTTPLimits()
        limits.targetBytes = 4
        #expect(requestError("GET /abc HTTP/1.1\r\n", limits: limits) == nil)
        #expect(requestError("GET /abcd HTTP/1.1\r\n", limits: limits) == .targetTooLong(limit: 4))
        limits.fields = 2
        #expect(requestError("GET / HTTP/1.1\r\nHost: x\r\nB: b\r\n\r\n", limits: limits) == nil)
        #expect(
            requestError("GET / HTTP/1.1\r\nHost: x\r\nB: b\r\nC: c\r\n", limits: limits) == .tooManyFields(limit: 2))
        limits.emptyLines = 0
        #expect(requestError("\r\n", limits: limits) == .badRequestLine(at: 0))
        limits.bodyBytes = 10
        #expect(requestError("P / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n", limits: limits) == nil)
        #expect(
            requestError("P / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n", limits: limits)
                == .bodyTooLarge(limit: 10))
    }

    @Test("a long Connection list is refused, not looked for among all fields again and again")
    func nominations() {
        var limits = HTTPLimits()
        limits.fields = 3
        let start = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close, keep-alive, a, a"
        #expect(requestError(start + ", a\r\n\r\n", limits: limits) == nil)
        #expect(requestError(start + ", a, a\r\n\r\n", limits: limits) == .tooManyFields(limit: 3))
        #expect(requestError(start + "\r\nConnection: a, a\r\n\r\n", limits: limits) == .tooManyFields(limit: 3))
    }

    @Test("every error has a status and a text with a cure")
    func errors() {
        #expect(HTTPError.bareLineFeed(at: 1).status == 400)
        #expect(HTTPError.bodyTooLarge(limit: 1).status == 413)
        #expect(HTTPError.targetTooLong(limit: 1).status == 414)
        #expect(HTTPError.unsupportedExpectation(at: 1).status == 417)
        #expect(HTTPError.headTooLarge(limit: 1).status == 431)
        #expect(HTTPError.tooManyFields(limit: 1).status == 431)
        #expect(HTTPError.unsupportedTransferEncoding(at: 1).status == 501)
        #expect(HTTPError.unsupportedVersion(at: 1).status == 505)
        for (_, error) in Self.bad { #expect(error.message.hasSuffix(".") && error.message.count > 20) }
    }
}
