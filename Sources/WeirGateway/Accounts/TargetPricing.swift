public import WeirBudget
public import WeirConfig

/// What a model's calls cost and how much one call can use at most: from the configuration where it says so, else from the price table.
struct TargetPricing: Sendable {
    /// nil: nobody knows what the model costs.
    let tariff: Tariff?
    /// The most input tokens of one request; nil where nothing says so.
    let maxInput: Int?
    /// The most output tokens of one answer that says nothing of it.
    let maxOutput: Int
    /// Whether that is the model's own limit, and not the configuration's for models that have none on record.
    let isOwnLimit: Bool

    init(_ target: Policy.Target, tariff: Tariff?, outputTokens: Int) {
        self.tariff = tariff
        maxInput = target.maxInputTokens ?? tariff?.model.maxInput ?? tariff?.model.contextWindow
        let own = target.maxOutputTokens ?? tariff?.maxOutput
        maxOutput = own ?? outputTokens
        isOwnLimit = own != nil
    }
}

extension Policy {
    /// The tariffs of all models' targets, in the models' and the targets' order; nil where a target has no price.
    public func tariffs(_ table: PriceTable = .bundled()) -> [[Tariff?]] {
        let book = PriceBook(table, overrides: prices)
        return models.map { model in
            model.targets.map { target in
                let provider = providers[target.provider]
                return book.tariff(provider: provider.name, baseURL: "\(provider.baseURL)", model: target.model)
            }
        }
    }
}
