/// HMAC-SHA256 (RFC 2104, RFC 4231) with one key, kept as the two digests that have taken it in: each message costs two blocks less.
public struct HMAC256: Sendable {
    private let inner: SHA256State
    private let outer: SHA256State

    /// - Parameter key: of any length; one of over 64 bytes counts by its digest.
    public init(key: Span<UInt8>) {
        guard key.count <= 64 else {
            self.init(SHA256State.digest(key))
            return
        }
        var padded = InlineArray<64, UInt8>(repeating: 0)
        for at in key.indices { padded[at] = key[at] }
        self.init(padded)
    }

    /// A digest as the key, as in chains of keys.
    public init(_ key: Digest256) {
        var padded = InlineArray<64, UInt8>(repeating: 0)
        for at in 0..<32 { padded[at] = key.byte(at) }
        self.init(padded)
    }

    private init(_ padded: InlineArray<64, UInt8>) {
        var (inner, outer) = (SHA256State(), SHA256State())
        var mixed = padded
        for at in 0..<64 { mixed[at] = padded[at] ^ 0x36 }
        inner.update(mixed.span)
        for at in 0..<64 { mixed[at] = padded[at] ^ 0x5C }
        outer.update(mixed.span)
        self.inner = inner
        self.outer = outer
    }

    /// The authentication code of `message`.
    public func code(_ message: Span<UInt8>) -> Digest256 {
        var (inner, outer) = (inner, outer)
        inner.update(message)
        let digest = inner.finish()
        var bytes = InlineArray<32, UInt8>(repeating: 0)
        for at in 0..<32 { bytes[at] = digest.byte(at) }
        outer.update(bytes.span)
        return outer.finish()
    }
}

extension Digest256 {
    /// The byte at `offset`, 0 to 31, in the order in which a digest is written.
    func byte(_ offset: Int) -> UInt8 {
        let word =
            switch offset / 8 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return UInt8(truncatingIfNeeded: word >> UInt64(56 - offset % 8 * 8))
    }
}

extension ByteBuffer {
    /// Appends `digest` in 64 lower-case hexadecimal digits.
    public mutating func append(_ digest: Digest256) {
        for at in 0..<32 {
            append(hexadecimal: Int(digest.byte(at) >> 4))
            append(hexadecimal: Int(digest.byte(at) & 15))
        }
    }
}
