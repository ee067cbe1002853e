internal import WeirBase
internal import WeirConfig
internal import WeirLoop

/// Makes the secrets of keys: `sk-weir-<key id>-<32 characters>`, 160 bits from the system's generator. Only their hashes are kept.
enum KeySecret {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// A secret for the key with this id, and its hash.
    static func make(for id: String) -> (text: String, digest: KeyDigest) {
        let text = "sk-weir-\(id)-\(random(32))"
        return (text, KeyDigest(Digest256(sha256: text.utf8Span.span)))
    }

    /// An id for a key that nobody has named.
    static func makeID() -> String { "k-\(random(10))" }

    private static func random(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        var text: [UInt8] = []
        for _ in 0..<count { text.append(digits[Int(generator.next() & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
