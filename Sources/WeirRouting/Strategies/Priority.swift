/// `priority`: the first target of the configuration that works, and the others in their order.
public final class Priority: Strategy {
    init(_ plan: RoutePlan) {}

    public func order(_ choice: borrowing Choice, into order: inout TargetOrder) {
        var rest = choice.ready
        while let target = rest.popFirst() { order.append(target) }
    }
}
