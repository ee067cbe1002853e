import Foundation
import Synchronization
import Testing
import WeirBase
import WeirConfig
import WeirGateway
import WeirLoop
import WeirMock
import WeirTestSupport

@Suite("Gateway: bounds on what clients can make it hold", .serialized) struct GatewayBoundsTests {
    @Test("two thousand idle connections hold no buffers, and others are served", arguments: backends)
    func idleConnections(backend: Backend) async throws {
        try requireDescriptors(5_000)
        try await withGate(backend) { gate in
            var clients: [Client] = []
            for _ in 0..<2_000 { clients.append(try await gate.client()) }
            // Half of them have been served before.
            for client in clients.prefix(1_000) { client.send(Gate.request("GET", "/v1/models")) }
            for client in clients.prefix(1_000) {
                let answer = try await client.answer()
                #expect(answer.status == 200)
            }
            let isServed = await gate.until { gate.gateway.counts.clients == 2_000 }
            #expect(isServed)
            let statistics = gate.loop.statistics
            #expect(statistics.blocksInUse == 0 && statistics.driver.receiveBuffersInUse == 0)
            let answer = try await gate.chat("events=1")
            #expect(answer.status == 200)
            for client in clients { client.connection.finish() }
            let areGone = await gate.until { gate.gateway.counts.clients <= 1 }
            #expect(areGone)
        }
    }

    @Test("a connection that says nothing is closed without a word when its time is over", arguments: backends)
    func silence(backend: Backend) async throws {
        var settings = Gate.Settings()
        settings.limits = "{idle_timeout: 1s}"
        try await withGate(backend, settings) { gate in
            let silent = try await gate.client()
            let served = try await gate.client()
            served.send(Gate.request("GET", "/health"))
            let answer = try await served.answer()
            #expect(answer.status == 200)
            // A body that does not come on is a request that timed out.
            let halting = try await gate.client()
            halting.send(Gate.request("POST", "/v1/chat/completions", fields: "content-length: 100\r\n") + "{")
            let rest = await (silent.end(), served.end())
            #expect(rest == (0, 0))
            let late = try await halting.answer()
            #expect(late.status == 408 && late.isOpenAIError)
            halting.connection.abort()
        }
    }

    @Test("a body over the limit is refused, whole or not, and is not kept", arguments: backends)
    func tooLarge(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let body = String(repeating: " ", count: (1 << 20) + 65_536)
            for framing in ["content-length: \(body.utf8.count)\r\n", "transfer-encoding: chunked\r\n"] {
                let client = try await gate.client()
                let head = Gate.request("POST", "/v1/chat/completions", fields: framing)
                client.send(head + (framing.hasPrefix("t") ? "\(String(body.utf8.count, radix: 16))\r\n" : "") + body)
                if let answer = try? await client.answer() {
                    #expect(answer.status == 413 && answer.code == "request_too_large")
                } else {
                    Issue.record("the client was cut before it could read the answer")
                }
                client.connection.abort()
            }
            // The largest that is allowed goes through, in both framings.
            let largest =
                ##"{"model":"m","messages":[{"content":"#mock events=1\n"}],"user":""##
                + String(repeating: "u", count: 1_040_000) + "\"}"
            let length = String(largest.utf8.count, radix: 16)
            let whole = try await gate.post("/v1/chat/completions", largest)
            #expect(whole.status == 200, "\(whole.text)")
            let chunked = try await gate.exchange(
                Gate.request("POST", "/v1/chat/completions", fields: "transfer-encoding: chunked\r\n")
                    + "\(length)\r\n\(largest)\r\n0\r\n\r\n")
            #expect(chunked.status == 200, "\(chunked.text)")
        }
    }

    @Test("requests that are pipelined and whose answers nobody reads are not answered for ever", arguments: backends)
    func pipelineWithoutReading(backend: Backend) async throws {
        try await withGate(backend) { gate in
            let client = try await gate.client()
            client.connection.unreadLimit = 16_384
            let request = Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=100 bytes=400"))
            let all = 1_500
            for _ in 0..<all { client.send(request) }
            // The answers fill what the system holds for a connection; then the gateway waits.
            var last = -1
            while last != gate.gateway.counts.requests {
                last = gate.gateway.counts.requests
                await gate.loop.sleep(until: gate.loop.now + .milliseconds(100))
            }
            #expect(last > 0 && last < all * 2 / 3, "\(last) of \(all) were answered")
            let others = try await gate.get("/v1/models")
            #expect(others.status == 200)
            client.connection.abort()
        }
    }

    @Test("a client that never reads is let go when the answer's time is over", arguments: backends)
    func neverReads(backend: Backend) async throws {
        var settings = Gate.Settings()
        settings.timeouts = "{connect: 100ms, first_byte: 300ms, idle: 300ms, total: 400ms}"
        try await withGate(backend, settings) { gate in
            let client = try await gate.client()
            client.connection.unreadLimit = 16_384
            client.send(
                Gate.request(
                    "POST", "/v1/chat/completions", Gate.chatBody("events=3000 bytes=10000 gap=0", streams: true)))
            let hasBegun = await gate.until { gate.gateway.activeRequests == 1 }
            #expect(hasBegun)
            let isOver = await gate.until { gate.gateway.counts.clients == 0 }
            #expect(isOver)
            client.connection.abort()
        }
    }

    @Test("a drain lets a stream finish, closes idle connections and refuses new ones", arguments: backends)
    func drain(backend: Backend) async throws {
        let mock = try await onThread(backend) { loop in
            var options = MockOptions()
            options.key = Secret(Gate.credential)
            return try MockServer(options).listen(on: .loopback(port: 0), loop: loop).address
        }
        defer { mock.thread.loop.stop(); mock.thread.join() }
        var settings = Gate.Settings()
        settings.limits = "{drain: 5s}"
        let policy = try policy(settings, mock.value.port, refusing: 9, more: "loops: 2\naccess_log: \"off\"")
        let server = try testServer(policy, backend: backend) { _ in }
        let address = server.addresses[0]
        let clients = try LoopThread.start(name: "clients", backend: backend) { _ in }
        defer { clients.loop.stop(); clients.join() }
        let loop = clients.loop
        try await withTaskExecutorPreference(loop) {
            let idle = Client(try await loop.connect(to: address))
            idle.send(Gate.request("GET", "/health"))
            let healthy = try await idle.answer()
            #expect(healthy.status == 200)
            let stream = Client(try await loop.connect(to: address))
            stream.send(
                Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=30 gap=10ms", streams: true)))
            let hasBegun = await stream.await("data: ")
            #expect(hasBegun)
            let drained = Mutex<Bool?>(nil)
            let ending = Task.detached {
                let isFinished = server.drain()
                drained.withLock { $0 = isFinished }
                return isFinished
            }
            // The idle connection ends, and nobody listens any more.
            let rest = await idle.end()
            #expect(rest == 0)
            // Each loop stops listening by itself: the first one that is refused was at the last of them, perhaps.
            var refusals = 0
            let patience = loop.now + .seconds(20)
            while refusals < 3, loop.now < patience {
                do throws(ConnectionError) {
                    let late = Client(try await loop.connect(to: address))
                    late.send(Gate.request("GET", "/v1/models"))
                    _ = try await late.answer()
                    refusals = 0
                } catch { refusals += 1 }
            }
            #expect(refusals == 3)
            #expect(drained.withLock { $0 } == nil, "the drain waits for the stream")
            let answer = try await stream.answer()
            #expect(answer.isWhole && answer.events.last == "[DONE]" && answer.events.count >= 31)
            let end = await stream.end()
            #expect(end == 0, "its connection closes after the stream")
            let isFinished = await ending.value
            #expect(isFinished)
        }
    }

    @Test("what a drain has sent arrives, though the client reads it later", arguments: backends)
    func drainDelivers(backend: Backend) async throws {
        let mock = try await onThread(backend) { loop in
            var options = MockOptions()
            options.key = Secret(Gate.credential)
            return try MockServer(options).listen(on: .loopback(port: 0), loop: loop).address
        }
        defer { mock.thread.loop.stop(); mock.thread.join() }
        let policy = try policy(Gate.Settings(), mock.value.port, refusing: 9, more: "loops: 1\naccess_log: \"off\"")
        let server = try testServer(policy, backend: backend) { _ in }
        let address = server.addresses[0]
        let clients = try LoopThread.start(name: "clients", backend: backend) { _ in }
        defer { clients.loop.stop(); clients.join() }
        let loop = clients.loop
        try await withTaskExecutorPreference(loop) {
            let client = Client(try await loop.connect(to: address))
            client.connection.unreadLimit = 16_384
            client.send(Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=160 bytes=1000")))
            let hasBegun = await client.await("HTTP/1.1 200")
            #expect(hasBegun)
            let isFinished = await Task.detached { server.drain() }.value
            #expect(isFinished)
            let answer = try await client.answer()
            #expect(answer.isWhole && answer.body.count > 160_000, "\(answer.body.count) bytes came")
        }
    }

    @Test("a drain that takes too long cuts what is left", arguments: backends)
    func drainLimit(backend: Backend) async throws {
        let mock = try await onThread(backend) { loop in
            try MockServer().listen(on: .loopback(port: 0), loop: loop).address
        }
        defer { mock.thread.loop.stop(); mock.thread.join() }
        var settings = Gate.Settings()
        settings.limits = "{drain: 100ms}"
        let policy = try policy(settings, mock.value.port, refusing: 9, more: "loops: 1\naccess_log: \"off\"")
        let server = try testServer(policy, backend: backend) { _ in }
        let address = server.addresses[0]
        let clients = try LoopThread.start(name: "clients", backend: backend) { _ in }
        defer { clients.loop.stop(); clients.join() }
        let loop = clients.loop
        try await withTaskExecutorPreference(loop) {
            let stream = Client(try await loop.connect(to: address))
            stream.send(
                Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=1000 gap=1s", streams: true)))
            let hasBegun = await stream.await("data: ")
            #expect(hasBegun)
            let isFinished = await Task.detached { server.drain() }.value
            #expect(!isFinished)
            let answer = try await stream.answer()
            #expect(!answer.isWhole)
        }
    }
}

/// Runs `make` on a loop of its own, which goes on.
func onThread<Value: Sendable>(
    _ backend: Backend, _ make: @escaping @Sendable (EventLoop) throws -> Value
) async throws -> (thread: LoopThread, value: Value) {
    let thread = try LoopThread.start(name: "mock", backend: backend) { _ in }
    let loop = thread.loop
    let value: Value = try await withCheckedThrowingContinuation { done in
        loop.execute { done.resume(with: Result { try make(loop) }) }
    }
    return (thread, value)
}
