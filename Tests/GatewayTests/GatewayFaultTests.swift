// Long: one table of faults and what the client sees of each.
import Synchronization
import Testing
import WeirBase
import WeirGateway
import WeirLoop
import WeirTestSupport

@Suite("Gateway: providers that fail, clients that leave") struct GatewayFaultTests {
    /// A provider's fault before the answer has begun, and what the client gets.
    static let refusals: [(settings: String, status: Int, code: String)] = [
        ("status=429 retry-after=7", 429, "rate_limit_exceeded"), ("status=401", 502, "upstream_auth_error"),
        ("status=403", 502, "upstream_auth_error"), ("status=500", 502, "upstream_error"),
        ("status=502", 502, "upstream_error"), ("status=503 retry-after=7", 503, "upstream_unavailable"),
        ("status=504", 504, "upstream_timeout"), ("status=529", 503, "upstream_unavailable"),
        ("status=408", 504, "upstream_timeout"), ("garbage=head", 502, "upstream_error"),
        ("cut=0", 502, "upstream_error"),
    ]

    @Test("what fails before the answer begins is the gateway's own error", arguments: backends)
    func refusals(backend: Backend) async throws {
        try await withGate(backend) { gate in
            for (settings, status, code) in Self.refusals {
                for streams in [false, true] {
                    let client = try await gate.client()
                    client.send(Gate.request("POST", "/v1/chat/completions", Gate.chatBody(settings, streams: streams)))
                    let answer = try await client.answer()
                    #expect(answer.status == status && answer.code == code, "\(settings): \(answer.text)")
                    #expect(answer.isOpenAIError && answer.isWhole, "\(settings): \(answer.head)\(answer.text)")
                    #expect(answer["retry-after"] == (settings.contains("retry-after") ? "7" : nil), "\(settings)")
                    #expect(!answer.text.contains("canary") && !answer.text.contains("127.0.0.1"), "\(answer.text)")
                    client.send(Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=1")))
                    let next = try await client.answer()
                    #expect(next.status == 200, "after \(settings) the client's connection goes on: \(next.text)")
                    client.connection.abort()
                }
            }
            let html = try await gate.chat("garbage=json")
            #expect(html.status == 502 && html.code == "upstream_error" && html.isOpenAIError)
            #expect(gate.gateway.counts.staleRetries == 0 || gate.gateway.counts.staleRetries <= 2)
        }
    }

    @Test("a provider that is not there", arguments: backends)
    func refused(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let answer = try await gate.post("/v1/chat/completions", #"{"model":"dead","messages":[]}"#)
            #expect(answer.status == 503 && answer.code == "upstream_unavailable" && answer.isOpenAIError)
        }
    }

    @Test("a credential that the provider does not take is nobody's business", arguments: backends)
    func wrongCredential(backend: Backend) async throws {
        var settings = Gate.Settings()
        settings.mockKey = "another"
        try await withGate(backend, settings) { gate in
            let answer = try await gate.chat("")
            #expect(answer.status == 502 && answer.code == "upstream_auth_error" && answer.isOpenAIError)
        }
    }

    @Test("a stream that breaks between two events ends with an error event, and without [DONE]", arguments: backends)
    func brokenStreams(backend: Backend) async throws {
        try await withGate(backend) { gate in
            for cut in 1...5 {
                let answer = try await gate.chat("events=8 cut=\(cut)", streams: true)
                #expect(answer.status == 200, "\(cut): \(answer.text)")
                let last = answer.events.last ?? ""
                #expect(last.contains(#""code":"upstream_error""#), "\(cut): \(answer.text)")
                #expect(!answer.text.contains("[DONE]"))
                #expect(!answer.isWhole, "the last chunk is missing")
            }
            let events = Gate.chatBody("events=8 cut=3", streams: true).replacing(#""messages""#, with: #""input""#)
            let responses = try await gate.post("/v1/responses", events)
            #expect(
                responses.text.contains("event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_error\""),
                "\(responses.text)")
        }
    }

    @Test("a chunk that is none is a break", arguments: backends)
    func brokenChunks(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let answer = try await gate.chat("events=8 garbage=chunk", streams: true)
            #expect(
                answer.events.last?.contains(#""code":"upstream_error""#) == true && !answer.isWhole, "\(answer.text)")
        }
    }

    @Test("events that are no JSON, and error events, pass as they are", arguments: backends)
    func strangeEvents(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let garbage = try await gate.chat("events=4 garbage=sse", streams: true)
            #expect(garbage.status == 200 && garbage.events.count >= 4)
            let error = try await gate.chat("events=4 error=2", streams: true)
            #expect(error.text.contains(#""error""#) && !error.text.contains("[DONE]"))
        }
    }

    @Test("a JSON answer that is cut is cut for the client, too", arguments: backends)
    func cutAnswer(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let answer = try await gate.chat("events=400 cut=1")
            #expect(answer.status == 502 || !answer.isWhole, "\(answer.head)")
        }
    }

    @Test("a cut in the middle of an event is a cut", arguments: backends)
    func cutInEvent(backend: Backend) async throws {
        var settings = Gate.Settings()
        settings.upstream = { connection in
            guard (try? await readRequest(connection)) != nil else { return }
            connection.withOutput {
                $0.append(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                        + "d\r\ndata: {\"a\":1}\r\n2\r\n\n\n\r\n9\r\ndata: {\"a\r\n")
            }
        }
        try await withGate(backend, settings) { gate in
            let asked = ##"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[]}"##
            let cut = try await gate.post("/v1/chat/completions", asked)
            #expect(cut.status == 200 && !cut.isWhole && cut.text == "data: {\"a\":1}\n\ndata: {\"a", "\(cut.text)")
            // Where usage is taken out, only whole events go on: the client is between two, and is told.
            let told = try await gate.chat("", streams: true)
            #expect(told.status == 200 && !told.isWhole && told.events.count == 2, "\(told.text)")
            #expect(told.events.last?.contains("upstream_error") == true)
        }
    }

    @Test("a provider that falls silent times out", arguments: backends)
    func stalls(backend: Backend) async throws {
        var settings = Gate.Settings()
        settings.timeouts = "{connect: 1s, first_byte: 500ms, idle: 500ms, total: 10s}"
        try await withGate(backend, settings) { gate in
            for streams in [false, true] {
                let silent = try await gate.chat("stall=0", streams: streams)
                #expect(silent.status == 504 && silent.code == "upstream_timeout" && silent.isOpenAIError)
            }
            let stream = try await gate.chat("events=8 stall=3", streams: true)
            #expect(stream.status == 200 && !stream.isWhole)
            #expect(stream.events.last?.contains(#""code":"upstream_timeout""#) == true, "\(stream.text)")
            let answer = try await gate.chat("events=400 stall=1")
            #expect(answer.status == 504 || !answer.isWhole)
        }
    }

    @Test("an answer that never ends is cut by the total time-out", arguments: backends)
    func total(backend: Backend) async throws {
        var settings = Gate.Settings()
        settings.timeouts = "{connect: 1s, first_byte: 1500ms, idle: 1500ms, total: 1500ms}"
        try await withGate(backend, settings) { gate in
            let answer = try await gate.chat("events=100000 gap=5ms", streams: true)
            #expect(answer.status == 200 && !answer.isWhole)
            #expect(answer.events.last?.contains(#""code":"upstream_timeout""#) == true)
        }
    }

    // MARK: Pooled connections

    /// A provider that closes its first connection when the second request comes on it.
    private static func stale(_ opened: Shared, reset: Bool, always: Bool) -> @Sendable (Connection) async -> Void {
        { connection in
            let number = opened.count.withLock { count in
                count += 1
                return count
            }
            var served = 0
            do throws(ConnectionError) {
                while true {
                    try await readRequest(connection)
                    served += 1
                    if served == 2 && number == 1 || always && number > 1 {
                        return reset ? connection.abort() : connection.finish()
                    }
                    connection.withOutput {
                        $0.append("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
                    }
                }
            } catch { connection.abort() }
        }
    }

    @Test("a pooled connection that turns out to be closed is retried once", arguments: backends)
    func staleConnection(backend: Backend) async throws {
        for reset in [false, true] {
            let opened = Shared()
            var settings = Gate.Settings()
            settings.upstream = { await Self.stale(opened, reset: reset, always: false)($0) }
            try await withGate(backend, settings) { gate in
                for _ in 0..<2 {
                    let answer = try await gate.chat("")
                    #expect(answer.status == 200 && answer.text == "{}", "\(answer.text)")
                }
                #expect(gate.gateway.counts.staleRetries == 1)
                #expect(opened.value == 2)
            }
        }
    }

    @Test("the retry is not retried, and a fresh connection's failure neither", arguments: backends)
    func noSecondRetry(backend: Backend) async throws {
        let opened = Shared()
        var settings = Gate.Settings()
        settings.upstream = { await Self.stale(opened, reset: true, always: true)($0) }
        try await withGate(backend, settings) { gate in
            let first = try await gate.chat("")
            #expect(first.status == 200)
            let second = try await gate.chat("")
            #expect(second.status == 502 && second.code == "upstream_error")
            #expect(opened.value == 2)
            let third = try await gate.chat("")
            #expect(third.status == 502)
            #expect(opened.value == 3)
        }
    }

    @Test("an idle connection that the provider closes leaves the pool at once", arguments: backends)
    func idleEnd(backend: Backend) async throws {
        let opened = Shared()
        var settings = Gate.Settings()
        settings.upstream = { connection in
            opened.count.withLock { $0 += 1 }
            guard (try? await readRequest(connection)) != nil else { return }
            // No word of it in the head: the end comes after the answer.
            connection.withOutput {
                $0.append("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
            }
        }
        try await withGate(backend, settings) { gate in
            for round in 1...3 {
                let answer = try await gate.chat("")
                #expect(answer.text == "{}")
                let isGone = await gate.until { gate.loop.connectionCount == 0 }
                #expect(isGone && opened.value == round)
            }
            #expect(gate.gateway.counts.staleRetries == 0)
        }
    }

    @Test("faults leave no connection counted that is gone", arguments: backends)
    func connectionLimit(backend: Backend) async throws {
        var settings = Gate.Settings()
        settings.maxConnections = 2
        settings.timeouts = "{connect: 1s, first_byte: 1s, idle: 50ms, total: 5s}"
        try await withGate(backend, settings) { gate in
            for fault in ["cut=0", "cut=2", "garbage=head", "garbage=chunk", "stall=2", "close", "status=500", ""] {
                for streams in [false, true] { _ = try await gate.chat("events=4 \(fault)", streams: streams) }
            }
            let body = Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=4 first=300ms"))
            let clients = [try await gate.client(), try await gate.client()]
            for client in clients { client.send(body) }
            let areCalled = await gate.until { gate.gateway.activeRequests == 2 }
            #expect(areCalled)
            let third = try await gate.chat("events=1")
            #expect(third.status == 503 && third.code == "upstream_unavailable" && third.isOpenAIError)
            for client in clients {
                let answer = try await client.answer()
                #expect(answer.status == 200, "\(answer.text)")
                client.connection.finish()
            }
            let fourth = try await gate.chat("events=1")
            #expect(fourth.status == 200)
        }
    }

    @Test("bytes that nobody asked for do not answer the next request", arguments: backends)
    func unaskedBytes(backend: Backend) async throws {
        for later in [false, true] {
            var settings = Gate.Settings()
            settings.upstream = { connection in
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                let poison = "\(head)10\r\n\r\n{\"evil\":1}"
                await play(connection) {
                    "\(head)2\r\n\r\n{}" + (later ? "" : poison)
                } then: {
                    if later {
                        connection.withOutput { $0.append(poison) }
                    }
                }
            }
            try await withGate(backend, settings) { gate in
                for _ in 1...3 {
                    let answer = try await gate.chat("")
                    #expect(answer.status == 200 && answer.text == "{}", "\(answer.text)")
                    if later { _ = await gate.until { gate.loop.statistics.blocksInUse > 0 } }
                }
            }
        }
    }

    /// Heads that a client must not get to see, for the framing of what follows is not known.
    static let badHeads = [
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}", "HTTP/1.1 200 OK\r\na: b\n c: d\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\na: b\r\n folded\r\ncontent-length: 2\r\n\r\n{}", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: \(String(repeating: "b", count: 300_000))\r\n\r\n",
    ]

    @Test("a head whose framing is in doubt is the provider's failure", arguments: backends)
    func badHeads(backend: Backend) async throws {
        let next = Shared()
        var settings = Gate.Settings()
        settings.upstream = { connection in await play(connection) { Self.badHeads[next.value] } }
        try await withGate(backend, settings) { gate in
            for index in Self.badHeads.indices {
                next.count.withLock { $0 = index }
                let answer = try await gate.chat("")
                #expect(
                    answer.status == 502 && answer.code == "upstream_error" && answer.isOpenAIError,
                    "\(index): \(answer.text)")
            }
        }
    }

    @Test("a provider's refusal that is no JSON keeps its status, in the gateway's shape", arguments: backends)
    func plainRefusals(backend: Backend) async throws {
        let next = Shared()
        let statuses = [400, 404, 413, 422]
        var settings = Gate.Settings()
        settings.upstream = { connection in
            await play(connection) {
                "HTTP/1.1 \(statuses[next.value]) No\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html>canary<"
            }
        }
        try await withGate(backend, settings) { gate in
            for index in statuses.indices {
                next.count.withLock { $0 = index }
                let answer = try await gate.chat("")
                #expect(answer.status == statuses[index] && answer.isOpenAIError, "\(answer.head)\(answer.text)")
            }
        }
    }

    @Test("a provider that answers before it has read the body is heard", arguments: backends)
    func earlyAnswer(backend: Backend) async throws {
        var settings = Gate.Settings()
        settings.upstream = { connection in
            do throws(ConnectionError) { try await connection.fill() } catch { return }
            connection.withOutput {
                $0.append(
                    "HTTP/1.1 400 No\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 12\r\n\r\n{\"error\":{}}"
                )
            }
        }
        try await withGate(backend, settings) { gate in
            for size in [100_000, 1_000_000] {
                let body = ##"{"model":"m","user":"\##(String(repeating: "u", count: size))"}"##
                let answer = try await gate.post("/v1/chat/completions", body)
                #expect(
                    answer.status == 400 && answer.text == #"{"error":{}}"#, "\(size): \(answer.head)\(answer.text)")
            }
        }
    }

    // MARK: Clients that leave

    @Test("a client that leaves in mid-stream takes the provider's connection with it", arguments: backends)
    func clientLeaves(backend: Backend) async throws {
        try await withGate(backend) { gate in
            for isReset in [false, true] {
                let client = try await gate.client()
                client.send(
                    Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=100000 gap=1s", streams: true)))
                let hasBegun = await client.await("data: ")
                #expect(hasBegun && gate.gateway.activeRequests == 1)
                let left = gate.loop.readClock()
                if isReset { client.connection.abort() } else { client.connection.finish() }
                // The mock writes nothing for a second: only the gateway's own notice ends its connection.
                let isGone = await gate.until { gate.gateway.activeRequests == 0 }
                #expect(isGone)
                #expect(gate.loop.readClock() - left < .milliseconds(500), "at once")
            }
            #expect(gate.gateway.counts.clientsGone == 2)
            #expect(gate.gateway.counts.upstreamBreaks == 0, "it was not the provider")
        }
    }

    @Test("a client that leaves before the answer takes the provider's connection with it", arguments: backends)
    func clientLeavesEarly(backend: Backend) async throws {
        let ended = Shared()
        var settings = Gate.Settings()
        settings.upstream = { connection in
            do throws(ConnectionError) {
                while true {
                    try await connection.fill()
                    connection.consume(connection.unreadCount)
                }
            } catch { ended.count.withLock { $0 += 1 } }
        }
        try await withGate(backend, settings) { gate in
            for isReset in [false, true] {
                let client = try await gate.client()
                client.send(Gate.request("POST", "/v1/chat/completions", Gate.chatBody()))
                let isCalled = await gate.until { gate.gateway.activeRequests == 1 && gate.loop.connectionCount >= 4 }
                #expect(isCalled)
                if isReset { client.connection.abort() } else { client.connection.finish() }
                let isGone = await gate.until { gate.gateway.activeRequests == 0 && ended.value == (isReset ? 2 : 1) }
                #expect(isGone)
            }
            #expect(gate.gateway.counts.clientsGone == 2 && gate.gateway.counts.staleRetries == 0)
        }
    }

    @Test(
        "a client that ends its side in mid-request is told so or cut, and its body goes nowhere", arguments: backends)
    func cutRequest(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let request = Gate.request("POST", "/v1/chat/completions", Gate.chatBody())
            for end in [20, 60, request.utf8.count - 1] {
                let client = try await gate.client()
                client.send(Array(request.utf8.prefix(end)))
                client.connection.finish()
                let isGone = await gate.until { gate.gateway.counts.clients == 0 }
                #expect(isGone, "\(end)")
            }
            let received = try await gate.received()
            #expect(received.isEmpty)
        }
    }
}

/// A count that a provider and a test share.
final class Shared: Sendable {
    let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
}
