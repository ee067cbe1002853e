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
        do throws(Unreadable) { return .read(try usage(bytes, range)) } catch { return .unreadable }
    }

    private struct Unreadable: Error {}

    /// What a usage object or one of its detail objects can hold. A name spelled in several ways has a case for each, for an object that
    /// holds the same one twice is not to be trusted.
    private enum Name: Int {
        case promptTokens, inputTokens, completionTokens, outputTokens
        case promptDetails, inputDetails, inputDetail, completionDetails, outputDetails, outputDetail
        case cached, cacheWrite, audio, reasoning
    }

    private static func usage(_ bytes: Span<UInt8>, _ range: ByteRange) throws(Unreadable) -> Usage {
        var (prompt, input, completion, output) = (Int?.none, Int?.none, Int?.none, Int?.none)
        var (inputParts, outputParts) = (Parts(), Parts())
        try forEach(bytes, range) { (name, member) throws(Unreadable) in
            switch name {
            case .promptTokens: prompt = try count(bytes, member)
            case .inputTokens: input = try count(bytes, member)
            case .completionTokens: completion = try count(bytes, member)
            case .outputTokens: output = try count(bytes, member)
            case .promptDetails, .inputDetails, .inputDetail: inputParts = try parts(bytes, member)
            case .completionDetails, .outputDetails, .outputDetail: outputParts = try parts(bytes, member)
            case .cached, .cacheWrite, .audio, .reasoning: break
            }
        }
        guard let input = prompt ?? input else { throw Unreadable() }
        var usage = Usage()
        usage.input = input
        usage.output = completion ?? output ?? 0
        usage.cachedInput = min(inputParts.cached, usage.input)
        usage.cacheWriteInput = min(inputParts.cacheWrite, usage.input - usage.cachedInput)
        usage.audioInput = min(inputParts.audio, usage.input)
        usage.reasoningOutput = min(outputParts.reasoning, usage.output)
        usage.audioOutput = min(outputParts.audio, usage.output)
        return usage
    }

    /// The counts of a detail object.
    private struct Parts {
        var cached = 0
        var cacheWrite = 0
        var audio = 0
        var reasoning = 0
    }

    private static func parts(_ bytes: Span<UInt8>, _ member: JSONObjectWalk.Member) throws(Unreadable) -> Parts {
        var parts = Parts()
        guard member.kind != .null else { return parts }
        try forEach(bytes, member.value) { (name, member) throws(Unreadable) in
            switch name {
            case .cached: parts.cached = try count(bytes, member) ?? 0
            case .cacheWrite: parts.cacheWrite = try count(bytes, member) ?? 0
            case .audio: parts.audio = try count(bytes, member) ?? 0
            case .reasoning: parts.reasoning = try count(bytes, member) ?? 0
            default: break
            }
        }
        return parts
    }

    /// Goes over the members that have a name of `Name`.
    @inline(__always)
    private static func forEach(
        _ bytes: Span<UInt8>, _ range: ByteRange, _ use: (Name, JSONObjectWalk.Member) throws(Unreadable) -> Void
    ) throws(Unreadable) {
        var seen: UInt32 = 0
        do {
            var walk = try JSONObjectWalk(bytes, in: range)
            while let member = try walk.next(bytes) {
                let found = member.isPlain ? name(bytes, member.name) : escapedName(bytes, member.name)
                guard let name = found else { continue }
                let bit: UInt32 = 1 << UInt32(name.rawValue)
                guard seen & bit == 0 else { throw Unreadable() }
                seen |= bit
                try use(name, member)
            }
        } catch { throw Unreadable() }
    }

    private static func name(_ bytes: Span<UInt8>, _ text: ByteRange) -> Name? {
        switch text.count {
        case 12 where bytes.equals(text, "input_tokens"): .inputTokens
        case 12 where bytes.equals(text, "audio_tokens"): .audio
        case 13 where bytes.equals(text, "prompt_tokens"): .promptTokens
        case 13 where bytes.equals(text, "output_tokens"): .outputTokens
        case 13 where bytes.equals(text, "cached_tokens"): .cached
        case 16 where bytes.equals(text, "reasoning_tokens"): .reasoning
        case 17 where bytes.equals(text, "completion_tokens"): .completionTokens
        case 18 where bytes.equals(text, "cache_write_tokens"): .cacheWrite
        case 19 where bytes.equals(text, "input_token_details"): .inputDetail
        case 20 where bytes.equals(text, "input_tokens_details"): .inputDetails
        case 20 where bytes.equals(text, "output_token_details"): .outputDetail
        case 21 where bytes.equals(text, "prompt_tokens_details"): .promptDetails
        case 21 where bytes.equals(text, "output_tokens_details"): .outputDetails
        case 25 where bytes.equals(text, "completion_tokens_details"): .completionDetails
        default: nil
        }
    }

    /// The same for a name with escapes.
    private static func escapedName(_ bytes: Span<UInt8>, _ text: ByteRange) -> Name? {
        let plain = Array(JSONText.string(bytes, text).utf8)
        return name(plain.span, ByteRange(start: 0, end: plain.count))
    }

    private static func count(_ bytes: Span<UInt8>, _ member: JSONObjectWalk.Member) throws(Unreadable) -> Int? {
        guard member.kind != .null else { return nil }
        guard member.kind == .number, let number = JSONText.integer(bytes, member.value), number >= 0,
            number <= tokenLimit
        else {
            throw Unreadable()
        }
        return Int(number)
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
