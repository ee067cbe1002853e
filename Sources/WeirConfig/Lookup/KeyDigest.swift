/// The SHA-256 of a client's whole secret. It tells nothing about the secret, but is shown shortened all the same: a log is no place
/// for what a table of keys is made of.
public struct KeyDigest: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The digest's 32 bytes, eight at a time, the first byte the highest.
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// The digest in `bytes`, of which there are exactly 32.
    public init(_ bytes: Span<UInt8>) {
        precondition(bytes.count == 32, "a SHA-256 has 32 bytes")
        func word(_ start: Int) -> UInt64 {
            var word: UInt64 = 0
            for offset in start..<start + 8 { word = word << 8 | UInt64(bytes[offset]) }
            return word
        }
        words = (word(0), word(8), word(16), word(24))
    }

    /// The digest in 64 hexadecimal digits of either case; `nil` for anything else.
    public init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (offset, digit) in digits.enumerated() {
            guard let value = hexValue(digit) else { return nil }
            words[offset / 16] = words[offset / 16] << 4 | value
        }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// Compares all 32 bytes always: the time does not tell where two digests part.
    public static func == (left: KeyDigest, right: KeyDigest) -> Bool {
        let (a, b) = (left.words, right.words)
        return (a.0 ^ b.0) | (a.1 ^ b.1) | (a.2 ^ b.2) | (a.3 ^ b.3) == 0
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    /// The first 8 digits: enough to compare by eye with `sha256sum`.
    public var description: String {
        let digits = String(words.0 >> 32, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits + "..."
    }
    /// All 64 digits, for the store: what a table of keys is made of belongs nowhere else.
    public var hexDigits: String {
        [words.0, words.1, words.2, words.3].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    /// The digest of no bytes at all: what `sha256sum < /dev/null` gives.
    static let ofNothing = KeyDigest(hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
}

private func hexValue(_ digit: UInt8) -> UInt64? {
    switch digit {
    case 0x30...0x39: UInt64(digit &- 0x30)
    case 0x41...0x46: UInt64(digit &- 0x41 &+ 10)
    case 0x61...0x66: UInt64(digit &- 0x61 &+ 10)
    default: nil
    }
}
