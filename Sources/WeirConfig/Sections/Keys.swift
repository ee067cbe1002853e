import WeirBase

extension Reader {
    static let keySettings: [Setting] =
        [
            .required(
                "id", "name", "Its name in logs, bills and traces, which stays when the secret is replaced.",
                aliases: ["name"]),
            .optional("team", "name", default: "none", "The team that it belongs to."),
            .required(
                "sha256", "64 hexadecimal digits, or a list of two such",
                "The SHA-256 of the whole key as clients send it: `printf %s \"$KEY\" | sha256sum`. Two while one secret takes the other's place.",
                aliases: ["hash", "secret", "key", "value", "token"]),
            .optional(
                "models", "list of patterns", default: "all that the team may use",
                "The models that the key may use, of those of its team.",
                aliases: ["allow", "allowed_models"]),
            .optional(
                "expires", "date, or date and time", default: "never",
                "From this moment on it is refused: `2027-01-01` (its first moment in UTC) or `2027-01-01T09:00:00+01:00`.",
                aliases: ["expiry", "expires_at", "valid_until"]),
            .optional(
                "tags", "map of name to value", default: "none",
                "Labels that its spend is attributed to: `{env: prod}`.",
                aliases: ["labels", "metadata"]),
        ] + boundSettings

    func readKeys(_ field: Field?, _ teams: [ReadTeam], _ models: [[UInt8]]) -> [Policy.Key] {
        guard let entries = field?.list(or: "write \"[{id: NAME, sha256: HEX}]\", or remove it") else { return [] }
        var keys: [Policy.Key] = []
        var lines = (ids: [String: Int](), digests: [KeyDigest: Int]())
        for entry in entries {
            guard let section = Section(entry, Self.keySettings) else { continue }
            let id = section["id"].flatMap { readID($0, &lines.ids) }
            let digests = section["sha256"].map { readDigests($0, &lines.digests) } ?? []
            let team = section["team"].flatMap { readTeamIndex($0, teams) }
            let patterns = readPatterns(section["models"], models)
            let expires = section["expires"].flatMap { field in
                field.parsed(as: "a date", example: "2027-01-01 or 2027-01-01T09:00:00Z") { WallTime($0) }
            }
            let tags = readTags(section["tags"])
            let bounds = readBounds(section)
            guard let id, !digests.isEmpty else { continue }
            keys.append(
                Policy.Key(
                    id: id, team: team, digests: digests, bounds: bounds, tags: tags, expires: expires ?? .never,
                    patterns: patterns))
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

    private func readDigests(_ field: Field, _ lines: inout [KeyDigest: Int]) -> [KeyDigest] {
        guard case .list(let values) = field.value.content else {
            return readDigest(field, &lines).map { [$0] } ?? []
        }
        guard (1...2).contains(values.count) else {
            field.note("holds \(values.count) hashes", "write one or two")
            return []
        }
        return field.elements(values).compactMap { readDigest($0, &lines) }
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
