import Synchronization
import WeirBase
import WeirMockScript
import WeirWire

/// The last requests as they were received, byte for byte: what a gateway changes on the way shows here. Memory is used again and again.
final class RequestLog: Sendable {
    private final class Slot: @unchecked Sendable {  // only touched under the log's lock
        var number = AnswerNumber(0)
        var head = ByteBuffer()
        var body = ByteBuffer()
        var bodyBytes = 0
        /// Made at once for a body too long to keep, else when somebody asks.
        var hash: String?
    }

    private struct State {
        var slots: [Slot] = []
        var count = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Keeps a request's head and body, transfer codings removed.
    func add(_ number: AnswerNumber, head: Span<UInt8>, body: Span<UInt8>) {
        // The hash of a long body takes long: outside the lock.
        let isLong = body.count > MockOptions.Limits.keptBodyBytes
        let hash = isLong ? SHA256.hex(body) : nil
        state.withLock { state in
            let slot: Slot
            if state.slots.count < capacity {
                slot = Slot()
                state.slots.append(slot)
            } else {
                slot = state.slots[state.count % capacity]
            }
            state.count += 1
            slot.number = number
            slot.head.removeAll()
            slot.head.append(head)
            slot.body.removeAll()
            slot.body.append(isLong ? body.extracting(0..<MockOptions.Limits.keptBodyBytes) : body)
            slot.bodyBytes = body.count
            slot.hash = hash
        }
    }

    func reset() { state.withLock { $0 = State() } }

    /// Appends the last `last` requests, the oldest first:
    /// `{"data":[{"request_id","head","body_bytes","body_sha256","body_base64"}]}`; a long body's base64 is its beginning.
    func append(last: Int, to buffer: inout ByteBuffer) {
        state.withLock { state in
            buffer.append("{\"data\":[")
            let count = min(last, state.slots.count)
            for position in (state.count - count)..<state.count {
                let slot = state.slots[position % capacity]
                if position > state.count - count { buffer.append(",") }
                buffer.append("{\"request_id\":\"req_mock")
                slot.number.append(to: &buffer)
                buffer.append("\",\"head\":")
                buffer.append(jsonString: slot.head.span)
                buffer.append(",\"body_bytes\":")
                buffer.append(decimal: slot.bodyBytes)
                buffer.append(",\"body_sha256\":\"")
                if let hash = slot.hash { buffer.append(hash) } else { buffer.append(SHA256.hex(slot.body.span)) }
                buffer.append("\",\"body_base64\":\"")
                buffer.append(base64: slot.body.span)
                buffer.append("\"}")
            }
            buffer.append("]}")
        }
    }
}
