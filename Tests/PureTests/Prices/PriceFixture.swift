import WeirBase

@testable import WeirBudget

/// Prices for tests, in pico-dollars.
enum PriceFixture {
    static func card(_ rates: [Rate: Int64]) -> RateCard {
        var card = RateCard()
        for (rate, pico) in rates { card[rate] = TieredAmount(pico) }
        return card
    }

    static func sheet(_ rates: [Rate: Int64]) -> PriceSheet { PriceSheet(card(rates)) }

    /// A model with these standard prices and variants.
    static func model(
        _ prices: [ModelPrices.Entry], variants: [ModelPrices.Entry] = []
    ) -> ModelPrices {
        var model = ModelPrices(provider: "p", id: "m")
        model.prices = prices
        model.variants = variants
        return model
    }

    static func day(_ text: String) -> PriceDate {
        guard let date = PriceDate(text) else { preconditionFailure("no day: \(text)") }
        return date
    }

    static func seconds(_ text: String) -> Int64 {
        guard let seconds = RFC3339.unixSeconds(text) else { preconditionFailure("no time: \(text)") }
        return seconds
    }

    static func usage(_ change: (inout Usage) -> Void) -> Usage {
        var usage = Usage()
        change(&usage)
        return usage
    }
}

extension Billing {
    /// Nano-dollars; nil if there is no bill.
    var nano: Int64? {
        guard case .billed(let bill) = self else { return nil }
        return bill.amount.nanoUSD
    }

    var missing: Rate? {
        guard case .unpriced(let rate) = self else { return nil }
        return rate
    }
}
