import WeirBase

/// Puts U+FFFD in the place of bytes that are no UTF-8.
enum UTF8Repair {
    /// A copy of `start..<end` with one U+FFFD for each longest beginning of a character that does not go on, as Python and browsers do it; nil if
    /// all of it is UTF-8.
    static func repaired(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> [UInt8]? {
        let part = bytes.extracting(start..<end)
        do {
            _ = try UTF8Span(validating: part)
            return nil
        } catch {
            var plain: [UInt8] = []
            plain.reserveCapacity(3 * part.count)
            for at in part.indices { plain.append(part[at]) }
            return Array(String(decoding: plain, as: UTF8.self).utf8)
        }
    }
}
