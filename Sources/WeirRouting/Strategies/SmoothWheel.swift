/// Smooth weighted round robin (nginx's): of any run of picks each place has its share, and picks of one place are spread out rather than in a row.
/// With weights 5, 1, 1: a a b a c a a.
///
/// Each pick raises the credit of all that take part by their weight and takes the sum of the weights from the one that had most. Credits add up to
/// zero, and stay within the sum of the weights, for any sequence of sets that take part.
struct SmoothWheel: Sendable {
    /// The largest weight: 64 of them, and what 64 sum to, are far from an overflow.
    static let greatestWeight = 1_000_000

    private(set) var weights = InlineArray<64, Int32>(repeating: 0)
    private(set) var credits = InlineArray<64, Int64>(repeating: 0)
    let count: Int

    /// - Precondition: at most 64 weights, each 0 to `greatestWeight`.
    init(_ weights: [Int]) {
        precondition(weights.count <= SmallSet.limit)
        count = weights.count
        for place in weights.indices {
            precondition((0...Self.greatestWeight).contains(weights[place]))
            self.weights[place] = Int32(weights[place])
        }
    }

    /// Picks one of `set`, and remembers it. Places without weight are picked only where none in the set has any: then the first.
    /// - Returns: nil from an empty set.
    mutating func pick(from set: SmallSet) -> Int? {
        var rest = set
        var best: Int?
        var total: Int64 = 0
        while let place = rest.popFirst() {
            guard weights[place] > 0 else { continue }
            total += Int64(weights[place])
            credits[place] += Int64(weights[place])
            if let leader = best, credits[place] <= credits[leader] { continue }
            best = place
        }
        guard let best else { return set.first }
        credits[best] -= total
        return best
    }

    /// Turns the wheel to a place that `seed` draws, so that the wheels of many loops do not all begin with the same pick.
    mutating func turn(by seed: UInt64) {
        guard count > 0 else { return }
        for _ in 0..<seed.scaled(below: 256) { _ = pick(from: SmallSet(first: count)) }
    }
}
