import Testing
import WeirBase
import WeirWire

@Suite("Messages that two readers could frame differently are refused (RFC 9112, section 11.2)") struct SmugglingTests {
    /// The fields after `Host`, and what is wrong with them; offsets are from the first of these fields.
    static let framings: [(String, @Sendable (Int) -> HTTPError)] = [
        ("Content-Length: 5\r\nContent-Length: 5\r\n", { .repeatedContentLength(at: $0 + 19) }),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", { .repeatedContentLength(at: $0 + 19) }),
        ("Content-Length: 5\r\ncontent-length: 5\r\n", { .repeatedContentLength(at: $0 + 19) }),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", { .lengthWithTransferEncoding(at: $0) }),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", { .lengthWithTransferEncoding(at: $0 + 28) }),
        ("Content-Length : 5\r\n", { .spaceBeforeColon(at: $0 + 14) }),
        ("Content-Length: \r\n", { .badContentLength(at: $0 + 16) }),
        ("Content-Length: +5\r\n", { .badContentLength(at: $0 + 16) }),
        ("Content-Length: -5\r\n", { .badContentLength(at: $0 + 16) }),
        ("Content-Length: 5,5\r\n", { .badContentLength(at: $0 + 17) }),
        ("Content-Length: 5, 5\r\n", { .badContentLength(at: $0 + 17) }),
        ("Content-Length: 5 5\r\n", { .badContentLength(at: $0 + 17) }),
        ("Content-Length: 0x5\r\n", { .badContentLength(at: $0 + 17) }),
        ("Content-Length: 5.0\r\n", { .badContentLength(at: $0 + 17) }),
        ("Content-Length: 5e1\r\n", { .badContentLength(at: $0 + 17) }),
        ("Content-Length: 5_0\r\n", { .badContentLength(at: $0 + 17) }),
        ("Content-Length: \"5\"\r\n", { .badContentLength(at: $0 + 16) }),
        ("Content-Length: \u{665}\r\n", { .badContentLength(at: $0 + 16) }),
        ("Content-Length: 18446744073709551621\r\n", { _ in .bodyTooLarge(limit: 1_000) }),
        ("Content-Length: 99999999999999999999\r\n", { _ in .bodyTooLarge(limit: 1_000) }),
        ("Content-Length: 9223372036854775807\r\n", { _ in .bodyTooLarge(limit: 1_000) }),
        ("Content-Length: 1001\r\n", { _ in .bodyTooLarge(limit: 1_000) }),
        ("Transfer-Encoding: xchunked\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: identity\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: gzip, chunked\r\n", { .unsupportedTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: chunked, gzip\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: chunked, chunked\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: chunked;a=b\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: chunked,\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: gzip;q=1, chunked\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: , chunked\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: chunked chunked\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: br ,\tgzip,CHUNKED\r\n", { .unsupportedTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: \r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: \"chunked\"\r\n", { .badTransferEncoding(at: $0 + 19) }),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", { .badTransferEncoding(at: $0 + 28) }),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", { .badTransferEncoding(at: $0 + 28) }),
        ("Transfer-Encoding : chunked\r\n", { .spaceBeforeColon(at: $0 + 17) }),
        ("Transfer-Encoding:\r\n chunked\r\n", { .foldedField(at: $0 + 20) }),
        ("X: x\r\n Transfer-Encoding: chunked\r\n", { .foldedField(at: $0 + 6) }),
        ("X: x\nTransfer-Encoding: chunked\r\n", { .bareLineFeed(at: $0 + 4) }),
        ("X: x\rTransfer-Encoding: chunked\r\n", { .bareCarriageReturn(at: $0 + 4) }),
        ("Transfer-Encoding: chunked\0\r\n", { .controlCharacter(at: $0 + 26) }),
        ("Transfer-Encoding: \u{B}chunked\r\n", { .controlCharacter(at: $0 + 19) }),
        ("\0Transfer-Encoding: chunked\r\n", { .controlCharacter(at: $0) }),
        ("Transfer\u{2D}Encoding\u{A0}: chunked\r\n", { .badFieldName(at: $0 + 17) }),
    ]

    static var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.bodyBytes = 1_000
        return limits
    }

    @Test("in a request", arguments: framings)
    func request(_ fields: String, _ error: @Sendable (Int) -> HTTPError) {
        let start = "POST / HTTP/1.1\r\nHost: x\r\n"
        #expect(
            requestError(start + fields + "\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n", limits: Self.limits)
                == error(start.utf8.count))
    }

    @Test("in an answer", arguments: framings)
    func response(_ fields: String, _ error: @Sendable (Int) -> HTTPError) {
        let start = "HTTP/1.1 200 OK\r\n"
        #expect(
            responseError(start + fields + "\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n", limits: Self.limits)
                == error(start.utf8.count))
    }

    @Test("Transfer-Encoding in HTTP/1.0, both roles")
    func oldVersion() {
        #expect(
            requestError("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == .transferEncodingInHTTP10(at: 17))
        #expect(
            responseError("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") == .transferEncodingInHTTP10(at: 17))
    }

    @Test(
        "a name that only looks like Content-Length frames nothing",
        arguments: [
            "Content_Length: 5", "Content-Length-: 5", "XContent-Length: 5", "Content-Lengt\u{7A}: 5",
            "ContentLength: 5",
        ])
    func lookalike(_ field: String) throws {
        let wire = "POST / HTTP/1.1\r\nHost: x\r\n\(field)\r\n\r\n"
        #expect(try readRequest(Array(wire.utf8))?.framing == Framing.none)
    }
}
