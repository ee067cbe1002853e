import WeirBase
import WeirDialects
import WeirWire

// libFuzzer target for JSON (scripts/fuzz json). The first byte says where the text after it is cut. Besides not crashing: the resumable scanner
// finds in any pieces what the contiguous one finds in the whole; places lie inside and hold valid values; a spliced request is a request again.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    guard let data, size > 1 else { return 0 }
    let all = Array(UnsafeBufferPointer(start: data, count: size))
    let text = Array(all[1...])
    let cut = Int(all[0]) % text.count
    compareScanners(text, cut)
    spliceRequest(text)
    return 0
}

private func compareScanners(_ text: [UInt8], _ cut: Int) {
    var whole = JSONStreamScanner("usage")
    whole.feed(text.span)
    var pieces = JSONStreamScanner("usage")
    pieces.feed(Array(text[..<cut]).span)
    for byte in text[cut...] { pieces.feed([byte].span) }
    precondition(
        whole.state == pieces.state && whole.isComplete == pieces.isComplete && whole.position == pieces.position)
    precondition(whole.valueStart == pieces.valueStart && whole.valueEnd == pieces.valueEnd)
    precondition(whole.value.isEqual(to: pieces.value))

    guard let members = try? JSONScanner.members(of: text.span, wanted: ["usage"]) else { return }
    precondition(whole.isComplete && whole.state != .unreadable)
    if members[0] == nil || members[0]?.key.count == 7 {
        var searched = OpenAIResponseMeter()
        searched.feedWhole(text.span)
        var walked = OpenAIResponseMeter()
        walked.feed(text.span)
        precondition(searched.usage == walked.usage && searched.isComplete)
    }
    guard let member = members[0] else { return }
    precondition(
        JSONScanner.valueEnd(text.span, from: Int(member.value.start), to: text.count) == Int(member.value.end))
    precondition(JSONScanner.endsObject(text.span, from: Int(member.value.end), to: text.count))
    if member.kind == .string { _ = JSONText.string(text.span, member.value) }
    if member.kind == .number { _ = JSONText.integer(text.span, member.value) }
    guard member.key.count == 7 else { return }  // written with escapes: only the contiguous scanner knows it
    precondition(whole.state == .found(member.kind) || whole.state == .tooLong)
    precondition(whole.valueStart == Int(member.value.start) && whole.valueEnd == Int(member.value.end))
    if member.kind == .object { _ = OpenAIUsage.read(text.span, member.value) }
}

private func spliceRequest(_ text: [UInt8]) {
    for body in [OpenAIBody.chat, .completions, .responses, .images, .plain] {
        guard let request = try? OpenAIRequest.parse(text.span, as: body) else { continue }
        let plan = OpenAISplice(request, body: text.span, model: "m\"\n")
        var out = ByteBuffer()
        plan.appendSpliced(text.span, to: &out)
        precondition(out.count == text.span.count + plan.growth)
        guard let again = try? OpenAIRequest.parse(out.span, as: body) else {
            fatalError("a spliced request is no request")
        }
        precondition(again.modelName(in: out.span) == "m\"\n" && again.stream == request.stream)
        precondition(!plan.injectsUsage || again.includeUsage == true)
    }
}
