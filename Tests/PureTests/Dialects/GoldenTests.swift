import Testing
import WeirDialects

/// `Tests/Fixtures/translation`: what each dialect gets of a client's request, and what each surface shows of a provider's answer. The headings of a
/// file say what is translated to what; `WEIR_UPDATE=1 swift test --filter GoldenTests` writes what stands below them anew, for review.
@Suite("Golden files of translation") struct GoldenTests {
    @Test("a request is what each dialect gets of it", arguments: GoldenCase.all(in: "requests"))
    func requests(golden: GoldenCase) throws {
        try check(golden) { section throws in
            try GoldenTranslation.request(golden.input, to: section.words)
        }
    }

    @Test("an answer is what each surface shows of it", arguments: GoldenCase.all(in: "answers"))
    func answers(golden: GoldenCase) throws {
        try check(golden) { section throws in
            try GoldenTranslation.answer(golden.input, on: section.title)
        }
    }

    private func check(_ golden: GoldenCase, _ translate: (GoldenCase.Section) throws -> String) throws {
        var translated = golden
        for index in golden.outputs.indices {
            translated.outputs[index].text = try translate(golden.outputs[index])
        }
        try translated.update()
        guard !GoldenCase.isUpdating else { return }
        for (old, new) in zip(golden.outputs, translated.outputs) {
            #expect(new.text == old.text, "\(golden), \(old.title)")
        }
        #expect(golden.isNormal, "\(golden) has blank lines or headings that an update would change")
    }

    @Test("every pair of a surface and a dialect has a request that crosses, and one that is refused")
    func requestPairs() {
        guard !GoldenCase.isUpdating else { return }
        let surfaces = GoldenTranslation.readers.keys.sorted()
        for surface in surfaces {
            let cases = GoldenCase.all(in: "requests/\(surface)")
            for dialect in GoldenTranslation.writers.keys.sorted() {
                let texts = cases.flatMap(\.outputs).filter { $0.words.first == dialect }.map(\.text)
                #expect(texts.contains { $0.hasPrefix("{") || $0.hasPrefix("dropped: ") }, "\(surface) to \(dialect)")
                #expect(texts.contains { $0.hasPrefix("refused at ") }, "\(surface) to \(dialect)")
            }
        }
    }

    @Test("every pair of a dialect and a surface has an answer, a stream and an error's status")
    func answerPairs() {
        for dialect in GoldenTranslation.answerReaders.keys.sorted() {
            let cases = GoldenCase.all(in: "answers/\(dialect)")
            for surface in GoldenTranslation.answerWriters.keys.sorted() {
                let inputs = cases.filter { $0.outputs.contains { $0.title == surface } }.map(\.input)
                for kind in ["answer", "stream", "status"] {
                    #expect(inputs.contains { $0.words[1] == kind }, "\(dialect) to \(surface): no \(kind)")
                }
            }
        }
    }
}
