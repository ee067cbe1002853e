public import WeirBase
internal import WeirWire

/// Maps usage objects of the Messages API to `Usage`, as `UsageMapping` does, and those of streams on top of each other: counts are cumulative, and
/// `message_delta` may leave out what `message_start` has said (providers.md, section 4.3).
public enum AnthropicUsage {
    /// Reads the usage object in `range`.
    /// - Parameter earlier: what is known already, for counts that are not in this object.
    public static func read(_ bytes: Span<UInt8>, _ range: ByteRange, over earlier: Usage? = nil) -> UsageReading {
        var reader = UsageReader(.anthropic)
        do throws(UsageProblem) {
            try reader.readObject(bytes, range, UsageShape.anthropic.members, named: nil)
            if let earlier { fill(&reader, from: earlier) }
            return .read(try reader.usage())
        } catch {
            return .unreadable
        }
    }

    /// What a scanner that looked for a usage object has found.
    static func read(_ scanner: borrowing JSONStreamScanner, over earlier: Usage? = nil) -> UsageReading {
        switch scanner.state {
        case .found(.object): read(scanner.value, ByteRange(start: 0, end: scanner.value.count), over: earlier)
        case .found(.null), .looking, .inValue, .unreadable: .none
        case .found, .tooLong: .unreadable
        }
    }

    private static func fill(_ reader: inout UsageReader, from earlier: Usage) {
        // The split of the writes goes with their sum: of a new sum the old split says nothing.
        if !reader.has(.cacheWrite), !reader.has(.cacheWrite5m), !reader.has(.cacheWrite1h) {
            reader.fill(.cacheWrite, earlier.cacheWriteInput)
            reader.fill(.cacheWrite1h, earlier.cacheWrite1hInput)
        } else if reader.has(.cacheWrite), reader[.cacheWrite] == earlier.cacheWriteInput {
            reader.fill(.cacheWrite1h, earlier.cacheWrite1hInput)
        }
        reader.fill(.input, earlier.input - earlier.cachedInput - earlier.cacheWriteInput)
        reader.fill(.cached, earlier.cachedInput)
        reader.fill(.output, earlier.output)
        if earlier.reasoningOutput <= reader[.output] { reader.fill(.reasoning, earlier.reasoningOutput) }
        reader.fill(.webSearches, earlier.webSearches)
    }
}
