public import WeirBase

/// What a route is made of: what the configuration says of a model.
public struct RoutePlan: Sendable {
    /// A target of the route.
    public struct Target: Sendable {
        /// Provider and model, the same in all routes that lead there: what is known of its health is known under this name.
        public var name: String
        /// Its share under `weighted` and `sticky`, relative to the others'. 0 to 1,000,000; 0 only stands in for others.
        public var weight = 1
        /// What decides under `lowest_cost`: the price of a typical request.
        public var cost = Money.zero
        /// The requests that it is for; nil takes all.
        public var condition: Condition?

        public init(name: String, weight: Int = 1, cost: Money = .zero, condition: Condition? = nil) {
            self.name = name
            self.weight = weight
            self.cost = cost
            self.condition = condition
        }
    }

    /// A name of the registry.
    public var strategy: String
    /// 1 to 64, in the order of the configuration.
    public var targets: [Target]
    public var canary: Canary?
    public var shadow: Shadow?
    /// Differs from loop to loop: where rounds begin.
    public var seed: UInt64

    public init(
        strategy: String, targets: [Target], canary: Canary? = nil, shadow: Shadow? = nil, seed: UInt64 = 0
    ) {
        self.strategy = strategy
        self.targets = targets
        self.canary = canary
        self.shadow = shadow
        self.seed = seed
    }
}
