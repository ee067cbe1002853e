/// What a call consumed, as the provider counted it. Every provider's usage object is mapped to this one vector.
/// All counts are tokens, 0 where the provider says nothing.
public struct Usage: Equatable, Sendable {
    /// Input tokens in all, cached and written ones included.
    public var input = 0
    /// Part of `input`: read from the provider's prompt cache.
    public var cachedInput = 0
    /// Part of `input`: written to the provider's prompt cache.
    public var cacheWriteInput = 0
    /// Part of `input`: audio.
    public var audioInput = 0
    /// Output tokens in all, reasoning included.
    public var output = 0
    /// Part of `output`: reasoning that the client may not see.
    public var reasoningOutput = 0
    /// Part of `output`: audio.
    public var audioOutput = 0

    public init() {}
}
