internal import WeirBase
internal import WeirWire

/// The counts of a usage object in any of its spellings, read in one pass: an answer is billed by it, so that it is read for every request.
struct UsageCounts {
    var prompt: Int?
    var input: Int?
    var completion: Int?
    var output: Int?
    var cached = 0
    var cacheWrite = 0
    var audioInput = 0
    var audioOutput = 0
    var reasoning = 0
    /// A bit for each member that has come: an object that holds one twice is not to be trusted.
    private var seen: UInt32 = 0

    struct Unreadable: Error {}

    /// Which object is read: the whole, or what its input or output consists of.
    enum Part { case whole, input, output }

    private enum Name: UInt32 {
        case promptTokens, inputTokens, completionTokens, outputTokens
        case promptDetails, inputDetails, inputDetail, completionDetails, outputDetails, outputDetail
        case cached, cacheWrite, audio, reasoning
    }

    /// The counts as they are billed; nil if there is no count of the input.
    var usage: Usage? {
        guard let input = prompt ?? input else { return nil }
        var usage = Usage()
        usage.input = input
        usage.output = completion ?? output ?? 0
        usage.cachedInput = min(cached, usage.input)
        usage.cacheWriteInput = min(cacheWrite, usage.input - usage.cachedInput)
        usage.audioInput = min(audioInput, usage.input)
        usage.reasoningOutput = min(reasoning, usage.output)
        usage.audioOutput = min(audioOutput, usage.output)
        return usage
    }

    /// Reads the object that begins at `at`, and leaves `at` behind it.
    mutating func readObject(
        _ bytes: Span<UInt8>, _ at: inout Int, _ end: Int, _ part: Part
    ) throws(Unreadable) {
        at = bytes.firstNonWhitespace(from: at, to: end)
        guard at < end, bytes[at] == UInt8(ascii: "{") else { throw Unreadable() }
        at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
        if at < end, bytes[at] == UInt8(ascii: "}") { return at &+= 1 }
        while true {
            let name = try readName(bytes, &at, end)
            at = bytes.firstNonWhitespace(from: at, to: end)
            guard at < end, bytes[at] == UInt8(ascii: ":") else { throw Unreadable() }
            at = bytes.firstNonWhitespace(from: at &+ 1, to: end)
            if let name, let bit = bit(name, part) {
                guard seen & bit == 0 else { throw Unreadable() }
                seen |= bit
                try readMember(name, bytes, &at, end, part)
            } else {
                try skipValue(bytes, &at, end)
            }
            at = bytes.firstNonWhitespace(from: at, to: end)
            guard at < end else { throw Unreadable() }
            let byte = bytes[at]
            at &+= 1
            if byte == UInt8(ascii: "}") { return }
            guard byte == UInt8(ascii: ",") else { throw Unreadable() }
            at = bytes.firstNonWhitespace(from: at, to: end)
        }
    }

    /// The bit of a member that counts in this object; nil for others.
    private func bit(_ name: Name, _ part: Part) -> UInt32? {
        let isDetail = name.rawValue >= Name.cached.rawValue
        guard isDetail == (part != .whole) else { return nil }
        return 1 << (name.rawValue &+ (part == .output ? 8 : 0))
    }

    private mutating func readMember(
        _ name: Name, _ bytes: Span<UInt8>, _ at: inout Int, _ end: Int, _ part: Part
    ) throws(Unreadable) {
        switch name {
        case .promptDetails, .inputDetails, .inputDetail: return try readDetails(bytes, &at, end, .input)
        case .completionDetails, .outputDetails, .outputDetail: return try readDetails(bytes, &at, end, .output)
        default: break
        }
        let count = try readCount(bytes, &at, end)
        switch (name, part) {
        case (.promptTokens, _): prompt = count
        case (.inputTokens, _): input = count
        case (.completionTokens, _): completion = count
        case (.outputTokens, _): output = count
        case (.cached, .input): cached = count ?? 0
        case (.cacheWrite, .input): cacheWrite = count ?? 0
        case (.audio, .input): audioInput = count ?? 0
        case (.audio, .output): audioOutput = count ?? 0
        case (.reasoning, .output): reasoning = count ?? 0
        default: break
        }
    }

    private mutating func readDetails(
        _ bytes: Span<UInt8>, _ at: inout Int, _ end: Int, _ part: Part
    ) throws(Unreadable) {
        if bytes.has("null", at: at, before: end) { return at &+= 4 }
        // The details of one side under two names would be counted twice.
        let bit: UInt32 = part == .input ? 1 << 30 : 1 << 31
        guard seen & bit == 0 else { return try skipValue(bytes, &at, end) }
        seen |= bit
        try readObject(bytes, &at, end, part)
    }

    /// A count, or nil for null.
    @inline(__always)
    private func readCount(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(Unreadable) -> Int? {
        let start = at
        var count = 0
        while at < end {
            let digit = bytes[at] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            count = count &* 10 &+ Int(digit)
            at &+= 1
            guard at &- start <= 10 else { throw Unreadable() }  // more digits than any count that is believed
        }
        if at == start {
            guard bytes.has("null", at: at, before: end) else { throw Unreadable() }
            at &+= 4
            return nil
        }
        guard count <= OpenAIUsage.tokenLimit, at &- start == 1 || bytes[start] != UInt8(ascii: "0") else {
            throw Unreadable()
        }
        return count
    }

    private func skipValue(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(Unreadable) {
        guard let valueEnd = JSONScanner.valueEnd(bytes, from: at, to: end) else { throw Unreadable() }
        at = valueEnd
    }

    // MARK: Names

    /// The name at `at`; nil if it is none that counts. Leaves `at` behind its closing quote.
    @inline(__always)
    private func readName(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(Unreadable) -> Name? {
        guard at < end, bytes[at] == UInt8(ascii: "\"") else { throw Unreadable() }
        let start = at &+ 1
        let stop = bytes.firstStringStop(from: start, to: end)
        guard stop < end, bytes[stop] == UInt8(ascii: "\"") else { return try readEscapedName(bytes, &at, end) }
        at = stop &+ 1
        return find(bytes, ByteRange(start: start, end: stop))
    }

    private func readEscapedName(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(Unreadable) -> Name? {
        let start = at
        try skipValue(bytes, &at, end)
        let plain = JSONText.plain(bytes, ByteRange(start: start, end: at))
        return find(plain.span, ByteRange(start: 0, end: plain.count))
    }

    private func find(_ bytes: Span<UInt8>, _ text: ByteRange) -> Name? {
        func isName(_ name: StaticString) -> Bool { bytes.has(name, at: Int(text.start), before: Int(text.end)) }
        return switch text.count {
        case 12 where isName("input_tokens"): .inputTokens
        case 12 where isName("audio_tokens"): .audio
        case 13 where isName("prompt_tokens"): .promptTokens
        case 13 where isName("output_tokens"): .outputTokens
        case 13 where isName("cached_tokens"): .cached
        case 16 where isName("reasoning_tokens"): .reasoning
        case 17 where isName("completion_tokens"): .completionTokens
        case 18 where isName("cache_write_tokens"): .cacheWrite
        case 19 where isName("input_token_details"): .inputDetail
        case 20 where isName("input_tokens_details"): .inputDetails
        case 20 where isName("output_token_details"): .outputDetail
        case 21 where isName("prompt_tokens_details"): .promptDetails
        case 21 where isName("output_tokens_details"): .outputDetails
        case 25 where isName("completion_tokens_details"): .completionDetails
        default: nil
        }
    }
}
