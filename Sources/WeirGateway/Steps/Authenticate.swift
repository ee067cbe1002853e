import WeirBase
import WeirConfig
import WeirLoop
import WeirWire

extension Gateway {
    /// The index of the key that the request presents: `Authorization: Bearer KEY` or `x-api-key: KEY`. The same key in both is fine.
    func authenticate(_ head: RequestHead, _ client: Connection) throws(Refusal) -> Int {
        let bytes = client.unread
        var presented: ByteRange?
        for index in head.fields.indices {
            let field = head.fields[index]
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
        guard let key = policy.keyIndex(of: digest) else { throw .invalidKey }
        return key
    }
}
