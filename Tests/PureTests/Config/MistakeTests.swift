import Testing
import WeirBase

@testable import WeirConfig

/// What each mistake says, as `line:column: setting: what is wrong; what to write`. The table is the specification of the wording: it is
/// long, and made to be read.
@Suite("mistakes of a configuration") struct MistakeTests {
    static let hash = ConfigFixture.hash
    static let other = ConfigFixture.other

    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let expected: [String]
        var testDescription: String { expected.first ?? text }

        init(text: String, _ expected: String...) {
            self.text = text
            self.expected = expected
        }

        init(
            version: String? = nil, listen: String? = nil, providers: String? = nil, models: String? = nil,
            keys: String? = nil,
            more: String? = nil, _ expected: String...
        ) {
            var fixture = ConfigFixture()
            if let version { fixture.version = version }
            if let listen { fixture.listen = listen }
            if let providers { fixture.providers = providers }
            if let models { fixture.models = models }
            if let keys { fixture.keys = keys }
            if let more { fixture.more = more }
            text = fixture.text
            self.expected = expected
        }
    }

    @Test("the file as a whole", arguments: theFileAsAWholeCases) func theFileAsAWhole(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let theFileAsAWholeCases: [Case] = [
        Case(
            text: "",
            "1:1: the file is empty; begin with \"version: 1\""),
        Case(
            text: "# only a comment\n",
            "1:1: the file is empty; begin with \"version: 1\""),
        Case(
            text: "just text",
            "1:1: the file is not a map of settings; write \"version: ...\"; known here: version, listen, data, loops, providers, models, teams, keys, limits, access_log, durability"
        ),
        Case(
            text: "- a\n- list",
            "1:1: the file is not a map of settings; write \"version: ...\"; known here: version, listen, data, loops, providers, models, teams, keys, limits, access_log, durability"
        ),
        Case(
            text: "version: 1",
            "1:1: \"listen\" is missing; add \"listen: ...\" (address, or list of addresses and maps)",
            "1:1: \"providers\" is missing; add \"providers: ...\" (map of name to settings)",
            "1:1: \"models\" is missing; add \"models: ...\" (map of name to provider/model or settings)",
            "1:1: warning: there are no keys: every request will be refused; add \"keys: [{id: NAME, sha256: HEX}]\", where HEX is the SHA-256 of the whole key"
        ),
        Case(
            text: "version: 1\nlisten: [a\n\n",
            "4:1: this is not valid YAML: did not find expected ',' or ']', while parsing a flow sequence that begins in line 2; close the list with ], and put quotes around a text that has [ or ] in it"
        ),
        Case(
            text: "version: 1\n---\nversion: 1",
            "2:1: this is not valid YAML: but found another document; keep one document in the file: remove \"---\""),
    ]

    @Test("syntax", arguments: syntaxCases) func syntax(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let syntaxCases: [Case] = [
        Case(
            more: "limits: {headers: 8",
            "7:1: this is not valid YAML: did not find expected ',' or '}', while parsing a flow mapping that begins in line 6; close the map with }, and put quotes around a text that has { or } in it"
        ),
        Case(
            more: "limits: [headers",
            "7:1: this is not valid YAML: did not find expected ',' or ']', while parsing a flow sequence that begins in line 6; close the list with ], and put quotes around a text that has [ or ] in it"
        ),
        Case(
            more: "data: \"open",
            "6:12: this is not valid YAML: found unexpected end of stream; close the quotes"),
        Case(
            more: "data: a: b",
            "6:8: this is not valid YAML: mapping values are not allowed in this context; put quotes around a text that has \": \" in it, or check the indentation"
        ),
        Case(
            more: "\tdata: x",
            "6:1: this is not valid YAML: found character that cannot start any token; indent with spaces, not tabs, and put quotes around a text that begins with @, ` or %"
        ),
        Case(
            more: "data: @x",
            "6:7: this is not valid YAML: found character that cannot start any token; indent with spaces, not tabs, and put quotes around a text that begins with @, ` or %"
        ),
        Case(
            more: "data: \"\\q\"",
            "6:8: this is not valid YAML: found unknown escape character; write \\\\ for a backslash, or use single quotes"
        ),
        Case(
            more: "teams: {t: {models: [*]}}",
            "6:23: this is not valid YAML: did not find expected alphabetic or numeric character; put quotes around a text that begins with \"*\" or \"&\""
        ),
        Case(
            more: "teams: {t: {models: [*-mini]}}",
            "6:22: this is not valid YAML: found undefined alias; put quotes around a text that begins with \"*\""),
        Case(
            more: "limits:\n  headers: 8\n drain: 3s",
            "8:2: this is not valid YAML: did not find expected key, while parsing a block mapping that begins in line 1; check indentation and quotes here and in the line before"
        ),
        Case(
            more: "data",
            "7:1: this is not valid YAML: could not find expected ':', while scanning a simple key that begins in line 6; write \"name: value\", with a space after the colon"
        ),
        Case(
            listen: "listen: [::]:8080",
            "2:10: this is not valid YAML: did not find expected node content; put quotes around a text that begins with \":\" or \"[\", such as an address"
        ),
        Case(
            text: "version: 1\ndata: a\u{7}b",
            "2:8: the control character U+7 is not allowed; remove it"),
        Case(
            more: "? [a]\n: b",
            "6:3: a name is expected here, not a list or map; write \"name: value\""),
        Case(
            more: "data: !env A\nlimits: !map {drain: !!str 1s, headers: ! 8}",
            "6:7: data: tags have no meaning here; remove the word that begins with \"!\"",
            "7:9: limits: tags have no meaning here; remove the word that begins with \"!\""),
        Case(
            more: "access_log: &a off\nloops: *a",
            "6:13: loops: \"off\" is no number of loops; write auto or 1 to 256"),
        Case(
            more: "limits: {<<: *x}",
            "6:14: this is not valid YAML: found undefined alias; put quotes around a text that begins with \"*\""),
    ]

    @Test("unknown, missing, unsupported, repeated settings", arguments: unknownMissingUnsupportedRepeatedSettingsCases)
    func unknownMissingUnsupportedRepeatedSettings(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let unknownMissingUnsupportedRepeatedSettingsCases: [Case] = [
        Case(
            more: "limitz: {}",
            "6:1: limitz: unknown setting; did you mean \"limits\"?"),
        Case(
            more: "port: 80",
            "6:1: port: unknown setting; did you mean \"listen\"?"),
        Case(
            more: "xyzzy: 1",
            "6:1: xyzzy: unknown setting; known here: version, listen, data, loops, providers, models, teams, keys, limits, access_log, durability"
        ),
        Case(
            more: "guardrails: []",
            "6:1: guardrails: is not supported by this version of weir; remove it"),
        Case(
            more: "control: 127.0.0.1:1\nadmin_token: env:A\nprices: []\ntrace: {}\notel: {}",
            "6:1: control: is not supported by this version of weir; remove it",
            "7:1: admin_token: is not supported by this version of weir; remove it",
            "8:1: prices: is not supported by this version of weir; remove it",
            "9:1: trace: is not supported by this version of weir; remove it",
            "10:1: otel: is not supported by this version of weir; remove it"),
        Case(
            more: "durability: power",
            "6:13: durability: \"power\" is not supported by this version of weir; write \"process\""),
        Case(
            more: "durability: paper",
            "6:13: durability: \"paper\" is no durability of this version; write \"process\""),
        Case(
            more: "limits: {header: 8}",
            "6:10: limits.header: unknown setting; did you mean \"headers\"?"),
        Case(
            more: "data: a\ndata: b",
            "7:1: data: is already set in line 6; keep one of them"),
        Case(
            more: "\"data\": a\ndata: b\ndata: c\nloops: 0",
            "7:1: data: is already set in line 6; keep one of them",
            "8:1: data: is already set in line 6; keep one of them",
            "9:8: loops: \"0\" is no number of loops; write auto or 1 to 256"),
        Case(
            more: "1: a\n\"1\": b",
            "6:1: 1: unknown setting; known here: version, listen, data, loops, providers, models, teams, keys, limits, access_log, durability",
            "7:1: 1: is already set in line 6; keep one of them"),
        Case(
            models: "models: {m: p/x, m: q/y}",
            "4:18: models.m: is already set in line 4; keep one of them"),
        Case(
            more: "limits:",
            "6:8: limits: has no value; write \"head_bytes: ...\"; known here: head_bytes, headers, body_bytes, head_timeout, idle_timeout, connections, drain"
        ),
        Case(
            more: "limits: 3",
            "6:9: limits: is not a map of settings; write \"head_bytes: ...\"; known here: head_bytes, headers, body_bytes, head_timeout, idle_timeout, connections, drain"
        ),
        Case(
            more: "limits: []",
            "6:9: limits: is not a map of settings; write \"head_bytes: ...\"; known here: head_bytes, headers, body_bytes, head_timeout, idle_timeout, connections, drain"
        ),
        Case(
            more: "limits: {connections: }",
            "6:23: limits.connections: has no value; write a whole number, such as 1"),
        Case(
            more: "limits: {connections: [1]}",
            "6:23: limits.connections: is a list, but one value is expected; write a whole number, such as 1"),
        Case(
            more: "limits: {connections: {}}",
            "6:23: limits.connections: is a map, but one value is expected; write a whole number, such as 1"),
    ]

    @Test("version, data, loops, access log", arguments: versionDataLoopsAccessLogCases) func versionDataLoopsAccessLog(
        _ example: Case
    ) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let versionDataLoopsAccessLogCases: [Case] = [
        Case(
            version: "version: 2",
            "1:10: version: \"2\" is no version of this file's form; write \"version: 1\""),
        Case(
            version: "version: \"one\"",
            "1:10: version: \"one\" is no version of this file's form; write \"version: 1\""),
        Case(
            version: "",
            "1:1: \"version\" is missing; add \"version: 1\""),
        Case(
            more: "data: \"\"",
            "6:7: data: is no path; write a path; relative ones are relative to this file"),
        Case(
            more: "data: [a]",
            "6:7: data: is a list, but one value is expected; write a path"),
        Case(
            more: "loops: many",
            "6:8: loops: \"many\" is no number of loops; write auto or 1 to 256"),
        Case(
            more: "loops: 0",
            "6:8: loops: \"0\" is no number of loops; write auto or 1 to 256"),
        Case(
            more: "loops: 257",
            "6:8: loops: \"257\" is no number of loops; write auto or 1 to 256"),
        Case(
            more: "access_log: stdot",
            "6:13: access_log: \"stdot\" is no place for the log; did you mean \"stdout\"?"),
        Case(
            more: "access_log: file",
            "6:13: access_log: \"file\" is no place for the log; write stdout, stderr, off or a path such as ./access.log"
        ),
        Case(
            more: "access_log: ~",
            "6:13: access_log: has no value; write stdout, stderr, off or a path"),
    ]

    @Test("quantities", arguments: quantitiesCases) func quantities(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let quantitiesCases: [Case] = [
        Case(
            more: "limits: {head_bytes: 1KB}",
            "6:22: limits.head_bytes: \"1KB\" is not a size; write for example 64KiB or 8MiB"),
        Case(
            more: "limits: {head_bytes: 1023}",
            "6:22: limits.head_bytes: 1023 is too small; write 1KiB to 1MiB"),
        Case(
            more: "limits: {body_bytes: 2GiB}",
            "6:22: limits.body_bytes: 2GiB is too large; write 1KiB to 1GiB"),
        Case(
            more: "limits: {body_bytes: -1}",
            "6:22: limits.body_bytes: \"-1\" is not a size; write for example 64KiB or 8MiB"),
        Case(
            more: "limits: {headers: 1e3}",
            "6:19: limits.headers: \"1e3\" is not a whole number; write for example 8"),
        Case(
            more: "limits: {headers: 7}",
            "6:19: limits.headers: 7 is too small; write 8 to 1024"),
        Case(
            more: "limits: {drain: 30}",
            "6:17: limits.drain: \"30\" is not a duration; write for example 250ms, 2s, 10m or 1h"),
        Case(
            more: "limits: {drain: 2h}",
            "6:17: limits.drain: 2h is too large; write 0s to 1h"),
        Case(
            more: "limits: {head_timeout: 50ms}",
            "6:24: limits.head_timeout: 50ms is too small; write 100ms to 5m"),
        Case(
            more: "limits: {head_timeout: 1.5s}",
            "6:24: limits.head_timeout: \"1.5s\" is not a duration; write for example 250ms, 2s, 10m or 1h"),
        Case(
            more: "limits: {idle_timeout: 9999999999999h}",
            "6:24: limits.idle_timeout: \"9999999999999h\" is not a duration; write for example 250ms, 2s, 10m or 1h"),
        Case(
            more: "limits: {connections: 99999999999999999999}",
            "6:23: limits.connections: \"99999999999999999999\" is not a whole number; write for example 1"),
    ]

    @Test("listeners", arguments: listenersCases) func listeners(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let listenersCases: [Case] = [
        Case(
            listen: "",
            "1:1: \"listen\" is missing; add \"listen: ...\" (address, or list of addresses and maps)"),
        Case(
            listen: "listen: 8080",
            "2:9: listen: 8080 is a port without an address; write 127.0.0.1:8080, or :8080 for all addresses"),
        Case(
            listen: "listen: example.com:80",
            "2:9: listen: \"example.com:80\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        Case(
            listen: "listen: 127.0.0.1",
            "2:9: listen: \"127.0.0.1\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        Case(
            listen: "listen: 127.0.0.1:65536",
            "2:9: listen: \"127.0.0.1:65536\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        Case(
            listen: "listen: 1.2.3:80",
            "2:9: listen: \"1.2.3:80\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        Case(
            listen: "listen: \"[::1:80\"",
            "2:9: listen: \"[::1:80\" is no address to listen on; write an IP address and a port, such as 127.0.0.1:8080, \"[::1]:8080\" or :8080"
        ),
        Case(
            listen: "listen: []",
            "2:9: listen: is an empty list; write an address such as 127.0.0.1:8080"),
        Case(
            listen: "listen: ~",
            "2:9: listen: has no value; write an address such as 127.0.0.1:8080"),
        Case(
            listen: "listen: [127.0.0.1:80, {address: 127.0.0.1:80}]",
            "2:24: listen[1]: 127.0.0.1:80 is listed twice; remove one"),
        Case(
            listen: "listen: {addres: 127.0.0.1:80}",
            "2:10: listen.addres: unknown setting; did you mean \"address\"?"),
        Case(
            listen: "listen: {address: \":80\", tls: {certificate: cert.pem}}",
            "2:26: listen.tls: \"key\" is missing; add \"key: ...\" (path)"),
        Case(
            listen: "listen: {address: \":80\", tls: {certificate: key.pem, key: cert.pem}}",
            "2:45: listen.tls.certificate: conf/key.pem has no PEM block \"CERTIFICATE\"; name a PEM file that begins with -----BEGIN ... CERTIFICATE-----",
            "2:59: listen.tls.key: conf/cert.pem has no PEM block \"PRIVATE KEY\"; name a PEM file that begins with -----BEGIN ... PRIVATE KEY-----"
        ),
        Case(
            listen: "listen: {address: \":80\", tls: {certificate: gone.pem, key: folder}}",
            "2:45: listen.tls.certificate: conf/gone.pem: there is no such file; relative paths are relative to this file",
            "2:60: listen.tls.key: conf/folder: this is a folder, not a file; relative paths are relative to this file"),
        Case(
            listen: "listen: {address: \":80\", tls: {cert: cert.pem, key: forbidden}}",
            "2:32: listen.tls.cert: unknown setting; did you mean \"certificate\"?",
            "2:53: listen.tls.key: conf/forbidden: permission to read the file is denied; relative paths are relative to this file"
        ),
        Case(
            listen: "listen: {address: [], tls: on}",
            "2:19: listen.address: is a list, but one value is expected; write an address such as 127.0.0.1:8080",
            "2:28: listen.tls: is not a map of settings; write \"certificate: ...\"; known here: certificate, key"),
        Case(
            listen: "listen: {address: :80}",
            "2:19: this is not valid YAML: did not find expected node content; put quotes around a text that begins with \":\" or \"[\", such as an address"
        ),
    ]

    @Test("providers", arguments: providersCases) func providers(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let providersCases: [Case] = [
        Case(
            providers: "",
            "1:1: \"providers\" is missing; add \"providers: ...\" (map of name to settings)"),
        Case(
            providers: "providers: {}",
            "3:12: providers: is empty; write \"NAME: {dialect: openai, base_url: URL}\""),
        Case(
            providers: "providers: [p]",
            "3:12: providers: is not a map; write \"NAME: {dialect: openai, base_url: URL}\""),
        Case(
            providers: "providers: {p: }",
            "3:16: providers.p: has no value; write \"dialect: ...\"; known here: dialect, base_url, credentials, ca_file, timeouts, max_connections"
        ),
        Case(
            providers: "providers: {p: openai}",
            "3:16: providers.p: is not a map of settings; write \"dialect: ...\"; known here: dialect, base_url, credentials, ca_file, timeouts, max_connections"
        ),
        Case(
            providers:
                "providers: {\"a b\": {dialect: openai, base_url: \"http://127.0.0.1:9\"}, p: {dialect: openai, base_url: \"http://127.0.0.1:9\"}}",
            "3:13: providers.\"a b\": this name is not allowed; use 1 to 64 letters, digits, \"-\", \"_\" and \".\"",
            "3:13: warning: providers.\"a b\": no model uses this provider; add a target that names it, or remove it"),
        Case(
            providers: "providers:\n  p:\n    dialect: opnai\n    base_url: ftp://x",
            "5:14: providers.p.dialect: \"opnai\" is no dialect of this version; write \"openai\"",
            "6:15: providers.p.base_url: the URL is neither http nor https; begin it with https:// or http://"),
        Case(
            providers: "providers: {p: {dialect: anthropic, base_url: \"https://x\"}}",
            "3:26: providers.p.dialect: dialect \"anthropic\" is not supported by this version of weir; write \"openai\""
        ),
        Case(
            providers: "providers: {p: {dialect: openai}}",
            "3:13: providers.p: \"base_url\" is missing; add \"base_url: ...\" (URL)"),
        Case(
            providers: "providers: {p: {url: \"https://x\", api_key: env:A}}",
            "3:13: providers.p: \"dialect\" is missing; add \"dialect: openai\"",
            "3:17: providers.p.url: unknown setting; did you mean \"base_url\"?",
            "3:35: providers.p.api_key: unknown setting; did you mean \"credentials\"?"),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"https://x\"}, q: {dialect: openai, base_url: \"https://x\"}}",
            "3:58: warning: providers.q: no model uses this provider; add a target that names it, or remove it"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"api.openai.com/v1\"}}",
            "3:44: providers.p.base_url: the URL is neither http nor https; begin it with https:// or http://"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://user:geheim@x/v1\"}}",
            "3:44: providers.p.base_url: the URL has a user or password in it; remove it, and put the secret under \"credentials\""
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/v1?key=geheim\"}}",
            "3:44: providers.p.base_url: the URL has a query; remove \"?\" and what follows it"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/v1#a\"}}",
            "3:44: providers.p.base_url: the URL has a fragment; remove \"#\" and what follows it"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x:0/\"}}",
            "3:44: providers.p.base_url: the URL's port is not valid; write a number from 1 to 65535 after the colon, or leave both out"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x:/\"}}",
            "3:44: providers.p.base_url: the URL's port is not valid; write a number from 1 to 65535 after the colon, or leave both out"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x:70000\"}}",
            "3:44: providers.p.base_url: the URL's port is not valid; write a number from 1 to 65535 after the colon, or leave both out"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://a..b/\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://127.1/\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://[::1/\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://b\\u00fccher.de/\"}}",
            "3:44: providers.p.base_url: the URL has no valid host; write a name such as api.openai.com or an address such as 127.0.0.1 or [::1]"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/../y\"}}",
            "3:44: providers.p.base_url: the URL's path is not valid; write a plain path such as /v1, without \"..\", \"//\", \"%\" and spaces"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x//y\"}}",
            "3:44: providers.p.base_url: the URL's path is not valid; write a plain path such as /v1, without \"..\", \"//\", \"%\" and spaces"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/a b\"}}",
            "3:44: providers.p.base_url: the URL's path is not valid; write a plain path such as /v1, without \"..\", \"//\", \"%\" and spaces"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"https://x/%2e%2e\"}}",
            "3:44: providers.p.base_url: the URL's path is not valid; write a plain path such as /v1, without \"..\", \"//\", \"%\" and spaces"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"ws://x\"}}",
            "3:44: providers.p.base_url: the URL is neither http nor https; begin it with https:// or http://"),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://10.0.0.1/v1\", credentials: [env:OPENAI_API_KEY], ca_file: cert.pem}}",
            "3:44: warning: providers.p.base_url: env:OPENAI_API_KEY goes to 10.0.0.1 unencrypted; use https",
            "3:110: warning: providers.p.ca_file: has no effect: the base URL is not https; remove it, or use https"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", region: eu}}",
            "3:69: providers.p.region: is not supported by this version of weir; remove it"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", max_connections: 0}}",
            "3:86: providers.p.max_connections: 0 is too small; write 1 to 65536"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", ca_file: gone.pem}}",
            "3:78: providers.p.ca_file: conf/gone.pem: there is no such file; relative paths are relative to this file"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", ca_file: key.pem}}",
            "3:78: providers.p.ca_file: conf/key.pem has no PEM block \"CERTIFICATE\"; name a PEM file that begins with -----BEGIN ... CERTIFICATE-----"
        ),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", timeouts: {connect: 2s, first_byte: 20m, total: 10m}}}",
            "3:105: providers.p.timeouts.first_byte: 20m is longer than total (10m); write at most 10m, or raise total"),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", timeouts: {connect: 6m}}}",
            "3:89: providers.p.timeouts.connect: 6m is too large; write 10ms to 5m"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", timeouts: {read: 1s}}}",
            "3:80: providers.p.timeouts.read: unknown setting; known here: connect, first_byte, idle, total"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", timeouts: 5s}}",
            "3:79: providers.p.timeouts: is not a map of settings; write \"connect: ...\"; known here: connect, first_byte, idle, total"
        ),
    ]

    @Test("credentials", arguments: credentialsCases) func credentials(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let credentialsCases: [Case] = [
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [sk-clear]}}",
            "3:83: providers.p.credentials[0]: a credential stands here in clear (not shown); put it in a variable or a file, write env:NAME or file:PATH here, and replace the key if others have seen this file"
        ),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: sk-clear}}",
            "3:82: providers.p.credentials: a credential stands here in clear (not shown); put it in a variable or a file, write env:NAME or file:PATH here, and replace the key if others have seen this file"
        ),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: env:OPENAI_API_KEY}}",
            "3:82: providers.p.credentials: is not a list; write \"credentials: [env:NAME]\" or \"[file:PATH]\""),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: {sk-clear: x}}}",
            "3:82: providers.p.credentials: is not a list; write \"credentials: [env:NAME]\" or \"[file:PATH]\""),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: []}}",
            "3:82: providers.p.credentials: is an empty list; write \"credentials: [env:NAME]\" or \"[file:PATH]\", or leave it out for a server that wants none"
        ),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [[sk-clear]]}}",
            "3:83: providers.p.credentials[0]: is a list, but one value is expected; write env:NAME or file:PATH"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [\"\"]}}",
            "3:83: providers.p.credentials[0]: is empty; write env:NAME or file:PATH"),
        Case(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [~]}}",
            "3:83: providers.p.credentials[0]: has no value; write env:NAME or file:PATH"),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [env:GONE]}}",
            "3:83: providers.p.credentials[0]: the variable GONE is not set; set it where weir is started"),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [env:EMPTY]}}",
            "3:83: providers.p.credentials[0]: the variable EMPTY is empty; put the key there"),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [env:TWO_LINES, env:TAB]}}",
            "3:83: providers.p.credentials[0]: the variable TWO_LINES has control characters in it; put the key alone there, on one line",
            "3:98: providers.p.credentials[1]: the variable TAB has control characters in it; put the key alone there, on one line"
        ),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [\"env:\", env:1A, env:a-b, \"file:\"]}}",
            "3:83: providers.p.credentials[0]: what follows env: is not the name of a variable; write env:NAME, where NAME is a variable such as OPENAI_API_KEY",
            "3:91: providers.p.credentials[1]: what follows env: is not the name of a variable; write env:NAME, where NAME is a variable such as OPENAI_API_KEY",
            "3:99: providers.p.credentials[2]: what follows env: is not the name of a variable; write env:NAME, where NAME is a variable such as OPENAI_API_KEY",
            "3:108: providers.p.credentials[3]: nothing follows file:; write file:PATH; relative paths are relative to this file"
        ),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [file:gone.key, file:empty.key, file:two-lines.key]}}",
            "3:83: providers.p.credentials[0]: conf/gone.key: there is no such file; write the path of a readable file; relative paths are relative to this file",
            "3:98: providers.p.credentials[1]: the file conf/empty.key is empty; put the key there",
            "3:114: providers.p.credentials[2]: the file conf/two-lines.key has control characters in it; put the key alone there, on one line"
        ),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [file:umlaut.key, file:space.key, file:long.key]}}",
            "3:83: providers.p.credentials[0]: the file conf/umlaut.key has characters beyond ASCII in it; put the key alone there",
            "3:100: providers.p.credentials[1]: the file conf/space.key begins or ends with a space; remove it",
            "3:116: providers.p.credentials[2]: the file conf/long.key has over 8192 bytes; put the key alone there"),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [file:folder, file:forbidden, file:../x]}}",
            "3:83: providers.p.credentials[0]: conf/folder: this is a folder, not a file; write the path of a readable file; relative paths are relative to this file",
            "3:96: providers.p.credentials[1]: conf/forbidden: permission to read the file is denied; write the path of a readable file; relative paths are relative to this file",
            "3:112: providers.p.credentials[2]: conf/../x: there is no such file; write the path of a readable file; relative paths are relative to this file"
        ),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [env:OPENAI_API_KEY, env:OPENAI_API_KEY]}}",
            "3:103: providers.p.credentials[1]: is listed twice; remove one"),
        Case(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [{access_key_id: env:A}]}}",
            "3:83: providers.p.credentials[0]: credentials of several parts are not supported by this version of weir; write env:NAME or file:PATH"
        ),
    ]

    @Test("models and targets", arguments: modelsAndTargetsCases) func modelsAndTargets(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let modelsAndTargetsCases: [Case] = [
        Case(
            models: "",
            "1:1: \"models\" is missing; add \"models: ...\" (map of name to provider/model or settings)"),
        Case(
            models: "models: {}",
            "4:9: models: is empty; write \"NAME: PROVIDER/MODEL\""),
        Case(
            models: "models: [m]",
            "4:9: models: is not a map; write \"NAME: PROVIDER/MODEL\""),
        Case(
            models: "models: {m: x}",
            "4:13: models.m: \"x\" names no provider; write PROVIDER/MODEL"),
        Case(
            models: "models: {m: q/x}",
            "4:13: models.m: there is no provider \"q\"; write one of p, or add it under \"providers\""),
        Case(
            models: "models: {m: pp/x}",
            "4:13: models.m: there is no provider \"pp\"; write one of p, or add it under \"providers\""),
        Case(
            models: "models: {m: p/}",
            "4:13: models.m: the provider's name for the model is not valid; use 1 to 200 visible ASCII characters, without \" and \\"
        ),
        Case(
            models: "models: {\"a b\": p/x}",
            "4:10: models.\"a b\": this model name is not allowed; use 1 to 200 visible ASCII characters, without \", \\ and *"
        ),
        Case(
            models: "models: {\"a*\": p/x}",
            "4:10: models.\"a*\": this model name is not allowed; use 1 to 200 visible ASCII characters, without \", \\ and *"
        ),
        Case(
            models: "models: {m: {targets: []}}",
            "4:23: models.m.targets: is an empty list; write \"[{provider: NAME, model: NAME}]\""),
        Case(
            models: "models: {m: {}}",
            "4:10: models.m: \"targets\" is missing; add \"targets: ...\" (list of maps)"),
        Case(
            models: "models: {m: [p/x]}",
            "4:13: models.m: is not a map of settings; write \"strategy: ...\"; known here: strategy, targets"),
        Case(
            models: "models: {m: ~}",
            "4:13: models.m: has no value; write \"strategy: ...\"; known here: strategy, targets"),
        Case(
            models: "models: {m: {strategy: weighted, targets: [{provider: p, model: x, weight: 2}]}}",
            "4:24: models.m.strategy: strategy \"weighted\" is not supported by this version of weir; write \"priority\"",
            "4:68: models.m.targets[0].weight: is not supported by this version of weir; remove it"),
        Case(
            models: "models: {m: {strategy: priorty, targets: [p/x]}}",
            "4:24: models.m.strategy: \"priorty\" is no strategy of this version; write \"priority\""),
        Case(
            models: "models: {m: {targets: [p/x, p/y]}}",
            "4:29: models.m.targets[1]: more than one target is not supported by this version of weir; keep the first"),
        Case(
            models: "models: {m: {targets: [{provider: q}]}}",
            "4:24: models.m.targets[0]: \"model\" is missing; add \"model: ...\" (text)",
            "4:35: models.m.targets[0].provider: there is no provider \"q\"; write one of p, or add it under \"providers\""
        ),
        Case(
            models: "models: {m: {targets: [{provider: p, model: 'a\"b'}]}}",
            "4:45: models.m.targets[0].model: the provider's name for the model is not valid; use 1 to 200 visible ASCII characters, without \" and \\"
        ),
        Case(
            models: "models: {m: {targets: {provider: p}}}",
            "4:23: models.m.targets: is not a list; write \"[{provider: NAME, model: NAME}]\""),
    ]

    @Test("keys and teams", arguments: keysAndTeamsCases) func keysAndTeams(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let keysAndTeamsCases: [Case] = [
        Case(
            keys: "",
            "1:1: warning: there are no keys: every request will be refused; add \"keys: [{id: NAME, sha256: HEX}]\", where HEX is the SHA-256 of the whole key"
        ),
        Case(
            keys: "keys: []",
            "5:7: keys: is an empty list; write \"[{id: NAME, sha256: HEX}]\", or remove it"),
        Case(
            keys: "keys: {id: k}",
            "5:7: keys: is not a list; write \"[{id: NAME, sha256: HEX}]\", or remove it"),
        Case(
            keys: "keys: [k]",
            "5:8: keys[0]: is not a map of settings; write \"id: ...\"; known here: id, team, sha256, models"),
        Case(
            keys: "keys: [{id: k}]",
            "5:8: keys[0]: \"sha256\" is missing; add \"sha256: ...\" (64 hexadecimal digits)"),
        Case(
            keys: "keys: [{sha256: \(hash)}]",
            "5:8: keys[0]: \"id\" is missing; add \"id: ...\" (name)"),
        Case(
            keys: "keys: [{id: k, sha256: sk-weir-clear}]",
            "5:24: keys[0].sha256: is not 64 hexadecimal digits (not shown: it may be the key itself); write what `printf %s \"$KEY\" | sha256sum` prints"
        ),
        Case(
            keys: "keys: [{id: k, secret: sk-weir-clear}]",
            "5:16: keys[0].secret: unknown setting; did you mean \"sha256\"?"),
        Case(
            keys: "keys: [{id: k, sha256: \(hash)}, {id: k, sha256: \(other)}]",
            "5:96: keys[1].id: the key in line 5 has the same id; give each key an id of its own"),
        Case(
            keys: "keys: [{id: k, sha256: \(hash)}, {id: l, sha256: \(hash)}]",
            "5:107: keys[1].sha256: the key in line 5 has the same hash; make another secret"),
        Case(
            keys: "keys: [{id: k, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}]",
            "5:24: keys[0].sha256: is the SHA-256 of an empty text; write what `printf %s \"$KEY\" | sha256sum` prints"),
        Case(
            keys: "keys: [{id: \"k k\", sha256: \(hash)}]",
            "5:13: keys[0].id: this name is not allowed; use 1 to 64 letters, digits, \"-\", \"_\" and \".\""),
        Case(
            keys: "keys: [{id: k, team: t, sha256: \(hash)}]",
            "5:22: keys[0].team: there is no team \"t\"; add it under \"teams\""),
        Case(
            keys: "keys: [{id: k, sha256: \(hash), expires: 2027-01-01, budgets: []}]",
            "5:90: keys[0].expires: is not supported by this version of weir; remove it",
            "5:111: keys[0].budgets: is not supported by this version of weir; remove it"),
        Case(
            keys: "keys: [{id: k, sha256: \(hash), models: []}]",
            "5:98: keys[0].models: is an empty list; write \"[NAME, ...]\" with names or patterns such as \"gpt-*\", or leave it out to allow all"
        ),
        Case(
            keys: "keys: [{id: k, sha256: \(hash), models: [n, \"a b\", \"gpt-*\"]}]",
            "5:99: warning: keys[0].models[0]: \"n\" matches no model; write one of m, or add it under \"models\"",
            "5:102: keys[0].models[1]: is no pattern of model names; use 1 to 200 visible ASCII characters, without \" and \\",
            "5:109: warning: keys[0].models[2]: \"gpt-*\" matches no model; write one of m, or add it under \"models\""),
        Case(
            keys: "keys: [{id: k, team: serch, sha256: \(hash)}]", more: "teams: {search: }",
            "5:22: keys[0].team: there is no team \"serch\"; did you mean \"search\"?"),
        Case(
            more: "teams: {}",
            "6:8: teams: is empty; write \"NAME: {models: [PATTERN]}\", or remove it"),
        Case(
            more: "teams: [a]",
            "6:8: teams: is not a map; write \"NAME: {models: [PATTERN]}\", or remove it"),
        Case(
            more: "teams: {t: {model: [m]}}",
            "6:13: teams.t.model: unknown setting; did you mean \"models\"?"),
        Case(
            more: "teams: {t: {budgets: [], limits: {}}}",
            "6:13: teams.t.budgets: is not supported by this version of weir; remove it",
            "6:26: teams.t.limits: is not supported by this version of weir; remove it"),
        Case(
            more: "teams: {t: {models: m}}",
            "6:21: teams.t.models: is not a list; write \"[NAME, ...]\" with names or patterns such as \"gpt-*\", or leave it out to allow all"
        ),
        Case(
            more: "teams: {t: {models: [mm]}}",
            "6:22: warning: teams.t.models[0]: \"mm\" matches no model; write one of m, or add it under \"models\""),
        Case(
            more: "teams: {\"a/b\": ~}",
            "6:9: teams.\"a/b\": this name is not allowed; use 1 to 64 letters, digits, \"-\", \"_\" and \".\""),
    ]

    @Test("every mistake at once", arguments: everyMistakeAtOnceCases) func everyMistakeAtOnce(_ example: Case) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let everyMistakeAtOnceCases: [Case] = [
        Case(
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
