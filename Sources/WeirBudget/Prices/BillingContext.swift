/// What of a request, besides its usage, decides its price: the service tier, whether it was a batch, and the like. A set, because each is a
/// yes or no; a price variant holds for the requests that have all of its traits. The raw values stand in ledgers and never change.
public struct BillingContext: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let flex = BillingContext(rawValue: 1 << 0)
    public static let priority = BillingContext(rawValue: 1 << 1)
    public static let fastTier = BillingContext(rawValue: 1 << 2)
    public static let defaultTier = BillingContext(rawValue: 1 << 3)
    /// Of these a request has one.
    public static let tiers: BillingContext = [.flex, .priority, .fastTier, .defaultTier]
    public static let batch = BillingContext(rawValue: 1 << 4)
    public static let fastSpeed = BillingContext(rawValue: 1 << 5)
    public static let fastSearch = BillingContext(rawValue: 1 << 6)
    public static let webSearch = BillingContext(rawValue: 1 << 7)
    public static let mistralEU = BillingContext(rawValue: 1 << 8)

    /// What only the client chooses: a request that does not ask for them is not billed so.
    public static let chosen: BillingContext = [.batch, .fastSpeed]

    /// The names of the price table (`service_tier: flex`), and the trait of each.
    static let traits: [(property: String, value: String, trait: BillingContext)] = [
        ("service_tier", "flex", .flex), ("service_tier", "priority", .priority), ("service_tier", "fast", .fastTier),
        ("service_tier", "default", .defaultTier), ("processing", "batch", .batch), ("speed", "fast", .fastSpeed),
        ("search_type", "fast", .fastSearch), ("search_type", "web", .webSearch), ("route", "mistral/eu", .mistralEU),
    ]

    /// The trait that a property's value is; nil where no price depends on it (`service_tier: auto`).
    public init?(property: String, value: String) {
        guard let known = Self.traits.first(where: { $0.property == property && $0.value == value }) else { return nil }
        self = known.trait
    }

    /// Whether prices can depend on this property at all.
    public static func isProperty(_ name: String) -> Bool { traits.contains { $0.property == name } }

    /// Its traits as properties of a request.
    public var properties: [(name: String, value: String)] {
        Self.traits.filter { isSuperset(of: $0.trait) }.map { ($0.property, $0.value) }
    }

    /// `service_tier=flex`; empty if it has no trait.
    public var text: String { properties.map { "\($0.name)=\($0.value)" }.joined(separator: ",") }
}
