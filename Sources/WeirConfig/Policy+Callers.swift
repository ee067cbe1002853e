public import WeirBase
internal import WeirBudget

extension Policy {
    /// A group of keys with a bill and an allow-list of its own.
    public struct Team: Hashable, Sendable {
        public let name: String
        public var bounds = Bounds()
        public var onDisconnect = OnDisconnect.cancel
    }

    /// A client's key, known by its digest only.
    public struct Key: Hashable, Sendable {
        public let id: String
        /// Index into `Policy.teams`.
        public let team: Int?
        /// One live secret, or two while one takes the other's place.
        public let digests: [KeyDigest]
        public var bounds = Bounds()
        /// Labels of all its requests.
        public var tags: [Tag] = []
        /// From this moment on it is refused.
        public var expires = WallTime.never
        /// The models that it may use, of those of its team; nil allows all.
        public var patterns: [Pattern]?
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
        var keys: [Key] = []
        var boundTags: [BoundTag] = []
        var durability = Durability.process
    }
}
