import Testing
import WeirBase

@testable import WeirConfig

/// A secret is planted wherever somebody might put one; it must come out nowhere (specs/pains.md, 18).
@Suite("secrets in a configuration") struct CanaryTests {
    static let canary = "sk-canary-7f3a9c"
    /// The same without a prefix that gives it away, as long as real ones are.
    static let plain = "canary7f3a9c0d5e8b1a2c4d6e"

    @Test("no description, dump or reflection of a policy has one")
    func policy() throws {
        let text = """
            version: 1
            listen: :0
            providers: {p: {dialect: openai, base_url: "https://x", credentials: [env:SECRET, file:secret]}}
            models: {m: p/x}
            keys: [{id: k, sha256: \(ConfigFixture.hash)}]
            """
        let policy = try Policy.read(
            Array(text.utf8), path: "weir.yaml", files: { _ in Array(Self.plain.utf8) },
            environment: { _ in Self.canary })
        #expect(policy.providers[0].credentials.count == 2)
        let values: [Any] = [
            policy, policy.providers, policy.providers[0], policy.providers[0].credentials,
            policy.providers[0].credentials[0].form, policy.keys,
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in [dumped, String(describing: value), String(reflecting: value), "\(value)"] {
                #expect(!text.contains("canary"))
                #expect(!text.contains(ConfigFixture.hash.dropFirst(8)))
            }
        }
    }

    static let places: [@Sendable (String) -> String] = [
        { "version: \($0)" }, { "\($0): 1" }, { "data: [\($0)]" }, { "loops: \($0)" }, { "access_log: \($0)" },
        { "durability: \($0)" },
        { "listen: \($0)" }, { "listen: {address: \($0), tls: {certificate: \($0), key: \($0), \($0): x}}" },
        { "listen: \"\($0):80\"" }, { "limits: {drain: \($0), head_bytes: \($0), headers: \($0), \($0): 1}" },
        { "providers: \($0)" }, { "providers: {\($0): {}, \($0): {}}" }, { "providers: {p: \($0)}" },
        { "providers: {p: {\($0): 1, api_key: \($0)}}" },
        { "providers: {p: {dialect: \($0), base_url: \($0), credentials: \($0), timeouts: \($0), ca_file: \($0)}}" },
        { "providers: {p: {credentials: [\($0)]}}" },
        { "providers: {p: {credentials: [[\($0)], {\($0): \($0)}, {a: \($0)}]}}" },
        { "providers: {p: {credentials: [env:\($0), file:\($0)]}}" },
        { "providers: {p: {credentials: [\"env:\($0)\\n\", \"\($0) \"]}}" },
        { "providers: {p: {base_url: \"https://x:\($0)@y/\"}}" },
        { "providers: {p: {base_url: \"https://x/?key=\($0)\"}}" },
        { "providers: {p: {base_url: \"https://x:\($0)/\"}}" }, { "providers: {p: {base_url: \"\($0)://x\"}}" },
        {
            "models: {m: \($0), n: \($0)/x, \"\($0) \": p/x, o: {strategy: \($0), targets: [{provider: \($0), model: \"\($0) \"}]}}"
        },
        { "teams: {\"\($0) \": , t: {models: [\($0), \"\($0) \"], \($0): 1}}" },
        { "keys: [{id: \"\($0) \", team: \($0), sha256: \($0), secret: \($0), models: [\($0)]}, \($0)]" },
        { "keys: \($0)" }, { "*\($0)" },
        { "\"\($0)" }, { "a: b: \($0)" }, { "!\($0) a" }, { "{\($0)" }, { "\($0): [\n" }, { "%\($0)" },
        { "&\($0) a: *\($0)b" },
    ]

    @Test("no mistake shows one, wherever it was put", arguments: 0..<places.count)
    func mistakes(place: Int) {
        for secret in [Self.canary, Self.plain] {
            let complaints = ConfigFixture.complaints(of: Self.places[place](secret))
            #expect(!complaints.isEmpty)
            for complaint in complaints { #expect(!complaint.lowercased().contains("canary"), "\(complaint)") }
        }
    }

    @Test("no mistake shows what a variable or a file holds")
    func sources() {
        let fixture = ConfigFixture(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x\", credentials: [env:A, file:a]}}")
        for ending in ["\u{1}", "ü", " ", "\nx"] {
            #expect {
                try Policy.read(
                    Array(fixture.text.utf8), path: "weir.yaml", files: { _ in Array((Self.plain + ending).utf8) },
                    environment: { _ in Self.plain + ending })
            } throws: { error in
                guard let error = error as? ConfigurationError, case .invalid(let mistakes) = error else {
                    return false
                }
                var dumped = ""
                dump(error, to: &dumped)
                return mistakes.count == 2 && !dumped.contains("canary") && !error.description.contains("canary")
            }
        }
    }

    @Test("what is shown has no control characters, and is short")
    func escapes() {
        #expect(quoted("a\u{1B}[31mb\n") == "\"a\\u{1b}[31mb\\u{a}\"")
        #expect(quoted("\u{202E}x") == "\"\\u{202e}x\"")
        #expect(shown(String(repeating: "x ", count: 200)).count == 67)
    }
}
