import Testing
import WeirBase
import WeirDialects
import WeirLoop
import WeirTestSupport

@Suite("Gateway: requests that get no provider's answer (DESIGN.md, section 9)") struct GatewayErrorTests {
    /// A request, and the answer that it must get.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var request: String
        var status: Int
        var code: String?
        var closes = false
        var testDescription: String { name }

        /// The same, refused for its head alone: a body is not waited for, so that the connection cannot go on.
        var byHead: Case {
            var copy = self
            copy.closes = request.contains("content-length: ")
            return copy
        }

        init(_ name: String, _ request: String, _ status: Int, _ code: String?, closes: Bool = false) {
            self.name = name
            self.request = request
            self.status = status
            self.code = code
            self.closes = closes
        }
    }

    private static func chat(_ body: String, key: String? = Gate.key, fields: String = "") -> String {
        Gate.request("POST", "/v1/chat/completions", body, key: key, fields: fields)
    }

    static let keys = [
        Case("no key", chat(Gate.chatBody(), key: nil), 401, "invalid_api_key"),
        Case("an unknown key", chat(Gate.chatBody(), key: "sk-weir-unknown"), 401, "invalid_api_key"),
        Case("a key with one byte more", chat(Gate.chatBody(), key: Gate.key + "x"), 401, "invalid_api_key"),
        Case(
            "the provider's credential is no key", chat(Gate.chatBody(), key: Gate.credential), 401, "invalid_api_key"),
        Case("an empty bearer", chat(Gate.chatBody(), key: ""), 401, "invalid_api_key"),
        Case(
            "basic authorization",
            chat(Gate.chatBody(), key: nil, fields: "authorization: Basic \(Gate.key)\r\n"), 401, "invalid_api_key"),
        Case(
            "two keys that differ", chat(Gate.chatBody(), fields: "x-api-key: \(Gate.narrowKey)\r\n"), 401,
            "invalid_api_key"),
        Case(
            "authorization twice, differing",
            chat(Gate.chatBody(), fields: "authorization: Bearer \(Gate.narrowKey)\r\n"), 401, "invalid_api_key"),
        Case(
            "a key in the query",
            Gate.request("POST", "/v1/chat/completions?key=\(Gate.key)&api_key=\(Gate.key)", Gate.chatBody(), key: nil),
            401, "invalid_api_key"),
        Case("the list of models without a key", Gate.request("GET", "/v1/models", key: nil), 401, "invalid_api_key"),
    ]

    static let paths = [
        Case("an unknown path", Gate.request("GET", "/v1/unknown"), 404, "not_found"),
        Case("an unknown path without a key", Gate.request("GET", "/admin", key: nil), 404, "not_found"),
        Case("the mock's own paths", Gate.request("GET", "/mock/billed"), 404, "not_found"),
        Case("a trailing slash", Gate.request("POST", "/v1/chat/completions/", "{}"), 404, "not_found"),
        Case("another case", Gate.request("POST", "/V1/chat/completions", "{}"), 404, "not_found"),
        Case("two slashes", Gate.request("POST", "/v1//chat/completions", "{}"), 404, "not_found"),
        Case("dot segments", Gate.request("GET", "/v1/files/../models"), 404, "not_found"),
        Case("an id that is a dot segment", Gate.request("GET", "/v1/files/.."), 404, "not_found"),
        Case("encoded dots", Gate.request("GET", "/v1/files/%2e%2e"), 404, "not_found"),
        Case("encoded dots and slash", Gate.request("GET", "/v1/files/%2e%2e%2fmodels"), 404, "not_found"),
        Case("GET where POST is due", Gate.request("GET", "/v1/embeddings"), 405, "method_not_allowed"),
        Case("DELETE of the models", Gate.request("DELETE", "/v1/models"), 405, "method_not_allowed"),
        Case("POST to health", Gate.request("POST", "/health", "{}"), 405, "method_not_allowed"),
        Case("a made-up method", Gate.request("BREW", "/v1/models"), 405, "method_not_allowed"),
    ]

    static let models = [
        Case("an unknown model", chat(#"{"model":"nope","messages":[]}"#), 404, "model_not_found"),
        Case("the provider's name of a model", chat(#"{"model":"mock-model","messages":[]}"#), 404, "model_not_found"),
        Case("a name that must be escaped", chat(#"{"model":"a\"b\u0000\n\\</script>"}"#), 404, "model_not_found"),
        Case("a long name", chat(#"{"model":"\#(String(repeating: "n", count: 100_000))"}"#), 404, "model_not_found"),
        Case(
            "a name of one character and very many bytes",
            chat(#"{"model":"e\#(String(repeating: "\u{301}", count: 50_000))"}"#), 404, "model_not_found"),
        Case("another case of a name", chat(#"{"model":"M","messages":[]}"#), 404, "model_not_found"),
        Case("a model that the key may not use", chat(Gate.chatBody(), key: Gate.narrowKey), 403, "model_not_allowed"),
        Case(
            "the same, spelt with escapes", chat(#"{"model":"\u006d"}"#, key: Gate.narrowKey), 403, "model_not_allowed"),
        Case(
            "one model that the key may not use", Gate.request("GET", "/v1/models/m", key: Gate.narrowKey), 403,
            "model_not_allowed"),
        Case("one model that is not there", Gate.request("GET", "/v1/models/nope"), 404, "model_not_found"),
    ]

    static let bodies = [
        Case("no body", chat(""), 400, nil),
        Case("not JSON", chat("model=m"), 400, nil),
        Case("no object", chat(#"["m"]"#), 400, nil),
        Case("two values", chat(#"{"model":"m"}{"model":"m"}"#), 400, nil),
        Case("cut JSON", chat(#"{"model":"m""#), 400, nil),
        Case("invalid UTF-16 escape in the name", chat(#"{"model":"\ud800"}"#), 404, "model_not_found"),
        Case("no model", chat(#"{"messages":[]}"#), 400, "missing_required_parameter"),
        Case("a model that is null", chat(#"{"model":null}"#), 400, "invalid_type"),
        Case("a model that is a number", chat(#"{"model":1}"#), 400, "invalid_type"),
        Case("an empty model", chat(#"{"model":""}"#), 400, nil),
        Case("model twice", chat(#"{"model":"m","model":"other"}"#), 400, nil),
        Case("model twice, once with an escape", chat(#"{"model":"m","mod\u0065l":"other"}"#), 400, nil),
        Case("model twice, the same", chat(#"{"model":"m","messages":[],"model":"m"}"#), 400, nil),
        Case("stream twice", chat(#"{"model":"m","stream":true,"stream":false}"#), 400, nil),
        Case("stream as text", chat(#"{"model":"m","stream":"true"}"#), 400, "invalid_type"),
        Case("max_tokens as text", chat(#"{"model":"m","max_tokens":"5"}"#), 400, "invalid_type"),
        Case(
            "stream_options as a list", chat(#"{"model":"m","stream":true,"stream_options":[]}"#), 400, "invalid_type"),
        Case(
            "a form without a boundary",
            Gate.request("POST", "/v1/audio/transcriptions", "x", fields: "content-type: multipart/form-data\r\n"), 400,
            "missing_required_parameter"),
        Case(
            "a form without a type",
            "POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \(Gate.key)\r\ncontent-length: 1\r\n\r\nx",
            400, "missing_required_parameter"),
        Case(
            "an announced length over the limit",
            Gate.request("POST", "/v1/chat/completions", fields: "content-length: 1048577\r\n"), 413,
            "request_too_large", closes: true),
        Case(
            "chunks over the limit",
            Gate.request("POST", "/v1/chat/completions", fields: "transfer-encoding: chunked\r\n") + "100001\r\n", 413,
            "request_too_large", closes: true),
    ]

    static let heads = [
        ("length twice", "content-length: 2\r\ncontent-length: 2\r\n"),
        ("two lengths in one field", "content-length: 2, 2\r\n"), ("a signed length", "content-length: +2\r\n"),
        ("length with chunks", "content-length: 2\r\ntransfer-encoding: chunked\r\n"),
        ("chunks with length", "transfer-encoding: chunked\r\ncontent-length: 2\r\n"),
        ("chunked in two fields", "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n"),
        ("a folded field", "a: b\r\n c\r\n"),
        ("a space before the colon", "a : b\r\n"), ("a bare LF", "a: b\nc: d\r\n"), ("a bare CR", "a: b\rc: d\r\n"),
        ("a NUL", "a: b\0\r\n"), ("no colon", "a\r\n"), ("host twice", "host: y\r\n"),
        ("an empty name", ": b\r\n"),
    ].map { name, fields in
        Case(
            name, Gate.request("POST", "/v1/chat/completions", fields: fields) + "{}", 400, "bad_request", closes: true)
    }

    static let framing = [
        Case("no host", "GET /health HTTP/1.1\r\n\r\n", 400, "bad_request", closes: true),
        Case("no HTTP", "\u{16}\u{3}\u{1}\r\n\r\n", 400, "bad_request", closes: true),
        Case(
            "chunked twice", Gate.request("POST", "/v1/embeddings", fields: "transfer-encoding: chunked, chunked\r\n"),
            400, "bad_request", closes: true),
        Case("HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, nil, closes: true),
        Case("two spaces", "GET  /health HTTP/1.1\r\nhost: x\r\n\r\n", 400, "bad_request", closes: true),
        Case("CONNECT", "CONNECT x:1 HTTP/1.1\r\nhost: x:1\r\n\r\n", 501, nil, closes: true),
        Case(
            "an unknown coding", Gate.request("POST", "/v1/embeddings", fields: "transfer-encoding: gzip\r\n"), 400,
            "bad_request", closes: true),
        Case(
            "an unknown expectation", Gate.request("GET", "/health", fields: "expect: tea\r\n"), 417, nil, closes: true),
        Case(
            "too many fields", Gate.request("GET", "/health", fields: String(repeating: "a: b\r\n", count: 200)), 431,
            nil, closes: true),
        Case(
            "a head too large",
            Gate.request("GET", "/health", fields: "a: \(String(repeating: "b", count: 70_000))\r\n"), 431, nil,
            closes: true),
        Case(
            "a bad chunk size",
            Gate.request("POST", "/v1/embeddings", fields: "transfer-encoding: chunked\r\n") + "0x2\r\n{}\r\n0\r\n\r\n",
            400,
            "bad_request", closes: true),
        Case(
            "a chunk that is longer than its size",
            Gate.request("POST", "/v1/embeddings", fields: "transfer-encoding: chunked\r\n") + "2\r\n{}}\r\n0\r\n\r\n",
            400,
            "bad_request", closes: true),
    ]

    @Test("each refusal has its status, code, shape and ids", arguments: backends)
    func refusals(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let all = (Self.keys + Self.paths).map(\.byHead) + Self.models + Self.bodies + Self.heads + Self.framing
            for entry in all {
                let client = try await gate.client()
                client.send(entry.request)
                let answer = try await client.answer()
                #expect(answer.status == entry.status, "\(entry.name): \(answer.head)\(answer.text)")
                #expect(entry.code == nil || answer.code == entry.code, "\(entry.name): \(answer.text)")
                #expect(answer.isOpenAIError && answer.isWhole, "\(entry.name): \(answer.head)\(answer.text)")
                #expect(answer.body.count < 1_000, "\(entry.name): an error does not repeat what was sent")
                let shown = answer.head + answer.text
                #expect(!shown.contains("canary"), "\(entry.name): \(shown)")
                #expect((answer.status == 405) == (answer["allow"] != nil), "\(entry.name)")
                if entry.closes {
                    #expect(answer["connection"] == "close", "\(entry.name)")
                    let rest = await client.end()
                    #expect(rest == 0, "\(entry.name): the connection closes and says nothing more")
                } else {
                    // The connection is in order: the next request on it is answered.
                    #expect(answer["connection"] == nil, "\(entry.name)")
                    client.send(Gate.request("GET", "/health"))
                    let next = try await client.answer()
                    #expect(next.status == 200, "\(entry.name): \(next.text)")
                }
                client.connection.abort()
            }
            let received = try await gate.received()
            #expect(received.isEmpty, "none of them reached the provider")
        }
    }

    @Test("the same key in both fields is fine", arguments: backends)
    func sameKeyTwice(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let both = try await gate.chat("events=1", fields: "x-api-key: \(Gate.key)\r\n")
            #expect(both.status == 200)
            let other = try await gate.post(
                "/v1/chat/completions", Gate.chatBody("events=1"), key: nil, fields: "X-API-Key: \(Gate.key)\r\n")
            #expect(other.status == 200)
        }
    }

    @Test("every path of the table asks for a key", arguments: backends)
    func everyPath(backend: Backend) async throws {
        let paths = [
            ("POST", "/v1/chat/completions"), ("GET", "/v1/chat/completions"), ("POST", "/v1/responses"),
            ("POST", "/v1/embeddings"), ("POST", "/v1/completions"), ("POST", "/v1/moderations"), ("GET", "/v1/models"),
            ("GET", "/v1/models/m"), ("GET", "/v1/chat/completions/x"), ("POST", "/v1/chat/completions/x"),
            ("DELETE", "/v1/chat/completions/x"), ("GET", "/v1/chat/completions/x/messages"),
            ("POST", "/v1/responses/input_tokens"), ("POST", "/v1/responses/compact"), ("GET", "/v1/responses/x"),
            ("DELETE", "/v1/responses/x"), ("POST", "/v1/responses/x/cancel"), ("GET", "/v1/responses/x/input_items"),
            ("POST", "/v1/images/generations"), ("POST", "/v1/images/edits"), ("POST", "/v1/images/variations"),
            ("POST", "/v1/audio/speech"), ("POST", "/v1/audio/transcriptions"), ("POST", "/v1/audio/translations"),
            ("GET", "/v1/files"), ("POST", "/v1/files"), ("GET", "/v1/files/x"), ("DELETE", "/v1/files/x"),
            ("GET", "/v1/files/x/content"), ("GET", "/v1/batches"), ("POST", "/v1/batches"), ("GET", "/v1/batches/x"),
            ("POST", "/v1/batches/x/cancel"), ("GET", "/v1/%66iles"),
        ]
        var covered: Set<OpenAIEndpoint> = []
        for (method, path) in paths {
            let (method, path) = (Array(method.utf8), Array(path.utf8))
            if case .endpoint(let endpoint, _) = OpenAIEndpoint.match(method: method.span, path: path.span) {
                covered.insert(endpoint)
            }
        }
        #expect(covered == Set(OpenAIEndpoint.allCases), "a new endpoint belongs in this list")
        try await withGate(backend) { gate in
            for (method, path) in paths {
                for key in [nil, "sk-weir-unknown"] {
                    let body = method == "POST" ? Gate.chatBody() : nil
                    let answer = try await gate.exchange(Gate.request(method, path, body, key: key))
                    #expect(
                        answer.status == 401 && answer.code == "invalid_api_key", "\(method) \(path): \(answer.text)")
                }
            }
            let received = try await gate.received()
            #expect(received.isEmpty)
        }
    }
}
