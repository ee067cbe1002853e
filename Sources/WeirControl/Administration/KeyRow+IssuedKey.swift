internal import FoundationEssentials
internal import WeirBase
public import WeirConfig
public import WeirStore

/// What of a key the store keeps without looking into it.
private struct KeySettings: Codable {
    var models: [String]?
    var tags: [String]
    var budgets: [BudgetMessage]
    var limits: LimitsMessage
}

extension KeyRow {
    init(_ key: IssuedKey) {
        let settings = KeySettings(
            models: key.models, tags: key.tags.map(\.description), budgets: key.bounds.budgets.map(BudgetMessage.init),
            limits: LimitsMessage(key.bounds.limits))
        self.init(
            id: key.id, team: key.team, settings: String(decoding: encodeJSON(settings), as: UTF8.self),
            expires: key.expires.nanoseconds, created: key.created.nanoseconds, revoked: key.revoked?.nanoseconds,
            secrets: key.secrets.map { SecretRow(sha256: $0.digest.hexDigits, until: $0.until.nanoseconds) })
    }
}

extension IssuedKey {
    /// - Throws: `damaged` where the store holds what no version of Weir wrote.
    public init(_ row: KeyRow) throws(ControlFailure) {
        let damaged = ControlFailure(
            status: 500, code: "damaged", message: "the store's row of the key \(row.id) is damaged; restore a copy")
        let settings: KeySettings
        do {
            settings = try JSONDecoder().decode(KeySettings.self, from: Data(row.settings.utf8))
        } catch { throw damaged }
        var secrets: [IssuedSecret] = []
        for secret in row.secrets {
            guard let digest = KeyDigest(hex: secret.sha256) else { throw damaged }
            secrets.append(IssuedSecret(digest: digest, until: WallTime(nanoseconds: secret.until)))
        }
        self.init(id: row.id, team: row.team, created: WallTime(nanoseconds: row.created), secrets: secrets)
        models = settings.models
        expires = WallTime(nanoseconds: row.expires)
        revoked = row.revoked.map { WallTime(nanoseconds: $0) }
        for text in settings.tags {
            guard let tag = Policy.Tag(text) else { throw damaged }
            tags.append(tag)
        }
        for budget in settings.budgets { bounds.budgets.append(try budget.budget()) }
        bounds.limits = try settings.limits.limits()
    }
}

extension ControlFailure {
    static func store(_ error: StoreError) -> ControlFailure {
        ControlFailure(status: 503, code: "store_unavailable", message: error.description)
    }
}
