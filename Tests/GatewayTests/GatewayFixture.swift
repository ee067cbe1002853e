import Foundation
import Glibc
import Synchronization
import Testing
import WeirBase
import WeirConfig
import WeirGateway
import WeirLedger
import WeirLoop
import WeirMock
import WeirMockScript
import WeirTestSupport

/// A gateway, its providers and its clients on one loop, on which the test itself runs, too.
struct Gate: Sendable {
    static let key = "sk-weir-canary-client-key"
    static let narrowKey = "sk-weir-canary-narrow-key"
    static let credential = "sk-canary-provider-credential"
    static let accessKey = "AKIAWEIRTESTKEY"

    let loop: EventLoop
    let gateway: Gateway
    let accounts: Accounts
    /// Publishes the keys that were made by command.
    let issue: @Sendable ([IssuedKey]) throws -> Void
    let address: SocketAddress
    let mock: SocketAddress
    fileprivate let closed: ClosedPort
    fileprivate let seen: Seen

    /// Settings in place of the usual ones.
    struct Settings {
        var limits = "{body_bytes: 1MiB, head_timeout: 5s}"
        var timeouts = "{connect: 5s, first_byte: 5s, idle: 5s, total: 60s}"
        var maxConnections = 64
        var mockKey: String? = Gate.credential
        /// What else the configuration holds, and further keys, a line each.
        var more = ""
        var keys = ""
        /// What the model `m` resolves to.
        var target = "up/mock-model"
        /// Where the ledger's records go.
        nonisolated(unsafe) var journal = MemoryJournal()
        /// The wire format of the provider `up`, and what it is shown.
        var dialect = "openai"
        var credentials = "[env:UP_KEY]"
        /// More providers, a line each, and more models; `PORT` stands for the mock's, `GONE` for
        /// one where nobody listens.
        var providers = ""
        var models = ""
        /// Plays the provider in place of the mock.
        var upstream: (@Sendable (Connection) async -> Void)?
    }

    /// Everything that clients of this gate have read.
    fileprivate final class Seen: Sendable { let text = Mutex("") }

    // MARK: Clients

    func client() async throws -> Client {
        Client(try await loop.connect(to: address, deadline: loop.now + .seconds(20)))
    }

    /// Sends `request` on a connection of its own and reads the answer.
    func exchange(_ request: String, isHead: Bool = false) async throws -> Answer {
        let client = try await client()
        client.send(request)
        let answer = try await client.answer(isHead: isHead)
        note(answer)
        client.connection.finish()
        return answer
    }

    func post(_ path: String, _ body: String, key: String? = Gate.key, fields: String = "") async throws -> Answer {
        try await exchange(Gate.request("POST", path, body, key: key, fields: fields))
    }

    func chat(_ settings: String, streams: Bool = false, fields: String = "") async throws -> Answer {
        try await post("/v1/chat/completions", Gate.chatBody(settings, streams: streams), fields: fields)
    }

    func get(_ path: String, key: String? = Gate.key, fields: String = "") async throws -> Answer {
        try await exchange(Gate.request("GET", path, key: key, fields: fields))
    }

    static func request(
        _ method: String, _ path: String, _ body: String? = nil, key: String? = Gate.key, fields: String = ""
    ) -> String {
        let authorization = key.map { "authorization: Bearer \($0)\r\n" } ?? ""
        let length = body.map { "content-type: application/json\r\ncontent-length: \($0.utf8.count)\r\n" } ?? ""
        let hasType = fields.lowercased().contains("content-type:")
        let typed = hasType ? length.replacingOccurrences(of: "content-type: application/json\r\n", with: "") : length
        return "\(method) \(path) HTTP/1.1\r\nhost: weir\r\n\(authorization)\(typed)\(fields)\r\n\(body ?? "")"
    }

    static func chatBody(_ settings: String = "", streams: Bool = false) -> String {
        let stream = streams ? #","stream":true"# : ""
        return ##"{"model":"m"\##(stream),"messages":[{"role":"user","content":"#mock \##(settings)"}]}"##
    }

    fileprivate func note(_ answer: Answer) { seen.text.withLock { $0 += answer.head + answer.text } }

    // MARK: What others saw

    /// A request as the mock received it.
    struct Received {
        var head: String
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
        func all(_ name: String) -> [String] {
            head.components(separatedBy: "\r\n").filter { $0.lowercased().hasPrefix(name + ":") }
        }
    }

    /// The last requests that the mock got, the oldest first.
    func received(_ last: Int = 1) async throws -> [Received] {
        let client = Client(try await loop.connect(to: mock))
        client.send("GET /mock/requests?last=\(last) HTTP/1.1\r\nhost: x\r\n\r\n")
        let answer = try await client.answer()
        client.connection.finish()
        let entries = answer.json["data"] as? [[String: Any]] ?? []
        return entries.map { entry in
            Received(
                head: entry["head"] as? String ?? "",
                body: Array(Data(base64Encoded: entry["body_base64"] as? String ?? "") ?? Data()))
        }
    }

    /// Waits until `condition` holds.
    /// - Returns: whether it did within 20 seconds: a busy machine is no failure.
    func until(_ condition: () -> Bool) async -> Bool {
        let patience = loop.now + .seconds(20)
        while !condition() {
            guard loop.now < patience else { return false }
            await loop.sleep(until: loop.now + .milliseconds(1))
        }
        return true
    }
}

/// Runs `body` on a loop with a gateway, a mock and clients. Whatever the test is about, at its end nothing must be left over, and no secret may
/// have been seen.
/// - Returns: the lines of the access log.
@discardableResult
func withGate(
    _ backend: Backend, _ settings: Gate.Settings = Gate.Settings(),
    _ body: @escaping @Sendable (Gate) async throws -> Void
) async throws -> [[String: Any]] {
    let thread = try LoopThread.start(name: "gate", backend: backend) { _ in }
    let loop = thread.loop
    let log = try LogFile()
    let left: Result<LoopStatistics, any Error>
    do {
        left = .success(
            try await withTaskExecutorPreference(loop) {
                let gate = try makeGate(loop, settings, log.log)
                try await body(gate)
                loop.stopListening()
                gate.gateway.drain()
                loop.abortAll()
                _ = await gate.until { loop.statistics.connections == 0 && loop.statistics.tasks == 0 }
                log.log.flush()
                let seen = gate.seen.text.withLock { $0 }
                #expect(!seen.contains("canary"), "a client saw a secret")
                return loop.statistics
            })
    } catch { left = .failure(error) }
    loop.stop()
    thread.join()
    let lines = log.close()
    #expect(!lines.contains("canary"), "the log has a secret")
    var entries: [[String: Any]] = []
    for line in lines.split(separator: "\n") {
        let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(object != nil, "each line of the log is an object: \(line)")
        entries.append(object ?? [:])
    }
    let statistics = try left.get()
    #expect(statistics.connections == 0)
    #expect(statistics.tasks == 0)
    #expect(statistics.blocksInUse == 0)
    #expect(statistics.driver.receiveBuffersInUse == 0)
    return entries
}

private func makeGate(_ loop: EventLoop, _ settings: Gate.Settings, _ log: AccessLog) throws -> Gate {
    let mock: Listener
    if let upstream = settings.upstream {
        mock = try loop.listen(on: .loopback(port: 0), serve: upstream)
    } else {
        var options = MockOptions()
        options.key = settings.mockKey.map { Secret($0) }
        options.accessKey = Gate.accessKey
        options.secretAccessKey = Secret(Gate.credential)
        mock = try MockServer(options).listen(on: .loopback(port: 0), loop: loop)
    }
    let nobody = try ClosedPort()
    // Another provider, which is always well.
    let spare = try MockServer(MockOptions()).listen(on: .loopback(port: 0), loop: loop)
    let policy = try policy(
        settings, mock.address.port, refusing: nobody.port, spare: spare.address.port, more: settings.more)
    let names = LedgerNames()
    let accounts = Accounts()
    let now = WallTime(nanoseconds: loop.readWallClock())
    let directories = Published(try Directory(policy, accounts: accounts, names: names, at: now))
    let gateway = unsafe Gateway(
        loop: loop, policy: policy, directory: directories,
        accounting: .inMemory(policy, names: names, journal: settings.journal), node: 1,
        trust: policy.providers.map { _ in nil }, log: log)
    let listener = try loop.listen(on: .loopback(port: 0)) { await gateway.serve($0) }
    let published = directories
    return Gate(
        loop: loop, gateway: gateway, accounts: accounts,
        issue: { published.publish(try Directory(policy, issued: $0, accounts: accounts, names: names, at: now)) },
        address: listener.address, mock: mock.address, closed: nobody, seen: Gate.Seen())
}

/// A port where nobody listens, and nobody else can for as long as this lives.
private final class ClosedPort: Sendable {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(opened, pointer, length) == 0 && getsockname(opened, pointer, &length) == 0
            }
        }
        descriptor = opened
        port = UInt16(bigEndian: address.sin_port)
        try #require(isBound && port > 0)
    }

    deinit { close(descriptor) }
}

/// The policy of the tests: models `m` and `other` of the mock, `dead` of a provider that is not there, `spare` of one that is always well.
func policy(
    _ settings: Gate.Settings, _ port: UInt16, refusing: UInt16, spare: UInt16? = nil, more: String = ""
) throws -> Policy {
    let text = """
        version: 1
        listen: 127.0.0.1:0
        limits: \(settings.limits)
        providers:
          up: {dialect: \(settings.dialect), base_url: "http://127.0.0.1:\(port)/v1", credentials: \(settings.credentials), timeouts: \(settings.timeouts), max_connections: \(settings.maxConnections)}
          gone: {dialect: openai, base_url: "http://127.0.0.1:\(refusing)/v1"}
          spare: {dialect: openai, base_url: "http://127.0.0.1:\(spare ?? refusing)/v1"}
        \(settings.providers.replacingOccurrences(of: "PORT", with: "\(port)").replacingOccurrences(of: "GONE", with: "\(refusing)"))
        models: {m: \(settings.target), other: up/other-model, dead: gone/x, spare: spare/spare-model\(settings.models)}
        keys:
          - {id: all, sha256: \(SHA256.hex(Array(Gate.key.utf8).span))}
          - {id: narrow, sha256: \(SHA256.hex(Array(Gate.narrowKey.utf8).span)), models: [other]}
        \(settings.keys)
        \(more)
        """
    return try Policy.read(
        Array(text.utf8), path: "weir.yaml", files: { _ throws(FileProblem) in throw .missing },
        environment: { name in
            switch name {
            case "UP_KEY": Gate.credential
            case "UP_SECOND": "sk-canary-second-credential"
            case "UP_ID": Gate.accessKey
            default: nil
            }
        })
}

/// An access log in a file that has no name.
private final class LogFile: Sendable {
    private let descriptor: Int32
    private let writer: LogWriter
    let log: AccessLog

    init() throws {
        let path = NSTemporaryDirectory() + "weir-gate-\(UUID().uuidString).log"
        let opened = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(opened >= 0)
        _ = unsafe unlink(path)
        descriptor = opened
        writer = LogWriter(descriptor: dup(opened))
        log = AccessLog(writer)
    }

    func close() -> String {
        writer.finish()
        defer { Glibc.close(descriptor) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        try? file.seek(toOffset: 0)
        return String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    }
}

/// A server whose accounts are in memory.
func testServer(
    _ policy: Policy, backend: Backend, accounts: Accounts = Accounts(),
    note: @escaping @Sendable (String) -> Void = { _ in }
) throws
    -> Server
{
    let names = LedgerNames()
    let directory = try Directory(policy, accounts: accounts, names: names, at: WallTime(seconds: 1_800_000_000))
    return try Server(
        policy, directory: Published(directory),
        accounting: { _ in .inMemory(policy, names: names, journal: MemoryJournal(), slots: 65_536) }, backend: backend,
        note: note)
}
