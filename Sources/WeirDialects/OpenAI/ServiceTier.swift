internal import WeirBase
internal import WeirWire

/// The tier of service that an answer says it was made in: the provider may choose another one than was asked for, and bills its own choice
/// (OpenAI API reference, `service_tier` of a chat completion and of a response).
public enum ServiceTier: Equatable, Sendable {
    /// `default`.
    case standard
    case flex, priority, scale, fast

    /// Reads a member's value; nil for a word that is none of these, or no string.
    init?(_ bytes: Span<UInt8>, _ value: ByteRange) {
        let start = Int(value.start)
        let end = Int(value.end)
        switch end &- start {
        case 9 where bytes.has("\"default\"", at: start, before: end): self = .standard
        case 6 where bytes.has("\"flex\"", at: start, before: end): self = .flex
        case 10 where bytes.has("\"priority\"", at: start, before: end): self = .priority
        case 7 where bytes.has("\"scale\"", at: start, before: end): self = .scale
        case 6 where bytes.has("\"fast\"", at: start, before: end): self = .fast
        default: return nil
        }
    }

    static let name: ShortName = "service_tier"

    /// The tier of the answer that `bytes` is, whose usage ends at `usageEnd`. Chat answers have it behind their usage, Responses before it.
    static func find(inWhole bytes: Span<UInt8>, behind usageEnd: Int) -> ServiceTier? {
        let end = bytes.count
        if let value = next(bytes, from: usageEnd, to: end) {
            // As with the usage: what only the object's end follows is the outermost object's own.
            if let valueEnd = JSONScanner.valueEnd(bytes, from: value, to: end),
                JSONScanner.endsObject(bytes, from: valueEnd, to: end)
            {
                return ServiceTier(bytes, ByteRange(start: value, end: valueEnd))
            }
        } else if next(bytes, from: 0, to: usageEnd) == nil {
            return nil
        }
        guard
            var members = try? JSONScanner.members(of: bytes, in: ByteRange(start: 0, end: end), wanted: [name]),
            let member = members.member(0)
        else { return nil }
        return ServiceTier(bytes, member.value)
    }

    /// Where the value of the next member of this name begins, in whichever object; nil if there is none.
    private static func next(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
        let pair = (UInt8(ascii: "s"), UInt8(ascii: "r"))
        var from = start
        while let at = ChunkMarks.next("\"service_tier\"", pair, bytes, from: from, to: end) {
            from = at &+ 14
            if at > 0, bytes[at &- 1] != UInt8(ascii: "\\"), let value = ChunkMarks.memberValue(bytes, from, end) {
                return value
            }
        }
        return nil
    }
}

extension JSONStreamScanner {
    /// What a scanner that looked for the tier has found.
    var serviceTier: ServiceTier? {
        guard case .found(.string) = state else { return nil }
        return ServiceTier(value, ByteRange(start: 0, end: value.count))
    }
}
