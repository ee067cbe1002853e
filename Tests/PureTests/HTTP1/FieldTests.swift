import Testing
import WeirBase
import WeirWire

@Suite("Fields: names, hops, what crosses the gateway (RFC 9110, sections 5 and 7.6.1)") struct FieldTests {
    static func read(_ fields: String) throws -> (ReadHead, [UInt8]) {
        let wire = Array("GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n".utf8)
        return (try ReadHead.read(wire), wire)
    }

    /// The fields, by their first lines' id.
    static func id(of name: String) throws -> FieldID {
        let (head, _) = try read("\(name): 1\r\n")
        return head.fields[1].id
    }

    static let single = FieldID.allCases.filter {
        $0 != .other && !$0.isFamily && ![.host, .expect, .transferEncoding].contains($0)
    }

    @Test("a known name is known in any case, and no other is taken for it", arguments: single)
    func known(_ id: FieldID) throws {
        let name = "\(id.name)"
        #expect(try Self.id(of: name) == id)
        #expect(try Self.id(of: name.uppercased()) == id)
        #expect(try Self.id(of: name + "x") != id)
        #expect(try Self.id(of: "x" + name) != id)
        #expect(try Self.id(of: String(name.dropLast()) + "_") != id)
        #expect(try Self.id(of: name.replacing("-", with: "_")) != id || !name.contains("-"))
        #expect(try Self.id(of: name.replacing("-", with: "")) != id || !name.contains("-"))
        let (head, wire) = try Self.read(
            "A: a\r\n\(name): 1\r\nB: b\r\n\(name.uppercased()): 2\r\n".replacing("content-length: 1\r\n", with: ""))
        #expect(head.fields.contains(id))
        #expect(head.fields.isRepeated(id) == (id != .contentLength))
        let value = try #require(head.fields.value(id))
        #expect(text(value, of: wire) == (id == .contentLength ? "2" : "1"))
        #expect(!head.fields.contains(id == .date ? .etag : .date) || id == .date)
    }

    @Test(
        "a prefix makes a family",
        arguments: [
            ("X-Stainless-Lang", FieldID.xStainlessFamily), ("x-stainless-runtime-version", .xStainlessFamily),
            ("x-stainless-", .other), ("x-stainles-lang", .other), ("X-RateLimit-Remaining-Tokens", .xRateLimitFamily),
            ("anthropic-ratelimit-tokens-remaining", .anthropicRateLimitFamily),
            ("anthropic-ratelimit-x", .anthropicRateLimitFamily),
            ("anthropic-something", .other), ("X-Forwarded-For", .xForwardedFamily), ("x-weir-cost-usd", .xWeirFamily),
            ("X-Weir-Tags", .xWeirTags), ("x-other", .other), ("an", .other), ("x-", .other), ("x_weir-a", .other),
            ("x-weir-a-name-that-is-longer-than-thirty-two-bytes", .xWeirFamily),
        ])
    func family(_ name: String, _ id: FieldID) throws { #expect(try Self.id(of: name) == id) }

    @Test("any name is found without regard to case")
    func byName() throws {
        let (head, wire) = try Self.read("A: a\r\nX-Custom-Thing: b\r\n")
        #expect(head.fields.first(named: "x-custom-thing", in: wire.span)?.value.count == 1)
        #expect(head.fields.first(named: "x-custom", in: wire.span) == nil)
        #expect(head.fields.first(.date) == nil)
    }

    @Test("reuse leaves nothing behind")
    func reuse() throws {
        let first = Array(
            "POST /a?b HTTP/1.1\r\nHost: x\r\nDate: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n".utf8)
        let second = Array("GET http://h/ HTTP/1.0\r\n\r\n".utf8)
        var head = RequestHead()
        _ = try head.read(first.span, limits: HTTPLimits())
        _ = try head.read(second.span, limits: HTTPLimits())
        #expect(!head.fields.contains(.date) && head.fields.isEmpty && head.query == nil && !head.expectsContinue)
        #expect(head.framing == .none && head.version == .http10 && head.authority != nil)
        _ = try head.read(first.span, limits: HTTPLimits())
        #expect(head.authority == nil && head.framing == .length(3) && head.expectsContinue)
    }

    static func crossing(_ fields: String, _ filter: FieldFilter) throws -> [String] {
        let (head, wire) = try read(fields)
        return head.fields.indices.compactMap {
            filter.passes(head.fields[$0]) ? text(head.fields[$0].name, of: wire) : nil
        }
    }

    static let hops = [
        "Connection: x-one, X-Two", "Keep-Alive: a", "Proxy-Connection: a", "TE: trailers", "Trailer: a",
        "Transfer-Encoding: chunked",
        "Upgrade: h2c", "HTTP2-Settings: a", "Proxy-Authenticate: a", "Proxy-Authorization: a", "X-One: a", "X-TWO: b",
    ]

    @Test("hop-by-hop fields and those that Connection names cross in neither direction")
    func hopByHop() throws {
        let lines = (Self.hops + ["X-Three: c"]).map { $0 + "\r\n" }.joined()
        #expect(try Self.crossing(lines, .request) == ["X-Three"])
        #expect(try Self.crossing(lines, .response) == ["Host", "X-Three"])
        let (head, _) = try Self.read(lines)
        #expect(head.fields.indices.filter { head.fields[$0].isHopByHop }.count == Self.hops.count)
    }

    @Test("credentials, accounts and what the relay writes stay off the request")
    func requestFilter() throws {
        let kept = [
            "Content-Type: a", "Accept: b", "User-Agent: c", "OpenAI-Beta: d", "anthropic-version: e", "X-Mine: f",
            "Idempotency-Key: g",
        ]
        let dropped = [
            "Authorization: a", "X-API-Key: a", "api-key: a", "x-goog-api-key: a", "X-Amz-Security-Token: a",
            "Cookie: a", "X-Stainless-OS: a",
            "OpenAI-Organization: a", "OpenAI-Project: a", "Content-Length: 1", "Expect: 100-continue",
            "Accept-Encoding: a",
            "X-Weir-Tags: a", "X-Weir-Other: a", "X-Forwarded-For: a", "Forwarded: a", "X-Real-IP: a", "Via: a",
        ]
        let names = try Self.crossing((dropped + kept).map { $0 + "\r\n" }.joined(), .request)
        #expect(names == kept.map { String($0.prefix { $0 != ":" }) })
    }

    @Test("ids, accounts and limits of the provider stay off the answer")
    func responseFilter() throws {
        let kept = [
            "Content-Type: a", "Retry-After: b", "X-Mine: c", "x-should-retry: d", "Date: e", "Content-Encoding: f",
        ]
        let dropped = [
            "Content-Length: 1", "X-Request-ID: a", "Request-ID: a", "x-ratelimit-limit-requests: a",
            "anthropic-ratelimit-tokens-reset: a",
            "anthropic-organization-id: a", "OpenAI-Organization: a", "OpenAI-Project: a", "Set-Cookie: a", "Server: a",
            "Alt-Svc: a",
            "Strict-Transport-Security: a", "X-Weir-Cost-USD: a", "Server-Timing: a", "Authorization: Bearer a",
            "X-API-Key: a", "api-key: a", "x-goog-api-key: a", "Cookie: a",
        ]
        let names = try Self.crossing((dropped + kept).map { $0 + "\r\n" }.joined(), .response)
        #expect(names == ["Host"] + kept.map { String($0.prefix { $0 != ":" }) })
    }
}
