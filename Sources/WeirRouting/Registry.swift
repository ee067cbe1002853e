/// The strategies there are, by the names of the configuration. One file and one line each.
public enum Registry {
    /// A strategy before it has a route.
    public struct Entry: Sendable {
        /// What the configuration calls it.
        public let name: String
        /// What it does, in a sentence, for messages and the configuration's reference.
        public let summary: String
        let make: @Sendable (RoutePlan) -> any Strategy
    }

    public static let strategies: [Entry] = [
        Entry(name: "priority", summary: "The first one that works.") { Priority($0) },
        Entry(name: "weighted", summary: "Each as often as its weight says.") { Weighted($0) },
        Entry(name: "lowest_latency", summary: "The one whose first token comes soonest.") { LowestLatency($0) },
        Entry(name: "lowest_cost", summary: "The cheapest one that works.") { LowestCost($0) },
        Entry(name: "sticky", summary: "The same one for the same key, by weight.") { Sticky($0) },
    ]

    /// The strategy of that name; nil if there is none.
    public static func strategy(named name: String) -> Entry? { strategies.first { $0.name == name } }
}
