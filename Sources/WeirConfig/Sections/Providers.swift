import WeirBase

extension Reader {
    static let providerSettings: [Setting] = [
        .required(
            "dialect", "`openai`", "The wire format that the provider speaks.",
            aliases: ["type", "kind", "format", "api"]),
        .required(
            "base_url", "URL",
            "Where it is reached: http or https, host, optional port and path prefix; no user, query or fragment.",
            aliases: ["url", "api_base", "endpoint", "base"]),
        .optional(
            "credentials", "list of `env:NAME` or `file:PATH`", default: "none",
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
        .later("region"), .later("api_version"),
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
        let credentials = readCredentials(section?["credentials"])
        if let baseURL, !baseURL.isTLS, !baseURL.isLoopback, let credential = credentials.first {
            section?["base_url"]?.warn("\(credential.source) goes to \(baseURL.host) unencrypted", "use https")
        }
        let caFile = readPEMPath(section?["ca_file"], block: "CERTIFICATE")
        if caFile != nil, baseURL?.isTLS == false {
            section?["ca_file"]?.warn("has no effect: the base URL is not https", "remove it, or use https")
        }
        return Policy.Provider(
            name: name, dialect: dialect ?? .openai, baseURL: baseURL ?? .unread, credentials: credentials,
            caFile: caFile,
            timeouts: readTimeouts(section?["timeouts"]),
            maxConnections: section?["max_connections"]?.number(in: 1...65536) ?? 1024)
    }

    private func readDialect(_ field: Field) -> Policy.DialectName? {
        let names = Policy.DialectName.allCases.map(\.rawValue)
        if case .text(let text) = field.value.content, ["azure", "anthropic", "gemini", "bedrock"].contains(text) {
            field.note("dialect \"\(text)\" is not supported by this version of weir", "write \(alternatives(names))")
            return nil
        }
        return field.word(of: names, what: "dialect").flatMap(Policy.DialectName.init)
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
