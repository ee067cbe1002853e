import Testing
import WeirTokens

/// What Hugging Face's tokenizers 0.23.3 says with the published `tokenizer.json`.
private let knownAnswers: [(text: String, ids: [UInt32])] = [
    ("Hello, weir\n\u{4F60}\u{597D} \u{1F600}", [19923, 14, 579, 388, 201, 30594, 53769, 225]),
    (
        "def f(x):\n    return x+1  # 12345",
        [3465, 285, 4042, 3395, 361, 1354, 1527, 13, 19, 223, 1823, 223, 6895, 1883]
    ),
    (
        "\u{4E2D}\u{6587}\u{FF0C}\u{3072}\u{3089}\u{304C}\u{306A}\u{30AB}\u{30BF}\u{30AB}\u{30CA} mixed 2024\u{5E74}",
        [21134, 303, 40259, 4970, 2936, 2942, 15961, 11767, 15961, 27071, 11168, 223, 939, 22, 695]
    ),
    // Controls among signs, and white space before digits, in 64 bytes that are read at once.
    (
        "plain words before it \u{7F}and behind \u{1}(it goes on,  1 too)\t2",
        [38938, 3345, 1936, 436, 223, 224, 458, 5573, 223, 192, 74727, 7881, 377, 14, 262, 19, 2727, 11, 200, 20]
    ),
    ("a\u{1}\u{2}b \u{0}!  1  \u{E9}'ll", [67, 192, 193, 68, 223, 191, 3, 262, 19, 223, 2678, 5922]),
]

@Suite("DeepSeek's tokens") struct DeepSeekTests {
    @Test("ids are those of the published tokenizer", arguments: knownAnswers)
    func ids(text: String, ids: [UInt32]) {
        #expect(TokenFixture.ids(Array(text.utf8), TokenFixture.deepSeek) == ids)
    }
}
