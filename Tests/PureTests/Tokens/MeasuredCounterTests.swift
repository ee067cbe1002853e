import Testing
import WeirTokens

/// What ctok 1.3.0 says, without the tokens of the message around a text: for Claude 3, 4.7, 4.8.
private let knownAnswers: [(text: String, counts: [Int])] = [
    ("", [1, 1, 0]),
    ("hello, world", [3, 4, 4]),
    ("It's a WEIR: don't PANIC, QQ.", [15, 19, 19]),
    ("  two  spaces\u{9}and\n\nlines\n\n\n", [8, 11, 11]),
    ("x 'REXX\u{2019}s \u{201E}q\u{201C} \u{4E2D}\u{6587}\u{FF1F} 12345 \u{BD} \u{2167}", [28, 30, 30]),
    ("e\u{301}te\u{301} \u{301}a \u{130}zmir Stra\u{1E9E}e \u{3A3}\u{391}\u{3A3}", [20, 21, 21]),
    ("\u{0}\u{7F}\u{E000}a\u{200B}b \u{1F600}", [7, 7, 7]),
    (
        "\u{D55C}\u{AD6D}\u{C5B4} \u{928}\u{92E}\u{938}\u{94D}\u{924}\u{947} \u{E01}\u{E33} \u{E4D}\u{E32}",
        [17, 17, 16]
    ),
]

@Suite("Measured pieces") struct MeasuredCounterTests {
    static let names = ["claude_v3", "claude_v4_7", "claude_v4_8"]

    @Test("counts are those of the package that has measured the pieces", arguments: knownAnswers)
    func counts(text: String, counts: [Int]) throws {
        let bytes = Array(text.utf8)
        for (name, count) in zip(MeasuredCounterTests.names, counts) {
            let counter = try #require(MeasuredCounter(TokenFixture.published(name)))
            let counted = counter.count(bytes.span)
            #expect(counted == count, "\(name)")
        }
    }

    @Test("bytes that are no UTF-8 count as U+FFFD")
    func broken() throws {
        let counter = try #require(MeasuredCounter(TokenFixture.published("claude_v3")))
        let (broken, put): ([UInt8], [UInt8]) = ([0x61, 0xFF, 0x20, 0xE4, 0xB8], Array("a\u{FFFD} \u{FFFD}".utf8))
        let (left, right) = (counter.count(broken.span), counter.count(put.span))
        #expect(left == right)
    }

    @Test("only vocabularies of measured pieces are counted so") func others() {
        #expect(MeasuredCounter(TokenFixture.o200k) == nil)
    }
}
