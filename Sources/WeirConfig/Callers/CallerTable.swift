public import WeirBase

/// Everybody who may call: the keys of the file and those made by command, in an immutable snapshot. A key is found by its secret's digest
/// without a lock; a change makes another table, which every loop takes with its next request.
public final class CallerTable: Sendable {
    /// One key, whoever made it.
    public struct Caller: Sendable {
        public let id: String
        /// Index into `Policy.teams`.
        public let team: Int?
        public let tags: [Policy.Tag]
        public let bounds: Policy.Bounds
        /// What it may use, of what its team may; nil allows all.
        let patterns: [Pattern]?
        let expires: WallTime
        let isRevoked: Bool
    }

    /// What is known of a secret.
    public enum Finding: Equatable, Sendable {
        /// It opens: the index of its key.
        case caller(Int)
        case unknown
        /// Its key has expired, or the time is over in which it was good beside a newer one.
        case expired
        case revoked
    }

    public let callers: [Caller]
    private let table: KeyTable
    /// For each digest of the table: whose it is, and until when it is good.
    private let owners: [(caller: Int, until: WallTime)]
    private let allowList: AllowList

    /// - Parameter issued: keys made by command. One whose team is not in the policy any more, or whose id or secret the file has as well, is
    ///   left out: the file is the truth.
    public init(_ policy: Policy, issued: [IssuedKey] = []) {
        var callers: [Caller] = []
        var digests: [KeyDigest] = []
        var owners: [(caller: Int, until: WallTime)] = []
        var known = Set<KeyDigest>()
        func add(_ caller: Caller, _ secrets: [IssuedSecret]) {
            for secret in secrets where known.insert(secret.digest).inserted {
                digests.append(secret.digest)
                owners.append((callers.count, secret.until))
            }
            callers.append(caller)
        }
        for key in policy.keys {
            let caller = Caller(
                id: key.id, team: key.team, tags: key.tags, bounds: key.bounds, patterns: key.patterns,
                expires: key.expires, isRevoked: false)
            add(caller, key.digests.map { IssuedSecret(digest: $0) })
        }
        var ids = Set(policy.keys.map(\.id))
        let teams = Dictionary(uniqueKeysWithValues: policy.teams.enumerated().map { ($1.name, $0) })
        for key in issued {
            guard ids.insert(key.id).inserted else { continue }
            var team: Int?
            if let name = key.team {
                guard let index = teams[name] else { continue }
                team = index
            }
            let caller = Caller(
                id: key.id, team: team, tags: key.tags, bounds: key.bounds,
                patterns: key.models.map { $0.compactMap { Pattern($0) } }, expires: key.expires,
                isRevoked: key.revoked != nil)
            add(caller, key.secrets)
        }
        self.callers = callers
        self.owners = owners
        table = KeyTable(digests)
        var allowList = AllowList(keys: callers.count, models: policy.models.count)
        for (index, caller) in callers.enumerated() {
            for (model, entry) in policy.models.enumerated()
            where policy.allows(entry, team: caller.team, patterns: caller.patterns) {
                allowList.allow(key: index, model: model)
            }
        }
        self.allowList = allowList
    }

    /// Looks up the secret with `digest` as of `now`. No allocation, no lock; a few nanoseconds.
    public func find(_ digest: KeyDigest, at now: WallTime) -> Finding {
        guard let index = table.index(of: digest) else { return .unknown }
        let (caller, until) = owners[index]
        let isRevoked = callers[caller].isRevoked
        let expires = callers[caller].expires
        if isRevoked { return .revoked }
        return now < until && now < expires ? .caller(caller) : .expired
    }

    /// Whether a caller may use a model: its own list and its team's both allow it. Both are indexes.
    public func allows(caller: Int, model: Int) -> Bool { allowList.allows(key: caller, model: model) }

    /// The index of the key with this id.
    public func index(of id: String) -> Int? { callers.firstIndex { $0.id == id } }
}
