import WeirBase

/// A target that gets a copy of a share of the route's requests, whose answers nobody sees: to learn how it does before anything depends on it. It is in
/// no order, so a shadow never answers a client.
public struct Shadow: Sendable {
    /// Index of the target in its route.
    public let target: Int
    public let share: Share
    private let salt: UInt64

    /// Shadows of different `name` choose independently of each other, and of canaries.
    public init(target: Int, share: Share, name: String) {
        self.target = target
        self.share = share
        salt = ~stableHash(name)
    }

    /// Whether a copy of the request goes to the shadow. One of requests, whatever their key: what is to be learnt is about all of them.
    public func includes(_ request: RoutedRequest) -> Bool { share.includes(request.id, salt: salt) }
}
