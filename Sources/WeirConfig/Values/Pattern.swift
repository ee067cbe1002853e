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

    /// Whether the whole of `name` fits. Time is at most the product of the lengths.
    func matches(_ name: [UInt8]) -> Bool {
        var (offset, position) = (0, 0)
        var resume: (offset: Int, position: Int)?
        while position < name.count {
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "*") {
                resume = (offset + 1, position)
                offset += 1
            } else if offset < bytes.count, bytes[offset] == name[position] {
                offset += 1
                position += 1
            } else if let last = resume {
                resume = (last.offset, last.position + 1)  // let the last star take one character more
                (offset, position) = (last.offset, last.position + 1)
            } else {
                return false
            }
        }
        return bytes[offset...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
