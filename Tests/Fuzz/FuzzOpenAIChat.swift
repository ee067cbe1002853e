import WeirBase
import WeirDialects
import WeirWire

// libFuzzer target for chat completions (scripts/fuzz openaichat). Besides not crashing: what is read of an answer ends exactly once and last, calls are
// counted from 0, named, and begun before their arguments; a request that is read is written as a JSON object in every dialect that can say it, and
// what is written in its own is read again.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOpenAIChat(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 0 else { return 0 }
    let all = Array(UnsafeBufferPointer(start: data, count: size))
    readAnswers(all)
    readRequest(all)
    return 0
}

private func readAnswers(_ all: [UInt8]) {
    var whole = EventOrder()
    OpenAIChatAnswerReader.read(whole: all.span) { whole.check($0) }
    precondition(whole.isOver)

    // The same bytes as the chunks of a stream, a line each.
    var stream = EventOrder()
    var reader = OpenAIChatAnswerReader()
    for line in all.split(separator: UInt8(ascii: "\n")) {
        reader.read(event: Span(), Array(line).span) { stream.check($0) }
    }
    reader.finish { stream.check($0) }
    precondition(stream.isOver)
    _ = OpenAIChatAnswerReader.problem(status: 400 + Int(all[0]), retryAfter: nil, body: all.span)
}

private func readRequest(_ all: [UInt8]) {
    var notes = TranslationNotes()
    guard let request = try? OpenAIChatRequestReader.read(all.span, &notes) else { return }
    let target = TargetOptions(model: "gpt-5.1")
    var out = ByteBuffer()
    if (try? OpenAIChatRequestWriter.write(request, to: target, &notes, &out)) != nil {
        precondition((try? OpenAIChatRequestReader.read(out.span, &notes)) != nil)
    }
    checkObject { out throws(Untranslatable) in
        var notes = TranslationNotes()
        try AnthropicRequestWriter.write(request, to: TargetOptions(model: "claude-opus-4-5"), &notes, &out)
    }
    checkObject { out throws(Untranslatable) in
        var notes = TranslationNotes()
        try GeminiRequestWriter.write(request, to: TargetOptions(model: "gemini-3-pro"), &notes, &out)
    }
    checkObject { out throws(Untranslatable) in
        var notes = TranslationNotes()
        try BedrockRequestWriter.write(request, to: TargetOptions(model: "anthropic.claude-v1:0"), &notes, &out)
    }
}

private func checkObject(_ write: (inout ByteBuffer) throws(Untranslatable) -> Void) {
    var out = ByteBuffer()
    guard (try? write(&out)) != nil else { return }
    precondition((try? JSONScanner.members(of: out.span, wanted: [])) != nil)
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
            precondition(call < calls[choice, default: 0] && !text.isEmpty)
        case .logprobs(_, let list):
            precondition(JSONScanner.valueEnd(list.bytes.span, from: 0, to: list.bytes.count) == list.bytes.count)
        case .start, .text, .reasoning, .reasoningSignature, .redactedReasoning, .refusal, .finish, .usage: break
        }
    }
}
