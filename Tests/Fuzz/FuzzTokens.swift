import WeirBase
import WeirTokens

// libFuzzer target for token counting (scripts/fuzz tokens). The first byte chooses the split pattern and where the text after it is cut. Besides not
// crashing: counts depend neither on the cut nor on single bytes nor on what was counted before, and no token is empty.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTokens(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 1 else { return 0 }
    let all = Array(UnsafeBufferPointer(start: data, count: size))
    // The same few bytes again and again make pieces that are longer than those a stream keeps.
    let part = Array(all[1...])
    let text = all[0] & 2 == 0 ? part : [[UInt8]](repeating: part, count: 400 / part.count + 1).flatMap { $0 }
    let vocabulary = vocabularies[Int(all[0] & 1)]
    var counter = TokenCounter(vocabulary)
    var ids: [UInt32] = []
    counter.encode(text.span, into: &ids)
    let whole = counter.count(text.span)
    // One U+FFFD has three bytes and may stand for one.
    precondition(whole == ids.count && whole <= 3 * text.count && counter.count(text.span) == whole)
    let cut = Int(all[0] >> 2) * text.count / 64
    for parts in [[Array(text[..<cut]), Array(text[cut...])], text.map { [$0] }] {
        var stream = TokenStream()
        for part in parts { stream.feed(part.span, &counter) }
        precondition(stream.finish(&counter) == whole)
    }
    return 0
}

private let vocabularies: [Vocabulary] = ["tiny", "tiny-cl100k"].map { name in
    do { return try Vocabulary(FrozenMemory(mapping: "Tests/Fixtures/tokens/\(name).weirvoc")) } catch {
        fatalError("\(name): \(error)")
    }
}
