internal import WeirBase
internal import WeirWire

/// Reads the usage of a JSON answer: of one that lies there whole, or of one that arrives in pieces split anywhere.
public struct AnthropicResponseMeter: ~Copyable {
    private var scanner = JSONStreamScanner(ChunkMarks.usageName)

    public init() {}

    /// Looks at the next piece of the body; the piece itself is passed on by the caller.
    public mutating func feed(_ bytes: Span<UInt8>) { scanner.feed(bytes) }

    /// Looks at a body that lies there whole. Call it once, instead of `feed`.
    public mutating func feedWhole(_ bytes: Span<UInt8>) { scanner.feed(bytes) }

    /// Whether the JSON object has ended.
    public var isComplete: Bool { scanner.isComplete }

    /// The usage, final once the body has ended.
    public var usage: UsageReading {
        scanner.isComplete ? AnthropicUsage.read(scanner) : .none
    }
}
