import WeirBase

/// `lowest_cost`: the cheapest target that works, and then the next dearer ones. Of equally dear ones the first in the configuration.
///
/// What a target costs is the caller's figure: prices differ for input, output and cached tokens, and which mix counts is not a question of routing.
public final class LowestCost: Strategy {
    /// All targets, the cheapest first.
    private let ascending: TargetOrder

    init(_ plan: RoutePlan) {
        var ascending = TargetOrder()
        ascending.append(SmallSet(first: plan.targets.count)) { Double(plan.targets[$0].cost.nanoUSD) }
        self.ascending = ascending
    }

    public func order(_ choice: borrowing Choice, into order: inout TargetOrder) {
        for place in 0..<ascending.count where choice.ready.contains(ascending[place]) {
            order.append(ascending[place])
        }
    }
}
