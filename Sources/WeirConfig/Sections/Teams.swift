extension Reader {
    static let teamSettings: [Setting] =
        [
            .optional(
                "models", "list of patterns", default: "all",
                "The models that the team's keys may use; `*` stands for any characters. Put quotes around a pattern that begins with it.",
                aliases: ["allow", "allowed_models"]),
            .optional(
                "on_disconnect", "`cancel` or `drain`", default: "cancel",
                "What becomes of an answer whose client has gone: `cancel` ends it and bills an estimate of what had passed; `drain` reads the rest for the provider's own count.",
                aliases: ["on_abort", "on_client_disconnect"]),
        ] + boundSettings

    typealias ReadTeam = (team: Policy.Team, patterns: [Pattern]?)

    func readTeams(_ field: Field?, _ models: [[UInt8]]) -> [ReadTeam] {
        guard let entries = field?.entries(or: "write \"NAME: {models: [PATTERN]}\", or remove it") else { return [] }
        return entries.map { name, field in
            _ = field.isGoodName(name)
            // A team needs no settings.
            if case .nothing = field.value.content { return (Policy.Team(name: name), nil) }
            let section = Section(field, Self.teamSettings)
            let words = Policy.OnDisconnect.allCases.map(\.rawValue)
            let onDisconnect = section?["on_disconnect"]?.word(of: words, what: "way").flatMap(
                Policy.OnDisconnect.init)
            let team = Policy.Team(name: name, bounds: readBounds(section), onDisconnect: onDisconnect ?? .cancel)
            return (team, readPatterns(section?["models"], models))
        }
    }

    /// Patterns over model names; `nil` if there is no such setting.
    func readPatterns(_ field: Field?, _ models: [[UInt8]]) -> [Pattern]? {
        guard let field else { return nil }
        let cure = "write \"[NAME, ...]\" with names or patterns such as \"gpt-*\", or leave it out to allow all"
        guard let entries = field.list(or: cure) else { return [] }
        return entries.compactMap { entry in
            guard let text = entry.text(or: "write a model's name or a pattern") else { return nil }
            guard let pattern = Pattern(text) else {
                entry.note("is no pattern of model names", "use 1 to 200 visible ASCII characters, without \" and \\")
                return nil
            }
            if !models.isEmpty, !models.contains(where: pattern.matches) {
                let names = models.map { String(decoding: $0, as: UTF8.self) }
                entry.warn("\(quoted(text)) matches no model", self.cure(for: text, among: names, what: "model"))
            }
            return pattern
        }
    }
}
