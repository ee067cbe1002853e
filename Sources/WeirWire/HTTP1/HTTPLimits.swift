/// Bounds of one message; whatever is over them is refused before it is stored.
public struct HTTPLimits: Equatable, Sendable {
    /// Bytes of a head with its empty line, those of skipped empty lines before it included.
    public var headBytes = 32 * 1024
    /// Bytes of a request target.
    public var targetBytes = 8 * 1024
    /// Fields in a head; also trailer fields, and names that Connection fields list.
    public var fields = 128
    /// Bytes of a body without its framing.
    public var bodyBytes = 64 * 1024 * 1024
    /// Bytes of a chunk's size line.
    public var chunkLineBytes = 256
    /// Bytes of all chunk extensions of a body (RFC 9112, section 7.1.1, asks servers to have such a limit).
    public var chunkExtensionBytes = 4 * 1024
    /// Bytes of all trailers.
    public var trailerBytes = 8 * 1024
    /// Empty lines skipped before a request line (RFC 9112, section 2.2).
    public var emptyLines = 2

    /// What a server grants a client.
    public init() {}

    /// What a client grants an upstream: as a server, but a body of any length, since it is relayed and not kept. A stream may have an
    /// extension on each of its many chunks: `chunkLineBytes` bounds each.
    public static var upstream: HTTPLimits {
        var limits = HTTPLimits()
        limits.bodyBytes = .max
        limits.chunkExtensionBytes = .max
        return limits
    }
}
