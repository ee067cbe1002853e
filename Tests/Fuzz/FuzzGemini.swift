import WeirBase
import WeirDialects
import WeirWire

// libFuzzer target for answers of Gemini (scripts/fuzz gemini). Besides not crashing: what is read ends exactly once and last, calls are counted from 0
// and begun before their arguments, and arguments are JSON objects.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGemini(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 0 else { return 0 }
    let all = Array(UnsafeBufferPointer(start: data, count: size))
    var whole = EventOrder()
    GeminiAnswerReader.read(whole: all.span) { whole.check($0) }
    precondition(whole.isOver)

    // The same bytes as the chunks of a stream, a line each.
    var stream = EventOrder()
    var reader = GeminiAnswerReader()
    for line in all.split(separator: UInt8(ascii: "\n")) {
        reader.read(event: Span(), Array(line).span) { stream.check($0) }
    }
    reader.finish { stream.check($0) }
    precondition(stream.isOver)
    _ = GeminiAnswerReader.problem(status: 400 + Int(all[0]), retryAfter: nil, body: all.span)
    return 0
}

private struct EventOrder {
    private(set) var isOver = false
    private var calls: [Int: Int] = [:]

    mutating func check(_ event: AnswerEvent) {
        precondition(!isOver)
        switch event {
        case .end, .error: isOver = true
        case .toolCall(let choice, let call, let id, let name, _):
            precondition(call == calls[choice, default: 0] && !id.isEmpty && !name.isEmpty)
            calls[choice] = call + 1
        case .toolArguments(let choice, let call, let text):
            precondition(call < calls[choice, default: 0])
            precondition((try? JSONScanner.members(of: Array(text.utf8).span, wanted: [])) != nil)
        case .logprobs(_, let list):
            precondition(JSONScanner.valueEnd(list.bytes.span, from: 0, to: list.bytes.count) == list.bytes.count)
        case .start, .text, .reasoning, .reasoningSignature, .redactedReasoning, .refusal, .finish, .usage: break
        }
    }
}
