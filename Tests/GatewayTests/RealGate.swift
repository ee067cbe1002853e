import Foundation
import Testing
import WeirBase
import WeirLoop
import WeirMock
import WeirMockScript
import WeirTestSupport

/// A `weir` process as it is deployed, its provider and its clients on a loop of this process.
struct RealGate: Sendable {
    let loop: EventLoop
    let weir: BuiltProgram
    let address: SocketAddress
    private let tls: TLSClient?
    fileprivate let log: URL

    /// Settings in place of the usual ones.
    struct Settings {
        var limits = "{idle_timeout: 10m}"
        var timeouts = "{connect: 10s, first_byte: 10s, idle: 30s, total: 2m}"
        /// The provider's host in `base_url`.
        var host = "127.0.0.1"
        /// Plays the provider in place of the mock.
        var upstream: (@Sendable (Connection) async -> Void)?
        /// Where another program plays the provider, with TLS.
        var upstreamPort: UInt16?
        /// With these, the provider's side and the clients' side speak TLS.
        var upstreamIdentity: Certificates.Identity?
        var identity: Certificates.Identity?
    }

    func client() async throws -> Client {
        Client(try await loop.connect(to: address, deadline: loop.now + .seconds(60), tls: tls))
    }

    /// Sends `request` on a connection of its own and reads the answer.
    func exchange(_ request: String) async throws -> Answer {
        let client = try await client()
        client.send(request)
        let answer = try await client.answer()
        client.connection.finish()
        return answer
    }

    func chat(_ settings: String = "events=1", streams: Bool = false) async throws -> Answer {
        try await exchange(Gate.request("POST", "/v1/chat/completions", Gate.chatBody(settings, streams: streams)))
    }

    /// The lines of the access log so far.
    var logLines: [[String: Any]] {
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }

    /// Waits until `condition` holds.
    /// - Returns: whether it did within 30 seconds: the process may be under a sanitizer, on a machine that does other things.
    func until(_ condition: () -> Bool) async -> Bool {
        let patience = loop.now + .seconds(90)
        while !condition() {
            guard loop.now < patience else { return false }
            await loop.sleep(until: loop.now + .milliseconds(5))
        }
        return true
    }

    fileprivate init(_ loop: EventLoop, _ weir: BuiltProgram, tls: TLSClient?, log: URL) throws {
        self.loop = loop
        self.weir = weir
        self.tls = tls
        self.log = log
        let line = try weir.line()
        address = try #require(SocketAddress(parsing: String(line.split(separator: " ").last ?? "")), "\(line)")
    }
}

/// Runs `body` on a loop with a provider and clients of a `weir` process, which has to end in order after it.
func withRealGate(
    _ backend: Backend, _ settings: RealGate.Settings = RealGate.Settings(),
    _ body: @escaping @Sendable (RealGate) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "weir-real-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let thread = try LoopThread.start(name: "clients", backend: backend) { _ in }
    let loop = thread.loop
    defer {
        loop.stop()
        thread.join()
    }
    let upstream = try await listenUpstream(settings, loop)
    let file = folder.appending(path: "weir.yaml")
    let log = folder.appending(path: "access.log")
    try configuration(settings, settings.upstreamPort ?? upstream.port, log: log).write(
        to: file, atomically: true, encoding: .utf8)
    let weir = try BuiltProgram(
        "weir", ["serve", "--config", file.path],
        environment: ["WEIR_BACKEND": backend.rawValue, "UP_KEY": Gate.credential])
    let tls = try settings.identity.map { _ in
        TLSClient(
            context: try TLSContext.client(caFile: Certificates.shared.authority), serverName: "localhost")
    }
    let done: Result<Void, any Error>
    do {
        try await withTaskExecutorPreference(loop) {
            let gate = try RealGate(loop, weir, tls: tls, log: log)
            try await body(gate)
        }
        done = .success(())
    } catch { done = .failure(error) }
    let ended = weir.stop()
    #expect(ended.status == 0, "\(ended.errors)")
    try done.get()
}

private func listenUpstream(_ settings: RealGate.Settings, _ loop: EventLoop) async throws -> SocketAddress {
    let identity = try settings.upstreamIdentity.map {
        try TLSListenerIdentity(certificateFile: $0.certificate, keyFile: $0.key)
    }
    let upstream = settings.upstream
    return try await withCheckedThrowingContinuation { done in
        loop.execute {
            done.resume(
                with: Result {
                    if let upstream {
                        return try loop.listen(on: .loopback(port: 0), tls: identity, serve: upstream).address
                    }
                    var options = MockOptions()
                    options.key = Secret(Gate.credential)
                    return try MockServer(options).listen(on: .loopback(port: 0), loop: loop, tls: identity).address
                })
        }
    }
}

private func configuration(_ settings: RealGate.Settings, _ port: UInt16, log: URL) -> String {
    let tls = settings.identity.map {
        "{address: \"127.0.0.1:0\", tls: {certificate: \($0.certificate), key: \($0.key)}}"
    }
    let isSecure = settings.upstreamIdentity != nil || settings.upstreamPort != nil
    let scheme = isSecure ? "https" : "http"
    let trust = isSecure ? ", ca_file: \(Certificates.shared.authority)" : ""
    return """
        version: 1
        listen: \(tls ?? "127.0.0.1:0")
        loops: 1
        access_log: \(log.path)
        limits: \(settings.limits)
        providers:
          up: {dialect: openai, base_url: "\(scheme)://\(settings.host):\(port)/v1", credentials: [env:UP_KEY], timeouts: \(settings.timeouts)\(trust)}
        models: {m: up/mock-model}
        keys: [{id: all, sha256: \(SHA256.hex(Array(Gate.key.utf8).span))}]

        """
}
