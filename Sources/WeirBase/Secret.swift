/// A text that must never be shown: a provider's credential, a client's key, an admin token. It cannot be printed, interpolated or
/// reflected: every such way gives `[secret]`. The bytes come out only through `reveal`, which greps well in a review.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    public init(_ text: String) { bytes = Array(text.utf8) }
    public init(bytes: [UInt8]) { self.bytes = bytes }

    public var count: Int { bytes.count }
    public var isEmpty: Bool { bytes.isEmpty }

    public var description: String { "[secret]" }
    public var debugDescription: String { "[secret]" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    /// Gives the bytes to `use` for the time of the call.
    public func reveal<Result, Failure: Error>(
        _ use: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try use(bytes.span)
    }
}
