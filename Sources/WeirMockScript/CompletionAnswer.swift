import WeirBase

/// `POST /v1/completions`, the old text endpoint.
struct CompletionAnswer: AnswerFormat {
    private let ask: Ask
    private let contents: [Content]

    init(_ ask: Ask) {
        self.ask = ask
        contents = (0..<ask.count).map { ask.content(choice: $0) }
    }

    var steps: Steps {
        Steps(
            opening: 0, content: (contents.first?.pieces ?? 0) * ask.count, closing: ask.count + (sendsUsage ? 2 : 1))
    }

    private var sendsUsage: Bool { ask.wantsStreamUsage && !ask.directive.omitsUsage }

    func appendBody(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        appendStart(number, to: &buffer)
        for index in 0..<ask.count {
            if index > 0 { buffer.put(",") }
            buffer.put("{\"text\":\"")
            contents[index].appendAll(as: .json, to: &buffer)
            appendEnd(of: index, finished: true, to: &buffer)
        }
        buffer.put("]")
        if !ask.directive.omitsUsage {
            buffer.put(",\"usage\":")
            ask.appendChatUsage(to: &buffer)
        }
        buffer.put("}")
    }

    func appendEvent(_ step: Int, _ number: AnswerNumber, to buffer: inout ByteBuffer) {
        let steps = steps
        ask.openEvent(in: &buffer)
        defer { ask.closeEvent(in: &buffer) }
        guard step < steps.all - 1 else { return buffer.put("[DONE]") }
        appendStart(number, to: &buffer)
        if sendsUsage, step == steps.all - 2 {
            buffer.put("],\"usage\":")
            ask.appendChatUsage(to: &buffer)
            return buffer.put("}")
        }
        let choice = step % ask.count
        buffer.put("{\"text\":\"")
        if step < steps.content { contents[choice].append(step / ask.count, as: .json, to: &buffer) }
        appendEnd(of: choice, finished: step >= steps.content, to: &buffer)
        if sendsUsage { buffer.put("],\"usage\":null}") } else { buffer.put("]}") }
    }

    private func appendStart(_ number: AnswerNumber, to buffer: inout ByteBuffer) {
        buffer.put("{\"id\":\"cmpl-mock")
        number.append(to: &buffer)
        buffer.put("\",\"object\":\"text_completion\",\"created\":")
        buffer.put(Ask.created)
        buffer.put(",\"model\":\"")
        buffer.put(ask.model)
        buffer.put("\",\"choices\":[")
    }

    private func appendEnd(of choice: Int, finished: Bool, to buffer: inout ByteBuffer) {
        buffer.put("\",\"index\":")
        buffer.append(decimal: choice)
        buffer.put(",\"logprobs\":null,\"finish_reason\":")
        if finished {
            buffer.put("\"")
            if let finish = ask.directive.finish {
                buffer.append(finish)
            } else if ask.isShortened {
                buffer.put("length")
            } else {
                buffer.put("stop")
            }
            buffer.put("\"}")
        } else {
            buffer.put("null}")
        }
    }
}
