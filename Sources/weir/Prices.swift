import ArgumentParser

/// `weir prices`: what models cost.
struct Prices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what models cost, and take over other prices.",
        subcommands: [PricesList.self, PricesImport.self])
}
