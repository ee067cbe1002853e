/// What an installation pays: the bundled table and the configuration's prices on top of it. For the time when a configuration is read, and for commands.
public struct PriceBook: Sendable {
    public let table: PriceTable
    public let overrides: [PriceOverride]

    public init(_ table: PriceTable, overrides: [PriceOverride] = []) {
        self.table = table
        self.overrides = overrides
    }

    /// The tariff of a target.
    /// - Parameters:
    ///   - provider: the configuration's name of the provider, by which overrides know it. The table's prices are taken if it is the table's id of one, too.
    ///   - baseURL: where the provider is reached; tells which of the table's providers it is, whatever its name.
    ///   - model: the provider's name of the model.
    /// - Returns: nil if neither table nor configuration know the model. One that they know may still have no price.
    public func tariff(provider: String, baseURL: String, model: String) -> Tariff? {
        let name = lowercased(Array(provider.utf8))
        let known = table.provider(baseURL: baseURL) ?? table.providers.first { $0.id.utf8.elementsEqual(name) }
        return prices(of: model, at: known, named: provider).map(Tariff.init)
    }

    /// The prices of a model whose provider is known by its name alone, however it is written; an empty name is guessed from the model's.
    public func prices(provider: String, model: String) -> ModelPrices? {
        let known = provider.isEmpty ? table.provider(ofModel: model) : table.provider(named: provider)
        return prices(of: model, at: known, named: provider)
    }

    /// The prices of a model, with the overrides that name its provider as the configuration or the table does.
    public func prices(of model: String, at known: PriceTable.Provider?, named name: String) -> ModelPrices? {
        guard model.utf8.count <= PriceTable.nameLimit else { return nil }
        let found = known.flatMap { table.find(model, of: $0) }
        let names = [name] + (known.map { [$0.id] } ?? [])
        let matching = overrides.filter { $0.isFor(provider: names, model: [model] + (found.map { [$0.id] } ?? [])) }
        if found == nil, matching.isEmpty { return nil }
        return (found ?? ModelPrices(provider: known?.id ?? name, id: model)).applying(matching)
    }
}

extension PriceBook {
    /// All models, with the prices of the configuration: first those of the table, then those that only the configuration has, under its names and
    /// patterns.
    /// - Parameter provider: only this one, by the table's name or the configuration's; nil for all.
    public func models(provider: String? = nil) -> [ModelPrices] {
        let known = provider.map { table.provider(named: $0).map { [$0] } ?? [] } ?? table.providers
        var models: [ModelPrices] = []
        var used = Set<PriceOverride>()
        for provider in known {
            for model in table.models(of: provider) {
                let matching = overrides.filter { $0.isFor(provider: [provider.id], model: [model.id]) }
                used.formUnion(matching)
                models.append(model.applying(matching))
            }
        }
        var others: [String: ModelPrices] = [:]
        for override in overrides where !used.contains(override) && (provider == nil || provider == override.provider) {
            let key = "\(override.provider)/\(override.model)"
            if others[key] != nil { continue }
            let same = overrides.filter { $0.provider == override.provider && $0.model == override.model }
            others[key] = ModelPrices(provider: override.provider, id: override.model).applying(same)
        }
        return models + others.keys.sorted().compactMap { others[$0] }
    }
}
