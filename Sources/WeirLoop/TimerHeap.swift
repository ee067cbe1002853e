import WeirBase

/// What happens when a moment has come.
@safe
enum TimerAction {
    case resume(UnsafeContinuation<Void, Never>)
    /// A connection's deadline; it looks itself whether it still applies.
    case connection(slot: Int32, generation: UInt32)
    case run(@Sendable () -> Void)
}

/// A binary heap of moments. Entries are never removed early: a connection whose deadline has moved looks again when the entry fires,
/// so that moving a deadline, which happens with every read, is a plain store.
struct TimerHeap {
    private var moments: ContiguousArray<Int64> = []
    private var orders: ContiguousArray<UInt64> = []
    private var actions: ContiguousArray<TimerAction> = []
    private var nextOrder: UInt64 = 0

    var count: Int { moments.count }
    var first: Instant { moments.isEmpty ? .never : Instant(nanoseconds: moments[0]) }

    mutating func add(_ moment: Instant, _ action: TimerAction) {
        moments.append(moment.nanoseconds)
        orders.append(nextOrder)
        actions.append(action)
        nextOrder &+= 1
        var child = moments.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBefore(child, parent) else { return }
            exchange(child, parent)
            child = parent
        }
    }

    /// Takes out the first action whose moment is not after `now`. Equal moments come in the order in which they were added.
    mutating func next(at now: Instant) -> TimerAction? {
        guard let first = moments.first, first <= now.nanoseconds else { return nil }
        let last = moments.count - 1
        exchange(0, last)
        moments.removeLast()
        orders.removeLast()
        let action = actions.removeLast()
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < last else { break }
            let right = left + 1
            let child = right < last && isBefore(right, left) ? right : left
            guard isBefore(child, parent) else { break }
            exchange(child, parent)
            parent = child
        }
        return action
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        moments[left] != moments[right] ? moments[left] < moments[right] : orders[left] < orders[right]
    }

    private mutating func exchange(_ left: Int, _ right: Int) {
        moments.swapAt(left, right)
        orders.swapAt(left, right)
        actions.swapAt(left, right)
    }
}
