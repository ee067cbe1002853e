import WeirBase
import WeirBudget

/// What a request to a model costs at most and how much it can use, whichever of the model's targets serves it.
struct RoutePricing: Sendable {
    /// Of all targets; nil where one of them has no price.
    let tariffs: [Tariff]?
    /// The most input tokens that any of them takes; nil where one of them has no bound.
    let maxInput: Int?
    /// The most output tokens of one answer that says nothing of it.
    let maxOutput: Int
    /// Whether that is the limit of each model itself, and not the configuration's for models that have none on record.
    let isOwnLimit: Bool

    init(_ targets: [TargetPricing]) {
        let known = targets.compactMap(\.tariff)
        tariffs = known.count == targets.count ? known : nil
        let inputs = targets.compactMap(\.maxInput)
        maxInput = inputs.count == targets.count ? inputs.max() : nil
        maxOutput = targets.map(\.maxOutput).max() ?? 0
        isOwnLimit = targets.allSatisfy(\.isOwnLimit)
    }

    /// The most that a request can cost at the dearest target; nil where one of them may bill what has no price.
    func bound(_ worst: WorstCase, of demand: Demand, at unixSeconds: Int64) -> Money? {
        guard let tariffs else { return nil }
        var bound = Money.zero
        for tariff in tariffs {
            guard let own = tariff.bound(worst, at: unixSeconds, demand.contextOfBound) else { return nil }
            bound = max(bound, own)
            // A target that has no such speed bills another tier for it.
            guard demand.isFast else { continue }
            guard let fast = tariff.bound(worst, at: unixSeconds, .fastSpeed) else { return nil }
            bound = max(bound, fast)
        }
        return bound
    }

    /// The most output tokens with which that bound stays within `room`; nil if it does not even without output.
    func greatestOutput(within room: Money, _ worst: WorstCase, of demand: Demand, at unixSeconds: Int64) -> Int? {
        guard let tariffs else { return nil }
        var most = Int.max
        for tariff in tariffs {
            let context = demand.contextOfBound
            guard let own = tariff.greatestOutput(within: room, worst, at: unixSeconds, context) else { return nil }
            most = min(most, own)
            guard demand.isFast else { continue }
            guard let fast = tariff.greatestOutput(within: room, worst, at: unixSeconds, .fastSpeed) else {
                return nil
            }
            most = min(most, fast)
        }
        return most
    }
}
