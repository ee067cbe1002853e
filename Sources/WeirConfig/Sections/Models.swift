import WeirBase
import WeirRouting

extension Reader {
    static let modelSettings: [Setting] = [
        .optional(
            "strategy", Registry.strategies.map { "`\($0.name)`" }.joined(separator: ", "), default: "priority",
            "How a target is chosen among the healthy ones. "
                + Registry.strategies.map { "`\($0.name)`: \($0.summary)" }.joined(separator: " "),
            aliases: ["routing", "policy"]),
        .optional(
            "aliases", "list of names and patterns", default: "none",
            "Other names that clients may ask for it by.", aliases: ["alias", "names"]),
        .optional(
            "sticky_by", "`key` or `header:NAME`", default: "key",
            "What requests have in common that go to the same target, for `sticky` and for canaries.",
            aliases: ["sticky", "affinity"]),
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
        .optional(
            "weight", "0 to 1000000", default: "1",
            "Its share, for `weighted` and `sticky`; 0 only stands in for others.", aliases: ["share", "ratio"]),
        .optional(
            "when", "map of settings", default: "always", "The requests that it is for.",
            aliases: ["if", "condition", "conditions", "match"]),
        .optional(
            "canary", "percentage such as `5%`", default: "none",
            "Of a target on trial: so many requests try it first, all others never do.", aliases: ["trial"]),
        .later("shadow"),
    ]
    static let conditionSettings: [Setting] = [
        .optional("keys", "list of names", default: "all", "Names of keys.", aliases: ["key"]),
        .optional("teams", "list of names", default: "all", "Names of teams.", aliases: ["team"]),
        .optional(
            "tags", "list of NAME=VALUE", default: "any", "One of these tags, of the request or its key.",
            aliases: ["tag"]),
        .optional("min_bytes", "size", default: "0", "The least size of the request's body.", aliases: ["min_size"]),
        .optional(
            "max_bytes", "size", default: "no bound", "The greatest size of the request's body.",
            aliases: ["max_size"]),
    ]

    func readModels(_ field: Field?, _ providers: [ReadProvider]) -> [Policy.Model] {
        guard let entries = field?.entries(or: "write \"NAME: PROVIDER/MODEL\"") else { return [] }
        var models: [Policy.Model] = []
        var used = Set<Int>()
        for (name, field) in entries {
            let isGood = field.isGoodModelName(name)
            guard let model = readModel(name, field, providers) else { continue }
            used.formUnion(model.targets.map(\.provider))
            if isGood, !model.targets.isEmpty { models.append(model) }
        }
        checkAliases(models, field)
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

    private func readModel(_ name: String, _ field: Field, _ providers: [ReadProvider]) -> Policy.Model? {
        if case .text(let text) = field.value.content {
            return readShorthand(text, field, providers).map { Policy.Model(name: name, targets: [$0]) }
        }
        guard let section = Section(field, Self.modelSettings) else { return nil }
        let strategy = section["strategy"]?.word(of: Registry.strategies.map(\.name), what: "strategy") ?? "priority"
        let aliases = readAliases(section["aliases"])
        let stickyKey = section["sticky_by"].flatMap(readStickyKey) ?? .key
        guard let entries = section["targets"]?.list(or: "write \"[{provider: NAME, model: NAME}]\"") else {
            return nil
        }
        if entries.count > 64 { entries[64].note("is one target too many", "keep at most 64") }
        let targets = entries.compactMap { readTarget($0, providers) }
        checkCanaries(targets, entries)
        return Policy.Model(
            name: name, aliases: aliases, strategy: strategy, stickyKey: stickyKey, targets: targets)
    }

    private func readAliases(_ field: Field?) -> [Pattern] {
        guard let entries = field?.list(or: "write \"[NAME, 'PREFIX*']\"") else { return [] }
        return entries.compactMap { entry in
            guard let text = entry.text(or: "write a name or a pattern") else { return nil }
            guard let pattern = Pattern(text) else {
                entry.note("this is no name of a model", "use 1 to 200 visible ASCII characters, without \" and \\")
                return nil
            }
            return pattern
        }
    }

    /// A name that stands for two models stands for none.
    private func checkAliases(_ models: [Policy.Model], _ field: Field?) {
        var owners = [String: String](uniqueKeysWithValues: models.map { ($0.name, $0.name) })
        for model in models {
            for alias in model.aliases {
                guard let owner = owners.updateValue(model.name, forKey: alias.text) else { continue }
                field?.note(
                    "\(quoted(alias.text)) is a name of both \(quoted(owner)) and \(quoted(model.name))",
                    "keep it at one of them")
            }
        }
    }

    private func readStickyKey(_ field: Field) -> Policy.StickyKey? {
        guard let text = field.text(or: "write key or header:NAME") else { return nil }
        if text == "key" { return .key }
        let name = text.dropFirst(7).lowercased()
        guard text.hasPrefix("header:"), (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isNameByte) else {
            field.note("\(quoted(text)) is nothing that requests have in common", "write key or header:NAME")
            return nil
        }
        return .header(name)
    }

    /// One target of a model may be on trial, and another must be there for everybody else.
    private func checkCanaries(_ targets: [Policy.Target], _ entries: [Field]) {
        guard targets.count == entries.count else { return }
        let places = targets.indices.filter { targets[$0].trialShare != nil }
        if places.count > 1 { entries[places[1]].note("is a second canary", "keep one target on trial in a model") }
        if places.count == targets.count, let only = places.first {
            entries[only].note("is a canary, and nothing else serves the model", "add a target without \"canary\"")
        }
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
        let weight = section["weight"]?.number(in: 0...1_000_000) ?? 1
        let condition = section["when"].flatMap(readCondition)
        let trialShare = section["canary"].flatMap(readShare)
        guard let provider, let model else { return nil }
        return Policy.Target(
            provider: provider, model: model, maxInputTokens: maxInput, maxOutputTokens: maxOutput, weight: weight,
            condition: condition, trialShare: trialShare)
    }

    private func readShare(_ field: Field) -> Share? {
        field.parsed(as: "a percentage", example: "5%") { text in
            guard text.hasSuffix("%") else { return nil }
            let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), let whole = decimalNumber(String(parts[0])), whole <= 100 else {
                return nil
            }
            let fraction = parts.count == 2 ? parts[1] : "0"
            guard (1...4).contains(fraction.utf8.count), let digits = decimalNumber(String(fraction)) else {
                return nil
            }
            let scale = [1_000, 100, 10, 1][fraction.utf8.count - 1]
            return Share(partsPerMillion: whole * 10_000 + digits * scale)
        }
    }

    private func readCondition(_ field: Field) -> Condition? {
        guard let section = Section(field, Self.conditionSettings) else { return nil }
        var all: [Condition] = []
        if let names = readNames(section["keys"]) { all.append(.any(names.map(Condition.key))) }
        if let names = readNames(section["teams"]) { all.append(.any(names.map(Condition.team))) }
        if let tags = readTagTexts(section["tags"]) {
            all.append(.any(tags.map { .tag(name: $0.name, value: $0.value) }))
        }
        let least = section["min_bytes"]?.size(in: 0...(1 << 30))
        let most = section["max_bytes"]?.size(in: 0...(1 << 30))
        if let least, let most, least > most {
            section["max_bytes"]?.note("is less than min_bytes", "write at least \(sizeText(least))")
        } else if least != nil || most != nil {
            all.append(.bodyBytes((least ?? 0)...(most ?? .max)))
        }
        if all.isEmpty { field.note("says nothing", "write for example \"{teams: [NAME]}\", or leave it out") }
        return .all(all)
    }

    private func readNames(_ field: Field?) -> [String]? {
        field?.list(or: "write \"[NAME]\"")?.compactMap { $0.text(or: "write a name") }
    }

    private func readTagTexts(_ field: Field?) -> [(name: String, value: String)]? {
        field?.list(or: "write \"[NAME=VALUE]\"")?.compactMap { entry in
            entry.parsed(as: "a tag", example: "env=prod") { text in
                guard let sign = text.firstIndex(of: "="), sign > text.startIndex else { return nil }
                return (String(text[..<sign]), String(text[text.index(after: sign)...]))
            }
        }
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
