import WeirBase

@testable import WeirConfig

/// A configuration in memory: the lines of a valid file, any of which a test replaces, and what else may be read. No disk, no variables.
struct ConfigFixture {
    static let hash = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
    static let other = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"

    var version = "version: 1"
    var listen = "listen: 127.0.0.1:8080"
    var providers = "providers: {p: {dialect: openai, base_url: \"http://127.0.0.1:9/v1\"}}"
    var models = "models: {m: p/x}"
    var keys = "keys: [{id: k, sha256: \(hash)}]"
    var more = ""

    /// Lines 1 to 5, and 6 and on for `more`; a line that is empty is an empty line of the file.
    var text: String { [version, listen, providers, models, keys, more].joined(separator: "\n") }

    static let files: [String: String] = [
        "conf/openai.key": "file-secret\r\n", "/abs/openai.key": "absolute-secret", "conf/empty.key": "\n",
        "conf/two-lines.key": "one\ntwo\n", "conf/umlaut.key": "schl\u{FC}ssel", "conf/space.key": " spaced\n",
        "conf/long.key": String(repeating: "k", count: 8193),
        "conf/cert.pem": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
        "conf/key.pem": "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n",
    ]
    static let variables = [
        "OPENAI_API_KEY": "variable-secret", "EMPTY": "", "TWO_LINES": "one\ntwo", "TAB": "a\tb", "INNER_SPACE": "a b",
        "INNER": "AKIAEXAMPLE",
    ]

    static func readFile(_ path: String) throws(FileProblem) -> [UInt8] {
        switch path {
        case "conf/folder": throw .folder
        case "conf/forbidden": throw .forbidden
        default:
            guard let text = files[path] else { throw .missing }
            return Array(text.utf8)
        }
    }

    static func read(_ text: String) throws(ConfigurationError) -> Policy { try read(Array(text.utf8)) }

    static func read(_ bytes: [UInt8]) throws(ConfigurationError) -> Policy {
        try Policy.read(bytes, path: "conf/weir.yaml", files: readFile) { variables[$0] }
    }

    /// What `weir check` would print of `text`: mistakes, or else warnings, without the file's folder.
    static func complaints(of text: String) -> [String] { complaints(of: Array(text.utf8)) }

    static func complaints(of bytes: [UInt8]) -> [String] {
        let mistakes: [ConfigurationMistake]
        do throws(ConfigurationError) {
            mistakes = try read(bytes).warnings
        } catch {
            guard case .invalid(let found) = error else { return [error.description] }
            mistakes = found
        }
        return mistakes.map { String($0.description.dropFirst("conf/weir.yaml:".count)) }
    }
}
