internal import WeirBase

/// Reads what a model's name tells, byte by byte: it is done for each request, and looking for words in a `String` takes longer than the translation.
/// ASCII letters count as small ones.
struct ModelName: ~Copyable {
    private var bytes: ByteBuffer

    init(_ name: String) {
        let source = name.utf8Span.span
        bytes = ByteBuffer(capacity: source.count)
        for at in source.indices {
            let byte = source[at]
            bytes.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte)
        }
    }

    var count: Int { bytes.count }

    /// Whether `word` stands at `offset`.
    func has(_ word: StaticString, at offset: Int = 0) -> Bool {
        let end = offset + word.utf8CodeUnitCount
        return end <= bytes.count && bytes.span.equals(ByteRange(start: offset, end: end), word)
    }

    /// Where `word` begins first, from `offset` on; nil if it is not there.
    func first(_ word: StaticString, from offset: Int = 0) -> Int? {
        let last = bytes.count - word.utf8CodeUnitCount
        guard offset <= last else { return nil }
        return (offset...last).first { has(word, at: $0) }
    }

    func contains(_ word: StaticString) -> Bool { first(word) != nil }

    /// The byte at `offset`; nil behind the end.
    subscript(offset: Int) -> UInt8? { offset < bytes.count ? bytes.span[offset] : nil }

    /// The digits that begin at `offset`, at most nine of them, as a number, and where they end; nil if there are none.
    func number(at offset: Int) -> (value: Int, end: Int)? {
        var (value, end) = (0, offset)
        while end < bytes.count, end < offset + 9, let digit = Self.digit(bytes.span[end]) {
            value = value * 10 + digit
            end += 1
        }
        return end > offset ? (value, end) : nil
    }

    /// The generation that begins at `offset`: `2.5` of `2.5-pro`, `5` of `5-mini`; without a point the second number is 0.
    func version(at offset: Int) -> (major: Int, minor: Int)? {
        guard let major = number(at: offset) else { return nil }
        guard self[major.end] == UInt8(ascii: "."), let minor = number(at: major.end + 1) else {
            return (major.value, 0)
        }
        return (major.value, minor.value)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        let digit = byte &- UInt8(ascii: "0")
        return digit < 10 ? Int(digit) : nil
    }
}
