import WeirBase

/// A part of all requests, in millionths. Which ones is decided by a hash: the same request, or all of the same key, are in or out together, on every
/// loop and after every restart. Whoever is in a share is in every larger one of the same salt.
public struct Share: Hashable, Sendable {
    /// 0 to 1,000,000.
    public let partsPerMillion: Int

    /// - Returns: nil outside of 0 to 1,000,000.
    public init?(partsPerMillion: Int) {
        guard (0...1_000_000).contains(partsPerMillion) else { return nil }
        self.partsPerMillion = partsPerMillion
    }

    /// Whether the share includes what has this hash. Different salts choose independently of each other.
    public func includes(_ hash: UInt64, salt: UInt64) -> Bool {
        mixed(hash ^ salt).scaled(below: 1_000_000) < partsPerMillion
    }
}
