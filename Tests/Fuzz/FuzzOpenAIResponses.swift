import WeirBase
import WeirDialects
import WeirWire

// libFuzzer target for the Responses surface (scripts/fuzz openairesponses). Besides not crashing: the same bytes are read in the same way twice, what
// is read has a model and a conversation, and whatever an answer is, both writers write valid JSON, and events are numbered without a gap.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOpenAIResponses(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 0 else { return 0 }
    let all = Array(UnsafeBufferPointer(start: data, count: size))
    let request = read(all)
    precondition(request == read(all))
    if let request { precondition(!request.model.isEmpty && !(request.system.isEmpty && request.messages.isEmpty)) }
    checkAnswer(all, request ?? ChatRequest())
    return 0
}

private func read(_ body: [UInt8]) -> ChatRequest? {
    var notes = TranslationNotes()
    let request = try? OpenAIResponsesRequestReader.read(body.span, &notes)
    precondition(notes.dropped.count <= TranslationNotes.limit)
    return request
}

/// Writes an answer whose events the bytes choose, two bytes each.
private func checkAnswer(_ bytes: [UInt8], _ request: ChatRequest) {
    let context = AnswerContext(id: "w", created: 1, request: request)
    var (whole, stream) = (OpenAIResponsesAnswerWriter(context), OpenAIResponsesStreamWriter(context))
    var object = ByteBuffer()
    var events = ByteBuffer()
    func add(_ event: AnswerEvent) {
        whole.write(event, to: &object)
        stream.write(event, to: &events)
    }
    for at in stride(from: 0, to: bytes.count - 1, by: 2) {
        let text = String(decoding: bytes[at...min(at + Int(bytes[at + 1]) % 9, bytes.count - 1)], as: UTF8.self)
        add(event(bytes[at], Int(bytes[at + 1] >> 4), text))
    }
    add(.end)
    precondition((try? JSONScanner.members(of: object.span, wanted: [])) != nil)

    var number: Int64 = 0
    for frame in Array(span: events.span).split(separator: UInt8(ascii: "\n")) {
        guard frame.starts(with: "data: ".utf8) else {
            precondition(frame.starts(with: "event: ".utf8))
            continue
        }
        let data = Array(frame.dropFirst(6))
        guard let members = try? JSONScanner.members(of: data.span, wanted: ["sequence_number"]),
            let found = members[0]
        else { preconditionFailure("an event is no object") }
        precondition(JSONText.integer(data.span, found.value) == number)
        number += 1
    }
    precondition(number > 0)
}

private func event(_ kind: UInt8, _ number: Int, _ text: String) -> AnswerEvent {
    let choice = number == 15 ? 1 : 0
    return switch kind % 12 {
    case 0: .start(model: text, id: text)
    case 1, 2: .text(choice: choice, text)
    case 3: .reasoning(choice: choice, text)
    case 4: .reasoningSignature(choice: choice, text)
    case 5: .redactedReasoning(choice: choice, text)
    case 6: .refusal(choice: choice, text)
    case 7: .toolCall(choice: choice, call: number % 4, id: text, name: text, signature: number > 7 ? text : nil)
    case 8, 9: .toolArguments(choice: choice, call: number % 4, text)
    case 10: .logprobs(choice: choice, RawJSON("[\(number)]"))
    default: .finish(choice: choice, number > 7 ? .length : .stop, stopSequence: nil)
    }
}

extension Array where Element == UInt8 {
    fileprivate init(span: Span<UInt8>) { self = span.indices.map { span[$0] } }
}
