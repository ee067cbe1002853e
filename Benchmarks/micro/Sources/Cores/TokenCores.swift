import Foundation
import WeirBase
import WeirTokens

extension Core {
    static let tokens: [Core] = [
        // The same text again: all pieces are known.
        Core("tokens/prose-4k") { iterations in countAgain(iterations, Texts.prose(4_096)) },
        Core("tokens/code-4k") { iterations in countAgain(iterations, Texts.code(4_096)) },
        // Pieces that are merged each time: they are too long to be remembered.
        Core("tokens/merged-1k") { iterations in countAgain(iterations, Texts.letters(1_024)) },
        Core("tokens/stream-event") { iterations in
            let text = hidden(Texts.prose(4_096))
            var counter = TokenCounter(vocabulary)
            var stream = TokenStream()
            for event in 0..<iterations {
                let start = event * 5 % 4_090
                stream.feed(text.span.extracting(start..<start + 5), &counter)
            }
            keep(stream.finish(&counter))
        },
    ]

    /// What `scripts/setup` builds.
    private static let vocabulary: Vocabulary = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../vocabularies")
        do { return try Vocabulary(FrozenMemory(mapping: folder.appending(path: "o200k_base.weirvoc").path)) } catch {
            fatalError("\(error): run scripts/setup")
        }
    }()

    private static func countAgain(_ iterations: Int, _ text: [UInt8]) {
        let text = hidden(text)
        var counter = TokenCounter(vocabulary)
        for _ in 0..<iterations { keep(counter.count(text.span)) }
    }
}

extension Texts {
    private static let words =
        "the weir keeps river level and Every application has one key; 1,250 requests a day don't overshoot its budget, "
        + "whoever sends them. "

    /// English prose of `bytes` bytes.
    static func prose(_ bytes: Int) -> [UInt8] {
        Array(String(repeating: words, count: bytes / words.utf8.count + 1).utf8.prefix(bytes))
    }

    /// Code of `bytes` bytes.
    static func code(_ bytes: Int) -> [UInt8] {
        let lines = """
                guard let member = try walk.next(bytes), found[member.index] == nil else {
                    return refuse(id, "twice", at: Int(line.start) + 1)  // names are compared
                }

            """
        return Array(String(repeating: lines, count: bytes / lines.utf8.count + 1).utf8.prefix(bytes))
    }

    /// One piece of `bytes` letters in an order that no word has.
    static func letters(_ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(97 + $0 * $0 % 101 % 26) } }
}
