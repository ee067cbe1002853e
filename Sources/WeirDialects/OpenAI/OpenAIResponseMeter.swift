internal import WeirBase
internal import WeirWire

/// Reads the usage and the service tier of a JSON answer: of one that lies there whole, or of one that arrives in pieces split anywhere.
public struct OpenAIResponseMeter: ~Copyable {
    private var whole: (usage: UsageReading, tier: ServiceTier?)?
    private var pieces: Pieces?

    /// Looks for both in a body that comes in pieces. A class, for most bodies come whole and have none, and streams have no such body.
    private final class Pieces {
        var usage = JSONStreamScanner(ChunkMarks.usageName)
        var tier = JSONStreamScanner(ServiceTier.name)
    }

    public init() {}

    /// Looks at the next piece of the body; the piece itself is passed on by the caller.
    public mutating func feed(_ bytes: Span<UInt8>) {
        let pieces = self.pieces ?? Pieces()
        self.pieces = pieces
        pieces.usage.feed(bytes)
        pieces.tier.feed(bytes)
    }

    /// Looks at a body that lies there whole, as most do: a search for the usage, which stands near the end, instead of a walk through all of
    /// it. What lies before the usage is not checked against the grammar then. Call it once, instead of `feed`.
    public mutating func feedWhole(_ bytes: Span<UInt8>) {
        if let found = Self.usage(inWhole: bytes) { whole = found } else { feed(bytes) }
    }

    /// Whether the JSON object has ended.
    public var isComplete: Bool { whole != nil || pieces?.usage.isComplete == true }

    /// The usage, final once the body has ended.
    public var usage: UsageReading {
        if let whole { return whole.usage }
        guard let pieces, pieces.usage.isComplete else { return .none }
        return UsageReading(pieces.usage)
    }

    /// The tier that the answer names; nil if it names none that is known.
    public var tier: ServiceTier? { if let whole { whole.tier } else { pieces?.tier.serviceTier } }

    /// The usage object of the outermost object, with the tier, if the search finds one; nil tells nothing. See `ChunkMarks` for why this is exact in valid JSON.
    private static func usage(inWhole bytes: Span<UInt8>) -> (UsageReading, ServiceTier?)? {
        let end = bytes.count
        let start = bytes.firstNonWhitespace(from: 0, to: end)
        guard start < end, bytes[start] == UInt8(ascii: "{") else { return nil }
        var from = start
        var found: UsageReading?
        var tier: ByteRange?
        while let key = ChunkMarks.nextUsage(bytes, from: from, to: end) {
            from = key &+ 7
            var beside: ByteRange?
            guard bytes[key &- 1] != UInt8(ascii: "\\"), let value = ChunkMarks.memberValue(bytes, from, end),
                value < end, bytes[value] == UInt8(ascii: "{"),
                let (usage, valueEnd) = OpenAIUsage.read(bytes, from: value, to: end),
                JSONScanner.endsObject(
                    bytes, from: valueEnd, to: end, noting: ServiceTier.quotedName, at: &beside)
            else { continue }
            found = usage
            tier = beside
            from = valueEnd
        }
        guard let found else { return nil }
        // Chat answers have their tier behind the usage, where it was passed just now; Responses have it before.
        return (found, tier.map { ServiceTier(bytes, $0) } ?? ServiceTier.find(inWhole: bytes, before: from))
    }
}
