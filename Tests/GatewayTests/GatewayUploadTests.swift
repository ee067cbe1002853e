import Synchronization
import Testing
import WeirBase
import WeirGateway
import WeirLoop
import WeirTestSupport

/// More than the system takes of a connection whose peer does not read.
private let uploadBytes = 12_000_000

@Suite("Gateway: the time that a provider has for its first byte") struct GatewayUploadTests {
    /// What a provider does about a request that is too large to be sent at once.
    enum Reading: Sendable {
        /// Lets `first_byte` pass before it reads, and answers.
        case late
        /// The same, and never answers.
        case lateAndSilent
        /// Reads the beginning only.
        case never
    }

    static let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"

    static func play(_ reading: Reading, _ taken: Shared) -> @Sendable (Connection) async -> Void {
        { connection in
            do throws(ConnectionError) {
                try await connection.fill()
                let loop = connection.loop
                await loop.sleep(until: loop.now + .milliseconds(1_500))
                // Nobody reads: the gateway's end is noticed by what it does about its client.
                if reading == .never { await loop.sleep(until: loop.now + .seconds(3)) }
                var count = 0
                while count < uploadBytes {
                    if connection.unreadCount == 0 { try await connection.fill() }
                    count += connection.unreadCount
                    connection.consume(connection.unreadCount)
                }
                taken.count.withLock { $0 = count }
                if reading == .late { connection.withOutput { $0.append(answer) } }
                while true {
                    try await connection.fill()
                    connection.consume(connection.unreadCount)
                }
            } catch { connection.abort() }
        }
    }

    private func upload(
        _ reading: Reading, timeouts: String, _ backend: Backend, _ check: @escaping @Sendable (Answer, Shared) -> Void
    ) async throws {
        let taken = Shared()
        var settings = Gate.Settings()
        settings.limits = "{body_bytes: 16MiB, head_timeout: 5s}"
        settings.timeouts = timeouts
        settings.upstream = Self.play(reading, taken)
        try await withGate(backend, settings) { gate in
            let body = ##"{"model":"m","user":"\##(String(repeating: "u", count: uploadBytes))"}"##
            check(try await gate.post("/v1/chat/completions", body), taken)
        }
    }

    @Test("it begins when the request has been sent", arguments: backends)
    func late(backend: Backend) async throws {
        try await upload(.late, timeouts: "{connect: 1s, first_byte: 700ms, idle: 4s, total: 30s}", backend) {
            #expect($0.status == 200 && $0.text == "{}", "\($0.text)")
            #expect($1.value > 0)
        }
    }

    @Test("it ends", arguments: backends)
    func silent(backend: Backend) async throws {
        try await upload(.lateAndSilent, timeouts: "{connect: 1s, first_byte: 700ms, idle: 4s, total: 30s}", backend) {
            #expect($0.status == 504 && $0.code == "upstream_timeout" && $0.isOpenAIError, "\($0.text)")
            #expect($1.value > 0, "not before the request was sent")
        }
    }

    @Test("a request of which nothing gets on is given up after the idle time", arguments: backends)
    func stalled(backend: Backend) async throws {
        try await upload(.never, timeouts: "{connect: 1s, first_byte: 30s, idle: 100ms, total: 30s}", backend) {
            #expect($0.status == 504 && $0.code == "upstream_timeout" && $0.isOpenAIError, "\($0.text)")
            #expect($1.value == 0)
        }
    }
}
