/// `weighted`: each target is the first choice as often as its weight says, by smooth weighted round robin. Behind it stand the others, the one whose
/// turn is next in front; targets of weight 0 come last, in their order: they only stand in.
///
/// While a target is out of rotation its share goes to the others by their weights.
public final class Weighted: Strategy {
    private var wheel: SmoothWheel

    /// `plan.seed` says with which target the round begins.
    init(_ plan: RoutePlan) {
        wheel = SmoothWheel(plan.targets.map(\.weight))
        wheel.turn(by: plan.seed)
    }

    public func order(_ choice: borrowing Choice, into order: inout TargetOrder) {
        guard let first = wheel.pick(from: choice.ready) else { return }
        order.append(first)
        order.append(choice.ready) { target in
            wheel.weights[target] > 0 ? -Double(wheel.credits[target] + Int64(wheel.weights[target])) : .infinity
        }
    }
}
