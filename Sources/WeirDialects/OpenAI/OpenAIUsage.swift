public import WeirBase
internal import WeirWire

/// What is known of the usage of an answer.
public enum UsageReading: Equatable, Sendable {
    /// No usage object has come.
    case none
    case read(Usage)
    /// One came that cannot be billed from: not an object of counts, negative or absurd numbers, too long.
    case unreadable
}

/// Maps OpenAI's usage objects to `Usage`: chat and completions (`prompt_tokens`), Responses and images (`input_tokens`), embeddings (no output).
public enum OpenAIUsage {
    /// No call uses more tokens than this; a larger count is a mistake of the upstream.
    public static let tokenLimit: Int64 = 1_000_000_000

    private static let names: [ShortName] = [
        "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens",
        "prompt_tokens_details", "completion_tokens_details", "input_tokens_details", "output_tokens_details",
        "input_token_details", "output_token_details", "total_tokens",
    ]
    private static let detailNames: [ShortName] = [
        "cached_tokens", "cache_write_tokens", "audio_tokens", "reasoning_tokens",
    ]

    /// Reads the usage object in `range`. Missing and null counts are 0; parts larger than their whole are cut down to it.
    public static func read(_ bytes: Span<UInt8>, _ range: ByteRange) -> UsageReading {
        do throws(Unreadable) { return .read(try usage(bytes, range)) } catch { return .unreadable }
    }

    private struct Unreadable: Error {}

    private static func usage(_ bytes: Span<UInt8>, _ range: ByteRange) throws(Unreadable) -> Usage {
        var members = try scan(bytes, range, names)
        guard let input = try count(bytes, members.member(0), members.member(2)) else { throw Unreadable() }
        var usage = Usage()
        usage.input = input
        usage.output = try count(bytes, members.member(1), members.member(3)) ?? 0
        if let details = members.member(4) ?? members.member(6) ?? members.member(8), details.kind != .null {
            var parts = try scan(bytes, details.value, detailNames)
            usage.cachedInput = min(try count(bytes, parts.member(0)) ?? 0, usage.input)
            usage.cacheWriteInput = min(try count(bytes, parts.member(1)) ?? 0, usage.input - usage.cachedInput)
            usage.audioInput = min(try count(bytes, parts.member(2)) ?? 0, usage.input)
        }
        if let details = members.member(5) ?? members.member(7) ?? members.member(9), details.kind != .null {
            var parts = try scan(bytes, details.value, detailNames)
            usage.reasoningOutput = min(try count(bytes, parts.member(3)) ?? 0, usage.output)
            usage.audioOutput = min(try count(bytes, parts.member(2)) ?? 0, usage.output)
        }
        return usage
    }

    private static func scan(_ bytes: Span<UInt8>, _ range: ByteRange, _ names: [ShortName]) throws(Unreadable)
        -> JSONMembers
    {
        do throws(JSONError) { return try JSONScanner.members(of: bytes, in: range, wanted: names) } catch {
            throw Unreadable()
        }
    }

    /// The count under the first of two names that has one.
    private static func count(_ bytes: Span<UInt8>, _ one: JSONMember?, _ two: JSONMember?) throws(Unreadable) -> Int? {
        if let count = try count(bytes, one) { return count }
        return try count(bytes, two)
    }

    private static func count(_ bytes: Span<UInt8>, _ member: JSONMember?) throws(Unreadable) -> Int? {
        guard let member, member.kind != .null else { return nil }
        guard member.kind == .number, let number = JSONText.integer(bytes, member.value), number >= 0,
            number <= tokenLimit
        else {
            throw Unreadable()
        }
        return Int(number)
    }
}

/// Reads the usage of a JSON answer that arrives in pieces split anywhere.
public struct OpenAIResponseMeter: ~Copyable {
    private var scanner = JSONStreamScanner(ChunkMarks.usageName)
    private var whole: UsageReading?

    public init() {}

    /// Looks at the next piece of the body; the piece itself is passed on by the caller.
    public mutating func feed(_ bytes: Span<UInt8>) { scanner.feed(bytes) }

    /// Looks at a body that lies there whole, as most do: a search for the usage instead of a walk through all of it, in half the time.
    /// Call it once, instead of `feed`.
    public mutating func feedWhole(_ bytes: Span<UInt8>) {
        if let usage = Self.usage(inWhole: bytes) { whole = usage } else { scanner.feed(bytes) }
    }

    /// Whether the JSON object has ended.
    public var isComplete: Bool { whole != nil || scanner.isComplete }

    /// The usage, final once the body has ended.
    public var usage: UsageReading {
        if let whole { return whole }
        guard scanner.isComplete else { return .none }
        return UsageReading(scanner)
    }

    /// The usage object of the outermost object, if the search finds one; nil tells nothing. See `ChunkMarks` for why this is exact in valid JSON.
    private static func usage(inWhole bytes: Span<UInt8>) -> UsageReading? {
        let end = bytes.count
        let start = bytes.firstNonWhitespace(from: 0, to: end)
        guard start < end, bytes[start] == UInt8(ascii: "{") else { return nil }
        var from = start
        var found: UsageReading?
        while let key = ChunkMarks.nextUsage(bytes, from: from, to: end) {
            from = key &+ 7
            guard bytes[key &- 1] != UInt8(ascii: "\\"), let value = ChunkMarks.memberValue(bytes, from, end),
                value < end,
                bytes[value] == UInt8(ascii: "{"), let valueEnd = JSONScanner.valueEnd(bytes, from: value, to: end),
                JSONScanner.endsObject(bytes, from: valueEnd, to: end)
            else { continue }
            found = OpenAIUsage.read(bytes, ByteRange(start: value, end: valueEnd))
            from = valueEnd
        }
        return found
    }
}

extension UsageReading {
    /// What a scanner that looked for a usage object has found.
    init(_ scanner: borrowing JSONStreamScanner) {
        switch scanner.state {
        case .found(.object): self = OpenAIUsage.read(scanner.value, ByteRange(start: 0, end: scanner.value.count))
        case .found(.null), .looking, .inValue, .unreadable: self = .none
        case .found, .tooLong: self = .unreadable
        }
    }
}
