public import WeirBudget

/// The tariffs that an installation bills by, for commands that bill one thing after the other: each is looked up once.
public struct KnownTariffs {
    private let book: PriceBook
    /// Where the configured providers are reached, by their names.
    private let addresses: [String: String]
    /// nil for those that nobody knows.
    private var tariffs: [Target: Tariff?] = [:]

    private struct Target: Hashable {
        let provider: String
        let model: String
    }

    private static let limit = 10_000

    public init(_ book: PriceBook, providers: [Policy.Provider]) {
        self.book = book
        addresses = Dictionary(uniqueKeysWithValues: providers.map { ($0.name, $0.baseURL.description) })
    }

    /// - Parameters:
    ///   - provider: the configuration's name; one that the configuration does not have is known by its name alone.
    ///   - model: the provider's name of the model.
    /// - Returns: nil if neither table nor configuration know the model. One that they know may still have no price.
    public mutating func tariff(provider: String, model: String) -> Tariff? {
        let target = Target(provider: provider, model: model)
        if let known = tariffs[target] { return known }
        let tariff =
            if let address = addresses[provider] {
                book.tariff(provider: provider, baseURL: address, model: model)
            } else {
                book.prices(provider: provider, model: model).map(Tariff.init)
            }
        if tariffs.count >= Self.limit { tariffs.removeAll() }
        tariffs[target] = .some(tariff)
        return tariff
    }
}
