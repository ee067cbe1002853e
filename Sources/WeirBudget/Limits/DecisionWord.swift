internal import Synchronization

/// A number that any thread may read and change at any time, with one bit beside it: a decision about it is under way.
///
/// Whoever decides whether something still fits enters, looks, and leaves; a decision about several words enters all of them first, in one order
/// that holds for the whole process. So a decision takes all or nothing at one moment, there is never a tentative amount that could make another
/// decision fail, and no two decisions can wait for each other. What only gives back (`add`) and what only reads never waits; in particular
/// an exhausted budget refuses with a load.
struct DecisionWord: ~Copyable {
    /// Attempts to enter between two calls of `pause`; a decision takes some tens of nanoseconds.
    private static let attempts = 64

    /// The number above, the bit below.
    private let word: Atomic<Int64>

    /// - Precondition: `value` fits in 63 bits.
    init(_ value: Int64) { word = Atomic(value << 1) }

    var value: Int64 { word.load(ordering: .acquiring) >> 1 }

    /// Begins a decision as soon as no other one is under way. `pause` is called while another thread takes longer than it should, because
    /// it lost its processor inside one; it should give up this one's.
    func enter(_ pause: () -> Void) {
        while true {
            for _ in 0..<Self.attempts {
                let seen = word.load(ordering: .relaxed)
                guard seen & 1 == 0 else { continue }
                let (entered, _) = word.weakCompareExchange(
                    expected: seen, desired: seen | 1, successOrdering: .acquiring, failureOrdering: .relaxed)
                if entered { return }
            }
            pause()
        }
    }

    /// Ends the decision and changes the number, which others may have changed meanwhile.
    func leave(adding change: Int64) { word.wrappingAdd((change << 1) &- 1, ordering: .releasing) }

    /// Ends the decision; for words that nobody changes outside of one.
    func leave(setting value: Int64) { word.store(value << 1, ordering: .releasing) }

    /// Changes the number without waiting for a decision.
    func add(_ change: Int64) { word.wrappingAdd(change << 1, ordering: .acquiringAndReleasing) }
}
