import Foundation
import Synchronization
import Testing
import WeirBase
import WeirLoop
import WeirTestSupport

/// Memory is that of a real `weir`, seen from outside. Measured (Swift 6.3, debug build): 3.9 KiB per idle connection, served before or not, 7.7 KiB
/// per connection that has begun a head, 0.2 MB for a slow reader, for whom 0.2 to 0.7 MB had been taken from the provider ahead. The bounds leave
/// room, but none for a further buffer per connection, the smallest of which has 2 KiB, nor for a task that keeps the memory of its deepest step.
@Suite("Gateway: many clients and slow ones, before a real process", .serialized, .timeLimit(.minutes(5)))
struct ScaleTests {
    @Test(
        "ten thousand idle connections cost little memory, others are served, and all of it ends", arguments: backends)
    func idleConnections(backend: Backend) async throws {
        let count = 10_000
        try requireDescriptors(count + 1_000)
        try await withRealGate(backend) { gate in
            let descriptors = try await warmUp(gate)
            let before = gate.weir.residentBytes
            var clients: [Client] = []
            for _ in 0..<count { clients.append(try await gate.client()) }
            let areOpen = await gate.until { gate.weir.descriptors >= descriptors + count }
            #expect(areOpen)
            try await expectServed(gate)
            expectMemory(
                gate.weir.residentBytes - before, atMost: 5_120 * count, "of \(count) connections that say nothing")
            // Half of them have been served, and wait for the next request.
            for client in clients.prefix(count / 2) { client.send(Gate.request("GET", "/v1/models")) }
            for client in clients.prefix(count / 2) {
                let answer = try await client.answer()
                #expect(answer.status == 200)
            }
            try await expectServed(gate)
            expectMemory(gate.weir.residentBytes - before, atMost: 5_120 * count, "of \(count), half of them served")
            #expect(clients.allSatisfy { $0.connection.isUsable })
            for client in clients { client.connection.finish() }
            let areGone = await gate.until { gate.weir.descriptors <= descriptors }
            #expect(areGone, "\(gate.weir.descriptors - descriptors) are left")
            try await expectServed(gate)
        }
    }

    @Test(
        "a stream of 200 MB whose client reads 1 KB at a time holds the provider back, not memory", arguments: backends)
    func slowReader(backend: Backend) async throws {
        let provider = EndlessProvider(bytes: 200_000_000)
        var settings = RealGate.Settings()
        settings.upstream = { await provider.serve($0) }
        try await withRealGate(backend, settings) { gate in
            // Another stream before it, at full speed, so that all memory is there that is needed once.
            let first = try await gate.client()
            first.send(EndlessProvider.request)
            try await first.take(30_000_000)
            first.connection.abort()
            let isClosed = await gate.until { provider.ended.value == 1 && gate.logLines.count == 1 }
            #expect(isClosed)
            let before = gate.weir.residentBytes
            let client = try await gate.client()
            client.connection.unreadLimit = 1_024
            client.send(EndlessProvider.request)
            for _ in 0..<64 {
                try await client.take(1_024)
                await gate.loop.sleep(until: gate.loop.now + .milliseconds(5))
            }
            // Everything between the two is full now, and stands still.
            var last = -1
            while last != provider.written.value {
                last = provider.written.value
                await gate.loop.sleep(until: gate.loop.now + .milliseconds(100))
            }
            let other = try await gate.exchange(Gate.request("GET", "/v1/models"))
            #expect(other.status == 200)
            expectMemory(gate.weir.residentBytes - before, atMost: 1 << 20, "while the client reads slowly")
            client.connection.abort()
            let isClosedToo = await gate.until { provider.ended.value == 2 && gate.logLines.count == 3 }
            #expect(isClosedToo, "the provider's connection is closed when the client has gone")
            let sent = gate.logLines.compactMap { $0["stream"] == nil ? nil : $0["sent_bytes"] as? Int }.last ?? 0
            #expect(sent - 65_536 <= 1 << 20, "\(sent) bytes were taken from the provider for 65536 that were read")
        }
    }

    @Test(
        "two thousand heads that never end are answered 408, cost little memory, and others are served",
        arguments: backends)
    func slowHeads(backend: Backend) async throws {
        let count = 2_000
        try requireDescriptors(count + 1_000)
        var settings = RealGate.Settings()
        settings.limits = "{head_timeout: 3s}"
        try await withRealGate(backend, settings) { gate in
            let descriptors = try await warmUp(gate)
            let before = gate.weir.residentBytes
            var clients: [Client] = []
            for _ in 0..<count { clients.append(try await gate.client()) }
            let head = Array(
                Gate.request("GET", "/health", fields: "a: \(String(repeating: "b", count: 60_000))\r\n").utf8)
            var sent = 0
            var most = 0
            var served = 0
            while clients.contains(where: { $0.connection.isUsable }), sent < 600 {
                for client in clients where client.connection.isUsable { client.send([head[sent]]) }
                sent += 1
                await gate.loop.sleep(until: gate.loop.now + .milliseconds(50))
                try await expectServed(gate)
                served += 1
                most = max(most, gate.weir.residentBytes)
            }
            #expect(served > 0)
            expectMemory(most - before, atMost: 9_216 * count, "of \(count) heads that never end")
            for client in clients {
                let answer = try await client.answer()
                #expect(answer.status == 408 && answer.isOpenAIError && answer["connection"] == "close")
                client.connection.finish()
            }
            let areGone = await gate.until { gate.weir.descriptors <= descriptors }
            #expect(areGone, "\(gate.weir.descriptors - descriptors) are left")
        }
    }

    /// Lets the gateway make what is needed once.
    /// - Returns: the descriptors that it has then, without a client.
    private func warmUp(_ gate: RealGate) async throws -> Int {
        let atStart = gate.weir.descriptors
        for _ in 0..<50 { try await expectServed(gate) }
        // The provider's connection stays, in the pool.
        let isAtRest = await gate.until { gate.weir.descriptors <= atStart + 1 }
        #expect(isAtRest)
        return atStart + 1
    }

    private func expectServed(_ gate: RealGate) async throws {
        let answer = try await gate.chat()
        #expect(answer.status == 200, "\(answer.text)")
    }

    private func expectMemory(_ bytes: Int, atMost limit: Int, _ what: String) {
        guard !isSanitized else { return }
        #expect(bytes <= limit, "\(bytes >> 10) KiB \(what), \(limit >> 10) are allowed")
    }
}

/// Fails where this process, and those that it starts, may not hold `count` descriptors.
func requireDescriptors(_ count: Int) throws {
    let limit = DescriptorLimit.raise()
    try #require(
        limit >= count,
        "this test needs \(count) descriptors a process, and the hard limit is \(limit): raise it (ulimit -Hn, LimitNOFILE)"
    )
}

/// A provider that streams as fast as it may, until the stream is over or nobody listens.
private final class EndlessProvider: Sendable {
    private let bytes: Int
    /// Bytes of events written so far, of all streams.
    let written = Shared()
    /// Streams that have ended.
    let ended = Shared()

    init(bytes: Int) { self.bytes = bytes }

    static let request = Gate.request("POST", "/v1/chat/completions", Gate.chatBody(streams: true))

    func serve(_ connection: Connection) async {
        let event = Array("data: \(String(repeating: "x", count: 9_992))\n\n".utf8)
        do throws(ConnectionError) {
            try await readRequest(connection)
            connection.withOutput {
                $0.append("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
            }
            for _ in 0..<bytes / event.count {
                connection.withOutput { out in
                    out.append("2710\r\n")
                    out.append(event.span)
                    out.append("\r\n")
                }
                written.count.withLock { $0 += event.count }
                try await connection.drained()
                guard connection.isUsable else { break }
            }
            connection.withOutput { $0.append("0\r\n\r\n") }
        } catch {}
        ended.count.withLock { $0 += 1 }
    }
}
