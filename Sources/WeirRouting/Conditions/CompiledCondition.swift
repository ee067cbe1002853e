/// A condition as a list of tests, each of which says where to go on if it holds and where if not: always forward. Deciding takes no memory, and at
/// most one look at each test.
public struct CompiledCondition: Sendable {
    /// The most tests that a condition may have.
    public static let greatestCount = 256
    /// How deep conditions may stand in each other.
    public static let greatestDepth = 32

    private enum Test: Sendable {
        case key(String)
        case team(String)
        case tag(name: String, value: String)
        case bodyBytes(ClosedRange<Int>)
        case always
    }

    private struct Step: Sendable {
        let test: Test
        /// Indices of the steps that come next.
        var onTrue: Int
        var onFalse: Int
    }

    /// In the order of evaluation. The two indices behind the last one are the answers: yes, then no.
    private var steps: [Step] = []

    /// - Throws: `conditionTooLong`, `conditionTooDeep`.
    public init(_ condition: Condition) throws(RoutingError) {
        // Built backwards: what comes next is known when a test is added. Counted from the end, no is 0 and yes is 1.
        let start = try add(condition, onTrue: 1, onFalse: 0, depth: 0)
        assert(start == steps.count + 1)
        // From places counted from the end to indices.
        let count = steps.count
        steps.reverse()
        for index in steps.indices {
            steps[index].onTrue = count + 1 - steps[index].onTrue
            steps[index].onFalse = count + 1 - steps[index].onFalse
        }
    }

    /// Whether a request fits. `hasTag` says whether it has a tag of that name and value.
    public func holds(key: String, team: String, bodyBytes: Int, hasTag: (String, String) -> Bool) -> Bool {
        var index = 0
        while index < steps.count {
            let holds =
                switch steps[index].test {
                case .key(let name): name == key
                case .team(let name): name == team
                case .tag(let name, let value): hasTag(name, value)
                case .bodyBytes(let range): range.contains(bodyBytes)
                case .always: true
                }
            index = holds ? steps[index].onTrue : steps[index].onFalse
        }
        return index == steps.count
    }

    /// Adds the tests of a condition before those that are there.
    /// - Returns: the place of the first one.
    private mutating func add(
        _ condition: Condition, onTrue: Int, onFalse: Int, depth: Int
    ) throws(RoutingError) -> Int {
        guard depth < Self.greatestDepth else { throw .conditionTooDeep }
        switch condition {
        case .key(let name): return try add(.key(name), onTrue, onFalse)
        case .team(let name): return try add(.team(name), onTrue, onFalse)
        case .tag(let name, let value): return try add(.tag(name: name, value: value), onTrue, onFalse)
        case .bodyBytes(let range): return try add(.bodyBytes(range), onTrue, onFalse)
        case .not(let inner): return try add(inner, onTrue: onFalse, onFalse: onTrue, depth: depth + 1)
        case .all(let parts):
            guard !parts.isEmpty else { return try add(.always, onTrue, onTrue) }
            var next = onTrue
            for part in parts.reversed() { next = try add(part, onTrue: next, onFalse: onFalse, depth: depth + 1) }
            return next
        case .any(let parts):
            guard !parts.isEmpty else { return try add(.always, onFalse, onFalse) }
            var next = onFalse
            for part in parts.reversed() { next = try add(part, onTrue: onTrue, onFalse: next, depth: depth + 1) }
            return next
        }
    }

    private mutating func add(_ test: Test, _ onTrue: Int, _ onFalse: Int) throws(RoutingError) -> Int {
        guard steps.count < Self.greatestCount else { throw .conditionTooLong }
        steps.append(Step(test: test, onTrue: onTrue, onFalse: onFalse))
        return steps.count + 1
    }
}
