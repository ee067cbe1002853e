import WeirBase
import WeirLoop
import WeirMockScript

/// Plays one scripted answer. What a script breaks, it breaks here; an answer without faults is two or three appends, and one timer for each
/// wait of a stream.
struct Player {
    private let answer: PreparedAnswer
    private let number: AnswerNumber
    private let part: MockLoop
    private let connection: Connection
    private let directive: Directive

    init(_ answer: PreparedAnswer, _ number: AnswerNumber, _ part: MockLoop, _ connection: Connection) {
        self.answer = answer
        self.number = number
        self.part = part
        self.connection = connection
        directive = answer.ask.directive
    }

    /// - Returns: whether the connection may be used again.
    func play() async throws(ConnectionError) -> Bool {
        if directive.first > .zero { await part.loop.sleep(until: part.loop.now + directive.first) }
        guard directive.cut != 0 else {
            bill(.cut, events: 0)
            connection.abort()
            return false
        }
        if directive.stall == 0 { return await stall(events: 0) }
        if directive.garbage == .head {
            connection.withOutput { $0.append("\u{16}\u{3}\u{1} this is no HTTP\r\n\r\n") }
            bill(.cut, events: 0)
            return false
        }
        guard directive.status == 200 else { return try await refuse() }
        return answer.ask.streams ? try await stream() : try await whole()
    }

    // MARK: Answers in one piece

    private func refuse() async throws(ConnectionError) -> Bool {
        let refusal = Refusal.scripted(directive.status, retryAfter: directive.retryAfter)
        part.answer(refusal, number, directive.closes, connection, as: answer.ask.service)
        bill(.refused, events: 0)
        return !directive.closes
    }

    private func whole() async throws(ConnectionError) -> Bool {
        let isPlain = directive.cut == nil && directive.stall == nil && directive.split == nil && !directive.slowHead
        if isPlain {
            connection.withOutput(reserving: (answer.whole?.count ?? 0) + 64) { answer.append(number, to: &$0) }
            bill(.served, events: 0)
            try await connection.drained()
            return !directive.closes && !directive.closeDelimited
        }
        var bytes = ByteBuffer()
        answer.append(number, to: &bytes)
        let end = directive.cut != nil || directive.stall != nil ? bytes.count - bytes.count / 4 : bytes.count
        try await send(bytes, upTo: end)
        if directive.cut != nil {
            bill(.cut, events: 0)
            return false
        }
        if directive.stall != nil { return await stall(events: 0) }
        bill(.served, events: 0)
        return !directive.closes && !directive.closeDelimited
    }

    // MARK: Streams

    private func stream() async throws(ConnectionError) -> Bool {
        let steps = answer.format.steps
        try await sendStreamHead()
        let start = part.loop.now
        var step = 0
        var waits: Int64 = 0
        while step < steps.all {
            let group = group(from: step, steps)
            if step > 0 {  // the opening events go with the head
                waits += 1
                await pause(start, waits, isClosing: step >= steps.opening + steps.content)
            }
            do throws(ConnectionError) {
                guard connection.isUsable else { throw connection.ending ?? .aborted }
                for step in group {
                    if await breaks(at: step, steps) { return false }
                    try await sendEvent(step)
                }
                try await connection.drained()
            } catch {
                bill(.cut, events: step)
                throw error
            }
            step = group.upperBound
        }
        if !directive.closeDelimited { connection.withOutput { $0.append("0\r\n\r\n") } }
        bill(.served, events: steps.all)
        return !directive.closes && !directive.closeDelimited
    }

    /// Waits for the moment of the next events; the closing ones follow the last content in the next turn.
    private func pause(_ start: Instant, _ waits: Int64, isClosing: Bool) async {
        if directive.gap > .zero, !isClosing {
            // From the start, not from the last event: a late turn does not shift all that follow.
            await part.loop.sleep(until: start + .nanoseconds(directive.gap.nanoseconds * waits))
        } else {
            await part.loop.yield()
        }
    }

    /// Plays what the script breaks before event `step`.
    /// - Returns: whether the answer ends with it; then it is billed.
    private func breaks(at step: Int, _ steps: Steps) async -> Bool {
        if directive.stall == step {
            _ = await stall(events: step)
            return true
        }
        if directive.errorAfter == step { await sendBroken(garbage: false) }
        if step == steps.opening + steps.content / 2 {
            switch directive.garbage {
            case .sse: await sendBroken(garbage: true)
            case .chunk: connection.withOutput { $0.append("zz\r\nnot a chunk\r\n") }
            case nil, .head, .json: break
            }
            if directive.garbage == .chunk {
                bill(.cut, events: step)
                return true
            }
        }
        guard directive.cut == step || directive.errorAfter == step else { return false }
        bill(.cut, events: step)
        return true
    }

    /// Events that go out together: the opening ones, a burst of content, the closing ones.
    private func group(from step: Int, _ steps: Steps) -> Range<Int> {
        if step < steps.opening { return step..<steps.opening }
        let contentEnd = steps.opening + steps.content
        if step < contentEnd { return step..<min(step + directive.burst, contentEnd) }
        return step..<steps.all
    }

    private func sendStreamHead() async throws(ConnectionError) {
        var head = AnswerHead(number: number, service: answer.ask.service, closes: directive.closes)
        head.contentType = answer.ask.streamType
        head.framing = directive.closeDelimited ? .close : .chunked
        if directive.slowHead || directive.split != nil {
            var bytes = ByteBuffer()
            head.append(to: &bytes)
            try await send(bytes, upTo: bytes.count)
        } else {
            connection.withOutput { head.append(to: &$0) }
        }
    }

    private func sendEvent(_ step: Int) async throws(ConnectionError) {
        part.scratch.removeAll()
        answer.format.appendEvent(step, number, to: &part.scratch)
        guard directive.split != nil else { return sendChunk() }
        var bytes = ByteBuffer()
        appendChunk(part.scratch, to: &bytes)
        try await send(bytes, upTo: bytes.count)
    }

    private func sendBroken(garbage: Bool) async {
        part.scratch.removeAll()
        answer.ask.appendBrokenEvent(garbage: garbage, to: &part.scratch)
        sendChunk()
        await part.loop.yield()
    }

    private func sendChunk() {
        connection.withOutput(reserving: part.scratch.count + 16) { appendChunk(part.scratch, to: &$0) }
    }

    private func appendChunk(_ event: borrowing ByteBuffer, to buffer: inout ByteBuffer) {
        guard !directive.closeDelimited else { return buffer.append(event.span) }
        buffer.append(hexadecimal: event.count)
        buffer.append("\r\n")
        buffer.append(event.span)
        buffer.append("\r\n")
    }

    // MARK: Parts

    /// Sends the first `end` bytes in pieces: `split` bytes a turn, of a slow head 16 bytes every 5 ms.
    private func send(_ bytes: borrowing ByteBuffer, upTo end: Int) async throws(ConnectionError) {
        let slowBytes = directive.slowHead ? headBytes(of: bytes.span) : 0
        var offset = 0
        while offset < end {
            let isSlow = offset < slowBytes
            let piece = min(isSlow ? 16 : Int.max, directive.split ?? .max, end - offset)
            connection.write(bytes.span.extracting(offset..<(offset + piece)))
            offset += piece
            guard offset < end else { return }
            if isSlow {
                await part.loop.sleep(until: part.loop.now + .milliseconds(5))
            } else {
                await part.loop.yield()
            }
            try await connection.drained()
        }
    }

    /// Bytes up to the blank line; all where there is none.
    private func headBytes(of bytes: Span<UInt8>) -> Int {
        var at = 3
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\n"), bytes[at - 1] == UInt8(ascii: "\r"), bytes[at - 2] == UInt8(ascii: "\n")
            {
                return at + 1
            }
            at += 1
        }
        return bytes.count
    }

    /// Says nothing more until the peer has had enough.
    private func stall(events: Int) async -> Bool {
        bill(.cut, events: events)
        do throws(ConnectionError) {
            while true {
                try await connection.fill()
                connection.consume(connection.unreadCount)
            }
        } catch {
            connection.abort()
        }
        return false
    }

    private func bill(_ status: BilledAnswer.Status, events: Int) {
        var usage = answer.ask.usage
        switch status {
        case .served: break
        case .cut:
            let steps = answer.format.steps
            usage.output = min(usage.output, max(0, min(events, steps.opening + steps.content) - steps.opening))
        case .refused: usage = Usage()
        }
        part.server.bill.add(
            BilledAnswer(
                number: number, path: answer.call.path, model: answer.ask.model, status: status,
                httpStatus: directive.status, events: events, usage: usage))
    }
}

extension Ask {
    fileprivate var streamType: StaticString {
        switch service {
        case .openAI, .azure, .anthropic: "text/event-stream; charset=utf-8"
        case .gemini: isArray ? "application/json; charset=UTF-8" : "text/event-stream"
        case .bedrock: "application/vnd.amazon.eventstream"
        }
    }
}

extension MockServer {
    /// The answer, with a fault drawn for it where `faultRate` says so.
    func withFault(_ answer: PreparedAnswer, _ number: AnswerNumber) -> PreparedAnswer {
        guard options.faultRate > 0, !options.faults.isEmpty else { return answer }
        var words: [UInt8] = []
        for shift in stride(from: 0, to: 64, by: 8) { words.append(UInt8(truncatingIfNeeded: number.value >> shift)) }
        let draw = stableHash(words.span, seed: options.faultSeed)
        guard Double(draw >> 11) / Double(1 << 53) < options.faultRate else { return answer }
        var ask = answer.ask
        switch options.faults[Int(stableHash(words.span, seed: ~options.faultSeed) % UInt64(options.faults.count))] {
        case .rateLimited:
            ask.directive.status = 429
            ask.directive.retryAfter = 1
        case .serverError: ask.directive.status = 500
        case .overloaded: ask.directive.status = 503
        case .refused: ask.directive.cut = 0
        case .broken: ask.directive.cut = 1 + Int(draw % UInt64(max(1, ask.directive.events)))
        case .garbage: ask.directive.garbage = ask.streams ? .sse : .json
        }
        return PreparedAnswer(ask, of: answer.call)
    }
}
