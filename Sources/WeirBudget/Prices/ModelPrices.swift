/// A model as a price table describes it.
public struct ModelPrices: Hashable, Sendable {
    /// Prices and the condition under which they hold.
    public struct Entry: Hashable, Sendable {
        /// The first day and the first day no longer, in UTC; nil for no end.
        public var from: PriceDate?
        public var until: PriceDate?
        /// Minutes of the day in UTC, the first included, the second not; the window may pass midnight.
        public var daily: DailyWindow?
        /// Holds for requests with all of these traits.
        public var context: BillingContext
        public var rates: RateCard

        public init(
            from: PriceDate? = nil, until: PriceDate? = nil, daily: DailyWindow? = nil, context: BillingContext = [],
            rates: RateCard
        ) {
            self.from = from
            self.until = until
            self.daily = daily
            self.context = context
            self.rates = rates
        }

        /// Whether the condition on the time holds.
        func holds(onDay day: Int64, minute: Int) -> Bool {
            if let from, day < from.day { return false }
            if let until, day >= until.day { return false }
            return daily?.contains(minute) ?? true
        }
    }

    public struct DailyWindow: Hashable, Sendable {
        public var start: Int
        public var end: Int

        public init(start: Int, end: Int) {
            self.start = start
            self.end = end
        }

        func contains(_ minute: Int) -> Bool {
            start <= end ? start <= minute && minute < end : minute >= start || minute < end
        }
    }

    /// The table's id of the provider; for a provider that no table knows, the configuration's name for it.
    public var provider: String
    public var id: String
    public var name: String?
    /// Tokens; nil where the table does not say.
    public var contextWindow: Int?
    public var maxInput: Int?
    public var maxOutput: Int?
    public var isDeprecated = false
    /// The last one whose condition holds has the prices.
    public var prices: [Entry] = []
    /// For each rate, the first one that holds and has it replaces the price.
    public var variants: [Entry] = []

    public init(provider: String, id: String) {
        self.provider = provider
        self.id = id
    }
}
