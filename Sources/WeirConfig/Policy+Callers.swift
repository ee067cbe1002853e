internal import WeirBudget

extension Policy {
    /// A group of keys with a bill and an allow-list of its own.
    public struct Team: Hashable, Sendable {
        public let name: String
    }

    /// A client's key, known by its digest only.
    public struct Key: Hashable, Sendable {
        public let id: String
        /// Index into `Policy.teams`.
        public let team: Int?
        public let digest: KeyDigest
    }

    /// What the sections have read, before look-ups are made of it.
    struct Parts {
        var listeners: [Listener] = []
        var dataFolder = "weir-data"
        var loops = Loops.automatic
        var limits = Limits()
        var accessLog = AccessLog.standardOutput
        var providers: [Provider] = []
        var models: [Model] = []
        var prices: [PriceOverride] = []
        /// `nil` patterns allow every model.
        var teams: [(team: Team, patterns: [Pattern]?)] = []
        var keys: [(key: Key, patterns: [Pattern]?)] = []

        func allowList() -> AllowList {
            var list = AllowList(keys: keys.count, models: models.count)
            let names = models.map { Array($0.name.utf8) }
            for (key, entry) in keys.enumerated() {
                let team = entry.key.team.flatMap { teams[$0].patterns }
                for (model, name) in names.enumerated() where matches(entry.patterns, name) && matches(team, name) {
                    list.allow(key: key, model: model)
                }
            }
            return list
        }

        private func matches(_ patterns: [Pattern]?, _ name: [UInt8]) -> Bool {
            patterns?.contains { $0.matches(name) } ?? true
        }
    }
}
