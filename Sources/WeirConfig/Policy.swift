public import WeirBudget

/// The configuration in force: read once, checked whole, never changed. Requests keep the one with which they began; a reload makes
/// another. Providers, models, keys and teams are known by dense indexes; what a request needs is found without making a String.
public final class Policy: Sendable {
    public let listeners: [Listener]
    /// The folder of the embedded store.
    public let dataFolder: String
    public let loops: Loops
    public let limits: Limits
    public let accessLog: AccessLog

    public let providers: [Provider]
    public let models: [Model]
    /// In the order of the file; `PriceBook` puts them on top of a table.
    public let prices: [PriceOverride]
    public let teams: [Team]
    public let keys: [Key]

    /// A hash of the file's bytes (FNV-1a, 64 bits, folded): the same file gives the same one on every machine. What variables and
    /// secret files hold is not in it.
    public let fingerprint: UInt64
    /// What is allowed but hardly meant, sorted by position.
    public let warnings: [ConfigurationMistake]

    private let keyTable: KeyTable
    private let modelTable: NameTable
    private let allowList: AllowList

    init(_ parts: Parts, fingerprint: UInt64, warnings: [ConfigurationMistake]) {
        listeners = parts.listeners
        dataFolder = parts.dataFolder
        loops = parts.loops
        limits = parts.limits
        accessLog = parts.accessLog
        providers = parts.providers
        models = parts.models
        prices = parts.prices
        teams = parts.teams.map(\.team)
        keys = parts.keys.map(\.key)
        self.fingerprint = fingerprint
        self.warnings = warnings
        keyTable = KeyTable(keys.map(\.digest))
        modelTable = NameTable(models.map(\.name))
        allowList = parts.allowList()
    }

    /// The index of the key whose secret has this digest.
    public func keyIndex(of digest: KeyDigest) -> Int? { keyTable.index(of: digest) }

    /// The index of the model with exactly this name.
    public func modelIndex(named name: Span<UInt8>) -> Int? { modelTable.index(of: name) }

    /// The same for a name that is a text already.
    public func modelIndex(named name: String) -> Int? { modelIndex(named: name.utf8Span.span) }

    /// Whether a key may use a model: its own list and its team's must both allow it. Both are indexes into `keys` and `models`.
    public func allows(key: Int, model: Int) -> Bool { allowList.allows(key: key, model: model) }

    /// The fingerprint in 16 hexadecimal digits, for traces and logs.
    public var fingerprintText: String {
        let digits = String(fingerprint, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
