extension Reader {
    static let keySettings: [Setting] = [
        .required(
            "id", "name", "Its name in logs, bills and traces, which stays when the secret is replaced.",
            aliases: ["name"]),
        .optional("team", "name", default: "none", "The team that it belongs to."),
        .required(
            "sha256", "64 hexadecimal digits",
            "The SHA-256 of the whole key as clients send it: `printf %s \"$KEY\" | sha256sum`.",
            aliases: ["hash", "secret", "key", "value", "token"]),
        .optional(
            "models", "list of patterns", default: "all that the team may use",
            "The models that the key may use, of those of its team.",
            aliases: ["allow", "allowed_models"]),
        .later("budgets"), .later("limits"), .later("expires"), .later("tags"),
    ]

    typealias ReadKey = (key: Policy.Key, patterns: [Pattern]?)

    func readKeys(_ field: Field?, _ teams: [ReadTeam], _ models: [[UInt8]]) -> [ReadKey] {
        guard let entries = field?.list(or: "write \"[{id: NAME, sha256: HEX}]\", or remove it") else { return [] }
        var keys: [ReadKey] = []
        var lines = (ids: [String: Int](), digests: [KeyDigest: Int]())
        for entry in entries {
            guard let section = Section(entry, Self.keySettings) else { continue }
            let id = section["id"].flatMap { readID($0, &lines.ids) }
            let digest = section["sha256"].flatMap { readDigest($0, &lines.digests) }
            let team = section["team"].flatMap { readTeamIndex($0, teams) }
            let patterns = readPatterns(section["models"], models)
            guard let id, let digest else { continue }
            keys.append((Policy.Key(id: id, team: team, digest: digest), patterns))
        }
        return keys
    }

    private func readID(_ field: Field, _ lines: inout [String: Int]) -> String? {
        guard let id = field.text(or: "write a name") else { return nil }
        let entry = Field(value: field.value, path: field.path, namePlace: field.place, mistakes: mistakes)
        guard entry.isGoodName(id) else { return nil }
        if let line = lines[id] {
            field.note("the key in line \(line) has the same id", "give each key an id of its own")
            return nil
        }
        lines[id] = field.place.line
        return id
    }

    private func readDigest(_ field: Field, _ lines: inout [KeyDigest: Int]) -> KeyDigest? {
        guard let text = field.text(or: "write 64 hexadecimal digits") else { return nil }
        let cure = "write what `printf %s \"$KEY\" | sha256sum` prints"
        guard let digest = KeyDigest(hex: text) else {
            field.note("is not 64 hexadecimal digits (not shown: it may be the key itself)", cure)
            return nil
        }
        if digest == KeyDigest.ofNothing {
            field.note("is the SHA-256 of an empty text", cure)
            return nil
        }
        if let line = lines[digest] {
            field.note("the key in line \(line) has the same hash", "make another secret")
            return nil
        }
        lines[digest] = field.place.line
        return digest
    }

    private func readTeamIndex(_ field: Field, _ teams: [ReadTeam]) -> Int? {
        guard let name = field.text(or: "write the name of a team") else { return nil }
        if let index = teams.firstIndex(where: { $0.team.name == name }) { return index }
        field.note("there is no team \(quoted(name))", cure(for: name, among: teams.map(\.team.name), what: "team"))
        return nil
    }
}
