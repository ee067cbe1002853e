import Testing

@Suite("mistakes of a configuration: the file as a whole") struct FileMistakeTests {
    @Test("the file as a whole", arguments: theFileAsAWholeCases)
    func theFileAsAWhole(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let theFileAsAWholeCases: [MistakeCase] = [
        MistakeCase(
            text: "",
            "1:1: the file is empty; begin with \"version: 1\""),
        MistakeCase(
            text: "# only a comment\n",
            "1:1: the file is empty; begin with \"version: 1\""),
        MistakeCase(
            text: "just text",
            "1:1: the file is not a map of settings; write \"version: ...\"; known here: version, listen, data, loops, providers, models, teams, keys, limits, prices, access_log, durability"
        ),
        MistakeCase(
            text: "- a\n- list",
            "1:1: the file is not a map of settings; write \"version: ...\"; known here: version, listen, data, loops, providers, models, teams, keys, limits, prices, access_log, durability"
        ),
        MistakeCase(
            text: "version: 1",
            "1:1: \"listen\" is missing; add \"listen: ...\" (address, or list of addresses and maps)",
            "1:1: \"providers\" is missing; add \"providers: ...\" (map of name to settings)",
            "1:1: \"models\" is missing; add \"models: ...\" (map of name to provider/model or settings)",
            "1:1: warning: there are no keys: every request will be refused; add \"keys: [{id: NAME, sha256: HEX}]\", where HEX is the SHA-256 of the whole key"
        ),
        MistakeCase(
            text: "version: 1\nlisten: [a\n\n",
            "4:1: this is not valid YAML: did not find expected ',' or ']', while parsing a flow sequence that begins in line 2; close the list with ], and put quotes around a text that has [ or ] in it"
        ),
        MistakeCase(
            text: "version: 1\n---\nversion: 1",
            "2:1: this is not valid YAML: but found another document; keep one document in the file: remove \"---\""),
    ]

    @Test("every mistake at once", arguments: everyMistakeAtOnceCases)
    func everyMistakeAtOnce(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let everyMistakeAtOnceCases: [MistakeCase] = [
        MistakeCase(
            text:
                "version: 1\nlisten: 8080\ndata: a\nproviders:\n  openai:\n    dialect: opnai\n    base_url: https://api.openai.com\n    credentials: [sk-clear]\n    timeouts: {idle: 5}\nmodels:\n  a: openai/x\n  b: openaj/y\ndata: b\nkeys:\n  - {id: ci, team: x, sha256: 12}\nguardrails: []\n",
            "2:9: listen: 8080 is a port without an address; write 127.0.0.1:8080, or :8080 for all addresses",
            "6:14: providers.openai.dialect: \"opnai\" is no dialect of this version; write \"openai\"",
            "8:19: providers.openai.credentials[0]: a credential stands here in clear (not shown); put it in a variable or a file, write env:NAME or file:PATH here, and replace the key if others have seen this file",
            "9:22: providers.openai.timeouts.idle: \"5\" is not a duration; write for example 250ms, 2s, 10m or 1h",
            "12:6: models.b: there is no provider \"openaj\"; did you mean \"openai\"?",
            "13:1: data: is already set in line 3; keep one of them",
            "15:20: keys[0].team: there is no team \"x\"; add it under \"teams\"",
            "15:31: keys[0].sha256: is not 64 hexadecimal digits (not shown: it may be the key itself); write what `printf %s \"$KEY\" | sha256sum` prints",
            "16:1: guardrails: is not supported by this version of weir; remove it")
    ]
}
