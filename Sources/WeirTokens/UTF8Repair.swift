import WeirBase

/// Puts U+FFFD in the place of bytes that are no UTF-8.
enum UTF8Repair {
    /// Appends the bytes of `start..<end` with one U+FFFD for each longest beginning of a character that does not go on, as Python and browsers do it.
    /// - Returns: whether there was one.
    static func append(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, to text: inout ByteBuffer, _ vocabulary: Vocabulary
    ) -> Bool {
        let part = bytes.extracting(start..<end)
        var scanner = PieceScanner(vocabulary, isOpen: false)
        var at = 0
        while at < part.count {
            let character = scanner.character(part, at: at)
            if character.isInvalid {
                text.append("\u{FFFD}" as StaticString)
            } else {
                text.append(part.extracting(at..<at &+ character.length))
            }
            at &+= character.length
        }
        return scanner.hasInvalid
    }
}
