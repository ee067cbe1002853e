extension PriceTable {
    /// The provider whose id or name `name` is (`OpenAI`, `azure-openai`).
    public func provider(named name: String) -> Provider? {
        let name = lowercased(Array(name.utf8))
        if let provider = providers.first(where: { $0.id.utf8.elementsEqual(name) }) { return provider }
        return providers.first { $0.providerRule.map { rules.matches(name, $0) } ?? false }
    }

    /// The provider whose API lies at `url`.
    public func provider(baseURL url: String) -> Provider? {
        let url = Array(url.utf8)
        return providers.first { $0.url.isPrefix(of: url) }
    }

    /// The provider that makes models with such names.
    public func provider(ofModel model: String) -> Provider? {
        let name = lowercased(Array(model.utf8))
        return providers.first { $0.modelRule.map { rules.matches(name, $0) } ?? false }
    }

    /// The model that `model` means at `provider`: the first one in the order of the table whose rule holds; else the first one of a provider whose
    /// models it sells as well; else the same with a date such as `-20260115` written as `-2026-01-15`.
    public func find(_ model: String, of provider: Provider) -> ModelPrices? {
        guard model.utf8.count <= Self.nameLimit else { return nil }
        let name = lowercased(Array(model.utf8))
        if let found = match(name, of: provider) { return found }
        let dashed = Self.withDashedDates(name)
        return dashed == name ? nil : match(dashed, of: provider)
    }

    /// The longest name that is looked up, in bytes.
    public static let nameLimit = 256

    private func match(_ name: [UInt8], of provider: Provider) -> ModelPrices? {
        if let found = ownMatch(name, of: provider) { return found }
        for id in provider.fallback {
            guard let other = providers.first(where: { $0.id == id }) else { continue }
            if let found = ownMatch(name, of: other) { return found }
        }
        return nil
    }

    private func ownMatch(_ name: [UInt8], of provider: Provider) -> ModelPrices? {
        provider.models.first { rules.matches(name, models[$0].rule) }.map { checkedModel(at: $0, of: provider) }
    }

    /// Writes each `-20260115` that ends the name or stands before `-` or `:` as `-2026-01-15`, if it can be a date.
    static func withDashedDates(_ name: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var at = 0
        while at < name.count {
            guard let date = dashedDate(name[at...]) else {
                result.append(name[at])
                at += 1
                continue
            }
            result += date
            at += 9
        }
        return result
    }

    private static func dashedDate(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let text = Array(text.prefix(10))
        let digits = text.dropFirst().prefix(8)
        guard text.first == UInt8(ascii: "-"), digits.count == 8, text.count == 9 || "-:".utf8.contains(text[9]) else {
            return nil
        }
        let dash = UInt8(ascii: "-")
        let date = text[1...4] + [dash] + text[5...6] + [dash] + text[7...8]
        guard text[1] == UInt8(ascii: "2"), text[2] == UInt8(ascii: "0"),
            PriceDate(String(decoding: date, as: UTF8.self)) != nil
        else { return nil }
        return [dash] + date
    }
}
