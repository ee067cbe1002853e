import Foundation
import Synchronization
import Testing
import WeirBase
import WeirConfig
import WeirGateway
import WeirLedger
import WeirLoop
import WeirMockScript

@Suite("Gateway: which target serves a request") struct GatewayRoutingTests {
    /// The providers of so many requests, one after the other.
    private static func providers(
        _ gate: Gate, _ count: Int, model: String = "m", fields: String = "", text: String = "x", key: String = Gate.key
    ) async throws -> [String] {
        var providers: [String] = []
        for _ in 0..<count {
            let body = #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(text)"}]}"#
            let answer = try await gate.post("/v1/chat/completions", body, key: key, fields: fields)
            #expect(answer.status == 200, "\(answer.text)")
            providers.append(answer["x-weir-provider"] ?? "?")
        }
        return providers
    }

    @Test("weights are shares")
    func weights() async throws {
        var settings = Gate.Settings()
        settings.target =
            "{strategy: weighted, targets: [{provider: up, model: a, weight: 3}, {provider: spare, model: b}]}"
        try await withGate(.epoll, settings) { gate in
            let providers = try await Self.providers(gate, 40)
            #expect(providers.count { $0 == "up" } == 30 && providers.count { $0 == "spare" } == 10)
        }
    }

    @Test("other names and patterns lead to the model, and names come before patterns")
    func aliases() async throws {
        var settings = Gate.Settings()
        settings.target = #"{aliases: [gpt-x, "gpt-*"], targets: [up/a]}"#
        settings.models = #", n: {aliases: ["gpt-4*", gpt-special], targets: [spare/b]}"#
        try await withGate(.epoll, settings) { gate in
            for (name, provider) in [("gpt-x", "up"), ("gpt-4o", "up"), ("gpt-special", "spare")] {
                let providers = try await Self.providers(gate, 1, model: name)
                #expect(providers == [provider], "\(name)")
            }
            let unknown = try await gate.post("/v1/chat/completions", #"{"model":"gp","messages":[]}"#)
            #expect(unknown.status == 404 && unknown.code == "model_not_found")
        }
    }

    @Test("targets are for those that they are for")
    func conditions() async throws {
        var settings = Gate.Settings()
        settings.target = """
            {targets: [{provider: spare, model: a, when: {tags: [env=prod]}}, {provider: spare, model: b, when: {min_bytes: 300}}, \
            {provider: up, model: c, when: {keys: [all]}}]}
            """
        settings.keys = "  - {id: third, sha256: \(SHA256.hex(Array("sk-weir-canary-third".utf8).span))}"
        try await withGate(.epoll, settings) { gate in
            #expect(try await Self.providers(gate, 2) == ["up", "up"])
            #expect(try await Self.providers(gate, 1, fields: "x-weir-tags: env=prod\r\n") == ["spare"])
            #expect(try await Self.providers(gate, 1, fields: "x-weir-tags: env=test\r\n") == ["up"])
            #expect(try await Self.providers(gate, 1, text: String(repeating: "long ", count: 60)) == ["spare"])
            let nobody = try await gate.post(
                "/v1/chat/completions", Gate.chatBody(), key: "sk-weir-canary-third")
            #expect(nobody.status == 400 && nobody.code == "unsupported_endpoint", "\(nobody.text)")
        }
    }

    @Test("requests of one session stay at one target, and others spread")
    func sticky() async throws {
        var settings = Gate.Settings()
        settings.target =
            "{strategy: sticky, sticky_by: \"header:x-session\", targets: [{provider: up, model: a}, {provider: spare, model: b}]}"
        try await withGate(.epoll, settings) { gate in
            var seen = Set<String>()
            for session in 0..<16 {
                let providers = try await Self.providers(gate, 2, fields: "x-session: s\(session)\r\n")
                #expect(providers[0] == providers[1])
                seen.insert(providers[0])
            }
            #expect(seen == ["up", "spare"])
        }
    }

    @Test("a provider that is down is left alone after a few failures")
    func breaker() async throws {
        var settings = Gate.Settings()
        settings.target = "{targets: [{provider: gone, model: a}, {provider: spare, model: b}]}"
        try await withGate(.epoll, settings) { gate in
            var attempts: [String] = []
            for _ in 0..<12 {
                let answer = try await gate.chat("")
                #expect(answer.status == 200 && answer["x-weir-provider"] == "spare", "\(answer.text)")
                attempts.append(answer["x-weir-attempts"] ?? "?")
            }
            #expect(attempts.prefix(5).allSatisfy { $0 == "2" }, "\(attempts)")
            // A probe now and then may be among them: a busy machine takes its time.
            #expect(attempts.dropFirst(5).count { $0 == "1" } >= 4, "\(attempts)")
        }
    }

    /// Plays a provider that takes `good` only, and says of other credentials what `told` says.
    private static func choosy(_ told: String) -> @Sendable (Connection) async -> Void {
        { connection in
            while let request = try? await readRequest(connection) {
                let isGood = request.contains("second-credential")
                let body =
                    isGood
                    ? #"{"id":"a","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#
                    : told.components(separatedBy: "|")[1]
                let status = isGood ? "200 OK" : told.components(separatedBy: "|")[0]
                connection.withOutput {
                    $0.append(
                        "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                }
            }
        }
    }

    @Test(
        "a credential that is refused or used up is set aside, and the next one serves",
        arguments: [
            #"401 Unauthorized|{"error":{"message":"bad key","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            #"403 Forbidden|{"error":{"message":"no","type":"x","param":null,"code":null}}"#,
            #"429 Too Many Requests|{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
        ])
    func credentials(told: String) async throws {
        var settings = Gate.Settings()
        settings.credentials = "[env:UP_KEY, env:UP_SECOND]"
        settings.upstream = Self.choosy(told)
        let log = try await withGate(.epoll, settings) { gate in
            var attempts: [String] = []
            for _ in 0..<6 {
                let answer = try await gate.post("/v1/chat/completions", Gate.chatBody())
                #expect(answer.status == 200 && answer["x-weir-provider"] == "up", "\(answer.text)")
                attempts.append(answer["x-weir-attempts"] ?? "?")
            }
            #expect(attempts.count { $0 == "2" } == 1 && attempts.count { $0 == "1" } == 5, "\(attempts)")
        }
        let problems = log.compactMap { $0["problem"] as? String }
        #expect(problems.count == 1 && problems.allSatisfy { $0.contains("env:UP_KEY") }, "\(problems)")
    }
}
