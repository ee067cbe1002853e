import Synchronization
import WeirBase
import WeirMockScript
import WeirWire

/// What the mock has served, as a provider's own bill: the gateway's ledger is compared with it.
struct BilledAnswer: Sendable {
    enum Status: String, Sendable {
        /// All of it was handed to the system.
        case served
        /// The script cut or stalled it, or the client went away.
        case cut
        /// Answered with an error.
        case refused
    }

    var number: AnswerNumber
    var path: StaticString
    /// As it stands in a JSON string.
    var model: [UInt8]
    var status: Status
    var httpStatus: Int
    /// Events of a stream that were sent.
    var events: Int
    /// What is charged: of a cut stream the pieces that went out, of an error nothing.
    var usage: Usage
}

/// A ring of the last answers, shared by the loops.
final class Bill: Sendable {
    private struct State {
        var entries: [BilledAnswer] = []
        /// Entries ever made; those before `count - entries.count` are forgotten.
        var count = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = max(1, capacity) }

    func add(_ answer: BilledAnswer) {
        state.withLock { state in
            if state.entries.count < capacity {
                state.entries.append(answer)
            } else {
                state.entries[state.count % capacity] = answer
            }
            state.count += 1
        }
    }

    func reset() { state.withLock { $0 = State() } }

    /// Appends the entries from position `after` on, at most `limit`: `{"data":[...],"next":N,"total":N,"forgotten":N}`. The last page is the
    /// one whose `next` equals `total`.
    func append(after: Int, limit: Int, to buffer: inout ByteBuffer) {
        let (page, first, total, forgotten) = state.withLock { state in
            let forgotten = state.count - state.entries.count
            let first = min(max(after, forgotten), state.count)
            let last = min(first + limit, state.count)
            return ((first..<last).map { state.entries[$0 % capacity] }, first, state.count, forgotten)
        }
        buffer.append("{\"data\":[")
        for (index, entry) in page.enumerated() {
            if index > 0 { buffer.append(",") }
            append(entry, to: &buffer)
        }
        buffer.append("],\"next\":")
        buffer.append(decimal: first + page.count)
        buffer.append(",\"total\":")
        buffer.append(decimal: total)
        buffer.append(",\"forgotten\":")
        buffer.append(decimal: forgotten)
        buffer.append("}")
    }

    private func append(_ entry: BilledAnswer, to buffer: inout ByteBuffer) {
        buffer.append("{\"request_id\":\"req_mock")
        entry.number.append(to: &buffer)
        buffer.append("\",\"number\":")
        buffer.append(decimal: entry.number.value)
        buffer.append(",\"path\":\"")
        buffer.append(entry.path)
        buffer.append("\",\"model\":\"")
        buffer.append(entry.model.span)
        buffer.append("\",\"status\":\"")
        buffer.append(entry.status.rawValue)
        buffer.append("\",\"http_status\":")
        buffer.append(decimal: entry.httpStatus)
        buffer.append(",\"events\":")
        buffer.append(decimal: entry.events)
        buffer.append(",\"usage\":{\"input_tokens\":")
        buffer.append(decimal: entry.usage.input)
        buffer.append(",\"output_tokens\":")
        buffer.append(decimal: entry.usage.output)
        buffer.append(",\"cached_tokens\":")
        buffer.append(decimal: entry.usage.cachedInput)
        buffer.append(",\"reasoning_tokens\":")
        buffer.append(decimal: entry.usage.reasoningOutput)
        buffer.append(",\"cache_write_tokens\":")
        buffer.append(decimal: entry.usage.cacheWriteInput)
        buffer.append("}}")
    }
}
