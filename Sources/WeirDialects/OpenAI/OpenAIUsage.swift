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

    /// Reads the usage object in `range`. Missing and null counts are 0; parts larger than their whole are cut down to it.
    public static func read(_ bytes: Span<UInt8>, _ range: ByteRange) -> UsageReading {
        guard let (reading, end) = read(bytes, from: Int(range.start), to: Int(range.end)),
            bytes.firstNonWhitespace(from: end, to: Int(range.end)) == Int(range.end)
        else { return .unreadable }
        return reading
    }

    /// Reads the usage object that begins at `start`.
    /// - Returns: what it says, and the offset behind it; nil if no whole object is there.
    static func read(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> (UsageReading, end: Int)? {
        var counts = UsageCounts()
        var at = start
        do throws(UsageCounts.Unreadable) {
            try counts.readObject(bytes, &at, end, .whole)
        } catch {
            guard let valueEnd = JSONScanner.valueEnd(bytes, from: start, to: end) else { return nil }
            return (.unreadable, valueEnd)
        }
        return (counts.usage.map { .read($0) } ?? .unreadable, at)
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
