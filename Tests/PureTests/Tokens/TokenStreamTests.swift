import Testing
import WeirBase
import WeirTestSupport

@testable import WeirTokens

@Suite("Token stream") struct TokenStreamTests {
    /// Texts whose pieces end where only what follows can tell.
    static let texts: [String] = [
        "", "a", "don't you'll I'VE it'\u{17F}x '\u{17F}y 'l", "camelCase HTTPServer A\u{4E2D}BC A\u{4E2D}Bc\u{4E2D}",
        "1234567 12,345.67",
        "a  b\tc\n\n  d   ", "!\n/path\n//x\n/", "  \n \n\t x\u{3000}\u{A0} \u{2028}!",
        "e\u{301} \u{301}a !\u{301}!\u{301}",
        "\u{1F468}\u{200D}\u{1F469} \u{1F44D}\u{1F3FD}", "\r\n\r\n  \n", " 's  'd",
        "a\u{1}\u{2}b\u{1}!\u{1}1 (abc\u{E9}  \u{30A2}\u{4E2D}  1", "x'rest 'llama'sample'\u{17F}x",
    ]

    @Test("counts do not depend on where a text is cut", arguments: texts)
    func splits(text: String) {
        let bytes = Array(text.utf8)
        for vocabulary in [TokenFixture.tiny, TokenFixture.o200k, TokenFixture.cl100k, TokenFixture.deepSeek] {
            let whole = TokenFixture.ids(bytes, vocabulary).count
            for parts in everySplit(of: bytes) {
                #expect(TokenFixture.streamed(parts, vocabulary) == whole, "\(vocabulary.name), \(parts.map(\.count))")
            }
        }
    }

    /// Beginnings, long middles and ends of pieces that are too long to be kept.
    static let beginnings = ["", "(", " ", "\u{301}", "x ", "!", "\u{1}"]
    static let middles = [
        "a", "A", "\u{4E2D}", "aB", "A\u{4E2D}", "\u{301}", "!", "/", " ", "\n", " \n", "\t  ", "\u{3000}", "abc",
        "A\u{1C5}", "\u{1F600}", "!/", "\u{1}", "\u{AD}\u{E000}", "\u{30FC}",
    ]
    static let ends = [
        "", "x", "X", "'s", "'S.", "'l", "'llx", "'\u{17F}z", "!", "\n", "\n/", "\n\n  y", " ", "  z", "  1", "  !",
        "AAAA", "AAAA'dx", "\u{4E2D}'t", " \n", "\n ", "\u{E9}", "\u{1}a", " \u{1}",
    ]

    @Test("a piece that is too long to be kept counts as one that is", arguments: middles)
    func longPieces(middle: String) {
        for (number, beginning) in TokenStreamTests.beginnings.enumerated() {
            for end in TokenStreamTests.ends {
                let bytes = Array((beginning + String(repeating: middle, count: 300 / middle.utf8.count) + end).utf8)
                let size = [1, 7, 50, 129, 200, 1_000, 5][number]
                let parts = cut(bytes, size)
                for vocabulary in [TokenFixture.tiny, TokenFixture.o200k, TokenFixture.cl100k, TokenFixture.deepSeek] {
                    let whole = TokenFixture.ids(bytes, vocabulary).count
                    #expect(
                        TokenFixture.streamed(parts, vocabulary, keptWordBytes: 128) == whole,
                        "\(vocabulary.name): \(beginning.debugDescription) ... \(end.debugDescription), parts of \(size)"
                    )
                }
            }
        }
    }

    @Test("a word that is kept whole counts as one that is not, at any size of parts", arguments: [1, 5, 200, 4_000])
    func longWords(size: Int) {
        for word in ["\u{4E2D}\u{56FD}", "ab", "A", "\u{E9}\u{4E2D}"] {
            let bytes = Array((String(repeating: word, count: 3_000 / word.utf8.count) + "'s x").utf8)
            let whole = TokenFixture.ids(bytes, TokenFixture.o200k).count
            for kept in [128, 1_024, 5_000] {
                #expect(
                    TokenFixture.streamed(cut(bytes, size), TokenFixture.o200k, keptWordBytes: kept) == whole,
                    "\(word), \(kept)")
            }
        }
    }

    @Test("bytes that are no UTF-8 are the same in parts")
    func broken() {
        var random = SplitMix(seed: 11)
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0..<400, using: &random)).map { _ -> UInt8 in
                Bool.random(using: &random) ? 0x61 : .random(in: 0x80...0xFF, using: &random)
            }
            let size = Int.random(in: 1...30, using: &random)
            let whole = TokenFixture.ids(bytes, TokenFixture.cl100k).count
            #expect(TokenFixture.streamed(cut(bytes, size), TokenFixture.cl100k) == whole)
        }
    }

    @Test(
        "asked at any time, it knows the tokens of what has come; the upper bound holds, and what is settled never shrinks"
    )
    func bounds() {
        var counter = TokenCounter(TokenFixture.o200k)
        var stream = TokenStream(keptWordBytes: 128)
        let (capitals, white) = (String(repeating: "A\u{4E2D}B", count: 200), String(repeating: " \n ", count: 200))
        let bytes = Array((capitals + " x" + white + "the end").utf8)
        var settled = 0
        for end in 1...bytes.count {
            stream.feed(bytes.span.extracting(end - 1..<end), &counter)
            let whole = counter.count(bytes.span.extracting(0..<end))
            let (bound, now) = (stream.upperBound, stream.settled)
            #expect(bound >= whole && now >= settled && now <= whole, "\(end) bytes")
            let asked = stream.count(&counter)
            #expect(asked == whole, "\(end) bytes")
            settled = now
        }
        #expect(stream.finish(&counter) == counter.count(bytes.span))
    }
}

private func cut(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
}
