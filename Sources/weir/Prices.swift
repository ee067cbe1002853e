import ArgumentParser

/// `weir prices`: what models cost.
struct Prices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what models cost, take over other prices, and bill again by corrected ones.",
        subcommands: [PricesList.self, PricesImport.self, PricesRecompute.self])
}
