import Testing
import WeirBase

@testable import WeirTokens

@Suite("Piece merger") struct PieceMergerTests {
    @Test("a piece that needs too many steps back is merged byte by byte to the same tokens")
    func densely() {
        var random = SplitMix(seed: 5)
        var merger = PieceMerger()
        for round in 0..<2_000 {
            let alphabet = Array(["a", "ab", "ab c", " ", "axyzw"][round % 5].utf8)
            let length = Int.random(in: 1...150, using: &random)
            let text = (0..<length).map { _ in alphabet.randomElement(using: &random)! }
            merger.merge(text.span, from: 0, to: length, TokenFixture.tiny, stepsBack: .max)
            let tokens = Array(merger.tokens[..<merger.count])
            merger.merge(text.span, from: 0, to: length, TokenFixture.tiny, stepsBack: 0)
            #expect(Array(merger.tokens[..<merger.count]) == tokens, "\(String(decoding: text, as: UTF8.self))")
        }
    }
}
