internal import WeirBase

/// A price of the configuration, which from its date on stands in the place of the table's.
public struct PriceOverride: Hashable, Sendable {
    /// The configuration's name of a provider, or the table's.
    public var provider: String
    /// A model's name or a pattern in which `*` stands for any characters; upper and lower case are the same.
    public var model: String
    /// Requests before this day keep the price that they had.
    public var from: PriceDate
    /// What the price is for; empty for all requests.
    public var context: BillingContext
    public var rates: RateCard

    public init(provider: String, model: String, from: PriceDate, context: BillingContext = [], rates: RateCard) {
        self.provider = provider
        self.model = model
        self.from = from
        self.context = context
        self.rates = rates
    }

    func isFor(provider names: [String], model: [String]) -> Bool {
        let pattern = lowercased(Array(self.model.utf8))
        return names.contains { lowercased(Array($0.utf8)) == lowercased(Array(provider.utf8)) }
            && model.contains { globMatches(pattern, lowercased(Array($0.utf8))) }
    }
}

extension ModelPrices {
    /// The prices with those of the configuration on top.
    ///
    /// A price for all requests is the whole price from its day on: rates that it does not name fall back within it (`cache_read` to `input`), and the
    /// table's prices for batches, tiers of service and hours end with that day, since nobody agreed on a mixture of the two. A price for a context
    /// replaces single rates in that context and leaves the rest. Of two that hold, the one with the later day wins, then the later in the file.
    func applying(_ overrides: [PriceOverride]) -> ModelPrices {
        var result = self
        let sorted = overrides.enumerated().sorted { ($0.element.from, $0.offset) < ($1.element.from, $1.offset) }
        if let first = sorted.first(where: { $0.element.context.isEmpty })?.element.from {
            for index in result.variants.indices { result.variants[index].until = first }
        }
        for (_, override) in sorted {
            let entry = Entry(from: override.from, context: override.context, rates: override.rates)
            if override.context.isEmpty {
                result.prices.append(entry)
            } else {
                result.variants.insert(entry, at: 0)
            }
        }
        return result
    }
}
