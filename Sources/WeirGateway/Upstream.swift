import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
import WeirRouting
import WeirWire

/// A provider as one loop calls it: its connections, its dialect, and the bytes that every request to it carries.
final class Upstream {
    let provider: Policy.Provider
    let dialect: any Dialect
    let pool: UpstreamPool
    /// Whether it only speaks like OpenAI: OpenAI's own servers are known by their names.
    let isSelfHosted: Bool
    /// Before the path: the base URL's path, without what the dialect's own paths begin with and without a slash at its end.
    let pathPrefix: [UInt8]
    /// A credential as requests carry it.
    private struct Carried {
        /// As the configuration has it.
        let source: String
        /// `host` and, with a key, the field that the dialect has for it. Never shown: it holds the credential.
        let fields: Secret
        /// What signs requests, where the credential is an access key.
        var signer: SigV4?
    }

    /// One for each credential; one without any where the provider wants none.
    private var carried: [Carried]
    /// Which of them are usable; nil where there is no choice.
    private var credentials: CredentialSet?

    init(_ provider: Policy.Provider, loop: EventLoop, context: TLSContext?, resolver: any Resolver) {
        self.provider = provider
        let dialect = provider.dialect.dialect
        self.dialect = dialect
        let url = provider.baseURL
        isSelfHosted = provider.dialect == .openai && !url.host.hasSuffix("openai.com")
        var prefix = url.pathPrefix
        if let own = dialect.ownPrefixes.first(where: { prefix.hasSuffix($0) }) { prefix.removeLast(own.count) }
        pathPrefix = Array(prefix.utf8)
        pool = UpstreamPool(
            loop: loop, host: url.host, port: url.port,
            tls: context.map { TLSClient(context: $0, serverName: url.host) },
            resolver: resolver, limit: provider.maxConnections)
        let own = provider.credentials.map { Upstream.carried($0, provider, dialect) }
        carried = own.isEmpty ? [Upstream.carried(nil, provider, dialect)] : own
        guard own.count > 1 else { return }
        do throws(RoutingError) {
            credentials = try CredentialSet(
                provider.credentials.map { CredentialSet.Credential(id: stableHash($0.source)) })
        } catch { preconditionFailure("a checked configuration has credentials that are none: \(error)") }
    }

    private static func carried(
        _ credential: Policy.Credential?, _ provider: Policy.Provider, _ dialect: any Dialect
    ) -> Carried {
        var fields = ByteBuffer(capacity: 256)
        fields.append("host: ")
        fields.append(provider.baseURL.hostHeader)
        fields.append("\r\n")
        var signer: SigV4?
        switch credential?.form {
        case .key(let key):
            fields.append(dialect.keyField.name)
            fields.append(": ")
            fields.append(dialect.keyField.prefix)
            key.reveal { fields.append($0) }
            fields.append("\r\n")
        case .accessKey(let key):
            signer = SigV4(
                accessKey: key.id, secretKey: key.secret, sessionToken: key.sessionToken,
                region: provider.region ?? "us-east-1")
        case nil: break
        }
        let bytes = fields.span
        return Carried(
            source: credential?.source ?? "(none)", fields: Secret(bytes: bytes.indices.map { bytes[$0] }),
            signer: signer)
    }

    // MARK: Credentials

    /// The credential for the next attempt, by turns. Where all are set aside, the one that comes back first is not known to be worse than the others.
    @inline(never)  // it is asked in a frame that lasts as long as the upstream thinks
    func pickCredential(besides tried: SmallSet, at now: Instant) -> Int {
        credentials?.pick(besides: tried, at: now) ?? 0
    }

    /// Whether there is a usable one besides those.
    func hasCredential(besides tried: SmallSet, at now: Instant) -> Bool {
        credentials.map { !$0.usable(at: now).subtracting(tried).isEmpty } ?? false
    }

    /// Sets a credential aside.
    /// - Returns: what the configuration calls it.
    func setAside(_ credential: Int, _ reason: CredentialSet.Reason, until moment: Instant) -> String? {
        guard carried.indices.contains(credential) else { return nil }
        credentials?.setAside(stableHash(carried[credential].source), reason, until: moment)
        return carried[credential].source
    }

    /// Whether requests to `endpoint` pass to it as they are.
    func takes(_ endpoint: Endpoint) -> Bool { dialect.takes(endpoint, apiVersion: provider.apiVersion) }

    func appendFixedFields(_ credential: Int, to out: inout ByteBuffer) {
        carried[credential].fields.reveal { out.append($0) }
    }

    /// Appends the fields that sign a POST of `body`, JSON, to `path`, where requests to this provider are signed.
    func appendSignature(
        _ credential: Int, path: String, body: Span<UInt8>, at now: WallTime, to out: inout ByteBuffer
    ) {
        guard
            let fields = carried[credential].signer?.sign(
                path: path, host: provider.baseURL.hostHeader, bodyDigest: SHA256State.digest(body), at: now)
        else { return }
        out.append("x-amz-date: ")
        out.append(fields.date)
        out.append("\r\nauthorization: ")
        out.append(fields.authorization)
        out.append("\r\n")
        if let token = carried[credential].signer?.sessionToken {
            out.append("x-amz-security-token: ")
            token.reveal { out.append($0) }
            out.append("\r\n")
        }
    }
}
