import Testing
import WeirBase

@testable import WeirConfig

@Suite("a configuration with anything in it") struct MutationTests {
    static let whole = """
        version: 1
        listen: [127.0.0.1:8080, {address: "[::1]:8443", tls: {certificate: cert.pem, key: key.pem}}]
        data: ./weir-data
        loops: auto
        access_log: off
        limits: &l {head_bytes: 64KiB, body_bytes: 8MiB, drain: 30s}
        providers:
          openai:
            dialect: openai
            base_url: "https://api.openai.com/v1"
            credentials: [env:OPENAI_API_KEY, file:openai.key]
            timeouts: {connect: 2s, first_byte: 60s, idle: 60s, total: 10m}
          local: {dialect: openai, base_url: "http://127.0.0.1:8000/v1", max_connections: 4}
        models:
          gpt-4o: openai/gpt-4o-2024-11-20
          fast: {strategy: priority, targets: [{provider: local, model: qwen}]}
        teams:
          search: {models: [gpt-4o, "fast*"]}
        keys:
          - {id: ci, team: search, sha256: \(ConfigFixture.hash)}
          - id: dev
            sha256: \(ConfigFixture.other)
            models: ["*"]

        """
    static let pieces = [
        ":", ": ", "-", "- ", "[", "]", "{", "}", ",", "\"", "'", "#", "&a", "*a", "*l", "!", "|", ">", "%", "@", "`",
        "\n", "\r", "\t", " ", "  ", "~",
        "null", "1", "0", "-1", "99999999999999999999", "\u{0}", "\u{85}", "\u{2028}", "ü", "\u{E000}", "\u{1F600}",
        "<<: *l", "? ", "---\n", "...\n",
        "\"\\ud800\"", "models", "providers:", "version: 1\n", "e\u{301}",
    ]

    @Test("gives a policy that holds together, or a mistake with its place", arguments: 0..<8)
    func mutations(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let bytes = Array(Self.whole.utf8)
        #expect(throws: Never.self) { try ConfigFixture.read(bytes) }
        for round in 0..<400 {
            var mutant = bytes
            for _ in 0...Int.random(in: 0..<4, using: &random) { mutate(&mutant, using: &random) }
            do throws(ConfigurationError) {
                let policy = try ConfigFixture.read(mutant)
                expectWhole(policy)
            } catch {
                guard case .invalid(let mistakes) = error else { continue }
                let lines = mutant.count { $0 == 0x0A || $0 == 0x0D } + mutant.count { $0 == 0xC2 || $0 == 0xE2 } + 2
                let isPlaced = mistakes.allSatisfy {
                    $0.line >= 1 && $0.line <= lines && $0.column >= 1 && !$0.message.isEmpty
                }
                let hasError = mistakes.contains { $0.severity == .error }
                #expect(isPlaced && hasError, "seed \(seed), round \(round): \(error)")
                #expect(!error.description.contains("variable-secret") && !error.description.contains("file-secret"))
            }
        }
    }

    private func mutate(_ bytes: inout [UInt8], using random: inout SplitMix) {
        let start = Int.random(in: 0..<max(1, bytes.count), using: &random)
        let end = min(bytes.count, start + Int.random(in: 0..<24, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            bytes.insert(
                contentsOf: Self.pieces.randomElement(using: &random)?.utf8 ?? "".utf8, at: min(start, bytes.count))
        case 1: bytes.removeSubrange(min(start, end)..<end)
        case 2: bytes.insert(contentsOf: Array(bytes[min(start, end)..<end]), at: min(start, bytes.count))
        case 3 where start < bytes.count: bytes[start] = UInt8.random(in: 0...255, using: &random)
        case 4 where start < bytes.count: bytes[start] = UInt8.random(in: 0x20...0x7E, using: &random)
        default:  // a line moves elsewhere or is there twice
            var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            let line = lines[Int.random(in: 0..<lines.count, using: &random)]
            lines.insert(line, at: Int.random(in: 0...lines.count, using: &random))
            bytes = Array(lines.joined(separator: [0x0A]))
        }
    }

    private func expectWhole(_ policy: Policy) {
        #expect(!policy.listeners.isEmpty && !policy.providers.isEmpty && !policy.models.isEmpty)
        for model in policy.models {
            #expect(
                !model.targets.isEmpty && model.targets.allSatisfy { policy.providers.indices.contains($0.provider) })
        }
        let callers = CallerTable(policy)
        for (index, key) in policy.keys.enumerated() {
            for digest in key.digests {
                #expect(
                    callers.find(digest, at: WallTime(seconds: 0))
                        == (key.expires > WallTime(seconds: 0) ? .caller(index) : .expired))
            }
            #expect(key.team.map(policy.teams.indices.contains) ?? true)
            for model in policy.models.indices { _ = callers.allows(caller: index, model: model) }
        }
        for provider in policy.providers { #expect(provider.baseURL.host != "unread.invalid") }
    }
}
