public import WeirBase

/// Names the prices by which something was billed: a hash of their canonical text (`RateCard.canonical`), so that the same prices have the same
/// name on every machine and in every release, whatever table they came from.
public struct PriceVersion: Hashable, Sendable, CustomStringConvertible {
    public let hash: UInt64

    public init(hash: UInt64) { self.hash = hash }

    /// The version that prices with this canonical text have.
    public init(canonical: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a, 64 bits
        for byte in canonical.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        self.hash = hash
    }

    /// Reads what `description` writes; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count == 16, let hash = UInt64(text, radix: 16), text == text.lowercased(),
            text.utf8.first != UInt8(ascii: "+")
        else { return nil }
        self.init(hash: hash)
    }

    /// 16 hexadecimal digits.
    public var description: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// What a call costs, and by which prices.
public struct Bill: Hashable, Sendable {
    public var amount: Money
    public var version: PriceVersion
}

/// Whether a usage can be billed.
public enum Billing: Hashable, Sendable {
    case billed(Bill)
    /// Something was used that the model has no price for; the rate that is missing.
    case unpriced(Rate)
    /// More than `Money` can hold: counts or prices are absurd.
    case tooLarge
}
