import WeirBase

/// A target on trial: a share of the route's requests tries it first, all others never. With a sticky key the share is one of keys, so that nobody
/// changes between two models in a conversation; else it is one of requests.
public struct Canary: Sendable {
    /// Index of the target in its route. The route's strategy does not see it.
    public let target: Int
    public let share: Share
    private let salt: UInt64

    /// Canaries of different `name` choose independently of each other.
    public init(target: Int, share: Share, name: String) {
        self.target = target
        self.share = share
        salt = stableHash(name)
    }

    /// Whether the request tries the canary first.
    public func includes(_ request: RoutedRequest) -> Bool {
        share.includes(request.stickyKey ?? request.id, salt: salt)
    }
}
