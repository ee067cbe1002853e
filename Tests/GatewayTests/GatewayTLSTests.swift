import Foundation
import Testing
import WeirBase
import WeirLoop
import WeirTestSupport

@Suite("Gateway: TLS to clients and to providers, before a real process", .timeLimit(.minutes(3)))
struct GatewayTLSTests {
    static let made = Certificates.shared

    @Test("JSON and streams pass, on connections that are used again", arguments: backends)
    func passes(backend: Backend) async throws {
        var settings = RealGate.Settings()
        settings.identity = Self.made.server
        settings.upstreamIdentity = Self.made.server
        settings.host = "localhost"
        try await withRealGate(backend, settings) { gate in
            let client = try await gate.client()
            for _ in 0..<3 {
                client.send(Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=3 input=11")))
                let answer = try await client.answer()
                #expect(answer.status == 200 && answer.isWhole, "\(answer.text)")
                #expect((answer.json["usage"] as? [String: Any])?["prompt_tokens"] as? Int == 11)
                // Longer than a TLS record, and than all buffers on the way.
                client.send(
                    Gate.request("POST", "/v1/chat/completions", Gate.chatBody("events=300 bytes=4000", streams: true)))
                let stream = try await client.answer()
                #expect(stream.status == 200 && stream.isWhole && stream.body.count > 1_200_000)
                #expect(stream.events.last == "[DONE]" && stream.events.count >= 301)
            }
            // A body that comes in many records.
            let padding = String(repeating: "u", count: 400_000)
            let large = ##"{"model":"m","messages":[{"content":"#mock events=1\n"}],"user":"\##(padding)"}"##
            client.send(Gate.request("POST", "/v1/chat/completions", large))
            let answer = try await client.answer()
            #expect(answer.status == 200, "\(answer.text)")
            client.connection.finish()
            let areLogged = await gate.until { gate.logLines.count == 7 }
            #expect(areLogged && gate.logLines.allSatisfy { $0["status"] as? Int == 200 }, "\(gate.logLines)")
        }
    }

    /// A provider whose certificate is not accepted, and what the log says of it.
    struct BadProvider: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let identity: Certificates.Identity
        /// Where the gateway calls it.
        var host = "127.0.0.1"
        let reason: String
    }

    static let badProviders = [
        BadProvider(
            testDescription: "expired", identity: made.expired,
            reason:
                "the peer's certificate (CN=expired.example) expired at 2021-01-01T00:00:00Z; its owner must renew it"),
        BadProvider(
            testDescription: "of an authority that is not trusted", identity: made.stranger,
            reason:
                "the peer's certificate (CN=stranger.example) was issued by CN=Nobody's authority, which is not trusted here"
        ),
        BadProvider(
            testDescription: "self-signed", identity: made.selfSigned,
            reason:
                "the peer's certificate chain ends in a self-signed one (CN=self-signed.example) that is not trusted here"
        ),
        BadProvider(
            testDescription: "for another host", identity: made.server, host: "127.0.0.2",
            reason: "not for 127.0.0.2; check the host in base_url"),
    ]

    @Test(
        "a provider's certificate that is not accepted: an error for the client, one line of log with the reason",
        arguments: badProviders, backends)
    func refused(provider: BadProvider, backend: Backend) async throws {
        // Weir's own listeners refuse to start with such a certificate, so the program openssl has to show it.
        let program = try OpenSSLServer(provider.identity, on: provider.host)
        defer { program.stop() }
        var settings = RealGate.Settings()
        settings.host = provider.host
        settings.upstreamPort = program.port
        try await withRealGate(backend, settings) { gate in
            for streams in [false, true] {
                let answer = try await gate.chat(streams: streams)
                #expect(
                    answer.status == 502 && answer.code == "upstream_error" && answer.isOpenAIError, "\(answer.text)")
                #expect(
                    answer.error["message"] as? String
                        == "no secure connection to the provider; the gateway's log says why")
            }
            let areLogged = await gate.until { gate.logLines.count == 4 }
            #expect(areLogged, "\(gate.logLines)")
            let problems = gate.logLines.compactMap { $0["problem"] as? String }
            #expect(problems.count == 2, "one line a request")
            for problem in problems {
                #expect(problem.hasPrefix("provider up: ") && problem.contains(provider.reason), "\(problem)")
            }
            let requests = gate.logLines.filter { $0["status"] as? Int == 502 }
            #expect(requests.count == 2 && requests.allSatisfy { $0["provider"] as? String == "up" })
            let others = try await gate.exchange(Gate.request("GET", "/v1/models"))
            #expect(others.status == 200)
        }
    }
}
