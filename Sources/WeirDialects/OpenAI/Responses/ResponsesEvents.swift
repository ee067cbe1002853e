internal import WeirBase
internal import WeirWire

/// Writes the events of a response's items and numbers all events of the stream, from 0 and without a gap.
///
/// Where log probabilities were asked for, a piece of text waits for them, so that both are in one event; what comes next ends the wait.
struct ResponsesEvents: ResponsesListener {
    private typealias Item = ResponsesOutput.Item

    private let response: String
    private let awaitsLogprobs: Bool
    private var sequence = 0
    /// A piece of text that waits, and where it belongs.
    private var held: (text: String, item: Int, part: Int)?

    init(response: String, awaitsLogprobs: Bool) {
        self.response = response
        self.awaitsLogprobs = awaitsLogprobs
    }

    mutating func note(
        _ change: ResponsesOutput.Change, of item: ResponsesOutput.Item, at index: Int, _ out: inout ByteBuffer
    ) {
        if case .weighed(let logprobs) = change {
            let text = held?.text ?? ""
            held = nil
            return writeText(text, [logprobs], item: index, part: item.parts.count - 1, &out)
        }
        flush(&out)
        switch change {
        case .began: writeItem("response.output_item.added", item, index, isEmpty: true, &out)
        case .partBegan: writePart("response.content_part.added", item, index, isEmpty: true, &out)
        case .grew(let text): writeDelta(text, item, index, &out)
        case .weighed: break
        case .partEnded:
            writeDone(item, index, &out)
            writePart("response.content_part.done", item, index, isEmpty: false, &out)
        case .ended: writeItem("response.output_item.done", item, index, isEmpty: false, &out)
        }
    }

    /// Writes the piece of text that waits, if one does.
    mutating func flush(_ out: inout ByteBuffer) {
        guard let held else { return }
        self.held = nil
        writeText(held.text, [], item: held.item, part: held.part, &out)
    }

    // MARK: Frames

    /// Appends the beginning of an event up to its number.
    mutating func begin(_ name: StaticString, _ out: inout ByteBuffer) {
        out.append("event: ")
        out.append(name)
        out.append("\ndata: {\"type\":\"")
        out.append(name)
        out.append("\",\"sequence_number\":")
        out.append(decimal: sequence)
        sequence += 1
    }

    func end(_ out: inout ByteBuffer) { out.append("}\n\n") }

    /// Appends the beginning of an event of an item up to the item's place.
    private mutating func begin(
        _ name: StaticString, _ kind: Item.Kind, _ index: Int, _ out: inout ByteBuffer
    ) {
        begin(name, &out)
        out.append(#","item_id":"#)
        out.append(responsesID: kind, at: index, of: response)
        out.append(member: "output_index", integer: index)
    }

    // MARK: Events

    private mutating func writeItem(
        _ name: StaticString, _ item: ResponsesOutput.Item, _ index: Int, isEmpty: Bool, _ out: inout ByteBuffer
    ) {
        begin(name, &out)
        out.append(member: "output_index", integer: index)
        out.append(#","item":"#)
        out.append(responsesItem: item, at: index, of: response, isEmpty: isEmpty)
        end(&out)
    }

    /// Parts of messages are `content_part`, those of reasoning `reasoning_summary_part`; a call's arguments have none.
    private mutating func writePart(
        _ name: StaticString, _ item: ResponsesOutput.Item, _ index: Int, isEmpty: Bool, _ out: inout ByteBuffer
    ) {
        guard let part = item.parts.last, part.kind != .arguments else { return }
        if part.kind == .summary {
            begin(
                isEmpty ? "response.reasoning_summary_part.added" : "response.reasoning_summary_part.done",
                item.kind, index, &out)
            out.append(member: "summary_index", integer: item.parts.count - 1)
        } else {
            begin(name, item.kind, index, &out)
            out.append(member: "content_index", integer: item.parts.count - 1)
        }
        out.append(#","part":"#)
        out.append(responsesPart: part, isEmpty: isEmpty)
        end(&out)
    }

    private mutating func writeDelta(
        _ text: String, _ item: ResponsesOutput.Item, _ index: Int, _ out: inout ByteBuffer
    ) {
        guard let part = item.parts.last else { return }
        let place = item.parts.count - 1
        switch part.kind {
        case .text:
            if awaitsLogprobs {
                held = (text, index, place)
            } else {
                writeText(text, [], item: index, part: place, &out)
            }
            return
        case .refusal:
            begin("response.refusal.delta", item.kind, index, &out)
            out.append(member: "content_index", integer: place)
        case .summary:
            begin("response.reasoning_summary_text.delta", item.kind, index, &out)
            out.append(member: "summary_index", integer: place)
        case .arguments: begin("response.function_call_arguments.delta", item.kind, index, &out)
        }
        out.append(member: "delta", string: text)
        end(&out)
    }

    private mutating func writeText(
        _ text: String, _ logprobs: [RawJSON], item: Int, part: Int, _ out: inout ByteBuffer
    ) {
        begin("response.output_text.delta", .message, item, &out)
        out.append(member: "content_index", integer: part)
        out.append(member: "delta", string: text)
        out.append(#","logprobs":"#)
        out.append(responsesLogprobs: logprobs)
        end(&out)
    }

    private mutating func writeDone(_ item: ResponsesOutput.Item, _ index: Int, _ out: inout ByteBuffer) {
        guard let part = item.parts.last else { return }
        let place = item.parts.count - 1
        switch part.kind {
        case .text:
            begin("response.output_text.done", item.kind, index, &out)
            out.append(member: "content_index", integer: place)
            out.append(member: "text", string: part.text)
            out.append(#","logprobs":"#)
            out.append(responsesLogprobs: part.logprobs)
        case .refusal:
            begin("response.refusal.done", item.kind, index, &out)
            out.append(member: "content_index", integer: place)
            out.append(member: "refusal", string: part.text)
        case .summary:
            begin("response.reasoning_summary_text.done", item.kind, index, &out)
            out.append(member: "summary_index", integer: place)
            out.append(member: "text", string: part.text)
        case .arguments:
            begin("response.function_call_arguments.done", item.kind, index, &out)
            if case .call(_, let name) = item.kind { out.append(member: "name", string: name) }
            out.append(member: "arguments", string: part.text)
        }
        end(&out)
    }
}
