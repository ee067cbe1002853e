public import WeirBase

/// A key that was made by command while the gateway ran: data, not policy. It is kept in the store; what it refers to by name (its team) is
/// looked up anew when the policy changes.
public struct IssuedKey: Hashable, Sendable {
    /// Its name in bills and traces, which stays when the secret is replaced.
    public let id: String
    /// The name of its team.
    public let team: String?
    /// Patterns over model names; nil allows all that the team may use.
    public var models: [String]?
    public var tags: [Policy.Tag] = []
    public var bounds = Policy.Bounds()
    /// From this moment on it is refused.
    public var expires = WallTime.never
    public let created: WallTime
    /// When it was revoked; nil while it is good.
    public var revoked: WallTime?
    /// The newest first; two while one takes the other's place.
    public var secrets: [IssuedSecret]

    public init(id: String, team: String?, created: WallTime, secrets: [IssuedSecret]) {
        self.id = id
        self.team = team
        self.created = created
        self.secrets = secrets
    }
}

/// The hash of a secret, and until when it opens.
public struct IssuedSecret: Hashable, Sendable {
    public let digest: KeyDigest
    /// `never`, or the end of the time in which the old secret is good beside the new one.
    public var until: WallTime

    public init(digest: KeyDigest, until: WallTime = .never) {
        self.digest = digest
        self.until = until
    }
}
