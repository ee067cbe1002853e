import Testing
import WeirBase
import WeirRouting

@testable import WeirConfig

@Suite("a good configuration") struct GoodFileTests {
    /// What is read from one line more or another line, as `facts` prints it.
    static let cases: [(fixture: ConfigFixture, facts: [String])] = [
        (ConfigFixture(), ["listen 127.0.0.1:8080", "data conf/weir-data", "loops automatic", "log standardOutput"]),
        (ConfigFixture(listen: "listen: :0"), ["listen :0"]),
        (ConfigFixture(listen: "listen: localhost:80"), ["listen 127.0.0.1:80"]),
        (ConfigFixture(listen: "listen: [\"[::]:8080\", 10.1.2.3:81]"), ["listen [::]:8080", "listen 10.1.2.3:81"]),
        (ConfigFixture(listen: "listen: [127.0.0.1:0, 127.0.0.1:0]"), ["listen 127.0.0.1:0", "listen 127.0.0.1:0"]),
        (
            ConfigFixture(listen: "listen: {address: 127.0.0.1:443, tls: {certificate: cert.pem, key: key.pem}}"),
            ["listen 127.0.0.1:443 conf/cert.pem conf/key.pem"]
        ),
        (ConfigFixture(more: "data: /var/lib/weir"), ["data /var/lib/weir"]),
        (ConfigFixture(more: "data: ../d"), ["data conf/../d"]),
        (ConfigFixture(more: "loops: 4\ndurability: process"), ["loops fixed(4)"]),
        (ConfigFixture(more: "access_log: stderr"), ["log standardError"]),
        (ConfigFixture(more: "access_log: off"), ["log off"]),
        (ConfigFixture(more: "access_log: ./a.log"), ["log file(\"conf/./a.log\")"]),
        (
            ConfigFixture(more: "limits: {head_bytes: 8KiB, headers: 50, body_bytes: 1000000, head_timeout: 250ms}"),
            ["limits 8192 50 1000000 250ms 75s 16384 30s"]
        ),
        (
            ConfigFixture(more: "limits: {idle_timeout: 1h, connections: 1, drain: 0s}"),
            ["limits 65536 128 33554432 10s 1h 1 0s"]
        ),
        (
            ConfigFixture(
                providers: "providers: {p: {dialect: openai, base_url: \"HTTPS://API.Example.COM:8443/a/b/\"}}"),
            ["provider p https://api.example.com:8443/a/b 5s 10m 2m 1h 1024"]
        ),
        (
            ConfigFixture(
                providers:
                    "providers: {p: {dialect: openai, base_url: \"https://x\", max_connections: 7, timeouts: {total: 1m, idle: 9s}}}"
            ),
            ["provider p https://x 5s 1m 9s 1m 7"]
        ),
        (
            ConfigFixture(
                providers: """
                    providers: {p: {dialect: openai, base_url: "https://x", ca_file: cert.pem, credentials: [env:OPENAI_API_KEY, \
                    file:openai.key, "file:/abs/openai.key", env:INNER_SPACE]}}
                    """),
            [
                "provider p https://x 5s 10m 2m 1h 1024 conf/cert.pem",
                "credential env:OPENAI_API_KEY variable-secret", "credential file:openai.key file-secret",
                "credential file:/abs/openai.key absolute-secret", "credential env:INNER_SPACE a b",
            ]
        ),
        (
            ConfigFixture(
                models: """
                    models: {m: {strategy: sticky, sticky_by: "header:X-Session", aliases: [gpt, "gpt-*"], targets: [{provider: p, model: x, \
                    weight: 9}, {provider: p, model: y, canary: 0.5%}, {provider: p, model: z, when: {teams: [t], max_bytes: 8KiB}}]}}
                    """),
            [
                "route sticky header(\"x-session\") [\"gpt\", \"gpt-*\"]", "target 9 -1 -", "target 1 5000 -",
                "target 1 -1 all([WeirRouting.Condition.any([WeirRouting.Condition.team(\"t\")]), WeirRouting.Condition.bodyBytes(ClosedRange(0...8192))])",
            ]
        ),
        (
            ConfigFixture(
                providers:
                    "providers: {p: {dialect: bedrock, base_url: \"https://bedrock-runtime.eu-west-1.amazonaws.com\", credentials: [{access_key_id: env:INNER, secret_access_key: env:OPENAI_API_KEY, session_token: file:openai.key}]}}"
            ),
            [
                "dialect bedrock region eu-west-1",
                "access key env:OPENAI_API_KEY AKIAEXAMPLE variable-secret file-secret",
            ]
        ),
        (
            ConfigFixture(
                providers: "providers: {p: {dialect: azure, base_url: \"https://x\", api_version: 2025-04-01-preview}}"),
            ["dialect azure version 2025-04-01-preview"]
        ),
        (
            ConfigFixture(
                models:
                    "models: {m: p/org/x:free, \"gpt-4.1\": {targets: [{provider: p, model: y}]}, n: {targets: [p/z]}}"),
            ["model m 0 \"org/x:free\"", "model gpt-4.1 0 \"y\"", "model n 0 \"z\""]
        ),
        (
            ConfigFixture(
                keys: "keys: [{id: k, team: b, sha256: \(ConfigFixture.hash.uppercased())}]",
                more: "teams: {a: , b: {}}"),
            ["team a", "team b", "key k 1 2bb80d53..."]
        ),
        (
            ConfigFixture(version: "version: \"1\"", more: "limits: &l {drain: 1s}"),
            ["limits 65536 128 33554432 10s 75s 16384 1s"]
        ),
        (
            ConfigFixture(
                providers: """
                    providers: {p: {dialect: openai, base_url: "https://x", timeouts: &t {connect: 1s}}, q: {dialect: openai, base_url: "https://y", \
                    timeouts: *t}}
                    """, models: "models: {m: p/x, n: q/x}"),
            ["provider p https://x 1s 10m 2m 1h 1024", "provider q https://y 1s 10m 2m 1h 1024"]
        ),
    ]

    @Test("gives these facts without a warning", arguments: cases)
    func facts(fixture: ConfigFixture, facts: [String]) throws {
        let policy = try ConfigFixture.read(fixture.text)
        #expect(policy.warnings.map(\.description) == [])
        let all = Self.facts(of: policy)
        for fact in facts { #expect(all.contains(fact), "\(all)") }
        for kind in Set(facts.compactMap { $0.split(separator: " ").first }) {
            #expect(all.filter { $0.hasPrefix("\(kind) ") } == facts.filter { $0.hasPrefix("\(kind) ") })
        }
    }

    private static func revealed(_ secret: Secret) -> String {
        secret.reveal { span in String(decoding: span.indices.map { span[$0] }, as: UTF8.self) }
    }

    static func facts(of policy: Policy) -> [String] {
        var facts = policy.listeners.map { listener in
            "listen \(listener.address)" + (listener.tls.map { " \($0.certificate) \($0.key)" } ?? "")
        }
        facts += ["data \(policy.dataFolder)", "loops \(policy.loops)", "log \(policy.accessLog)"]
        let limits = policy.limits
        let spans = [limits.headTimeout, limits.idleTimeout].map(secondsOrLess)
        facts.append(
            "limits \(limits.headBytes) \(limits.headers) \(limits.bodyBytes) \(spans[0]) \(spans[1]) \(limits.connections) "
                + secondsOrLess(limits.drain))
        for provider in policy.providers {
            let times = provider.timeouts
            let texts = [times.connect, times.firstByte, times.idle, times.total].map(secondsOrLess).joined(
                separator: " ")
            let authority = provider.caFile.map { " \($0)" } ?? ""
            facts.append(
                "provider \(provider.name) \(provider.baseURL) \(texts) \(provider.maxConnections)\(authority)")
            if provider.dialect != .openai {
                facts.append(
                    "dialect \(provider.dialect)" + (provider.region.map { " region \($0)" } ?? "")
                        + (provider.apiVersion.map { " version \($0)" } ?? ""))
            }
            for credential in provider.credentials {
                switch credential.form {
                case .key(let key): facts.append("credential \(credential.source) \(revealed(key))")
                case .accessKey(let key):
                    let token = key.sessionToken.map { " " + revealed($0) } ?? ""
                    facts.append("access key \(credential.source) \(key.id) \(revealed(key.secret))\(token)")
                }
            }
        }
        for model in policy.models {
            for target in model.targets {
                facts.append(
                    "model \(model.name) \(target.provider) \(String(decoding: target.modelJSON, as: UTF8.self))")
                if target.weight != 1 || target.trialShare != nil || target.condition != nil {
                    facts.append(
                        "target \(target.weight) \(target.trialShare?.partsPerMillion ?? -1) \(target.condition.map { "\($0)" } ?? "-")"
                    )
                }
            }
            if model.strategy != "priority" || !model.aliases.isEmpty || model.stickyKey != .key {
                facts.append("route \(model.strategy) \(model.stickyKey) \(model.aliases.map(\.text))")
            }
        }
        facts += policy.teams.map { "team \($0.name)" }
        facts += policy.keys.map { "key \($0.id) \($0.team.map(String.init) ?? "-") \($0.digests[0])" }
        return facts
    }

    private static func secondsOrLess(_ span: TimeSpan) -> String { durationText(span) }

    @Test("is the same with a byte order mark and with CRLF")
    func encodings() throws {
        let text = ConfigFixture().text
        let expected = Self.facts(of: try ConfigFixture.read(text))
        #expect(Self.facts(of: try ConfigFixture.read([0xEF, 0xBB, 0xBF] + Array(text.utf8))) == expected)
        #expect(Self.facts(of: try ConfigFixture.read(text.replacing("\n", with: "\r\n"))) == expected)
    }

    @Test("has a fingerprint that is stable and changes with every byte")
    func fingerprint() throws {
        let policy = try ConfigFixture.read(ConfigFixture().text)
        #expect(policy.fingerprintText == "d405cf88077e5b8b")
        #expect(try ConfigFixture.read(ConfigFixture().text).fingerprint == policy.fingerprint)
        #expect(try ConfigFixture.read(ConfigFixture().text + "\n#").fingerprint != policy.fingerprint)
    }

    @Test("is found on disk, and what is not there says so")
    func load() {
        let path = "/nowhere/weir.yaml"
        #expect {
            try Policy.load(path: path, files: Machine.readFile, environment: { _ in nil })
        } throws: { error in
            guard let error = error as? ConfigurationError, case .unreadable(path, .missing) = error else {
                return false
            }
            return error.description
                == "/nowhere/weir.yaml: there is no such file; write --config FILE, or make the file readable"
        }
        #expect(throws: FileProblem.folder) { try Machine.readFile("/") }
        #expect(throws: Never.self) { try Machine.readFile(#filePath) }
    }
}
