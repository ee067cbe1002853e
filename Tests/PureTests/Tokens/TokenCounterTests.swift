import Testing
import WeirBase
import WeirTestSupport
import WeirTokens

/// Ids from tiktoken 0.14, `encode_ordinary`; `Tests/Tokens` compares many more.
private let knownAnswers: [(text: String, o200k: [UInt32], cl100k: [UInt32])] = [
    ("", [], []),
    ("Hello, weir", [13225, 11, 581, 380], [9906, 11, 98086]),
    (
        "don't you'll I'VE it'\u{17F} '\u{17F}", [91418, 12764, 3413, 19511, 480, 6, 70067, 461, 70067],
        [15357, 956, 499, 3358, 358, 6, 4592, 433, 6, 129, 123, 364, 129, 123]
    ),
    (
        "camelCase HTTPServer ABcdEF", [178067, 6187, 21929, 6444, 16520, 8301, 23122],
        [94421, 4301, 10339, 5592, 14469, 4484, 15229]
    ),
    (
        "1234567 12,345.67", [7633, 19354, 22, 220, 899, 11, 22901, 13, 5462],
        [4513, 10961, 22, 220, 717, 11, 12901, 13, 3080]
    ),
    ("a  b\tc\n\n  d   ", [64, 220, 287, 2736, 279, 220, 272, 271], [64, 220, 293, 1470, 271, 220, 294, 262]),
    ("!\n/path\n//x\n", [4175, 14, 4189, 198, 393, 87, 198], [4999, 52076, 198, 322, 87, 198]),
    (
        "\u{4F60}\u{597D}\u{FF0C}\u{4E16}\u{754C} A\u{4E2D}Bc", [177519, 979, 28428, 355, 1404, 158309],
        [57668, 53901, 3922, 3574, 244, 98220, 362, 16325, 33, 66]
    ),
    (
        "e\u{301} \u{301}a !\u{301}!\u{301}", [68, 13430, 220, 13430, 64, 1073, 13430, 0, 13430],
        [68, 54939, 220, 54939, 64, 758, 54939, 0, 54939]
    ),
    (
        "\u{661}\u{662}\u{663}\u{664} \u{2167}\u{B2}", [46600, 53184, 81473, 98713, 220, 25371, 100, 13848],
        [149, 94, 149, 95, 149, 96, 149, 97, 220, 71567, 100, 30556]
    ),
    (
        "\u{A0}x\u{3000}y\u{200B}z\u{2028}", [5310, 87, 1397, 88, 3310, 89, 51008],
        [4194, 87, 23249, 88, 16067, 89, 378, 101]
    ),
    ("x = '\u{212A}'s  \n  ", [87, 314, 461, 10104, 103, 885, 4066, 256], [87, 284, 364, 15284, 103, 596, 2355, 256]),
    ("<|endoftext|>", [27, 91, 419, 1440, 919, 91, 29], [27, 91, 8862, 728, 428, 91, 29]),
]

/// Bytes that are no UTF-8, and what Python's `decode(errors="replace")` makes of them, encoded.
private let brokenAnswers: [(bytes: [UInt8], o200k: [UInt32], cl100k: [UInt32])] = [
    ([0x61, 0xFF, 0x62], [64, 3251, 65], [64, 5809, 65]),
    ([0xE4, 0xB8], [3251], [5809]),
    ([0xF0, 0x9F, 0x98, 0x20, 0xED, 0xA0, 0x80], [3251, 220, 72387], [5809, 220, 58432]),
    ([0xC3, 0xA9, 0xC3], [377, 3251], [978, 5809]),
]

@Suite("Token counter") struct TokenCounterTests {
    @Test("ids are those of tiktoken", arguments: knownAnswers)
    func ids(text: String, o200k: [UInt32], cl100k: [UInt32]) {
        let bytes = Array(text.utf8)
        #expect(TokenFixture.ids(bytes, TokenFixture.o200k) == o200k)
        #expect(TokenFixture.ids(bytes, TokenFixture.cl100k) == cl100k)
    }

    @Test("bytes that are no UTF-8 count as U+FFFD", arguments: brokenAnswers)
    func broken(bytes: [UInt8], o200k: [UInt32], cl100k: [UInt32]) {
        #expect(TokenFixture.ids(bytes, TokenFixture.o200k) == o200k)
        #expect(TokenFixture.ids(bytes, TokenFixture.cl100k) == cl100k)
    }

    @Test("a count is the number of ids, the first time and again", arguments: knownAnswers)
    func counts(text: String, o200k: [UInt32], cl100k: [UInt32]) {
        var counter = TokenCounter(TokenFixture.o200k)
        let bytes = Array(text.utf8)
        let counts = [counter.count(bytes.span), counter.count(bytes.span), counter.count(text)]
        #expect(counts == [Int](repeating: o200k.count, count: 3))
    }

    @Test("a piece is merged as merging the pair of the lowest rank again and again does it")
    func merging() {
        let ranks = Dictionary(
            uniqueKeysWithValues: TokenFixture.tinyTokens.enumerated().map { ($1, UInt32($0)) })
        var random = SplitMix(seed: 7)
        for round in 0..<3_000 {
            // Up to 200 letters of few kinds: one piece, short and long.
            let alphabet = Array(["a", "ab", "abc", "axyzw"][round % 4].utf8)
            let length = Int.random(in: 1...(round % 10 == 0 ? 200 : 30), using: &random)
            let text = (0..<length).map { _ in alphabet.randomElement(using: &random)! }
            let ids = TokenFixture.ids(text, TokenFixture.tiny)
            #expect(ids == naiveMerge(text, ranks), "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test("only a piece that is such a token whole becomes a token that no pair makes")
    func wholeOnly() {
        let tokens = TokenFixture.tinyTokens
        let (short, long) = (UInt32(tokens.count - 2), UInt32(tokens.count - 1))
        #expect(TokenFixture.ids(Array("xyzw".utf8), TokenFixture.tiny) == [short])
        #expect(TokenFixture.ids(tokens[Int(long)], TokenFixture.tiny) == [long])
        #expect(TokenFixture.ids(Array("xyzwa".utf8), TokenFixture.tiny) == Array("xyzwa".utf8).map { UInt32($0) })
        #expect(TokenFixture.ids(tokens[Int(long)] + [0x61], TokenFixture.tiny).count == 21)
    }

    @Test("all ways to classify a block of text agree")
    func vectorLevels() {
        defer { VectorLevel.use(VectorLevel.all.upperBound) }
        var random = SplitMix(seed: 3)
        let text = (0..<20_000).map { _ -> UInt8 in
            Int.random(in: 0..<10, using: &random) == 0
                ? .random(in: 0...255, using: &random) : .random(in: 32...126, using: &random)
        }
        var found: Set<[UInt32]> = []
        for level in VectorLevel.all {
            VectorLevel.use(level)
            found.insert(TokenFixture.ids(text, TokenFixture.o200k))
        }
        #expect(found.count == 1)
    }
}

/// Joins the neighbours whose text has the lowest rank, the leftmost ones first, until none are left: the definition.
private func naiveMerge(_ text: [UInt8], _ ranks: [[UInt8]: UInt32]) -> [UInt32] {
    if let whole = ranks[text] { return [whole] }
    var parts = text.map { [$0] }
    while true {
        let pairs = parts.indices.dropLast().compactMap { index in
            ranks[parts[index] + parts[index + 1]].map { (rank: $0, index: index) }
        }
        guard let best = pairs.min(by: { ($0.rank, $0.index) < ($1.rank, $1.index) }) else { break }
        parts[best.index] += parts.remove(at: best.index + 1)
    }
    return parts.map { ranks[$0]! }
}
