import WeirBase

/// `sticky`: requests of the same sticky key go to the same target, whose prompt cache knows them. Rendezvous hashing (Thaler, Ravishankar 1998): every
/// target has a score for every key, and the highest wins. So a target that is lost moves only the keys that it had, which spread over the
/// others by weight; and it gets the same ones back. All loops and all processes choose alike, without talking.
///
/// Weights are shares of the keys (Schindelhauer, Schomaker 2005); weight 0 only stands in. A request without a key goes where chance sends it.
public final class Sticky: Strategy {
    /// Hashes of the targets' names: a target keeps its keys when the order of the configuration changes.
    private let hashes: [UInt64]
    private let weights: [Double]

    init(_ plan: RoutePlan) {
        hashes = plan.targets.map { stableHash($0.name) }
        weights = plan.targets.map { Double($0.weight) }
    }

    public func order(_ choice: borrowing Choice, into order: inout TargetOrder) {
        let key = choice.stickyKey ?? choice.random
        order.append(choice.ready) { self.distance(of: $0, key) }
    }

    /// The reciprocal of the score: an exponential variable whose rate is the weight, so that the smallest is each target's with the share of its weight.
    private func distance(of target: Int, _ key: UInt64) -> Double {
        guard weights[target] > 0 else { return .infinity }
        // 52 bits, shifted by a half: a fraction that is neither 0 nor 1.
        let fraction = (Double(mixed(key ^ hashes[target]) >> 12) + 0.5) * 0x1p-52
        return -naturalLogarithm(fraction) / weights[target]
    }
}
