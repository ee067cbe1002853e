import Foundation
import Testing
import WeirBase
import WeirGateway
import WeirLoop
import WeirMockScript
import WeirTestSupport

@Suite("Gateway: what crosses it, and what does not") struct GatewayRelayTests {
    /// A body's two ends: what a client sends, and what the provider must get.
    static let bodies = [
        (#"{"model":"m","messages":[{}]}"#, #"{"model":"mock-model","messages":[{}]}"#),
        (
            #" {"messages":[{"content":"é😀 \ud83d\ude00 \u0000"}] ,"seed" : 18446744073709551615 ,  "model" :"m"}"#
                + "\n",
            #" {"messages":[{"content":"é😀 \ud83d\ude00 \u0000"}] ,"seed" : 18446744073709551615 ,  "model" :"mock-model"}"#
                + "\n"
        ),
        (
            #"{"seed":9007199254740993,"temperature":1.0e-0,"unknown":{"model":"m","a":[1,{"model":"m"}]},"model":"m"}"#,
            #"{"seed":9007199254740993,"temperature":1.0e-0,"unknown":{"model":"m","a":[1,{"model":"m"}]},"model":"mock-model"}"#
        ),
        (
            #"{"user":"m","\u006dodel":"\u006d","messages":"model"}"#,
            #"{"user":"m","\u006dodel":"mock-model","messages":"model"}"#
        ),
        (
            #"{"model":"m","stream":false,"stream_options":null,"n":1,"a":1,"a":2}"#,
            #"{"model":"mock-model","stream":false,"stream_options":null,"n":1,"a":1,"a":2}"#
        ),
    ]

    @Test("of a body only the model's name changes", arguments: backends)
    func bodies(backend: Backend) async throws {
        try await withGate(backend) { gate in
            for (sent, due) in Self.bodies {
                _ = try await gate.post("/v1/chat/completions", sent)
                let received = try await gate.received()[0]
                #expect(received.text == due)
                #expect(received.all("content-length") == ["content-length: \(due.utf8.count)"])
            }
        }
    }

    @Test("a stream's usage is asked for where the client did not", arguments: backends)
    func usageIsAskedFor(backend: Backend) async throws {
        try await withGate(backend) { gate in
            for options in [
                "", #","stream_options":{}"#, #","stream_options":{"include_usage":false}"#, #","stream_options":null"#,
            ] {
                let body = ##"{"model":"m","stream":true\##(options),"messages":[{"content":"#mock events=4"}]}"##
                let answer = try await gate.post("/v1/chat/completions", body)
                #expect(answer.status == 200 && answer.isWhole)
                #expect(answer.events.last == "[DONE]" && answer.events.count >= 6)
                #expect(!answer.text.contains("\"usage\""), "\(options): \(answer.text)")
                let received = try await gate.received()[0]
                let json = try JSONSerialization.jsonObject(with: Data(received.body)) as? [String: Any]
                let asked = json?["stream_options"] as? [String: Any]
                #expect(asked?["include_usage"] as? Bool == true, "\(options): \(received.text)")
                #expect(json?.count == 4)
            }
        }
    }

    @Test(
        "a stream's usage stays where the client asked for it; the stream is the provider's byte for byte",
        arguments: backends)
    func usageIsKept(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let options = #","stream_options":{"include_usage":true}"#
            for settings in ["", "crlf comments", "split=7", "close-delimited", "split=1 events=2"] {
                let body =
                    ##"{"model":"m","stream":true\##(options),"messages":[{"content":"#mock events=4 input=70 \##(settings)"}]}"##
                let answer = try await gate.post("/v1/chat/completions", body)
                #expect(answer.status == 200 && answer.isWhole, "\(settings)")
                #expect(answer.text.contains(#""prompt_tokens":70"#), "\(settings): \(answer.text)")
                let client = Client(try await gate.loop.connect(to: gate.mock))
                client.send(
                    Gate.request(
                        "POST", "/v1/chat/completions", body.replacingOccurrences(of: #""m""#, with: #""mock-model""#),
                        key: Gate.credential))
                let direct = try await client.answer()
                client.connection.abort()
                #expect(Self.withoutNumbers(direct.text) == Self.withoutNumbers(answer.text), "\(settings)")
            }
        }
    }

    /// A mock's answer without the number that differs in each.
    private static func withoutNumbers(_ text: String) -> String {
        text.replacingOccurrences(of: "mock0[0-9a-f]*", with: "N", options: .regularExpression)
    }

    @Test("every kind of stream and answer comes through, its usage in the log", arguments: backends)
    func kinds(backend: Backend) async throws {
        let asks = [
            ("/v1/chat/completions", #""messages":[{"content":"%"}]"#), ("/v1/completions", #""prompt":"%""#),
            ("/v1/responses", #""input":"%""#),
        ]
        try await withGate(backend) { gate in
            for (path, prompt) in asks {
                for streams in [false, true] {
                    let body =
                        ##"{"model":"m","stream":\##(streams),"##
                        + prompt.replacingOccurrences(of: "%", with: "#mock events=5 output=41") + "}"
                    let answer = try await gate.post(path, body)
                    #expect(answer.status == 200 && answer.isWhole, "\(path): \(answer.text)")
                    let type = answer["content-type"] ?? ""
                    #expect(type.hasPrefix(streams ? "text/event-stream" : "application/json"), "\(path)")
                    #expect(streams == (answer["transfer-encoding"] == "chunked"))
                    #expect(streams || answer.json["usage"] != nil)
                    #expect(!streams || answer["cache-control"] == "no-cache")
                    #expect(answer["x-weir-provider"] == "up" && answer["x-weir-model"] == "m")
                    #expect(answer["x-weir-attempts"] == "1" && answer["server-timing"]?.hasPrefix("weir;dur=") == true)
                }
            }
            let embeddings = try await gate.post("/v1/embeddings", #"{"model":"m","input":["a","b"]}"#)
            #expect((embeddings.json["data"] as? [Any])?.count == 2)
            let moderation = try await gate.post("/v1/moderations", #"{"model":"m","input":"a"}"#)
            #expect(moderation.status == 200)
        }
    }

    @Test("each request is one line of the log, with the usage that the provider billed", arguments: backends)
    func log(backend: Backend) async throws {
        let lines = try await withGate(backend) { gate in
            for path in ["/v1/chat/completions", "/v1/responses"] {
                for streams in [false, true] {
                    let body = Gate.chatBody("events=2 input=70 output=41 cached=20", streams: streams)
                    let isChat = path.hasSuffix("completions")
                    let answer = try await gate.post(
                        path, isChat ? body : body.replacing(#""messages""#, with: #""input""#))
                    #expect(answer.status == 200, "\(answer.text)")
                }
            }
            _ = try await gate.post("/v1/chat/completions", Gate.chatBody(), key: "wrong")
            _ = try await gate.post("/v1/chat/completions", Gate.chatBody(), key: Gate.narrowKey)
            _ = try await gate.chat("events=4 cut=2", streams: true)
            _ = try await gate.exchange("nonsense\r\n\r\n")
            let leaver = try await gate.client()
            leaver.send(Gate.request("POST", "/v1/chat/completions", Gate.chatBody("stall=2", streams: true)))
            _ = await leaver.await("data: ")
            leaver.connection.abort()
            _ = await gate.until { gate.gateway.counts.clients == 0 }
        }
        try #require(lines.count == 9)
        for line in lines.prefix(4) {
            #expect(line["status"] as? Int == 200 && line["ending"] as? String == "complete")
            #expect(
                line["key"] as? String == "all" && line["model"] as? String == "m"
                    && line["provider"] as? String == "up")
            let usage = ["input_tokens", "cached_tokens", "output_tokens"].map { line[$0] as? Int }
            #expect(usage == [70, 20, 41], "\(line)")
        }
        let endings = lines.dropFirst(4).map { "\($0["status"] ?? "") \($0["ending"] ?? "")" }
        #expect(endings == ["401 refused", "403 refused", "200 upstream_broke", "400 refused", "200 client_gone"])
        let ids = lines.compactMap { $0["request"] as? String }
        #expect(ids == ids.sorted() && Set(ids).count == 9)
    }

    @Test("a form's model is replaced, and nothing else of it", arguments: backends)
    func forms(backend: Backend) async throws {
        @Sendable func form(_ model: String) -> String {
            "--b0\r\ncontent-disposition: form-data; name=\"file\"; filename=\"model\"\r\n\r\nm\0\u{FF}--b0x model\r\n\r\n"
                + "\r\n--b0\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\(model)\r\n--b0--\r\n"
        }
        try await withGate(backend) { gate in
            for path in ["audio/transcriptions", "audio/translations", "images/edits", "images/variations"] {
                let type = "content-type: multipart/form-data; boundary=b0\r\n"
                let answer = try await gate.post("/v1/\(path)", form("m"), fields: type)
                #expect(answer.status == 200, "\(path): \(answer.text)")
                let received = try await gate.received()[0]
                #expect(received.text == form("mock-model"), "\(path)")
                #expect(received.all("content-type") == ["content-type: multipart/form-data; boundary=b0"])
                let unknown = try await gate.post("/v1/\(path)", form("nope"), fields: type)
                #expect(unknown.code == "model_not_found")
                let forbidden = try await gate.post("/v1/\(path)", form("m"), key: Gate.narrowKey, fields: type)
                #expect(forbidden.code == "model_not_allowed")
            }
        }
    }

    @Test("what is bound to a provider passes through as it is", arguments: backends)
    func passThrough(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let upload = try await gate.post("/v1/files", "any\0bytes", fields: "content-type: text/plain\r\n")
            #expect(upload.status == 200 && upload.json["bytes"] as? Int == 9)
            let list = try await gate.get("/v1/files?limit=5&order=asc")
            #expect(list.status == 200)
            let received = try await gate.received()[0]
            #expect(received.head.hasPrefix("GET /v1/files?limit=5&order=asc HTTP/1.1\r\n"))
            #expect(received.all("content-length").isEmpty)
            let content = try await gate.get("/v1/files/file-1/content")
            #expect(content["content-type"] == "application/octet-stream" && content.body.count > 10_000)
            let deleted = try await gate.exchange(Gate.request("DELETE", "/v1/files/file-1"))
            #expect(deleted.json["deleted"] as? Bool == true)
            let speech = try await gate.post("/v1/audio/speech", #"{"model":"m","input":"a","voice":"x"}"#)
            #expect(speech["content-type"] == "audio/mpeg" && speech.body.count > 10_000)
        }
    }

    @Test("a client's credentials, hops and ids end at the gateway", arguments: backends)
    func requestFields(backend: Backend) async throws {
        let kept = [
            "authorization: Bearer \(Gate.key)", "x-api-key: \(Gate.key)", "api-key: canary", "x-goog-api-key: canary",
            "cookie: canary=1", "proxy-authorization: Basic canary", "openai-organization: canary",
            "openai-project: canary", "x-stainless-lang: canary", "x-weir-tags: canary=1", "keep-alive: timeout=5",
            "te: trailers", "connection: x-hop, keep-alive", "x-hop: canary", "proxy-connection: keep-alive",
            "upgrade: websocket", "x-forwarded-for: canary", "forwarded: for=canary", "accept-encoding: gzip",
            "expect: 100-continue",
        ]
        let crossing = [
            "x-odd: a  b ; c", "user-agent: OpenAI/Python 2.0", "idempotency-key: k-1", "accept: application/json",
        ]
        try await withGate(backend) { gate in
            let fields = (kept + crossing).map { $0 + "\r\n" }.joined()
            let answer = try await gate.exchange(
                Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=1"), key: nil, fields: fields))
            #expect(answer.status == 200, "\(answer.text)")
            let received = try await gate.received()[0]
            #expect(received.all("authorization") == ["authorization: Bearer \(Gate.credential)"])
            let rest = received.head.replacingOccurrences(of: Gate.credential, with: "")
            #expect(!rest.contains("canary"), "\(received.head)")
            #expect(received.all("host") == ["host: 127.0.0.1:\(gate.mock.port)"])
            for field in kept.dropFirst() {
                let name = String(field.prefix { $0 != ":" })
                #expect(received.all(name).isEmpty, "\(name)")
            }
            for field in crossing { #expect(received.head.contains("\r\n\(field)\r\n"), "\(field)") }
        }
    }

    @Test("a provider's hops, ids and accounts end at the gateway", arguments: backends)
    func responseFields(backend: Backend) async throws {
        let kept = [
            "connection: x-hop", "x-hop: canary", "keep-alive: timeout=canary", "set-cookie: canary=1",
            "openai-organization: canary", "openai-project: canary", "server: canary", "x-ratelimit-limit-tokens: 987",
            "request-id: canary", "strict-transport-security: max-age=1", "alt-svc: h3=\":443\"",
            "proxy-authenticate: Basic",
            "server-timing: canary;dur=1", "x-weir-cost-usd: 9",
        ]
        var settings = Gate.Settings()
        let fields = kept.map { $0 + "\r\n" }.joined()
        settings.upstream = { connection in
            await play(connection) {
                "HTTP/1.1 200 Fine canary\r\ncontent-type: application/json\r\nx-request-id: req_1\r\nx-odd: a  b\r\n"
                    + "openai-version: 2020-10-01\r\n\(fields)content-length: 12\r\n\r\n{\"a\": [1,2]}"
            }
        }
        try await withGate(backend, settings) { gate in
            let answer = try await gate.chat("")
            #expect(answer.status == 200 && answer.text == #"{"a": [1,2]}"#)
            #expect(!answer.head.contains("canary"), "\(answer.head)")
            #expect(answer["x-odd"] == "a  b" && answer["openai-version"] == "2020-10-01")
            #expect(answer["x-weir-upstream-request-id"] == "req_1")
            #expect(answer.all("x-request-id").count == 1 && answer["x-request-id"] != "req_1")
            let shown = answer["server-timing"]?.contains("weir;dur=") == true
            #expect(shown && answer.all("server-timing").count == 1)
            for name in [
                "connection", "keep-alive", "x-ratelimit-limit-tokens", "alt-svc", "proxy-authenticate",
                "x-weir-cost-usd",
            ] {
                #expect(answer[name] == nil, "\(name)")
            }
        }
    }

    @Test("a provider's error about the request is the client's, in the client's shape", arguments: backends)
    func providersErrors(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let answer = try await gate.post("/v1/chat/completions", #"{"model":"m","messages":[{}],"top_k":5}"#)
            #expect(
                answer.status == 400 && answer.code == "unknown_parameter"
                    && answer.error["param"] as? String == "top_k")
            #expect(answer["request-id"]?.count == 13)
        }
    }

    @Test("the list of models is what the key may use", arguments: backends)
    func models(backend: Backend) async throws {
        try await withGate(backend) { gate in
            func names(_ answer: Answer) -> [String] {
                (answer.json["data"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
            }
            let all = try await gate.get("/v1/models")
            #expect(names(all).sorted() == ["dead", "m", "other", "spare"] && all["request-id"]?.count == 13)
            let narrow = try await gate.get("/v1/models", key: Gate.narrowKey)
            #expect(names(narrow) == ["other"])
            let one = try await gate.get("/v1/models/m")
            #expect(one.json["id"] as? String == "m" && one.json["object"] as? String == "model")
            let encoded = try await gate.get("/v1/models/%6d")
            #expect(encoded.json["id"] as? String == "m")
            let received = try await gate.received()
            #expect(received.isEmpty, "no provider was asked")
        }
    }

    @Test("health needs no key, and says when the gateway drains", arguments: backends)
    func health(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let healthy = try await gate.get("/health", key: nil)
            #expect(healthy.status == 200 && healthy.json["status"] as? String == "ok")
            gate.gateway.drain()
            let client = try await gate.client()
            client.send(Gate.request("GET", "/health", key: nil))
            // A draining gateway may close an idle connection before the request has come.
            if let answer = try? await client.answer() { #expect(answer.status == 503) }
            client.connection.abort()
        }
    }
}

/// Plays a provider: reads requests and sends what `answer` says, until the peer's end.
func play(_ connection: Connection, _ answer: () -> String, then: () -> Void = {}) async {
    do throws(ConnectionError) {
        while true {
            try await readRequest(connection)
            connection.withOutput { $0.append(answer()) }
            await connection.loop.yield()
            then()
        }
    } catch { connection.abort() }
}

/// Reads one request: its head and the length that it announces.
@discardableResult
func readRequest(_ connection: Connection) async throws(ConnectionError) -> String {
    while true {
        let text = String(decoding: copied(connection.unread), as: UTF8.self)
        if let end = text.firstRange(of: "\r\n\r\n") {
            let head = text[..<end.lowerBound].lowercased()
            let length =
                head.components(separatedBy: "content-length: ").dropFirst().first?.prefix { $0.isNumber } ?? "0"
            let total = text[..<end.upperBound].utf8.count + (Int(length) ?? 0)
            if connection.unreadCount >= total {
                connection.consume(total)
                return text
            }
        }
        try await connection.fill()
    }
}
