extension Reader {
    static let modelSettings: [Setting] = [
        .optional(
            "strategy", "`priority`", default: "priority", "How a target is chosen: the first one that is healthy.",
            aliases: ["routing", "policy"]),
        .required(
            "targets", "list of maps", "What the name resolves to: tried in this order, at most 64.",
            aliases: ["target", "providers"]),
    ]
    static let targetSettings: [Setting] = [
        .required("provider", "name", "The name of one of the providers."),
        .required("model", "text", "The provider's name for the model.", aliases: ["name", "id"]),
        .optional(
            "max_input_tokens", "1 to 1000000000", default: "from the price table",
            "The most tokens that the model takes: bounds what a request may cost that carries images, audio, documents or stored text.",
            aliases: ["context_window", "context", "max_context"]),
        .optional(
            "max_output_tokens", "1 to 1000000000", default: "from the price table, or limits.output_tokens",
            "The most tokens that the model gives: bounds what a request may cost that says nothing of it.",
            aliases: ["max_tokens", "max_output"]),
        .later("weight"),
    ]

    func readModels(_ field: Field?, _ providers: [ReadProvider]) -> [Policy.Model] {
        guard let entries = field?.entries(or: "write \"NAME: PROVIDER/MODEL\"") else { return [] }
        var models: [Policy.Model] = []
        var used = Set<Int>()
        for (name, field) in entries {
            let isGood = field.isGoodModelName(name)
            guard let (strategy, targets) = readModel(field, providers) else { continue }
            used.formUnion(targets.map(\.provider))
            if isGood, !targets.isEmpty {
                models.append(Policy.Model(name: name, strategy: strategy, targets: targets))
            }
        }
        if models.count == entries.count {  // else whom the broken ones would have used is not known
            for (index, provider) in providers.enumerated() where !used.contains(index) {
                let (place, path) = (provider.field.namePlace, provider.field.path)
                mistakes.add(
                    .warning, at: place, path, "no model uses this provider", "add a target that names it, or remove it"
                )
            }
        }
        return models
    }

    private func readModel(_ field: Field, _ providers: [ReadProvider]) -> (Policy.StrategyName, [Policy.Target])? {
        if case .text(let text) = field.value.content {
            return readShorthand(text, field, providers).map { (.priority, [$0]) }
        }
        guard let section = Section(field, Self.modelSettings) else { return nil }
        let strategy = section["strategy"].flatMap(readStrategy) ?? .priority
        guard let entries = section["targets"]?.list(or: "write \"[{provider: NAME, model: NAME}]\"") else {
            return nil
        }
        if entries.count > 64 { entries[64].note("is one target too many", "keep at most 64") }
        return (strategy, entries.compactMap { readTarget($0, providers) })
    }

    private func readStrategy(_ field: Field) -> Policy.StrategyName? {
        if case .text(let text) = field.value.content,
            ["weighted", "lowest_latency", "lowest_cost", "sticky"].contains(text)
        {
            field.note("strategy \"\(text)\" is not supported by this version of weir", "write \"priority\"")
            return nil
        }
        return field.word(of: Policy.StrategyName.allCases.map(\.rawValue), what: "strategy").flatMap(
            Policy.StrategyName.init)
    }

    private func readTarget(_ field: Field, _ providers: [ReadProvider]) -> Policy.Target? {
        if case .text(let text) = field.value.content { return readShorthand(text, field, providers) }
        guard let section = Section(field, Self.targetSettings) else { return nil }
        let provider = section["provider"].flatMap { field in
            field.text(or: "write the name of a provider").flatMap { index(of: $0, providers, field) }
        }
        let model = section["model"].flatMap { field in
            field.text(or: "write the provider's name for the model").flatMap { upstreamName($0, field) }
        }
        let maxInput = section["max_input_tokens"]?.number(in: 1...1_000_000_000)
        let maxOutput = section["max_output_tokens"]?.number(in: 1...1_000_000_000)
        guard let provider, let model else { return nil }
        return Policy.Target(provider: provider, model: model, maxInputTokens: maxInput, maxOutputTokens: maxOutput)
    }

    /// `provider/model`; the model may have slashes of its own.
    private func readShorthand(_ text: String, _ field: Field, _ providers: [ReadProvider]) -> Policy.Target? {
        guard let slash = text.firstIndex(of: "/") else {
            field.note("\(quoted(text)) names no provider", "write PROVIDER/MODEL")
            return nil
        }
        let provider = index(of: String(text[..<slash]), providers, field)
        let model = upstreamName(String(text[text.index(after: slash)...]), field)
        guard let provider, let model else { return nil }
        return Policy.Target(provider: provider, model: model)
    }

    private func index(of name: String, _ providers: [ReadProvider], _ field: Field) -> Int? {
        if let index = providers.firstIndex(where: { $0.name == name }) { return index }
        guard !providers.isEmpty else { return nil }  // that there are none is a mistake of its own
        field.note(
            "there is no provider \(quoted(name))", cure(for: name, among: providers.map(\.name), what: "provider"))
        return nil
    }

    private func upstreamName(_ name: String, _ field: Field) -> String? {
        if (1...200).contains(name.utf8.count), name.utf8.allSatisfy(isModelByte) { return name }
        field.note(
            "the provider's name for the model is not valid", "use 1 to 200 visible ASCII characters, without \" and \\"
        )
        return nil
    }

    /// What to write in place of a name that nothing has.
    func cure(for name: String, among names: [String], what: String) -> String {
        if let meant = suggestion(for: name, among: names) { return "did you mean \"\(shown(meant))\"?" }
        if names.isEmpty { return "add it under \"\(what)s\"" }
        let rest = names.count > 8 ? ", ..." : ""
        return "write one of \(names.prefix(8).map(shown).joined(separator: ", "))\(rest), or add it under \"\(what)s\""
    }
}
