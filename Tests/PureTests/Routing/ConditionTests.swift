import Testing
import WeirBase
import WeirRouting

@Suite("conditions of targets") struct ConditionTests {
    private struct Subject {
        var key = "ci"
        var team = "search"
        var bodyBytes = 100
        var tags = ["env": "prod", "feature": "chat"]
    }

    private func holds(_ condition: Condition, _ subject: Subject = Subject()) throws -> Bool {
        try CompiledCondition(condition).holds(key: subject.key, team: subject.team, bodyBytes: subject.bodyBytes) {
            subject.tags[$0] == $1
        }
    }

    /// What a condition means, told without compiling it.
    private func meaning(_ condition: Condition, _ subject: Subject) -> Bool {
        switch condition {
        case .key(let name): name == subject.key
        case .team(let name): name == subject.team
        case .tag(let name, let value): subject.tags[name] == value
        case .bodyBytes(let range): range.contains(subject.bodyBytes)
        case .any(let parts): parts.contains { meaning($0, subject) }
        case .all(let parts): parts.allSatisfy { meaning($0, subject) }
        case .not(let part): !meaning(part, subject)
        }
    }

    static let cases: [(condition: Condition, holds: Bool)] = [
        (.key("ci"), true), (.key("CI"), false), (.team("search"), true), (.team(""), false),
        (.tag(name: "env", value: "prod"), true), (.tag(name: "env", value: "chat"), false),
        (.bodyBytes(100...100), true), (.bodyBytes(0...99), false), (.bodyBytes(101 ... .max), false),
        (.any([]), false), (.all([]), true), (.not(.any([])), true), (.not(.all([])), false),
        (.not(.not(.key("ci"))), true),
        (.all([.key("ci"), .team("sales")]), false), (.any([.key("x"), .team("search")]), true),
        (.all([.any([.key("x"), .key("ci")]), .not(.tag(name: "env", value: "dev"))]), true),
        (.any([.all([.key("ci"), .bodyBytes(0...1)]), .all([.team("search"), .any([])])]), false),
    ]

    @Test("a condition holds for what it says", arguments: cases)
    func table(condition: Condition, holds: Bool) throws { #expect(try self.holds(condition) == holds) }

    @Test("compiled or not, a condition means the same")
    func property() throws {
        for seed in UInt64(0)..<3_000 {
            var dice = Dice(seed)
            let condition = draw(&dice, depth: 0)
            for _ in 0..<8 {
                let subject = Subject(
                    key: ["a", "b"][dice.below(2)], team: ["a", "b"][dice.below(2)], bodyBytes: dice.below(4),
                    tags: dice.chance(perMille: 500) ? ["a": ["x", "y"][dice.below(2)]] : [:])
                #expect(try holds(condition, subject) == meaning(condition, subject), "seed \(seed)")
            }
        }
    }

    private func draw(_ dice: inout Dice, depth: Int) -> Condition {
        switch dice.below(depth > 3 ? 4 : 7) {
        case 0: return .key(["a", "b"][dice.below(2)])
        case 1: return .team(["a", "b"][dice.below(2)])
        case 2: return .tag(name: ["a", "b"][dice.below(2)], value: ["x", "y"][dice.below(2)])
        case 3:
            let least = dice.below(4)
            return .bodyBytes(least...least + dice.below(3))
        case 4: return .not(draw(&dice, depth: depth + 1))
        case 5: return .all((0..<dice.below(4)).map { _ in draw(&dice, depth: depth + 1) })
        default: return .any((0..<dice.below(4)).map { _ in draw(&dice, depth: depth + 1) })
        }
    }

    @Test("each test of a condition is looked at once at most")
    func shortCircuit() throws {
        let tags = (0..<100).map { Condition.tag(name: "t", value: "\($0)") }
        let condition = try CompiledCondition(.all([.any(tags), .not(.all(tags))]))
        for answer in [true, false] {
            var looks = 0
            _ = condition.holds(key: "", team: "", bodyBytes: 0) { _, _ in
                looks += 1
                return answer
            }
            #expect(looks == (answer ? 101 : 100))
        }
    }

    @Test("what is too long or too deep is refused")
    func bounds() throws {
        func error(_ condition: Condition) -> RoutingError? {
            do throws(RoutingError) {
                _ = try CompiledCondition(condition)
                return nil
            } catch { return error }
        }
        let many = Array(repeating: Condition.key("k"), count: 256)
        #expect(error(.any(many)) == nil && error(.any(many + [.team("t")])) == .conditionTooLong)
        var deep = Condition.key("ci")
        for _ in 0..<31 { deep = .all([deep]) }
        #expect(error(deep) == nil && error(.all([deep])) == .conditionTooDeep)
        #expect(try holds(deep))
    }
}
