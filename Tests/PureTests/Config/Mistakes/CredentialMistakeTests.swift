import Testing

@Suite("mistakes of a configuration: credentials") struct CredentialMistakeTests {
    @Test("each is told with its place and its cure", arguments: cases)
    func told(_ example: MistakeCase) {
        #expect(ConfigFixture.complaints(of: example.text) == example.expected)
    }
    static let cases: [MistakeCase] = [
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [sk-clear]}}",
            "3:83: providers.p.credentials[0]: a credential stands here in clear (not shown); put it in a variable or a file, write env:NAME or file:PATH here, and replace the key if others have seen this file"
        ),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: sk-clear}}",
            "3:82: providers.p.credentials: a credential stands here in clear (not shown); put it in a variable or a file, write env:NAME or file:PATH here, and replace the key if others have seen this file"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: env:OPENAI_API_KEY}}",
            "3:82: providers.p.credentials: is not a list; write \"credentials: [env:NAME]\" or \"[file:PATH]\""),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: {sk-clear: x}}}",
            "3:82: providers.p.credentials: is not a list; write \"credentials: [env:NAME]\" or \"[file:PATH]\""),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: []}}",
            "3:82: providers.p.credentials: is an empty list; write \"credentials: [env:NAME]\" or \"[file:PATH]\", or leave it out for a server that wants none"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [[sk-clear]]}}",
            "3:83: providers.p.credentials[0]: is a list, but one value is expected; write env:NAME or file:PATH"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [\"\"]}}",
            "3:83: providers.p.credentials[0]: is empty; write env:NAME or file:PATH"),
        MistakeCase(
            providers: "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [~]}}",
            "3:83: providers.p.credentials[0]: has no value; write env:NAME or file:PATH"),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [env:GONE]}}",
            "3:83: providers.p.credentials[0]: the variable GONE is not set; set it where weir is started"),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [env:EMPTY]}}",
            "3:83: providers.p.credentials[0]: the variable EMPTY is empty; put the key there"),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [env:TWO_LINES, env:TAB]}}",
            "3:83: providers.p.credentials[0]: the variable TWO_LINES has control characters in it; put the key alone there, on one line",
            "3:98: providers.p.credentials[1]: the variable TAB has control characters in it; put the key alone there, on one line"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [\"env:\", env:1A, env:a-b, \"file:\"]}}",
            "3:83: providers.p.credentials[0]: what follows env: is not the name of a variable; write env:NAME, where NAME is a variable such as OPENAI_API_KEY",
            "3:91: providers.p.credentials[1]: what follows env: is not the name of a variable; write env:NAME, where NAME is a variable such as OPENAI_API_KEY",
            "3:99: providers.p.credentials[2]: what follows env: is not the name of a variable; write env:NAME, where NAME is a variable such as OPENAI_API_KEY",
            "3:108: providers.p.credentials[3]: nothing follows file:; write file:PATH; relative paths are relative to this file"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [file:gone.key, file:empty.key, file:two-lines.key]}}",
            "3:83: providers.p.credentials[0]: conf/gone.key: there is no such file; write the path of a readable file; relative paths are relative to this file",
            "3:98: providers.p.credentials[1]: the file conf/empty.key is empty; put the key there",
            "3:114: providers.p.credentials[2]: the file conf/two-lines.key has control characters in it; put the key alone there, on one line"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [file:umlaut.key, file:space.key, file:long.key]}}",
            "3:83: providers.p.credentials[0]: the file conf/umlaut.key has characters beyond ASCII in it; put the key alone there",
            "3:100: providers.p.credentials[1]: the file conf/space.key begins or ends with a space; remove it",
            "3:116: providers.p.credentials[2]: the file conf/long.key has over 8192 bytes; put the key alone there"),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [file:folder, file:forbidden, file:../x]}}",
            "3:83: providers.p.credentials[0]: conf/folder: this is a folder, not a file; write the path of a readable file; relative paths are relative to this file",
            "3:96: providers.p.credentials[1]: conf/forbidden: permission to read the file is denied; write the path of a readable file; relative paths are relative to this file",
            "3:112: providers.p.credentials[2]: conf/../x: there is no such file; write the path of a readable file; relative paths are relative to this file"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [env:OPENAI_API_KEY, env:OPENAI_API_KEY]}}",
            "3:103: providers.p.credentials[1]: is listed twice; remove one"),
        MistakeCase(
            providers:
                "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\", credentials: [{access_key_id: env:A}]}}",
            "3:83: providers.p.credentials[0]: credentials of several parts are for bedrock only; write env:NAME or file:PATH"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: bedrock, base_url: \"http://127.0.0.1:9\", region: r, credentials: [{access_key_id: env:INNER}]}}",
            "3:92: providers.p.credentials[0]: \"secret_access_key\" is missing; add \"secret_access_key: ...\" (env:NAME or file:PATH)"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: bedrock, base_url: \"http://127.0.0.1:9\", region: r, credentials: [{access_key_id: env:INNER_SPACE, secret_access_key: env:GONE, session_token: sk-clear}]}}",
            "3:144: providers.p.credentials[0].secret_access_key: the variable GONE is not set; set it where weir is started",
            "3:169: providers.p.credentials[0].session_token: a credential stands here in clear (not shown); put it in a variable or a file, write env:NAME or file:PATH here, and replace the key if others have seen this file"
        ),
        MistakeCase(
            providers:
                "providers: {p: {dialect: bedrock, base_url: \"http://127.0.0.1:9\", region: r, credentials: [{access_key_id: env:INNER_SPACE, secret_access_key: env:OPENAI_API_KEY}]}}",
            "3:108: providers.p.credentials[0].access_key_id: what it names is no id of an access key; put the id alone there"
        ),
    ]
}
