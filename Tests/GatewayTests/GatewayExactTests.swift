import Foundation
import Synchronization
import Testing
import WeirBase
import WeirBudget
import WeirConfig
import WeirGateway
import WeirLoop
import WeirMock
import WeirMockScript

@Suite("Gateway: exactly as many as there is room for") struct GatewayExactTests {
    /// What has room for how many requests, each of which costs a cent: the team's budgets, those of one of its two keys, a tag's.
    struct Case: Sendable, CustomTestStringConvertible {
        var team: String
        var key = "[]"
        var tag = ""
        let testDescription: String
    }

    static let cases = [
        Case(team: "[{limit: $1, every: month}]", testDescription: "one budget"),
        Case(
            team: "[{limit: $1, every: month}, {limit: $3, every: year}, {limit: $1}]",
            key: "[{limit: $0.30, every: day}]",
            tag: "tags: {\"a=b\": {budgets: [{limit: $1, every: week}]}}",
            testDescription: "six budgets, one key's used up early"),
    ]

    @Test(
        "of ten thousand requests on all loops a hundred are admitted, and no sample exceeds the limit",
        arguments: cases)
    func exactly(_ test: Case) async throws {
        let mock = try await onThread(.automatic) { loop in
            var options = MockOptions()
            options.key = Secret(Gate.credential)
            return try MockServer(options).listen(on: .loopback(port: 0), loop: loop).address
        }
        defer { mock.thread.loop.stop(); mock.thread.join() }
        let secrets = ["sk-weir-canary-a", "sk-weir-canary-b"]
        let hashes = secrets.map { SHA256.hex(Array($0.utf8).span) }
        var settings = Gate.Settings()
        settings.maxConnections = 1_024
        settings.timeouts = "{connect: 60s, first_byte: 60s, idle: 60s, total: 2m}"
        settings.keys = """
              - {id: a, team: paid, sha256: \(hashes[0])}
              - {id: b, team: paid, sha256: \(hashes[1])\(test.key == "[]" ? "" : ", budgets: \(test.key)")}
            """
        settings.target = "{targets: [{provider: up, model: mock-model, max_output_tokens: 10}]}"
        let more = """
            loops: 3
            access_log: "off"
            teams: {paid: {budgets: \(test.team)}}
            prices: [{provider: up, model: mock-model, from: 2020-01-01, input: "$0/M", output: "$0/M", request: "$0.01"}]
            \(test.tag)
            """
        let policy = try policy(settings, mock.value.port, refusing: 9, more: more)
        let accounts = Accounts()
        let server = try testServer(policy, backend: .automatic, accounts: accounts)
        let budgets = try #require(accounts.account(of: Scope(.team, "paid"))?.budgets)
        let sampler = Sampler(budgets)
        let counts = try await askAll(server.addresses[0], secrets, connections: 500, requests: 20)
        let (samples, excess) = sampler.stop()
        #expect(counts.values.reduce(0, +) == 10_000)
        #expect(counts[200] == 100 && counts[429] == 9_900, "\(counts)")
        #expect(excess == 0 && samples > 0)
        for budget in budgets {
            let status = budget.status(now: WallTime(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9)), pause: {})
            #expect(status.spent == Money("1")! && status.held == .zero)
        }
        let isFinished = server.drain()
        #expect(isFinished)
    }

    /// Sends all requests of a connection at once, on many connections at once.
    /// - Returns: how often each status came.
    private func askAll(
        _ address: SocketAddress, _ secrets: [String], connections: Int, requests: Int
    ) async throws -> [Int: Int] {
        let clients = try LoopThread.start(name: "clients", backend: .automatic) { _ in }
        defer { clients.loop.stop(); clients.join() }
        let loop = clients.loop
        let counts = Statuses()
        await withTaskExecutorPreference(loop) {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<connections {
                    let secret = secrets[number % secrets.count]
                    group.addTask(executorPreference: loop) {
                        do throws(ConnectionError) {
                            let client = Client(try await loop.connect(to: address))
                            client.patience = .seconds(60)
                            let request = Gate.request(
                                "POST", "/v1/chat/completions", Gate.chatBody("events=1"), key: secret,
                                fields: "x-weir-tags: a=b\r\n")
                            for _ in 0..<requests { client.send(request) }
                            for _ in 0..<requests {
                                let status = try await client.answer().status
                                counts.add(status)
                            }
                            client.connection.finish()
                        } catch { counts.add(-1) }
                    }
                }
            }
        }
        return counts.all
    }
}

/// How often each status came.
private final class Statuses: Sendable {
    private let counts = Mutex<[Int: Int]>([:])
    func add(_ status: Int) { counts.withLock { $0[status, default: 0] += 1 } }
    var all: [Int: Int] { counts.withLock { $0 } }
}

/// Looks at budgets again and again on a thread of its own.
private final class Sampler: Sendable {
    private let isStopping = Atomic(false)
    private let result = Mutex((samples: 0, excess: 0))
    private let done = DispatchSemaphore(value: 0)

    init(_ budgets: [Budget]) {
        let now = WallTime(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
        Thread.detachNewThread { [self] in
            var (samples, excess) = (0, 0)
            while !isStopping.load(ordering: .acquiring) {
                for budget in budgets {
                    let status = budget.status(now: now, pause: {})
                    samples += 1
                    if status.spent + status.held > status.limit { excess += 1 }
                }
                usleep(50)
            }
            result.withLock { $0 = (samples, excess) }
            done.signal()
        }
    }

    func stop() -> (samples: Int, excess: Int) {
        isStopping.store(true, ordering: .releasing)
        done.wait()
        return result.withLock { $0 }
    }
}
