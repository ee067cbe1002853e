/// A SHA-256 digest. Comparing two takes the same time wherever they differ, so that a stored hash cannot be guessed byte by byte.
public struct Digest256: Sendable, CustomStringConvertible {
    /// The digest as four big-endian words, the first one first.
    public let words: (UInt64, UInt64, UInt64, UInt64)

    @inlinable public init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Reads 64 hexadecimal digits of either case; nil for anything else.
    public init?(hexadecimal: String) {
        let digits = hexadecimal.utf8
        guard digits.count == 64 else { return nil }
        var words = [UInt64](repeating: 0, count: 4)
        for (offset, digit) in digits.enumerated() {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            words[offset / 16] = words[offset / 16] << 4 | UInt64(value)
        }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String {
        [words.0, words.1, words.2, words.3].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension Digest256: Hashable {
    /// In constant time.
    @inlinable public static func == (left: Digest256, right: Digest256) -> Bool {
        (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1) | (left.words.2 ^ right.words.2)
            | (left.words.3 ^ right.words.3) == 0
    }

    /// One word is enough: every bit of a digest depends on all of what was digested.
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
