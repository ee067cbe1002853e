/// An address that is its own contents, in base64: `data:image/png;base64,AAAA` (RFC 2397).
struct DataURL {
    /// `image/png`; without parameters, of which no provider knows any.
    var type: String
    /// As it stood in the address.
    var base64: String

    init(type: String, base64: String) {
        self.type = type
        self.base64 = base64
    }

    /// Reads `url`; nil if it is an address of another kind, or not in base64, or without a type.
    init?(_ url: String) {
        let bytes = url.utf8
        guard Self.isData(url), let comma = bytes.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        let head = bytes[bytes.index(bytes.startIndex, offsetBy: 5)..<comma]
        let words = head.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        guard words.count > 1, let coding = words.last, Substring(coding).lowercased() == "base64",
            let type = words.first, !type.isEmpty
        else { return nil }
        self.type = String(Substring(type))
        base64 = String(url[bytes.index(after: comma)...])
    }

    /// Whether `url` has the scheme, well written or not.
    static func isData(_ url: String) -> Bool {
        let scheme = url.utf8.prefix(5)
        return scheme.count == 5 && Substring(scheme).lowercased() == "data:"
    }

    var text: String { "data:\(type);base64,\(base64)" }
}
