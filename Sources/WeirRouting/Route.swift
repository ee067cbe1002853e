import WeirBase

/// A route as one loop decides by it.
struct Route {
    /// Of each target, where its state lies.
    let slots: [Int]
    let strategy: any Strategy
    /// The targets that the strategy chooses among: neither canary nor shadow.
    let regular: SmallSet
    let canary: Canary?
    let shadow: Shadow?
    /// The targets that take every request.
    let unconditional: SmallSet
    /// The others with their conditions.
    let conditions: [(target: Int, condition: CompiledCondition)]

    /// - Parameter places: where the state of each target lies, by its name.
    init(_ plan: RoutePlan, slots places: [String: Int]) throws(RoutingError) {
        guard let entry = Registry.strategy(named: plan.strategy) else { throw .unknownStrategy(plan.strategy) }
        let count = plan.targets.count
        guard (1...SmallSet.limit).contains(count) else { throw .badTargetCount(count) }
        var names = Set<String>()
        var regular = SmallSet(first: count)
        var unconditional = regular
        var conditions: [(target: Int, condition: CompiledCondition)] = []
        for (index, target) in plan.targets.enumerated() {
            guard names.insert(target.name).inserted else { throw .duplicate(target.name) }
            guard (0...SmoothWheel.greatestWeight).contains(target.weight) else { throw .badWeight(target.weight) }
            guard let condition = target.condition else { continue }
            unconditional.remove(index)
            conditions.append((index, try CompiledCondition(condition)))
        }
        for special in [plan.canary?.target, plan.shadow?.target] {
            guard let special else { continue }
            guard (0..<count).contains(special) else { throw .noSuchTarget(special) }
            regular.remove(special)
        }
        guard !regular.isEmpty else { throw .badTargetCount(count) }
        slots = plan.targets.compactMap { places[$0.name] }
        assert(slots.count == count, "a target without a state")
        strategy = entry.make(plan)
        self.regular = regular
        canary = plan.canary
        shadow = plan.shadow
        self.unconditional = unconditional
        self.conditions = conditions
    }
}
