import Testing

@Suite("mistakes of a configuration: keys and teams") struct KeyMistakeTests {
    static let hash = ConfigFixture.hash
    static let other = ConfigFixture.other

    @Test("each is told with its place and its cure", arguments: cases)
    func told(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let cases: [MistakeCase] = [
        MistakeCase(
            keys: "",
            "1:1: warning: there are no keys: every request will be refused; add \"keys: [{id: NAME, sha256: HEX}]\", where HEX is the SHA-256 of the whole key"
        ),
        MistakeCase(
            keys: "keys: []",
            "5:7: keys: is an empty list; write \"[{id: NAME, sha256: HEX}]\", or remove it"),
        MistakeCase(
            keys: "keys: {id: k}",
            "5:7: keys: is not a list; write \"[{id: NAME, sha256: HEX}]\", or remove it"),
        MistakeCase(
            keys: "keys: [k]",
            "5:8: keys[0]: is not a map of settings; write \"id: ...\"; known here: id, team, sha256, models, expires, tags, budgets, limits"
        ),
        MistakeCase(
            keys: "keys: [{id: k}]",
            "5:8: keys[0]: \"sha256\" is missing; add \"sha256: ...\" (64 hexadecimal digits, or a list of two such)"),
        MistakeCase(
            keys: "keys: [{sha256: \(hash)}]",
            "5:8: keys[0]: \"id\" is missing; add \"id: ...\" (name)"),
        MistakeCase(
            keys: "keys: [{id: k, sha256: sk-weir-clear}]",
            "5:24: keys[0].sha256: is not 64 hexadecimal digits (not shown: it may be the key itself); write what `printf %s \"$KEY\" | sha256sum` prints"
        ),
        MistakeCase(
            keys: "keys: [{id: k, secret: sk-weir-clear}]",
            "5:16: keys[0].secret: unknown setting; did you mean \"sha256\"?"),
        MistakeCase(
            keys: "keys: [{id: k, sha256: \(hash)}, {id: k, sha256: \(other)}]",
            "5:96: keys[1].id: the key in line 5 has the same id; give each key an id of its own"),
        MistakeCase(
            keys: "keys: [{id: k, sha256: \(hash)}, {id: l, sha256: \(hash)}]",
            "5:107: keys[1].sha256: the key in line 5 has the same hash; make another secret"),
        MistakeCase(
            keys: "keys: [{id: k, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}]",
            "5:24: keys[0].sha256: is the SHA-256 of an empty text; write what `printf %s \"$KEY\" | sha256sum` prints"),
        MistakeCase(
            keys: "keys: [{id: \"k k\", sha256: \(hash)}]",
            "5:13: keys[0].id: this name is not allowed; use 1 to 64 letters, digits, \"-\", \"_\" and \".\""),
        MistakeCase(
            keys: "keys: [{id: k, team: t, sha256: \(hash)}]",
            "5:22: keys[0].team: there is no team \"t\"; add it under \"teams\""),
        MistakeCase(
            keys: "keys: [{id: k, sha256: \(hash), expires: 2027-01-01, budgets: []}]",
            "5:120: keys[0].budgets: is an empty list; write \"[{limit: $50, every: month}]\", or remove it"),
        MistakeCase(
            keys: "keys: [{id: k, sha256: \(hash), expires: 2027-02-29, tags: {env: 'p d'}}]",
            "5:99: keys[0].expires: \"2027-02-29\" is not a date; write for example 2027-01-01 or 2027-01-01T09:00:00Z",
            "5:123: keys[0].tags.env: \"env=p d\" is no tag; use 1 to 64 letters, digits, \"-\", \"_\" and \".\" for name and value"
        ),
        MistakeCase(
            keys: "keys: [{id: k, sha256: [\(hash), \(hash)]}]",
            "5:91: keys[0].sha256[1]: the key in line 5 has the same hash; make another secret"),
        MistakeCase(
            keys: "keys: [{id: k, sha256: []}]", "5:24: keys[0].sha256: holds 0 hashes; write one or two"),
        MistakeCase(
            keys: "keys: [{id: k, sha256: \(hash), models: []}]",
            "5:98: keys[0].models: is an empty list; write \"[NAME, ...]\" with names or patterns such as \"gpt-*\", or leave it out to allow all"
        ),
        MistakeCase(
            keys: "keys: [{id: k, sha256: \(hash), models: [n, \"a b\", \"gpt-*\"]}]",
            "5:99: warning: keys[0].models[0]: \"n\" matches no model; write one of m, or add it under \"models\"",
            "5:102: keys[0].models[1]: is no pattern of model names; use 1 to 200 visible ASCII characters, without \" and \\",
            "5:109: warning: keys[0].models[2]: \"gpt-*\" matches no model; write one of m, or add it under \"models\""),
        MistakeCase(
            keys: "keys: [{id: k, team: serch, sha256: \(hash)}]", more: "teams: {search: }",
            "5:22: keys[0].team: there is no team \"serch\"; did you mean \"search\"?"),
        MistakeCase(
            more: "teams: {}",
            "6:8: teams: is empty; write \"NAME: {models: [PATTERN]}\", or remove it"),
        MistakeCase(
            more: "teams: [a]",
            "6:8: teams: is not a map; write \"NAME: {models: [PATTERN]}\", or remove it"),
        MistakeCase(
            more: "teams: {t: {model: [m]}}",
            "6:13: teams.t.model: unknown setting; did you mean \"models\"?"),
        MistakeCase(
            more: "teams: {t: {budgets: [], limits: {rpm: 5}}}",
            "6:22: teams.t.budgets: is an empty list; write \"[{limit: $50, every: month}]\", or remove it",
            "6:35: teams.t.limits.rpm: unknown setting; did you mean \"requests_per_minute\"?"),
        MistakeCase(
            more: "teams: {t: {budgets: [{limit: 5 EUR}, {limit: $1, every: fortnight}, {every: day}]}}",
            "6:31: teams.t.budgets[0].limit: \"5 EUR\" is not an amount in dollars; write for example $500 or $0.01",
            "6:58: teams.t.budgets[1].every: \"fortnight\" is no window of this version; write \"hour\", \"day\", \"week\", \"month\" or \"year\"",
            "6:70: teams.t.budgets[2]: \"limit\" is missing; add \"limit: ...\" (amount)"),
        MistakeCase(
            more: "teams: {t: {budgets: [{limit: $5, every: day, timezone: ../x, warn: [80, 101%]}]}}",
            "6:57: teams.t.budgets[0].timezone: \"../x\" is no name of a time zone; write for example Europe/Berlin or UTC",
            "6:70: teams.t.budgets[0].warn[0]: \"80\" is not a percentage from 1% to 100%; write for example 80%",
            "6:74: teams.t.budgets[0].warn[1]: \"101%\" is not a percentage from 1% to 100%; write for example 80%"),
        MistakeCase(
            more: "teams: {t: {on_disconnect: ignore, limits: {concurrent: 0}}}",
            "6:28: teams.t.on_disconnect: \"ignore\" is no way of this version; write \"cancel\" or \"drain\"",
            "6:57: teams.t.limits.concurrent: 0 is too small; write 1 to 1000000"),
        MistakeCase(
            more: "tags: {prod: {budgets: [{limit: $5}]}}",
            "6:8: tags.prod: \"prod\" is no tag; write NAME=VALUE, each 1 to 64 letters, digits, \"-\", \"_\" and \".\""
        ),
        MistakeCase(
            more: "teams: {t: {models: m}}",
            "6:21: teams.t.models: is not a list; write \"[NAME, ...]\" with names or patterns such as \"gpt-*\", or leave it out to allow all"
        ),
        MistakeCase(
            more: "teams: {t: {models: [mm]}}",
            "6:22: warning: teams.t.models[0]: \"mm\" matches no model; write one of m, or add it under \"models\""),
        MistakeCase(
            more: "teams: {\"a/b\": ~}",
            "6:9: teams.\"a/b\": this name is not allowed; use 1 to 64 letters, digits, \"-\", \"_\" and \".\""),
    ]
}
