import Testing

@Suite("mistakes of a configuration: unknown, missing, unsupported, repeated settings") struct SettingMistakeTests {
    @Test("each is told with its place and its cure", arguments: cases)
    func told(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let cases: [MistakeCase] = [
        MistakeCase(
            more: "limitz: {}",
            "6:1: limitz: unknown setting; did you mean \"limits\"?"),
        MistakeCase(
            more: "port: 80",
            "6:1: port: unknown setting; did you mean \"listen\"?"),
        MistakeCase(
            more: "xyzzy: 1",
            "6:1: xyzzy: unknown setting; known here: version, listen, data, loops, providers, models, teams, keys, limits, prices, access_log, durability, tags"
        ),
        MistakeCase(
            more: "guardrails: []",
            "6:1: guardrails: is not supported by this version of weir; remove it"),
        MistakeCase(
            more: "control: 127.0.0.1:1\nadmin_token: env:A\nguardrails: []\ntrace: {}\notel: {}",
            "6:1: control: is not supported by this version of weir; remove it",
            "7:1: admin_token: is not supported by this version of weir; remove it",
            "8:1: guardrails: is not supported by this version of weir; remove it",
            "9:1: trace: is not supported by this version of weir; remove it",
            "10:1: otel: is not supported by this version of weir; remove it"),
        MistakeCase(
            more: "durability: paper",
            "6:13: durability: \"paper\" is no durability of this version; write \"process\" or \"power\""),
        MistakeCase(
            more: "limits: {header: 8}",
            "6:10: limits.header: unknown setting; did you mean \"headers\"?"),
        MistakeCase(
            more: "data: a\ndata: b",
            "7:1: data: is already set in line 6; keep one of them"),
        MistakeCase(
            more: "\"data\": a\ndata: b\ndata: c\nloops: 0",
            "7:1: data: is already set in line 6; keep one of them",
            "8:1: data: is already set in line 6; keep one of them",
            "9:8: loops: \"0\" is no number of loops; write auto or 1 to 256"),
        MistakeCase(
            more: "1: a\n\"1\": b",
            "6:1: 1: unknown setting; known here: version, listen, data, loops, providers, models, teams, keys, limits, prices, access_log, durability, tags",
            "7:1: 1: is already set in line 6; keep one of them"),
        MistakeCase(
            models: "models: {m: p/x, m: q/y}",
            "4:18: models.m: is already set in line 4; keep one of them"),
        MistakeCase(
            more: "limits:",
            "6:8: limits: has no value; write \"head_bytes: ...\"; known here: head_bytes, headers, body_bytes, head_timeout, idle_timeout, connections, output_tokens, drain"
        ),
        MistakeCase(
            more: "limits: 3",
            "6:9: limits: is not a map of settings; write \"head_bytes: ...\"; known here: head_bytes, headers, body_bytes, head_timeout, idle_timeout, connections, output_tokens, drain"
        ),
        MistakeCase(
            more: "limits: []",
            "6:9: limits: is not a map of settings; write \"head_bytes: ...\"; known here: head_bytes, headers, body_bytes, head_timeout, idle_timeout, connections, output_tokens, drain"
        ),
        MistakeCase(
            more: "limits: {connections: }",
            "6:23: limits.connections: has no value; write a whole number, such as 1"),
        MistakeCase(
            more: "limits: {connections: [1]}",
            "6:23: limits.connections: is a list, but one value is expected; write a whole number, such as 1"),
        MistakeCase(
            more: "limits: {connections: {}}",
            "6:23: limits.connections: is a map, but one value is expected; write a whole number, such as 1"),
    ]
}
