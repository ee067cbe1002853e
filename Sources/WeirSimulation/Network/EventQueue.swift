/// What the network will do at a moment. Numbers are sockets.
enum NetworkEvent {
    /// A connect reaches the address, or fails with an error number.
    case establish(Int32, port: UInt16)
    case failConnect(Int32, errno: Int32)
    case accept(listener: Int32, Int32)
    /// The system looks at a send.
    case send(Int32)
    /// Bytes, the end or a reset reach a socket.
    case arrive(Int32, [UInt8])
    case end(Int32)
    case reset(Int32)
    /// The system looks whether a socket has something for its reader.
    case receive(Int32)
    case pause(Int32)
    case closed(Int32)
    /// A fault cuts the connection.
    case cut(Int32)
}

/// A binary heap of events by moment; equal moments come in the order in which they were added.
struct EventQueue {
    private struct Entry {
        var moment: Int64
        var order: UInt64
        var event: NetworkEvent

        func isBefore(_ other: Entry) -> Bool {
            moment != other.moment ? moment < other.moment : order < other.order
        }
    }

    private var entries: [Entry] = []
    private var nextOrder: UInt64 = 0

    var firstMoment: Int64? { entries.first?.moment }

    mutating func add(_ event: NetworkEvent, at moment: Int64) {
        entries.append(Entry(moment: moment, order: nextOrder, event: event))
        nextOrder += 1
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].isBefore(entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func next(until moment: Int64) -> NetworkEvent? {
        guard let first = entries.first, first.moment <= moment else { return nil }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < entries.count else { break }
            let right = left + 1
            let child = right < entries.count && entries[right].isBefore(entries[left]) ? right : left
            guard entries[child].isBefore(entries[parent]) else { break }
            entries.swapAt(child, parent)
            parent = child
        }
        return first.event
    }
}
