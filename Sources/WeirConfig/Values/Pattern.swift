import WeirBase

/// A pattern over model names: `*` stands for any run of characters, the empty one too; all else for itself.
public struct Pattern: Hashable, Sendable {
    public let text: String
    private let bytes: [UInt8]

    /// `nil` if a character cannot stand in a model name, or the pattern is empty or over 200 bytes.
    public init?(_ text: String) {
        guard (1...200).contains(text.utf8.count), text.utf8.allSatisfy(isModelByte) else { return nil }
        self.text = text
        bytes = Array(text.utf8)
    }

    var hasStar: Bool { bytes.contains(UInt8(ascii: "*")) }

    /// Whether the whole of `name` fits. Time is at most the product of the lengths.
    func matches(_ name: [UInt8]) -> Bool { globMatches(bytes, name) }
}
