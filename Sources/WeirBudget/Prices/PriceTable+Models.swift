internal import WeirBase
internal import WeirWire

extension PriceTable {
    /// All models of a provider, in the order of the table.
    public func models(of provider: Provider) -> [ModelPrices] {
        provider.models.map { checkedModel(at: $0, of: provider) }
    }

    /// - Precondition: the table was checked when it was read.
    func checkedModel(at index: Int, of provider: Provider) -> ModelPrices {
        do throws(PriceTableError) {
            return try model(at: index, of: provider)
        } catch {
            preconditionFailure("a price table that was not checked: \(error.description)")
        }
    }

    func model(at index: Int, of provider: Provider) throws(PriceTableError) -> ModelPrices {
        try Self.model(bytes.span, models[index].place, of: provider.id)
    }

    /// The most different conditions on the context in one model; half of what a `Tariff` takes, so that the configuration can add its own.
    private static let contextLimit = 6
    private static let memberNames: Set<String> = [
        "id", "match", "name", "context_window", "max_input", "max_output", "deprecated", "unpriced", "prices",
        "variants",
    ]

    private static func model(
        _ bytes: Span<UInt8>, _ place: ByteRange, of provider: String
    ) throws(PriceTableError) -> ModelPrices {
        let object = try TableObject(bytes, place)
        for member in object.members where !memberNames.contains(member.name) {
            throw PriceTableError(.member, at: member.value.range)
        }
        var model = ModelPrices(provider: provider, id: try object.required("id").text(bytes))
        model.name = try object["name"]?.text(bytes)
        model.contextWindow = try object["context_window"]?.count(bytes)
        model.maxInput = try object["max_input"]?.count(bytes)
        model.maxOutput = try object["max_output"]?.count(bytes)
        model.isDeprecated = object["deprecated"]?.kind == .true
        for price in try object.required("prices").elements(bytes) {
            model.prices.append(try entry(bytes, TableObject(bytes, price.range)))
        }
        guard !model.prices.isEmpty else { throw PriceTableError(.missing, at: place) }
        for variant in try object["variants"]?.elements(bytes) ?? [] {
            let object = try TableObject(bytes, variant.range)
            var entry = try entry(bytes, object)
            entry.context = try context(bytes, TableObject(bytes, object.required("when").range))
            model.variants.append(entry)
        }
        guard Set(model.variants.map(\.context)).count <= contextLimit else {
            throw PriceTableError(.contexts, at: place)
        }
        return model
    }

    private static func entry(_ bytes: Span<UInt8>, _ object: TableObject) throws(PriceTableError) -> ModelPrices.Entry
    {
        for member in object.members where !["from", "daily_utc", "rates", "when"].contains(member.name) {
            throw PriceTableError(.member, at: member.value.range)
        }
        var entry = ModelPrices.Entry(rates: try rates(bytes, TableObject(bytes, object.required("rates").range)))
        if let from = object["from"] {
            guard let date = PriceDate(try from.text(bytes)) else { throw PriceTableError(.date, at: from.range) }
            entry.from = date
        }
        if let daily = object["daily_utc"] {
            let times = try daily.elements(bytes)
            guard times.count == 2, let start = minute(try times[0].plain(bytes)),
                let end = minute(try times[1].plain(bytes))
            else { throw PriceTableError(.daily, at: daily.range) }
            entry.daily = ModelPrices.DailyWindow(start: start, end: end)
        }
        return entry
    }

    /// The minute of the day that `16:30` is.
    private static func minute(_ text: [UInt8]) -> Int? {
        let digits = text.map { Int($0) - Int(UInt8(ascii: "0")) }
        guard text.count == 5, text[2] == UInt8(ascii: ":"),
            [0, 1, 3, 4].allSatisfy({ (0...9).contains(digits[$0]) })
        else { return nil }
        let (hour, minute) = (digits[0] * 10 + digits[1], digits[3] * 10 + digits[4])
        return hour < 24 && minute < 60 ? hour * 60 + minute : nil
    }

    private static func context(_ bytes: Span<UInt8>, _ object: TableObject) throws(PriceTableError) -> BillingContext {
        var context = BillingContext()
        for (property, value) in object.members {
            guard let trait = BillingContext(property: property, value: try value.text(bytes)) else {
                throw PriceTableError(.context, at: value.range)
            }
            context.insert(trait)
        }
        guard !context.isEmpty else { throw PriceTableError(.missing, at: object.range) }
        return context
    }

    private static func rates(_ bytes: Span<UInt8>, _ object: TableObject) throws(PriceTableError) -> RateCard {
        var card = RateCard()
        for (name, value) in object.members {
            guard let rate = Rate(name: name) else { throw PriceTableError(.rate, at: value.range) }
            card[rate] = try amount(bytes, value)
        }
        return card
    }

    private static func amount(_ bytes: Span<UInt8>, _ value: TableValue) throws(PriceTableError) -> TieredAmount {
        guard value.kind == .object else { return TieredAmount(try value.amount(bytes)) }
        let object = try TableObject(bytes, value.range)
        guard object.members.count == 2 else { throw PriceTableError(.member, at: value.range) }
        var tiers: [TieredAmount.Tier] = []
        for element in try object.required("tiers").elements(bytes) {
            let tier = try TableObject(bytes, element.range)
            let above = Int64(try tier.required("above").count(bytes))
            guard tier.members.count == 2, above > tiers.last?.above ?? -1 else {
                throw PriceTableError(.tiers, at: element.range)
            }
            tiers.append(TieredAmount.Tier(above: above, pico: try tier.required("rate").amount(bytes)))
        }
        return TieredAmount(try object.required("base").amount(bytes), tiers: tiers)
    }
}
