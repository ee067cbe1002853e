internal import WeirBase

/// What Weir puts into `encrypted_content` of a reasoning item, so that a client which sends its items back sends back what other providers want to
/// see again. A prefix tells it from content that OpenAI or another gateway has encrypted. It hides nothing and proves nothing: what is inside is
/// opaque already, and its provider judges it.
enum ReasoningSeal: Equatable {
    /// Proves the summary of the same item.
    case signature(String)
    /// Reasoning that only its provider can read; the item has no summary.
    case redacted(String)
    /// Belongs to a call: items of calls have no member for it.
    case call(id: String, signature: String)

    private static let prefix = "weir1."

    /// The text of `encrypted_content`.
    var text: String {
        switch self {
        case .signature(let signature): "\(Self.prefix)s.\(signature)"
        case .redacted(let data): "\(Self.prefix)r.\(data)"
        case .call(let id, let signature): "\(Self.prefix)c.\(id.utf8.count).\(id)\(signature)"
        }
    }

    /// Opens what `text` has sealed; nil if it is somebody else's.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let rest = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard let kind = rest.first, rest.dropFirst().first == UInt8(ascii: ".") else { return nil }
        let contents = rest.dropFirst(2)
        switch kind {
        case UInt8(ascii: "s"): self = .signature(String(Substring(contents)))
        case UInt8(ascii: "r"): self = .redacted(String(Substring(contents)))
        case UInt8(ascii: "c"):
            guard let dot = contents.firstIndex(of: UInt8(ascii: ".")),
                let count = Int(Substring(contents[..<dot])), count > 0
            else { return nil }
            let pair = contents[contents.index(after: dot)...]
            // A count that lies may point into the middle of a character.
            guard count < pair.count, let id = String(pair.prefix(count)), let signature = String(pair.dropFirst(count))
            else { return nil }
            self = .call(id: id, signature: signature)
        default: return nil
        }
    }
}
