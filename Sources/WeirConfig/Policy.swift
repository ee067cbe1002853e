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
    /// The keys of the file; others are made by command while the gateway runs.
    public let keys: [Key]
    public let boundTags: [BoundTag]
    public let durability: Durability
    /// What each team's list of models allows; nil allows all.
    public let teamPatterns: [[Pattern]?]

    /// A hash of the file's bytes (FNV-1a, 64 bits, folded): the same file gives the same one on every machine. What variables and
    /// secret files hold is not in it.
    public let fingerprint: UInt64
    /// What is allowed but hardly meant, sorted by position.
    public let warnings: [ConfigurationMistake]

    /// Models' names, then their other names.
    private let modelTable: NameTable
    /// The model of each name behind the models' own.
    private let aliasModels: [Int]
    private let patterns: [(pattern: Pattern, model: Int)]

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
        teamPatterns = parts.teams.map(\.patterns)
        keys = parts.keys
        boundTags = parts.boundTags
        durability = parts.durability
        self.fingerprint = fingerprint
        self.warnings = warnings
        let aliases = models.enumerated().flatMap { model in model.element.aliases.map { ($0, model.offset) } }
        let names = aliases.filter { !$0.0.hasStar }
        modelTable = NameTable(models.map(\.name) + names.map(\.0.text))
        aliasModels = names.map(\.1)
        patterns = aliases.filter { $0.0.hasStar }.map { ($0.0, $0.1) }
    }

    /// The index of the model with this name: its own, another one of its names, or one that fits a pattern, the first in the order of the file.
    public func modelIndex(named name: Span<UInt8>) -> Int? {
        if let found = modelTable.index(of: name) {
            return found < models.count ? found : aliasModels[found - models.count]
        }
        guard !patterns.isEmpty, name.count <= 200 else { return nil }
        let bytes = name.indices.map { name[$0] }
        return patterns.first { $0.pattern.matches(bytes) }?.model
    }

    /// The same for a name that is a text already.
    public func modelIndex(named name: String) -> Int? { modelIndex(named: name.utf8Span.span) }

    /// Whether a team's list (nil: of no team) and a key's own both allow a model.
    public func allows(_ model: Model, team: Int?, patterns: [Pattern]?) -> Bool {
        let name = Array(model.name.utf8)
        func matches(_ patterns: [Pattern]?) -> Bool { patterns?.contains { $0.matches(name) } ?? true }
        return matches(patterns) && matches(team.flatMap { teamPatterns[$0] })
    }

    /// The fingerprint in 16 hexadecimal digits, for traces and logs.
    public var fingerprintText: String {
        let digits = String(fingerprint, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
