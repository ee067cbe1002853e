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
    static var quotedName: StaticString { "\"service_tier\"" }

    /// The tier of the answer that `bytes` is, where it stands somewhere before `end`. Most answers without one are told by a search.
    static func find(inWhole bytes: Span<UInt8>, before end: Int) -> ServiceTier? {
        let pair = (UInt8(ascii: "s"), UInt8(ascii: "r"))
        guard ChunkMarks.next(quotedName, pair, bytes, from: 0, to: end) != nil,
            var members = try? JSONScanner.members(
                of: bytes, in: ByteRange(start: 0, end: bytes.count), wanted: [name]),
            let member = members.member(0)
        else { return nil }
        return ServiceTier(bytes, member.value)
    }
}

extension JSONStreamScanner {
    /// What a scanner that looked for the tier has found.
    var serviceTier: ServiceTier? {
        guard case .found(.string) = state else { return nil }
        return ServiceTier(value, ByteRange(start: 0, end: value.count))
    }
}
