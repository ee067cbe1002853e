import WeirBase
import WeirConfig
import WeirDialects
import WeirLoop
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
    /// `host` and, with a key, the field that the dialect has for it. Never shown: it holds the credential.
    private let fixedFields: Secret
    /// What signs requests, where the credential is an access key.
    private var signer: SigV4?

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
        var fields = ByteBuffer(capacity: 256)
        fields.append("host: ")
        fields.append(url.hostHeader)
        fields.append("\r\n")
        switch provider.credentials.first?.form {
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
        fixedFields = Secret(bytes: bytes.indices.map { bytes[$0] })
    }

    /// Whether requests to `endpoint` pass to it as they are.
    func takes(_ endpoint: Endpoint) -> Bool { dialect.takes(endpoint, apiVersion: provider.apiVersion) }

    func appendFixedFields(to out: inout ByteBuffer) { fixedFields.reveal { out.append($0) } }

    /// Appends the fields that sign a POST of `body`, JSON, to `path`, where requests to this provider are signed.
    func appendSignature(path: String, body: Span<UInt8>, at now: WallTime, to out: inout ByteBuffer) {
        guard
            let fields = signer?.sign(
                path: path, host: provider.baseURL.hostHeader, bodyDigest: SHA256State.digest(body), at: now)
        else { return }
        out.append("x-amz-date: ")
        out.append(fields.date)
        out.append("\r\nauthorization: ")
        out.append(fields.authorization)
        out.append("\r\n")
        if let token = signer?.sessionToken {
            out.append("x-amz-security-token: ")
            token.reveal { out.append($0) }
            out.append("\r\n")
        }
    }
}
