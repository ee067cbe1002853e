import Synchronization
import Testing
import WeirBase
import WeirLoop
import WeirTestSupport

/// Sends back what comes, until the peer's end.
func echo(_ connection: Connection) async {
    do throws(ConnectionError) {
        while true {
            try await connection.fill()
            connection.write(connection.unread)
            connection.consume(connection.unreadCount)
            try await connection.drained()
        }
    } catch {}
}

func copy(_ connection: Connection) -> [UInt8] { unsafe connection.unread.withUnsafeBufferPointer { unsafe Array($0) } }

@Suite("Connections over each driver") struct ConnectionTests {
    @Test("what is sent comes back", arguments: backends)
    func echoes(_ backend: Backend) async throws {
        let statistics = try await onLoop(backend) { loop in
            do {
                let listener = try loop.listen(on: .loopback(port: 0), serve: echo)
                for size in [1, 100, 4_096, 40_000] {
                    let client = try await loop.connect(to: listener.address)
                    let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                    client.write(message.span)
                    while client.unreadCount < size { try await client.fill() }
                    #expect(copy(client) == message)
                    client.finish()
                }
            } catch { Issue.record(error) }
        }
        #expect(statistics.connections == 0)
        #expect(statistics.blocksInUse == 0)
        #expect(statistics.driver.receiveBuffersInUse == 0)
    }

    @Test("a large transfer passes with back-pressure both ways", arguments: backends)
    func transfers(_ backend: Backend) async throws {
        let total = 20_010_000
        let statistics = try await onLoop(backend) { loop in
            do {
                let listener = try loop.listen(on: .loopback(port: 0), serve: echo)
                let client = try await loop.connect(to: listener.address)
                let piece = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
                loop.spawn {
                    var sent = 0
                    do throws(ConnectionError) {
                        while sent < total {
                            client.write(piece.span)
                            sent += piece.count
                            try await client.drained()
                        }
                    } catch { Issue.record(error) }
                }
                var received = 0
                while received < total {
                    try await client.fill()
                    #expect(client.unread[0] == UInt8(truncatingIfNeeded: (received % 30_000) % 251))
                    received += client.unreadCount
                    client.consume(client.unreadCount)
                }
                #expect(received == total)
            } catch { Issue.record(error) }
        }
        #expect(statistics.blocksInUse == 0)
    }

    @Test("nobody listens: refused", arguments: backends)
    func refuses(_ backend: Backend) async throws {
        let statistics = try await onLoop(backend) { loop in
            do {
                let listener = try loop.listen(on: .loopback(port: 0)) { _ in }
                let address = listener.address
                listener.stop()
                await loop.yield()
                await #expect(throws: ConnectionError.refused) { _ = try await loop.connect(to: address) }
            } catch { Issue.record(error) }
        }
        #expect(statistics.connections == 0)
    }

    @Test("a read past its deadline throws timedOut, and the connection can go on", arguments: backends)
    func timesOut(_ backend: Backend) async throws {
        try await onLoop(backend) { loop in
            do {
                let listener = try loop.listen(on: .loopback(port: 0), serve: echo)
                let client = try await loop.connect(to: listener.address)
                client.readDeadline = loop.now + .milliseconds(20)
                await #expect(throws: ConnectionError.timedOut) { try await client.fill() }
                client.readDeadline = .never
                client.write([1].span)
                try await client.fill()
                #expect(copy(client) == [1])
            } catch { Issue.record(error) }
        }
    }

    @Test("finish delivers all that was written, then the end", arguments: backends)
    func finishes(_ backend: Backend) async throws {
        let statistics = try await onLoop(backend) { loop in
            do {
                let message = [UInt8](repeating: 7, count: 3_000_000)
                let listener = try loop.listen(on: .loopback(port: 0)) { connection in
                    connection.write(message.span)
                    connection.finish()
                }
                let client = try await loop.connect(to: listener.address)
                var received = 0
                do throws(ConnectionError) {
                    while true {
                        try await client.fill()
                        received += client.unreadCount
                        client.consume(client.unreadCount)
                    }
                } catch { #expect(error == .endOfStream) }
                #expect(received == message.count)
                client.finish()
                let patience = loop.now + .seconds(20)
                while loop.statistics.connections > 0, loop.now < patience {
                    await loop.sleep(until: loop.now + .milliseconds(1))
                }
                #expect(loop.statistics.connections == 0)
            } catch { Issue.record(error) }
        }
        #expect(statistics.blocksInUse == 0)
    }

    @Test("abort wakes who waits, and the peer sees a reset", arguments: backends)
    func aborts(_ backend: Backend) async throws {
        try await onLoop(backend) { loop in
            do {
                let listener = try loop.listen(on: .loopback(port: 0)) { connection in
                    await #expect(throws: ConnectionError.reset) { try await connection.fill() }
                }
                let client = try await loop.connect(to: listener.address)
                loop.schedule(at: loop.now + .milliseconds(10)) { client.abort() }
                await #expect(throws: ConnectionError.aborted) { try await client.fill() }
                let patience = loop.now + .seconds(20)
                while loop.statistics.tasks > 1, loop.now < patience {
                    await loop.sleep(until: loop.now + .milliseconds(1))
                }
                #expect(loop.statistics.tasks == 1, "the serving task has ended")
            } catch { Issue.record(error) }
        }
    }

    @Test("an end in order is none where unread bytes go with a reset after it", arguments: backends)
    func resetAfterEnd(_ backend: Backend) async throws {
        let statistics = try await onLoop(backend) { loop in
            do {
                let listener = try loop.listen(on: .loopback(port: 0)) { peer in
                    peer.write([1].span)
                    while peer.unsentCount > 0 { await loop.sleep(until: loop.now + .milliseconds(1)) }
                    loop.driver.shutdownSending(peer)
                    _ = try? await peer.fill()
                    peer.abort()
                }
                let client = try await loop.connect(to: listener.address)
                while client.ending == nil { await loop.sleep(until: loop.now + .milliseconds(1)) }
                #expect(client.ending == .endOfStream && client.unreadCount == 1)
                while client.isOpen {
                    client.write([2].span)
                    await loop.sleep(until: loop.now + .milliseconds(1))
                }
                #expect(client.ending == .reset && client.unreadCount == 0)
            } catch { Issue.record(error) }
        }
        #expect(statistics.connections == 0 && statistics.blocksInUse == 0)
    }

    @Test("the companion is aborted as soon as the peer has gone", arguments: backends)
    func companions(_ backend: Backend) async throws {
        try await onLoop(backend) { loop in
            do {
                let silent = try loop.listen(on: .loopback(port: 0)) { connection in
                    _ = try? await connection.fill()
                }
                let relay = try loop.listen(on: .loopback(port: 0)) { connection in
                    do {
                        let upstream = try await loop.connect(to: silent.address)
                        connection.setCompanion(upstream)
                        await #expect(throws: ConnectionError.aborted) { try await upstream.fill() }
                    } catch { Issue.record(error) }
                }
                let client = try await loop.connect(to: relay.address)
                let start = loop.now + .milliseconds(10)
                await loop.sleep(until: start)
                client.abort()
                let patience = loop.now + .seconds(20)
                while loop.statistics.tasks > 1, loop.now < patience {
                    await loop.sleep(until: loop.now + .milliseconds(1))
                }
                #expect(loop.statistics.tasks == 1)
            } catch { Issue.record(error) }
        }
    }

    @Test("reading stops while nobody reads, and a small window stays small", arguments: backends)
    func pauses(_ backend: Backend) async throws {
        try await onLoop(backend) { loop in
            do {
                let listener = try loop.listen(on: .loopback(port: 0)) { connection in
                    while connection.unreadCount < connection.unreadLimit {
                        await loop.sleep(until: loop.now + .milliseconds(1))
                    }
                    let wait = loop.now + .milliseconds(30)
                    await loop.sleep(until: wait)
                    #expect(connection.unreadCount >= connection.unreadLimit)
                    #expect(connection.unreadCount <= connection.unreadLimit + 262_144 + 32_768)
                    var received = 0
                    do throws(ConnectionError) {
                        while received < 8_000_000 {
                            if connection.unreadCount == 0 { try await connection.fill() }
                            received += connection.unreadCount
                            connection.consume(connection.unreadCount)
                        }
                    } catch { Issue.record(error) }
                    connection.write([1].span)
                }
                let client = try await loop.connect(to: listener.address)
                client.write([UInt8](repeating: 9, count: 8_000_000).span)
                try await client.fill()
                #expect(copy(client) == [1])
            } catch { Issue.record(error) }
        }
    }

    @Test("many connections at once", arguments: backends)
    func many(_ backend: Backend) async throws {
        let statistics = try await onLoop(backend) { loop in
            do {
                let listener = try loop.listen(on: .loopback(port: 0), serve: echo)
                let left = Counter(500)
                for number in 0..<500 {
                    loop.spawn {
                        do {
                            let client = try await loop.connect(to: listener.address)
                            for round in 0..<10 {
                                let message = [UInt8(truncatingIfNeeded: number), UInt8(round)]
                                client.write(message.span)
                                while client.unreadCount < 2 { try await client.fill() }
                                #expect(copy(client) == message)
                                client.consume(2)
                            }
                            client.finish()
                        } catch { Issue.record(error) }
                        left.decrement()
                    }
                }
                while left.value > 0 { await loop.sleep(until: loop.now + .milliseconds(1)) }
            } catch { Issue.record(error) }
        }
        #expect(statistics.connections == 0)
    }

    @Test("work handed over from other threads runs on the loop", arguments: backends)
    func handsOver(_ backend: Backend) async throws {
        try await onLoop(backend) { loop in
            let seen = Counter(0)
            let threads = 4
            let each = 1_000
            for _ in 0..<threads {
                Task.detached {
                    for _ in 0..<each {
                        loop.execute {
                            #expect(loop.isOnThread)
                            seen.increment()
                        }
                    }
                }
            }
            while seen.value < threads * each { await loop.sleep(until: loop.now + .milliseconds(1)) }
            #expect(seen.value == threads * each)
        }
    }
}

/// A count that closures share.
final class Counter: Sendable {
    private let count: Atomic<Int>
    init(_ start: Int) { count = Atomic(start) }
    var value: Int { count.load(ordering: .acquiring) }
    func increment() { count.add(1, ordering: .acquiringAndReleasing) }
    func decrement() { count.subtract(1, ordering: .acquiringAndReleasing) }
}
