import Testing
import WeirBase

@Suite("Passing over JSON string text", .serialized) struct StringTextTests {
    /// What RFC 8259 says, byte by byte: the offset of the closing quote; nil if a mistake or the end comes first.
    static func closingQuote(_ text: [UInt8]) -> Int? {
        var at = 0
        while at < text.count {
            switch text[at] {
            case 0..<0x20: return nil
            case UInt8(ascii: "\""): return at
            case UInt8(ascii: "\\"):
                guard at + 1 < text.count else { return nil }
                if text[at + 1] == UInt8(ascii: "u") {
                    guard at + 5 < text.count,
                        text[(at + 2)...(at + 5)].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
                    else { return nil }
                    at += 6
                } else {
                    guard #""\/bfnrt"#.utf8.contains(text[at + 1]) else { return nil }
                    at += 2
                }
            default: at += 1
            }
        }
        return nil
    }

    /// Whether no escape reaches into `offset`.
    static func isOutsideOfEscapes(_ text: [UInt8], _ offset: Int) -> Bool {
        var at = 0
        while at < offset {
            guard text[at] == UInt8(ascii: "\\") else {
                at += 1
                continue
            }
            at += 2
        }
        return at == offset
    }

    static func check(_ text: [UInt8]) {
        for level in VectorLevel.all {
            VectorLevel.use(level)
            checkOnce(text)
        }
    }

    private static func checkOnce(_ text: [UInt8]) {
        let stop = text.span.skipStringText(from: 0, to: text.count)
        guard let quote = closingQuote(text) else {
            // It may stop anywhere before the mistake, but not behind it, and never in the middle of an escape.
            #expect(stop == text.count || isOutsideOfEscapes(text, stop), "\(text)")
            return
        }
        #expect(stop <= quote && isOutsideOfEscapes(text, stop), "\(text)")
        #expect(closingQuote(Array(text[stop...])).map { $0 + stop } == quote, "\(text)")
        if quote + 64 <= text.count { #expect(stop == quote, "\(text)") }
    }

    @Test("random texts of quotes, escapes and control bytes") func random() {
        var generator = SystemRandomNumberGenerator()
        let parts = [
            "\\", "\\\\", "\\\"", "\\n", "\\u00e9", "\\u12", "\\x", "a", "bcdefgh", "\u{e9}", "\"", "\u{1f}", "東京",
            "0123456789012345678901234567890123456789",
        ]
        for round in 0..<20_000 {
            // Most rounds leave out what ends a text at once, so that it gets long.
            let pool =
                round % 4 == 0 ? parts : parts.filter { $0 != "\"" && $0 != "\u{1f}" && $0 != "\\x" && $0 != "\\u12" }
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<60, using: &generator) {
                text += Array(pool.randomElement(using: &generator)!.utf8)
            }
            text +=
                Array("\"".utf8)
                + [UInt8](repeating: UInt8(ascii: "x"), count: Int.random(in: 0..<90, using: &generator))
            Self.check(text)
        }
    }

    @Test("every byte behind a backslash, at every place of a block") func everyEscape() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<66 {
                var text = [UInt8](repeating: UInt8(ascii: "x"), count: place)
                text += [UInt8(ascii: "\\"), byte] + Array("0041\"".utf8)
                text += [UInt8](repeating: UInt8(ascii: "y"), count: 128)
                Self.check(text)
            }
        }
    }

    @Test("runs of backslashes over the borders of blocks", arguments: 0..<140) func runs(count: Int) {
        for before in 50..<66 {
            var text = [UInt8](repeating: UInt8(ascii: "x"), count: before)
            text += [UInt8](repeating: UInt8(ascii: "\\"), count: count)
            text += Array("\"n\" and so on".utf8) + [UInt8](repeating: UInt8(ascii: "z"), count: 128)
            Self.check(text)
        }
    }
}
