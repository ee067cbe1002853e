public import WeirBase

extension KeyDigest {
    /// The digest of a secret that somebody presented.
    public init(_ digest: Digest256) { words = digest.words }
}
