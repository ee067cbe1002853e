import WeirBase
import WeirConfig
import WeirLoop

/// A provider as one loop calls it: its connections, and the bytes that every request to it carries.
final class Upstream {
    let provider: Policy.Provider
    let pool: UpstreamPool
    /// Before the path: the base URL's path, without a slash at its end.
    let pathPrefix: [UInt8]
    /// `host` and, with a credential, `authorization`. Never shown: it holds the credential.
    private let fixedFields: Secret

    init(_ provider: Policy.Provider, loop: EventLoop, context: TLSContext?, resolver: any Resolver) {
        self.provider = provider
        let url = provider.baseURL
        pathPrefix = Array(url.pathPrefix.utf8)
        pool = UpstreamPool(
            loop: loop, host: url.host, port: url.port,
            tls: context.map { TLSClient(context: $0, serverName: url.host) },
            resolver: resolver, limit: provider.maxConnections)
        var fields = Array("host: \(url.hostHeader)\r\n".utf8)
        if let credential = provider.credentials.first {
            fields += Array("authorization: Bearer ".utf8)
            credential.secret.reveal { bytes in
                for at in bytes.indices { fields.append(bytes[at]) }
            }
            fields += Array("\r\n".utf8)
        }
        fixedFields = Secret(bytes: fields)
    }

    func appendFixedFields(to out: inout ByteBuffer) { fixedFields.reveal { out.append($0) } }
}
