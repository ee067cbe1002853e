import Foundation
import WeirBase

@testable import WeirTokens

/// What the token tests count with.
enum TokenFixture {
    private static let project = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")

    /// 378 tokens that overlap in many ways, committed: `Tests/Tokens/tiny.py` writes them.
    static let tiny = opened("Tests/Fixtures/tokens/tiny.weirvoc")
    static let tinyBytes = bytes("Tests/Fixtures/tokens/tiny.weirvoc")

    /// The same tokens, in the order of their ranks.
    static let tinyTokens: [[UInt8]] = String(decoding: bytes("Tests/Fixtures/tokens/tiny.txt"), as: UTF8.self)
        .split(separator: "\n").map { line in
            let digits = Array(line)
            return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
        }

    private static func bytes(_ path: String) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: project.appending(path: path).path) else {
            fatalError("\(path) is missing")
        }
        return [UInt8](data)
    }

    private static func opened(_ path: String) -> Vocabulary {
        do { return try Vocabulary(FrozenMemory(copying: bytes(path).span)) } catch { fatalError("\(path): \(error)") }
    }

    /// What `scripts/setup` builds.
    static let o200k = published("o200k_base")
    static let cl100k = published("cl100k_base")
    static let deepSeek = published("deepseek_v4")

    static func published(_ name: String) -> Vocabulary {
        let folder =
            ProcessInfo.processInfo.environment["WEIR_VOCABULARIES"] ?? project.appending(path: "vocabularies").path
        do { return try Vocabulary(FrozenMemory(mapping: "\(folder)/\(name).weirvoc")) } catch {
            fatalError("\(error): run scripts/setup")
        }
    }

    static func ids(_ bytes: [UInt8], _ vocabulary: Vocabulary) -> [UInt32] {
        var counter = TokenCounter(vocabulary)
        var ids: [UInt32] = []
        counter.encode(bytes.span, into: &ids)
        return ids
    }

    static func streamed(_ parts: [[UInt8]], _ vocabulary: Vocabulary, keptWordBytes: Int = 1_024) -> Int {
        var counter = TokenCounter(vocabulary)
        var stream = TokenStream(keptWordBytes: keptWordBytes)
        for part in parts { stream.feed(part.span, &counter) }
        return stream.finish(&counter)
    }
}
