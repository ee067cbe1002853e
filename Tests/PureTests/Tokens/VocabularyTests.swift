import Testing
import WeirBase
import WeirTokens

@Suite("Vocabulary file") struct VocabularyTests {
    @Test("what a whole file says") func whole() {
        let vocabulary = TokenFixture.tiny
        #expect(vocabulary.name == "tiny" && vocabulary.pattern == .o200k)
        #expect(vocabulary.tokenCount == TokenFixture.tinyTokens.count)
        #expect(vocabulary.longestToken == TokenFixture.tinyTokens.map(\.count).max())
        #expect(TokenFixture.o200k.tokenCount == 199_998 && TokenFixture.cl100k.tokenCount == 100_256)
    }

    @Test("every word that is a token is found as itself") func everyToken() {
        for (rank, token) in TokenFixture.tinyTokens.enumerated()
        where token.allSatisfy({ $0 | 0x20 > 0x60 && $0 | 0x20 < 0x7B }) {
            // Letters alone are one piece.
            #expect(TokenFixture.ids(token, TokenFixture.tiny) == [UInt32(rank)])
        }
    }

    @Test("a file that was cut or changed anywhere is refused")
    func damage() {
        let bytes = TokenFixture.tinyBytes
        func problem(_ bytes: [UInt8]) -> VocabularyError? {
            do throws(VocabularyError) {
                _ = try Vocabulary(FrozenMemory(copying: bytes.span))
                return nil
            } catch { return error }
        }
        #expect(problem([]) == .notAVocabulary)
        #expect(problem(Array("not a vocabulary".utf8)) == .notAVocabulary)
        #expect(problem(Array(bytes.dropLast())) == .damaged(.size))
        #expect(problem(bytes + [UInt8](repeating: 0, count: 32)) == .damaged(.size))
        #expect(problem(Array(bytes[..<256])) == .damaged(.size))
        for at in 0..<bytes.count where at < 400 || at % 997 == 0 {
            var changed = bytes
            changed[at] ^= 0x10
            #expect(problem(changed) != nil, "byte \(at)")
        }
        var other = bytes
        other[12] = 2
        #expect(problem(other) == .damaged(.sum))
        var newer = bytes
        newer[8] = 2
        #expect(problem(newer) == .otherVersion(2))
    }

    @Test("a file that is not there says so") func missing() {
        #expect(throws: MappingError.self) { try FrozenMemory(mapping: "/nowhere/o200k_base.weirvoc") }
        let folder = #expect(throws: MappingError.self) { try FrozenMemory(mapping: "/") }
        #expect(folder?.code == MappingError.notAFile)
    }
}
