import WeirBase
import WeirLoop

/// Judges an answer: the right one whole, a typed error, or a cut that a client can tell. Never other bytes.
extension World {
    /// What is known of the circumstances.
    struct Circumstances {
        var isDisturbed: Bool
        /// Whether the client speaks HTTP/1.0.
        var isOld = false
        /// Whether the client kept its side: sent a whole and good request, and waited.
        var isHonest = true
        /// Whether the connection may have been closed before the request: it was idle for long.
        var mayBeStale = false
        /// From the request's first byte to the answer's end.
        var took = TimeSpan.zero
    }

    func judge(_ answer: ReceivedAnswer, to question: Question, _ circumstances: Circumstances) {
        log.note(loop.now, .answer, question.number, answer.body.count, "\(answer.status) \(answer.end)")
        if let problem = problem(answer, question, circumstances) {
            fail("question \(question.number): \(problem)")
        }
        if isHealed, !isDraining, circumstances.isHonest, !(circumstances.mayBeStale && answer.end == .noHead),
            answer.end != .complete || answer.status != 200,
            !circumstances.isDisturbed, !(hasSmallPools && answer.status == 503),
            !(books != nil && answer.status == 429)
        {
            let doings = attempts[question.number].map { "\($0.act)" }.joined(separator: ", ")
            fail(
                "question \(question.number) failed without a fault: status \(answer.status), \(answer.end), "
                    + "\(answer.ending.map { "\($0)" } ?? "") [\(doings)] \(text(answer.body.prefix(200)))")
        }
    }

    /// - Returns: what is wrong with the answer; nil if nothing is.
    private func problem(
        _ answer: ReceivedAnswer, _ question: Question, _ circumstances: Circumstances
    ) -> String? {
        switch answer.end {
        case .malformed(let text): return "a malformed answer: \(text)"
        case .noHead:
            outcomes.noAnswer += 1
            if answer.ending == .timedOut, !circumstances.isDisturbed { return "no answer in 300 s" }
            if circumstances.isDisturbed || !circumstances.isHonest || circumstances.mayBeStale || isDraining {
                return nil
            }
            // A cut for HTTP/1.0 is a reset, and may overtake the head.
            if circumstances.isOld, answer.ending == .reset, !isHealed { return nil }
            // What the ledger did not take is taken back: the answer does not go.
            if let books, books.journal.refusedWrites > 0, !isHealed { return nil }
            return "the connection ended without an answer: \(answer.ending.map { "\($0)" } ?? "")"
        case .cut(.timedOut) where !circumstances.isDisturbed: return "an answer that did not end in 300 s"
        case .cut, .complete, .left: break
        }
        // Connecting may take 2 s and a first byte 20 s; nothing else may be waited for where no upstream was reached.
        if answer.status == 503, attempts[question.number].isEmpty, circumstances.isHonest, !circumstances.isDisturbed,
            circumstances.took > .seconds(40)
        {
            return "refused with 503 after \(circumstances.took.milliseconds) ms in which no upstream was reached"
        }
        if answer.status != 200 { return problemOfRefusal(answer) }
        let expected = question.expected
        if answer.body.count <= expected.count, answer.body.elementsEqual(expected.prefix(answer.body.count)) {
            return problemOfPrefix(answer, question, circumstances, isWhole: answer.body.count == expected.count)
        }
        return problemOfErrorEvent(answer, question, circumstances)
    }

    /// The body is right as far as it goes.
    private func problemOfPrefix(
        _ answer: ReceivedAnswer, _ question: Question, _ circumstances: Circumstances, isWhole: Bool
    ) -> String? {
        switch answer.end {
        case .left: outcomes.left += 1
        case .complete where isWhole:
            outcomes.complete += 1
            books?.completed(question, answer.request)
            if attempts[question.number].last?.act.isGood == false { outcomes.completeThoughBroken += 1 }
            if question.surface == .responses { outcomes.completeResponses += 1 }
            if circumstances.isOld { outcomes.completeToOldClients += 1 }
        case .complete: return "\(answer.body.count) of \(question.expected.count) bytes passed for the whole answer"
        default: outcomes.cut += 1
        }
        return nil
    }

    /// The body is right up to the end of an event, and then tells of an error.
    private func problemOfErrorEvent(
        _ answer: ReceivedAnswer, _ question: Question, _ circumstances: Circumstances
    ) -> String? {
        let expected = question.expected
        let mark = Array(World.errorEvent(question.surface).utf8)
        // A Responses client takes the error as an event, and an HTTP/1.0 client has no other end than its connection's.
        let mayEnd = question.surface == .responses || circumstances.isOld
        let same = zip(answer.body, expected).prefix { $0 == $1 }.count
        // The error event may begin as the event does in whose place it came.
        for start in stride(from: same, through: max(0, same - mark.count), by: -1) where isEventStart(start, expected)
        {
            let rest = Array(answer.body[start...])
            guard rest.starts(with: mark) || mark.starts(with: rest) else { continue }
            if answer.end == .complete, !mayEnd {
                return "an error event, and then the end of the answer as if it were whole"
            }
            if answer.end == .complete, rest.suffix(2) != [10, 10] { return "the end in the middle of an error event" }
            if rest.starts(with: mark), rest.suffix(2) == [10, 10], !hasCode(rest) {
                return "an error event without a code"
            }
            if start == expected.count { return "an error event after the end of a whole answer" }
            outcomes.toldOfBreak += 1
            return nil
        }
        return "wrong bytes from \(same) on: ...\(text(answer.body[max(0, same - 40)...].prefix(160)))"
    }

    private static func errorEvent(_ surface: Question.Surface) -> String {
        switch surface {
        case .chat: #"data: {"error":{"message":""#
        case .responses: "event: error\ndata: {\"type\":\"error\",\"code\":\""
        }
    }

    private func isEventStart(_ position: Int, _ expected: [UInt8]) -> Bool {
        guard position > 0 else { return true }
        let before = expected[..<min(position, expected.count)]
        // CR alone ends a line, too.
        return before.suffix(2) == [10, 10] || before.suffix(4) == [13, 10, 13, 10] || before.suffix(3) == [13, 10, 13]
    }

    private func problemOfRefusal(_ answer: ReceivedAnswer) -> String? {
        outcomes.refused += 1
        if answer.body.firstRange(of: Array("budget_exceeded".utf8)) != nil { outcomes.overBudget += 1 }
        if answer.body.firstRange(of: Array("ledger_unavailable".utf8)) != nil { outcomes.withoutLedger += 1 }
        guard answer.end == .complete else { return nil }
        guard answer.status >= 400 else { return "status \(answer.status)" }
        guard answer.body.starts(with: Array(#"{"error":{"message":""#.utf8)),
            answer.body.suffix(2) == Array("}}".utf8),
            hasCode(answer.body)
        else { return "status \(answer.status) with a body that is no typed error: \(text(answer.body.prefix(200)))" }
        return nil
    }

    private func hasCode(_ body: [UInt8]) -> Bool { body.firstRange(of: Array(#","code":""#.utf8)) != nil }

    private func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
