/// `lowest_latency`: the better of two targets drawn at random (Mitzenmacher 2001), where better is a smaller product of the mean time to first token
/// and the attempts under way, this one included. Drawing two keeps all requests of a moment from going to the same target, and the
/// product turns away from one that got slow before its first late answer shows it. Behind the first choice stand the others by the same product.
///
/// A target of which nothing is known, or nothing recent, is tried by one request at a time: without that, one that was slow once would stay so.
public final class LowestLatency: Strategy {
    init(_ plan: RoutePlan) {}

    public func order(_ choice: borrowing Choice, into order: inout TargetOrder) {
        if let unknown = unknownTarget(choice) {
            order.append(unknown)
        } else if choice.ready.count > 1 {
            order.append(betterOfTwo(choice))
        }
        order.append(choice.ready) { self.score(of: $0, choice) }
    }

    /// One that must be measured, and that no attempt is measuring; of several the one that a random number draws.
    private func unknownTarget(_ choice: borrowing Choice) -> Int? {
        var unknown = SmallSet()
        var rest = choice.ready
        while let target = rest.popFirst() {
            if choice.outstanding(at: target) == 0, !choice.isFresh(target) { unknown.insert(target) }
        }
        return unknown.isEmpty ? nil : unknown.member(choice.random.scaled(below: unknown.count))
    }

    private func betterOfTwo(_ choice: borrowing Choice) -> Int {
        let count = choice.ready.count
        let place = choice.random.scaled(below: count)
        let other = (place + 1 + mixed(choice.random).scaled(below: count - 1)) % count
        let (one, two) = (choice.ready.member(place), choice.ready.member(other))
        return score(of: one, choice) <= score(of: two, choice) ? one : two
    }

    /// A target that is being measured for the first time has no mean yet: it comes behind all that have one.
    private func score(of target: Int, _ choice: borrowing Choice) -> Double {
        guard let latency = choice.latency(of: target) else { return .infinity }
        // A mean of nothing would hide the attempts under way.
        return max(latency, 1) * Double(choice.outstanding(at: target) + 1)
    }
}
