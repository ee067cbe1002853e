internal import WeirBase
internal import WeirWire

/// Reads the usage of a JSON answer: of one that lies there whole, or of one that arrives in pieces split anywhere.
public struct OpenAIResponseMeter: ~Copyable {
    private var scanner = JSONStreamScanner(ChunkMarks.usageName)
    private var whole: UsageReading?
    private static let names: [ShortName] = ["usage"]

    public init() {}

    /// Looks at the next piece of the body; the piece itself is passed on by the caller.
    public mutating func feed(_ bytes: Span<UInt8>) { scanner.feed(bytes) }

    /// Looks at a body that lies there whole, as most do, and checks all of it against the grammar. Call it once, instead of `feed`.
    public mutating func feedWhole(_ bytes: Span<UInt8>) {
        do throws(JSONError) {
            var members = try JSONScanner.members(of: bytes, wanted: Self.names)
            guard let usage = members.member(0), usage.kind != .null else { return whole = UsageReading.none }
            whole = usage.kind == .object ? OpenAIUsage.read(bytes, usage.value) : .unreadable
        } catch {
            // What is wrong, or what counts of two of them, is told as for a body in pieces.
            scanner.feed(bytes)
        }
    }

    /// Whether the JSON object has ended.
    public var isComplete: Bool { whole != nil || scanner.isComplete }

    /// The usage, final once the body has ended.
    public var usage: UsageReading {
        if let whole { return whole }
        guard scanner.isComplete else { return .none }
        return UsageReading(scanner)
    }
}
