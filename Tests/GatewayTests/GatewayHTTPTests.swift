import Synchronization
import Testing
import WeirBase
import WeirGateway
import WeirLoop
import WeirTestSupport

@Suite("Gateway: HTTP/1.1 as clients speak it (RFC 9112)") struct GatewayHTTPTests {
    @Test("pipelined requests are answered in order", arguments: backends)
    func pipelining(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let client = try await gate.client()
            func chat(_ settings: String) -> String {
                Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=1 input=\(settings)"))
            }
            client.send(
                chat("11 first=20ms") + Gate.request("GET", "/v1/models") + chat("22") + Gate.request("GET", "/v1/none")
                    + Gate.request("HEAD", "/health") + chat("33 first=5ms") + Gate.request("GET", "/health"))
            for (index, due) in [
                "\"prompt_tokens\":11,", "\"list\"", "\"prompt_tokens\":22,", "not_found", "", "\"prompt_tokens\":33,",
                "ok",
            ].enumerated() {
                let answer = try await client.answer(isHead: index == 4)
                #expect(due.isEmpty || answer.text.contains(due), "\(index): \(answer.text)")
            }
            client.connection.finish()
        }
    }

    @Test("a pipelined stream ends before the next answer begins", arguments: backends)
    func pipelinedStreams(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let client = try await gate.client()
            let stream = Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=50 gap=1ms", streams: true))
            client.send(stream + stream + Gate.request("GET", "/health"))
            for _ in 0..<2 {
                let answer = try await client.answer()
                #expect(answer.isWhole && answer.events.last == "[DONE]" && answer.events.count >= 51)
            }
            let last = try await client.answer()
            #expect(last.text == #"{"status":"ok"}"#)
            client.connection.finish()
        }
    }

    @Test("a request arrives in pieces of any size", arguments: backends)
    func pieces(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let request = Array(Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=1")).utf8)
            for size in [1, 7, 61, 250] {
                let client = try await gate.client()
                var from = 0
                while from < request.count {
                    client.send(Array(request[from..<min(from + size, request.count)]))
                    from += size
                    await gate.loop.yield()
                }
                let answer = try await client.answer()
                #expect(answer.status == 200, "\(size): \(answer.text)")
                client.connection.finish()
            }
        }
    }

    @Test("a chunked request reaches the provider with a length", arguments: backends)
    func chunked(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let body = Array(Gate.chatBody("events=1").utf8)
            for size in [1, 5, 1_000] {
                var chunks = ""
                var from = 0
                while from < body.count {
                    let piece = body[from..<min(from + size, body.count)]
                    chunks += "\(String(piece.count, radix: 16));x=y\r\n\(String(decoding: piece, as: UTF8.self))\r\n"
                    from += size
                }
                let client = try await gate.client()
                let head = Gate.request("POST", "/v1/chat/completions", fields: "transfer-encoding: chunked\r\n")
                client.send(head + chunks + "0\r\nx-trailer: canary\r\n\r\n" + Gate.request("GET", "/health"))
                let answer = try await client.answer()
                #expect(answer.status == 200, "\(answer.text)")
                let next = try await client.answer()
                #expect(next.text == #"{"status":"ok"}"#, "what follows the chunks is the next request")
                let received = try await gate.received()[0]
                let due = Gate.chatBody("events=1").replacing(#""m""#, with: #""mock-model""#)
                #expect(received.text == due)
                #expect(received.all("content-length") == ["content-length: \(due.utf8.count)"])
                #expect(received.all("transfer-encoding").isEmpty && !received.head.contains("x-trailer"))
                client.connection.finish()
            }
        }
    }

    @Test("a client that expects 100 Continue gets it before it sends its body", arguments: backends)
    func expectation(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let body = Gate.chatBody("events=1")
            let framings = [
                ("content-length: \(body.utf8.count)\r\n", body),
                ("transfer-encoding: chunked\r\n", "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n"),
            ]
            for (field, sent) in framings {
                let client = try await gate.client()
                client.send(Gate.request("POST", "/v1/chat/completions", fields: "expect: 100-continue\r\n\(field)"))
                let isAsked = await client.await("HTTP/1.1 100 Continue\r\n\r\n")
                #expect(isAsked)
                client.send(sent)
                let answer = try await client.answer()
                #expect(answer.status == 200)
                client.connection.finish()
            }
            // A refusal comes instead, and the body is not waited for.
            let refused = try await gate.exchange(
                Gate.request(
                    "POST", "/v1/chat/completions", key: "wrong",
                    fields: "expect: 100-continue\r\ncontent-length: 9\r\n"))
            #expect(refused.status == 401 && refused["connection"] == "close")
        }
    }

    @Test("HEAD has the head of GET, and no body", arguments: backends)
    func head(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let client = try await gate.client()
            client.send(
                Gate.request("HEAD", "/health") + Gate.request("HEAD", "/v1/none") + Gate.request("GET", "/health"))
            let health = try await client.answer(isHead: true)
            #expect(health.status == 200 && health["content-length"] == "15")
            let none = try await client.answer(isHead: true)
            #expect(none.status == 404 && none["content-length"] != "0")
            let get = try await client.answer()
            #expect(get.text == #"{"status":"ok"}"#)
            client.connection.finish()
        }
    }

    @Test("HTTP/1.0 gets a stream that ends with the connection", arguments: backends)
    func http10(backend: Backend) async throws {
        try await withGate(backend) { gate in
            for fields in ["", "connection: keep-alive\r\n"] {
                let request = Gate.request(
                    "POST", "/v1/chat/completions", Gate.chatBody("events=3", streams: true), fields: fields)
                let answer = try await gate.exchange(request.replacing(" HTTP/1.1", with: " HTTP/1.0"))
                #expect(answer.status == 200 && answer["transfer-encoding"] == nil && answer["content-length"] == nil)
                #expect(answer["connection"] == "close" && answer.text.hasSuffix("data: [DONE]\n\n"), "\(answer.text)")
                #expect(!answer.text.contains("\r\n"), "no chunks")
            }
        }
    }

    @Test("HTTP/1.0 keeps its connection only where it asks to", arguments: backends)
    func http10KeepAlive(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let client = try await gate.client()
            for _ in 0..<2 {
                let request = Gate.request(
                    "POST", "/v1/chat/completions", Gate.chatBody("events=1"), fields: "connection: keep-alive\r\n")
                client.send(request.replacing(" HTTP/1.1", with: " HTTP/1.0"))
                let answer = try await client.answer()
                #expect(answer.status == 200 && answer["connection"] == "keep-alive" && answer["content-length"] != nil)
            }
            client.send("GET /health HTTP/1.0\r\n\r\n")
            let last = try await client.answer()
            #expect(last.status == 200 && last["connection"] == "close")
            let rest = await client.end()
            #expect(rest == 0)
        }
    }

    @Test("Connection: close ends the connection after the answer", arguments: backends)
    func close(backend: Backend) async throws {
        try await withGate(backend) { gate in
            for (method, path) in [("GET", "/health"), ("GET", "/v1/models"), ("POST", "/v1/chat/completions")] {
                let client = try await gate.client()
                let body = method == "POST" ? Gate.chatBody("events=1") : nil
                client.send(
                    Gate.request(method, path, body, fields: "connection: close\r\n") + Gate.request("GET", "/health"))
                let answer = try await client.answer()
                #expect(answer.status == 200 && answer["connection"] == "close")
                let rest = await client.end()
                #expect(rest == 0, "nothing is answered after a close")
            }
        }
    }

    @Test("absolute form names a path; it cannot choose the upstream", arguments: backends)
    func absoluteForm(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let request = Gate.request(
                "POST", "http://elsewhere.example:1/v1/chat/completions?a=b", Gate.chatBody("events=1"))
            let answer = try await gate.exchange(request)
            #expect(answer.status == 200)
            let received = try await gate.received()[0]
            #expect(received.head.hasPrefix("POST /v1/chat/completions?a=b HTTP/1.1\r\n"), "\(received.head)")
            #expect(received.all("host") == ["host: 127.0.0.1:\(gate.mock.port)"])
        }
    }

    @Test("connections to the provider are used again", arguments: backends)
    func reuse(backend: Backend) async throws {
        let opened = Shared()
        var settings = Gate.Settings()
        settings.upstream = { connection in
            opened.count.withLock { $0 += 1 }
            await play(connection) {
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
            }
        }
        try await withGate(backend, settings) { gate in
            for _ in 0..<20 {
                let answer = try await gate.chat("")
                #expect(answer.text == "{}")
            }
            let count = opened.value
            #expect(count == 1)
        }
    }

    @Test("a connection that the provider wants closed is not used again", arguments: backends)
    func noReuse(backend: Backend) async throws {
        try await withGate(backend) { gate in
            for settings in ["close", "close-delimited"] {
                for _ in 0..<3 {
                    let answer = try await gate.chat("events=1 \(settings)")
                    #expect(answer.status == 200 && answer.isWhole)
                    #expect(answer["connection"] == nil, "the client's connection is another matter")
                }
            }
            #expect(gate.gateway.counts.staleRetries == 0)
        }
    }

    @Test("answers of all framings and none", arguments: backends)
    func framings(backend: Backend) async throws {
        let answers = [
            ("204 No Content\r\n", 204, ""), ("200 OK\r\ncontent-length: 0\r\n", 200, ""),
            (
                "200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1;a=b\r\n}\r\n0\r\nx-t: canary\r\n",
                200, "{}"
            ),
            ("103 Early Hints\r\nlink: canary\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", 200, "{}"),
            (
                "100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nno",
                404, "no"
            ),
        ]
        let next = Shared()
        var settings = Gate.Settings()
        settings.upstream = { connection in
            await play(connection) {
                let answer = answers[next.value].0
                return "HTTP/1.1 \(answer)" + (answer.hasSuffix("\r\n") ? "\r\n" : "")
            }
        }
        try await withGate(backend, settings) { gate in
            for (index, (_, status, body)) in answers.enumerated() {
                next.count.withLock { $0 = index }
                let answer = try await gate.get("/v1/files/x/content")
                #expect(answer.status == status && answer.text == body && answer.isWhole, "\(index): \(answer.head)")
                #expect(!answer.head.contains("canary"))
                #expect(status != 204 || answer["content-length"] == nil, "RFC 9110, section 8.6")
            }
        }
    }
}
