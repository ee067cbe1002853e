import WeirBase
import WeirConfig
import WeirLoop
import WeirWire

extension Gateway {
    /// Finds whose key the request presents: `Authorization: Bearer KEY` or `x-api-key: KEY`. The same key in both is fine.
    func authenticate(_ exchange: Exchange, _ client: Connection) throws(Refusal) {
        let bytes = client.unread
        var presented: ByteRange?
        for index in exchange.head.fields.indices {
            let field = exchange.head.fields[index]
            let secret: ByteRange
            switch field.id {
            case .authorization:
                guard bytes.starts(field.value, withIgnoringCaseOf: "bearer ") else { throw .invalidKey }
                secret = bytes.trimmed(ByteRange(start: Int(field.value.start) + 7, end: Int(field.value.end)))
            case .xAPIKey: secret = field.value
            default: continue
            }
            if let other = presented {
                guard bytes.extracting(other.bounds).isEqual(to: bytes.extracting(secret.bounds)) else {
                    throw .twoKeys
                }
            }
            presented = secret
        }
        guard let presented, !presented.isEmpty else { throw .missingKey }
        let digest = KeyDigest(Digest256(sha256: bytes.extracting(presented.bounds)))
        let directory = directories.latest()
        switch directory.callers.find(digest, at: exchange.at) {
        case .caller(let caller):
            exchange.directory = directory
            exchange.key = caller
            exchange.caller = directory.standings[caller]
        case .unknown: throw .invalidKey
        case .expired: throw .keyExpired
        case .revoked: throw .keyRevoked
        }
    }
}
