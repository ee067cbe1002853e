import Testing

@Suite("mistakes of a configuration: providers") struct ProviderMistakeTests {
    @Test("each is told with its place and its cure", arguments: cases)
    func told(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let cases: [MistakeCase] = [
        MistakeCase(
            providers: "",
            "1:1: \"providers\" is missing; add \"providers: ...\" (map of name to settings)"),
        MistakeCase(
            providers: "providers: {}",
            "3:12: providers: is empty; write \"NAME: {dialect: openai, base_url: URL}\""),
        MistakeCase(
            providers: "providers: [p]",
            "3:12: providers: is not a map; write \"NAME: {dialect: openai, base_url: URL}\""),
        MistakeCase(
            providers: "providers: {p: }",
            "3:16: providers.p: has no value; write \"dialect: ...\"; known here: dialect, base_url, credentials, ca_file, timeouts, max_connections, api_version, region"
        ),
        MistakeCase(
            providers: "providers: {p: openai}",
            "3:16: providers.p: is not a map of settings; write \"dialect: ...\"; known here: dialect, base_url, credentials, ca_file, timeouts, max_connections, api_version, region"
        ),
        MistakeCase(
            providers:
                "providers: {\"a b\": {dialect: openai, base_url: \"http://127.0.0.1:9\"}, p: {dialect: openai, base_url: \"http://127.0.0.1:9\"}}",
            "3:13: providers.\"a b\": this name is not allowed; use 1 to 64 letters, digits, \"-\", \"_\" and \".\"",
            "3:13: warning: providers.\"a b\": no model uses this provider; add a target that names it, or remove it"),
        MistakeCase(
            providers: "providers:\n  p:\n    dialect: opnai\n    base_url: ftp://x",
            "5:14: providers.p.dialect: \"opnai\" is no dialect of this version; write \"openai\"",
            "6:15: providers.p.base_url: the URL is neither http nor https; begin it with https:// or http://"),
        MistakeCase(
            providers: "providers: {p: {dialect: cohere, base_url: \"https://x\"}}",
            "3:26: providers.p.dialect: \"cohere\" is no dialect of this version; write \"openai\", \"azure\", \"anthropic\", \"gemini\" or \"bedrock\""
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x\", api_version: 2024-10-21}}",
            "3:70: providers.p.api_version: has a meaning for azure and anthropic only; remove it"),
        MistakeCase(
            providers: "providers: {p: {dialect: azure, base_url: \"https://x\", api_version: v1}}",
            "3:69: providers.p.api_version: \"v1\" is no version; write a version such as 2024-10-21 or 2025-04-01-preview"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: bedrock, base_url: \"https://x\", region: \"eu west\"}}",
            "3:66: providers.p.region: \"eu west\" is no region; write a region such as us-east-1"),
        MistakeCase(
            providers:
                "providers: {p: {dialect: bedrock, base_url: \"https://x\", credentials: [{access_key_id: env:INNER, secret_access_key: env:OPENAI_API_KEY}]}}",
            "3:13: providers.p: the base URL names no region, and requests are to be signed; add \"region: ...\" (such as us-east-1)"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai}}",
            "3:13: providers.p: \"base_url\" is missing; add \"base_url: ...\" (URL)"),
        MistakeCase(
            providers: "providers: {p: {url: \"https://x\", api_key: env:A}}",
            "3:13: providers.p: \"dialect\" is missing; add \"dialect: ...\" (openai, azure, anthropic, gemini or bedrock)",
            "3:17: providers.p.url: unknown setting; did you mean \"base_url\"?",
            "3:35: providers.p.api_key: unknown setting; did you mean \"credentials\"?"),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"https://x\"}, q: {dialect: openai, base_url: \"https://x\"}}",
            "3:58: warning: providers.q: no model uses this provider; add a target that names it, or remove it"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"api.openai.com/v1\"}}",
            "3:44: providers.p.base_url: the URL is neither http nor https; begin it with https:// or http://"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://user:geheim@x/v1\"}}",
            "3:44: providers.p.base_url: the URL has a user or password in it; remove it, and put the secret under \"credentials\""
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/v1?key=geheim\"}}",
            "3:44: providers.p.base_url: the URL has a query; remove \"?\" and what follows it"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/v1#a\"}}",
            "3:44: providers.p.base_url: the URL has a fragment; remove \"#\" and what follows it"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x:0/\"}}",
            "3:44: providers.p.base_url: the URL's port is not valid; write a number from 1 to 65535 after the colon, or leave both out"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x:/\"}}",
            "3:44: providers.p.base_url: the URL's port is not valid; write a number from 1 to 65535 after the colon, or leave both out"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x:70000\"}}",
            "3:44: providers.p.base_url: the URL's port is not valid; write a number from 1 to 65535 after the colon, or leave both out"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://a..b/\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://127.1/\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://[::1/\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://b\\u00fccher.de/\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/../y\"}}",
            "3:44: providers.p.base_url: the URL's path is not valid; write a plain path such as /v1, without \"..\", \"//\", \"%\" and spaces"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x//y\"}}",
            "3:44: providers.p.base_url: the URL's path is not valid; write a plain path such as /v1, without \"..\", \"//\", \"%\" and spaces"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/a b\"}}",
            "3:44: providers.p.base_url: the URL's path is not valid; write a plain path such as /v1, without \"..\", \"//\", \"%\" and spaces"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/%2e%2e\"}}",
            "3:44: providers.p.base_url: the URL's path is not valid; write a plain path such as /v1, without \"..\", \"//\", \"%\" and spaces"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"ws://x\"}}",
            "3:44: providers.p.base_url: the URL is neither http nor https; begin it with https:// or http://"),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://10.0.0.1/v1\", credentials: [env:OPENAI_API_KEY], ca_file: cert.pem}}",
            "3:44: warning: providers.p.base_url: env:OPENAI_API_KEY goes to 10.0.0.1 unencrypted; use https",
            "3:110: warning: providers.p.ca_file: has no effect: the base URL is not https; remove it, or use https"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", region: eu}}",
            "3:77: providers.p.region: has a meaning for bedrock only; remove it"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", max_connections: 0}}",
            "3:86: providers.p.max_connections: 0 is too small; write 1 to 65536"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", ca_file: gone.pem}}",
            "3:78: providers.p.ca_file: conf/gone.pem: there is no such file; relative paths are relative to this file"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", ca_file: key.pem}}",
            "3:78: providers.p.ca_file: conf/key.pem has no PEM block \"CERTIFICATE\"; name a PEM file that begins with -----BEGIN ... CERTIFICATE-----"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", timeouts: {connect: 2s, first_byte: 20m, total: 10m}}}",
            "3:105: providers.p.timeouts.first_byte: 20m is longer than total (10m); write at most 10m, or raise total"),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", timeouts: {connect: 6m}}}",
            "3:89: providers.p.timeouts.connect: 6m is too large; write 10ms to 5m"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", timeouts: {read: 1s}}}",
            "3:80: providers.p.timeouts.read: unknown setting; known here: connect, first_byte, idle, total"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", timeouts: 5s}}",
            "3:79: providers.p.timeouts: is not a map of settings; write \"connect: ...\"; known here: connect, first_byte, idle, total"
        ),
    ]
}
