internal import Synchronization

/// How many requests of a scope may be under way at once, shared by all loops.
public final class ConcurrencyLimit: Sendable {
    public let scope: Scope
    private let count = DecisionWord(0)
    private let most: Atomic<Int64>

    /// - Precondition: `limit` is 0 to `greatest`.
    public init(scope: Scope, limit: Int) {
        precondition((0...Self.greatest).contains(limit))
        self.scope = scope
        most = Atomic(Int64(limit))
    }

    /// More than one process can serve.
    public static let greatest = 1_000_000_000

    /// Requests under way.
    public var underWay: Int { Int(count.value) }

    public var limit: Int { Int(most.load(ordering: .relaxed)) }

    /// Another limit of the configuration. Requests under way stay, also where there are more of them.
    /// - Precondition: 0 to `greatest`.
    public func setLimit(_ limit: Int) {
        precondition((0...Self.greatest).contains(limit))
        most.store(Int64(limit), ordering: .relaxed)
    }

    /// Whether all places are taken.
    var isFull: Bool { count.value >= most.load(ordering: .relaxed) }

    func enter(_ pause: () -> Void) { count.enter(pause) }

    /// Ends a decision, with a place if it found one.
    func leave(taking isTaken: Bool) { count.leave(adding: isTaken ? 1 : 0) }

    /// Gives a place back.
    func giveBack() {
        assert(count.value > 0, "more places given back than taken")
        count.add(-1)
    }
}
