internal import WeirBase
internal import WeirWire

/// The counts of a usage object in any of its spellings, read in one pass: an answer is billed by it, so that it is read for every request.
struct UsageCounts {
    var prompt: Int?
    var input: Int?
    var completion: Int?
    var output: Int?
    var total: Int?
    /// Of audio that is priced by time: there are no tokens then.
    var milliseconds: Int?
    var cached: Int?
    /// DeepSeek's own name for the same, which servers that speak like it may give alone.
    var cacheHit = 0
    var cacheWrite = 0
    var audioInput = 0
    var audioOutput = 0
    var imageInput = 0
    var imageOutput = 0
    var reasoning = 0
    /// A bit for each member that has come: an object that holds one twice is not to be trusted.
    private var seen: UInt32 = 0

    struct Unreadable: Error {}

    /// Which object is read: the whole, or what its input or output consists of.
    enum Part { case whole, input, output }

    private enum Name: UInt32 {
        case promptTokens, inputTokens, completionTokens, outputTokens, totalTokens, cacheHit, seconds
        case promptDetails, inputDetails, inputDetail, completionDetails, outputDetails, outputDetail
        case cached, cacheWrite, audio, reasoning, image
    }

    /// The counts as they are billed; nil if there is no count of the input.
    var usage: Usage? {
        guard let input = prompt ?? input else { return timed }
        var usage = Usage()
        usage.input = input
        usage.output = completion ?? output ?? 0
        // xAI counts reasoning beside the completion; its total tells, whatever the provider calls itself.
        if reasoning > 0, total == usage.input + usage.output + reasoning { usage.output += reasoning }
        usage.cachedInput = min(cached ?? cacheHit, usage.input)
        usage.cacheWriteInput = min(cacheWrite, usage.input - usage.cachedInput)
        usage.audioInput = min(audioInput, usage.input)
        usage.imageInput = min(imageInput, usage.input - usage.audioInput)
        usage.reasoningOutput = min(reasoning, usage.output)
        usage.audioOutput = min(audioOutput, usage.output)
        usage.imageOutput = min(imageOutput, usage.output - usage.audioOutput)
        return usage
    }

    private var timed: Usage? {
        guard let milliseconds else { return nil }
        var usage = Usage()
        usage.audioMilliseconds = milliseconds
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
        case .totalTokens: return try readTotal(bytes, &at, end)
        case .seconds: return try readSeconds(bytes, &at, end)
        default: break
        }
        let count = try readCount(bytes, &at, end)
        switch (name, part) {
        case (.promptTokens, _): prompt = count
        case (.inputTokens, _): input = count
        case (.completionTokens, _): completion = count
        case (.outputTokens, _): output = count
        case (.cacheHit, _): cacheHit = count ?? 0
        case (.cached, .input): cached = count
        case (.cacheWrite, .input): cacheWrite = count ?? 0
        case (.audio, .input): audioInput = count ?? 0
        case (.audio, .output): audioOutput = count ?? 0
        case (.reasoning, .output): reasoning = count ?? 0
        case (.image, .input): imageInput = count ?? 0
        case (.image, .output): imageOutput = count ?? 0
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

    /// Nobody is billed by a total, so that it may be anything.
    private mutating func readTotal(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(Unreadable) {
        let start = at
        do throws(Unreadable) {
            total = try readCount(bytes, &at, end)
        } catch {
            at = start
            try skipValue(bytes, &at, end)
        }
    }

    private mutating func readSeconds(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(Unreadable) {
        let start = at
        try skipValue(bytes, &at, end)
        milliseconds = UsageReader.milliseconds(bytes, ByteRange(start: start, end: at))
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
        case 7 where isName("seconds"): .seconds
        case 12 where isName("input_tokens"): .inputTokens
        case 12 where isName("total_tokens"): .totalTokens
        case 12 where isName("audio_tokens"): .audio
        case 12 where isName("image_tokens"): .image
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
        case 23 where isName("prompt_cache_hit_tokens"): .cacheHit
        case 25 where isName("completion_tokens_details"): .completionDetails
        default: nil
        }
    }
}
