import WeirBudget

extension Reader {
    static let priceSettings: [Setting] =
        [
            .required(
                "provider", "name",
                "One of the providers, or the price table's name of one (`openai`; `weir prices list` has them)."),
            .required(
                "model", "pattern",
                "The provider's name for the model; `*` stands for any characters, upper and lower case are the same.",
                aliases: ["name", "id", "models"]),
            .required(
                "from", "day: `2026-01-31`",
                "The first day in UTC; requests before it keep the price that they had.",
                aliases: ["since", "date", "start", "valid_from", "effective"]),
            .optional(
                "service_tier", "`flex`, `priority`, `fast` or `default`", default: "all requests",
                "Only for requests of this tier: the rates here replace those of requests in general, which keep the rest.",
                aliases: ["tier"]),
            .optional("processing", "`batch`", default: "all requests", "Only for requests of a batch."),
            .optional("speed", "`fast`", default: "all requests", "Only for requests of this speed."),
            .optional(
                "tiers", "list of maps", default: "none",
                "Other rates for requests with more input, ascending; a request's rates are those of the highest tier that it reaches."
            ),
        ] + rateSettings
    static let priceTierSettings: [Setting] =
        [.required("above", "tokens", "For requests of more input tokens than this, cached ones included.")]
        + rateSettings

    private static let rateSettings: [Setting] = Rate.allCases.map { rate in
        let fallback = rate.billedAs.map { "as `\($0.name)`" } ?? (rate == .request ? "none" : "not priced")
        return .optional(
            rate.name, "price: `\(PriceAmount.example(for: rate).replacing(" or ", with: "`, `"))`", default: fallback,
            rate.meaning, aliases: rate.aliases)
    }

    func readPrices(_ field: Field?, _ providers: [ReadProvider]) -> [PriceOverride] {
        let cure = "write \"[{provider: NAME, model: NAME, from: DAY, input: PRICE, output: PRICE}]\", or remove it"
        guard let entries = field?.list(or: cure) else { return [] }
        var prices: [PriceOverride] = []
        var lines: [PriceOverride: Int] = [:]
        for entry in entries {
            guard let section = Section(entry, Self.priceSettings) else { continue }
            let provider = section["provider"].flatMap { readPriceProvider($0, providers) }
            let model = section["model"].flatMap(readPriceModel)
            let from = section["from"]?.parsed(as: "a day", example: "2026-01-31", PriceDate.init)
            let context = readContext(section)
            let rates = readRates(section, entry)
            guard let provider, let model, let from, let context, let rates else { continue }
            var price = PriceOverride(provider: provider, model: model, from: from, context: context, rates: RateCard())
            if let line = lines[price] {
                entry.note("the price in line \(line) is for the same from the same day on", "keep one of them")
            }
            lines[price] = entry.place.line
            price.rates = rates
            prices.append(price)
        }
        return prices
    }

    private func readPriceProvider(_ field: Field, _ providers: [ReadProvider]) -> String? {
        guard let name = field.text(or: "write the name of a provider") else { return nil }
        if providers.contains(where: { $0.name == name }) { return name }
        let known = PriceTable.bundled().providers.map(\.id)
        if known.contains(name) { return name }
        let near = suggestion(for: name, among: known).map { "did you mean \"\($0)\"?" }
        field.note(
            "neither \"providers\" nor the price table has \(quoted(name))",
            near ?? self.cure(for: name, among: providers.map(\.name), what: "provider"))
        return nil
    }

    private func readPriceModel(_ field: Field) -> String? {
        guard let text = field.text(or: "write the provider's name for the model") else { return nil }
        if Pattern(text) != nil { return text }
        field.note("is no name or pattern of a model", "use 1 to 200 visible ASCII characters, without \" and \\")
        return nil
    }

    /// Nil after a mistake.
    private func readContext(_ section: Section) -> BillingContext? {
        var context = BillingContext()
        var isGood = true
        for (property, values) in [
            ("service_tier", ["flex", "priority", "fast", "default"]), ("processing", ["batch"]), ("speed", ["fast"]),
        ] {
            guard let field = section[property] else { continue }
            if !context.isEmpty {
                field.note("a price has one condition", "write an entry of its own for each")
                isGood = false
            } else if let value = field.word(of: values, what: property),
                let trait = BillingContext(property: property, value: value)
            {
                context = trait
            } else {
                isGood = false
            }
        }
        return isGood ? context : nil
    }

    /// Nil after a mistake.
    private func readRates(_ section: Section, _ entry: Field) -> RateCard? {
        var isGood = true
        var card = RateCard()
        for rate in Rate.allCases {
            guard let field = section[rate.name] else { continue }
            if let pico = readAmount(field, rate) { card[rate] = TieredAmount(pico) } else { isGood = false }
        }
        if card.isEmpty, isGood {
            entry.note("has no price", "add for example \"input: $0.10/M\" and \"output: $0.40/M\"")
            return nil
        }
        for tier in section["tiers"]?.list(or: "write \"[{above: TOKENS, input: PRICE}]\", or remove it") ?? [] {
            if !readTier(tier, &card) { isGood = false }
        }
        return isGood ? card : nil
    }

    private func readTier(_ field: Field, _ card: inout RateCard) -> Bool {
        guard let section = Section(field, Self.priceTierSettings),
            let above = section["above"]?.number(in: 1...1_000_000_000)
        else { return false }
        var isGood = true
        var hasRate = false
        for rate in Rate.allCases {
            guard let field = section[rate.name] else { continue }
            hasRate = true
            guard let pico = readAmount(field, rate) else {
                isGood = false
                continue
            }
            guard let amount = card[rate] else {
                field.note("has a price in this tier only", "give \(rate.name) a price for requests below it, too")
                isGood = false
                continue
            }
            let tier = TieredAmount.Tier(above: Int64(above), pico: pico)
            guard amount.tiers.last?.above ?? 0 < tier.above else {
                section["above"]?.note("does not ascend", "write the tiers in ascending order, each once")
                return false
            }
            card[rate] = TieredAmount(amount.base, tiers: amount.tiers + [tier])
        }
        if !hasRate {
            field.note("has no price", "add for example \"input: $0.20/M\"")
        }
        return isGood && hasRate
    }

    private func readAmount(_ field: Field, _ rate: Rate) -> Int64? {
        let example = "write for example \"\(PriceAmount.example(for: rate))\""
        guard let text = field.text(or: example) else { return nil }
        do throws(PriceAmount.Problem) {
            return try PriceAmount.read(text, for: rate)
        } catch {
            let (message, cure) = error.text(for: rate)
            field.note("\(quoted(text)) \(message)", cure)
            return nil
        }
    }
}
