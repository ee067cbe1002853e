import Testing
import WeirBase
import WeirWire

@Suite("Paths are decoded once and compared exactly") struct TargetTests {
    static func head(_ target: String) throws -> (ReadHead, [UInt8]) {
        let wire = Array("OPTIONS \(target) HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        return (try ReadHead.read(wire), wire)
    }

    @Test(
        "equal to /v1/models or not",
        arguments: [
            ("/v1/models", true), ("/v1/models?a", true), ("/v1/mod%65ls", true), ("/%76%31/models", true),
            ("http://h/v1/models", true),
            ("/V1/models", false), ("/v1/models/", false), ("/v1//models", false), ("//v1/models", false),
            ("/v1/model", false),
            ("/v1%2Fmodels", false), ("/v1%2fmodels", false), ("%2Fv1/models", false), ("/v1/./models", false),
            ("/v1/x/../models", false), ("/v1/models%00", false), ("/v1/models%", false), ("/v1/models%6", false),
            ("/v1/mod%2565ls", false), ("/v1/mod%6gls", false), ("/v1\\models", false), ("/v1/models;a=b", false),
            ("*", false),
        ])
    func pathEquals(_ target: String, _ isEqual: Bool) throws {
        guard target.hasPrefix("/") || target.hasPrefix("h") || target == "*" else {
            #expect(throws: HTTPError.self) { try Self.head(target) }
            return
        }
        let (head, wire) = try Self.head(target)
        #expect(head.pathEquals("/v1/models", in: wire.span) == isEqual)
    }

    @Test("an empty path is the root")
    func root() throws {
        let (head, wire) = try Self.head("http://h")
        let isRoot = head.pathEquals("/", in: wire.span)
        let isOther = head.pathEquals("/v", in: wire.span)
        #expect(isRoot && !isOther)
    }

    @Test(
        "the rest of a path behind a prefix",
        arguments: [
            ("/v1/models/gpt-4o", "gpt-4o"), ("/v1/models/", ""), ("/v1/models/a%2Fb", "a%2Fb"),
            ("/v1/mod%65ls/a/b", "a/b"),
            ("/v1/models", nil), ("/v2/models/a", nil),
        ])
    func rest(_ target: String, _ rest: String?) throws {
        let (head, wire) = try Self.head(target)
        let range = head.pathRest(after: "/v1/models/", in: wire.span)
        #expect(range.map { text($0, of: wire) } == rest)
    }

    @Test(
        "percent-decoding gives text or refuses",
        arguments: [
            ("gpt-4o", "gpt-4o", nil), ("a%20b", "a b", nil), ("%C3%BC", "\u{FC}", nil), ("a/b", "a/b", nil),
            ("a%25b", "a%b", nil),
            ("...", "...", nil), (".a", ".a", nil), ("", "", nil), ("meta%2Dllama", "meta-llama", nil),
            ("a+b", "a+b", nil),
            ("a%2Fb", nil, "a/b"), ("a%2f%2E%2e", nil, nil), ("a/../b", nil, nil), ("..", nil, nil), (".", nil, nil),
            ("a/.", nil, nil),
            ("%2e%2E/b", nil, nil), ("%2e", nil, nil), ("a%", nil, nil), ("a%4", nil, nil), ("a%4g", nil, nil),
            ("a%00", nil, nil),
            ("a%0d%0aX", nil, nil), ("a%7f", nil, nil),
        ])
    func decoding(_ path: String, _ expected: String?, _ withSlash: String?) {
        #expect(Self.decode(path, allowsSlash: false) == expected)
        #expect(Self.decode(path, allowsSlash: true) == expected ?? withSlash)
    }

    static func decode(_ path: String, allowsSlash: Bool) -> String? {
        let bytes = Array(path.utf8)
        var buffer = ByteBuffer()
        buffer.append("kept")
        do throws(HTTPError) {
            try buffer.append(
                percentDecoding: ByteRange(start: 0, end: bytes.count), of: bytes.span, allowsSlash: allowsSlash)
            let result = string(buffer.span)
            #expect(result.hasPrefix("kept"))
            return String(result.dropFirst(4))
        } catch {
            #expect(buffer.count == 4)
            return nil
        }
    }
}

/// A span as text.
func string(_ span: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in span.indices { bytes.append(span[index]) }
    return String(decoding: bytes, as: UTF8.self)
}
