import WeirBase

extension Reader {
    static let providerSettings: [Setting] = [
        .required(
            "dialect", "`openai`, `azure`, `anthropic`, `gemini` or `bedrock`",
            "The wire format that the provider speaks.",
            aliases: ["type", "kind", "format", "api"]),
        .required(
            "base_url", "URL",
            "Where it is reached: http or https, host, optional port and path prefix; no user, query or fragment.",
            aliases: ["url", "api_base", "endpoint", "base"]),
        .optional(
            "credentials", "list of `env:NAME`, `file:PATH` or, for `bedrock`, maps", default: "none",
            "Its keys, never in clear; a file's trailing line end is not part of the key.",
            aliases: ["api_key", "api_keys", "key", "keys", "token", "secret"]),
        .optional(
            "ca_file", "path", default: "the system's roots",
            "PEM file of the certificates to trust instead of the system's roots.",
            aliases: ["ca", "cacert"]),
        .optional("timeouts", "map of settings", default: "see there", "How long each part of a call may take."),
        .optional(
            "max_connections", "1 to 65536", default: "1024", "The most connections that each loop opens to it.",
            aliases: ["connections", "pool_size"]),
        .optional(
            "api_version", "`YYYY-MM-DD` or `YYYY-MM-DD-preview`", default: "the newest form of the API",
            "Of `azure`: asks for this version, by paths with deployments, instead of the API without versions. Of `anthropic`: what translated requests are sent as.",
            aliases: ["version", "anthropic_version"]),
        .optional(
            "region", "text", default: "from the base URL",
            "Of `bedrock`: Amazon's region, which signatures name.", aliases: ["aws_region", "location"]),
    ]

    static let accessKeySettings: [Setting] = [
        .required(
            "access_key_id", "`env:NAME` or `file:PATH`", "The id of an access key of Amazon's.",
            aliases: ["aws_access_key_id", "id", "key_id"]),
        .required(
            "secret_access_key", "`env:NAME` or `file:PATH`", "Its secret part.",
            aliases: ["aws_secret_access_key", "secret", "secret_key"]),
        .optional(
            "session_token", "`env:NAME` or `file:PATH`", default: "none",
            "What belongs to it where it is a temporary one.", aliases: ["aws_session_token", "token"]),
    ]

    /// A provider of the file. One with mistakes is there as well, so that targets which name it are not mistakes, too.
    typealias ReadProvider = (name: String, provider: Policy.Provider, field: Field)

    func readProviders(_ field: Field?) -> [ReadProvider] {
        guard let entries = field?.entries(or: "write \"NAME: {dialect: openai, base_url: URL}\"") else { return [] }
        return entries.map { name, field in
            _ = field.isGoodName(name)
            return (name, readProvider(name, field), field)
        }
    }

    private func readProvider(_ name: String, _ field: Field) -> Policy.Provider {
        let section = Section(field, Self.providerSettings)
        let dialect = section?["dialect"].flatMap(readDialect)
        let baseURL = section?["base_url"].flatMap(readBaseURL)
        let credentials = readCredentials(section?["credentials"], of: dialect)
        let apiVersion = readAPIVersion(section?["api_version"], dialect)
        let region = readRegion(section?["region"], dialect, baseURL, credentials, field)
        if let baseURL, !baseURL.isTLS, !baseURL.isLoopback, let credential = credentials.first {
            section?["base_url"]?.warn("\(credential.source) goes to \(baseURL.host) unencrypted", "use https")
        }
        let caFile = readPEMPath(section?["ca_file"], block: "CERTIFICATE")
        if caFile != nil, baseURL?.isTLS == false {
            section?["ca_file"]?.warn("has no effect: the base URL is not https", "remove it, or use https")
        }
        return Policy.Provider(
            name: name, dialect: dialect ?? .openai, baseURL: baseURL ?? .unread, apiVersion: apiVersion,
            region: region, credentials: credentials, caFile: caFile, timeouts: readTimeouts(section?["timeouts"]),
            maxConnections: section?["max_connections"]?.number(in: 1...65536) ?? 1024)
    }

    private func readDialect(_ field: Field) -> Policy.DialectName? {
        field.word(of: Policy.DialectName.allCases.map(\.rawValue), what: "dialect").flatMap(Policy.DialectName.init)
    }

    private func readAPIVersion(_ field: Field?, _ dialect: Policy.DialectName?) -> String? {
        guard let field, let text = field.text(or: "write a version such as 2024-10-21") else { return nil }
        guard dialect == nil || dialect == .azure || dialect == .anthropic else {
            field.note("has a meaning for azure and anthropic only", "remove it")
            return nil
        }
        guard isVersion(text) else {
            field.note("\(quoted(text)) is no version", "write a version such as 2024-10-21 or 2025-04-01-preview")
            return nil
        }
        return text
    }

    /// A date, and a word behind it perhaps.
    private func isVersion(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (10...32).contains(bytes.count), bytes.allSatisfy(isNameByte) else { return false }
        return bytes.prefix(10).enumerated().allSatisfy { place, byte in
            place == 4 || place == 7 ? byte == UInt8(ascii: "-") : (0x30...0x39).contains(byte)
        }
    }

    /// Where nothing says it the region is in the host: `bedrock-runtime.eu-west-1.amazonaws.com`.
    private func readRegion(
        _ field: Field?, _ dialect: Policy.DialectName?, _ baseURL: BaseURL?, _ credentials: [Policy.Credential],
        _ provider: Field
    ) -> String? {
        if let field, let text = field.text(or: "write a region such as us-east-1") {
            guard dialect == nil || dialect == .bedrock else {
                field.note("has a meaning for bedrock only", "remove it")
                return nil
            }
            guard (1...40).contains(text.utf8.count), text.utf8.allSatisfy(isNameByte) else {
                field.note("\(quoted(text)) is no region", "write a region such as us-east-1")
                return nil
            }
            return text
        }
        guard field == nil, dialect == .bedrock, let baseURL else { return nil }
        let labels = baseURL.host.split(separator: ".")
        if labels.count >= 4, labels[0].hasPrefix("bedrock-"), labels[2] == "amazonaws" || labels[2] == "api" {
            return String(labels[1])
        }
        let signs = credentials.contains { if case .accessKey = $0.form { true } else { false } }
        if signs {
            provider.mistakes.add(
                at: provider.namePlace, provider.path, "the base URL names no region, and requests are to be signed",
                "add \"region: ...\" (such as us-east-1)")
        }
        return nil
    }

    private func readBaseURL(_ field: Field) -> BaseURL? {
        guard let text = field.text(or: "write a URL such as https://api.openai.com/v1") else { return nil }
        do throws(BaseURL.Problem) {
            return try BaseURL(text)
        } catch {
            field.note(error.text.message, error.text.cure)
            return nil
        }
    }
}

extension BaseURL {
    /// In the place of one that has a mistake: never part of a policy.
    fileprivate static var unread: BaseURL {
        guard let url = try? BaseURL("https://unread.invalid") else { preconditionFailure("a constant URL is valid") }
        return url
    }
}
