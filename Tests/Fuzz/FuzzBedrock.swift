import WeirBase
import WeirDialects
import WeirWire

// libFuzzer target for answers of Bedrock (scripts/fuzz bedrock). The first byte says how. Besides not crashing: frames do not depend on where the
// bytes are cut; what is read ends exactly once and last, and calls begin before their arguments.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzBedrock(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 1 else { return 0 }
    let all = Array(UnsafeBufferPointer(start: data, count: size))
    let bytes = Array(all[1...])
    if all[0] & 1 == 0 {
        let cut = Int(all[0] >> 1) % bytes.count
        let whole = read([bytes])
        precondition(whole == read([Array(bytes[..<cut]), Array(bytes[cut...])]))
        precondition(whole == read(bytes.map { [$0] }))
        return 0
    }
    var events: [AnswerEvent] = []
    BedrockAnswerReader.read(whole: bytes.span) { events.append($0) }
    checkOrder(events)

    // The bytes as payloads of frames, a line each; its first letter says of which.
    let names = ["messageStart", "contentBlockStart", "contentBlockDelta", "messageStop", "metadata", "xException"]
    var stream: [AnswerEvent] = []
    var reader = BedrockAnswerReader()
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
        let name = names[Int(line.first!) % names.count]
        reader.read(event: Array(name.utf8).span, Array(line.dropFirst()).span) { stream.append($0) }
    }
    reader.finish { stream.append($0) }
    checkOrder(stream)
    _ = BedrockAnswerReader.problem(status: 400 + bytes.count % 200, retryAfter: nil, body: bytes.span)
    return 0
}

private func read(_ parts: [[UInt8]]) -> [AnswerEvent] {
    var events: [AnswerEvent] = []
    var decoder = EventStreamDecoder(frameLimit: 4_096)
    var reader = BedrockAnswerReader()
    do {
        for part in parts {
            try decoder.feed(part.span) { kind, name, payload in
                reader.read(kind, name, payload) { events.append($0) }
            }
        }
        try decoder.finish()
    } catch { return events }
    reader.finish { events.append($0) }
    return events
}

private func checkOrder(_ events: [AnswerEvent]) {
    var calls = 0
    for (index, event) in events.enumerated() {
        switch event {
        case .end, .error: precondition(index == events.count - 1)
        case .toolCall(_, let call, let id, let name, _):
            precondition(call == calls && !id.isEmpty && !name.isEmpty)
            calls += 1
        case .toolArguments(_, let call, _): precondition(call < calls)
        default: precondition(index < events.count - 1)
        }
    }
    precondition(!events.isEmpty)
}
