/// What routing knows of a request.
public struct RoutedRequest: Sendable {
    /// The request's id, or any number of its own.
    public var id: UInt64
    /// A hash of what the request's prompt cache hangs on: its key, a header. Nil where the request has none.
    public var stickyKey: UInt64?
    /// The targets whose conditions it meets (`Router.eligible`).
    public var eligible: SmallSet

    public init(id: UInt64, stickyKey: UInt64? = nil, eligible: SmallSet = SmallSet(first: SmallSet.limit)) {
        self.id = id
        self.stickyKey = stickyKey
        self.eligible = eligible
    }
}
