import WeirBase
import WeirRouting

extension Core {
    /// A request's whole way through the router: order, one attempt, its first token and its end; and the parts that a request may need besides.
    static let routing: [Core] = [
        Core("routing/priority-2") { iterations in serve(iterations, "priority", 2) },
        Core("routing/weighted-4") { iterations in serve(iterations, "weighted", 4) },
        Core("routing/latency-4") { iterations in serve(iterations, "lowest_latency", 4) },
        Core("routing/cost-4") { iterations in serve(iterations, "lowest_cost", 4) },
        Core("routing/sticky-4") { iterations in serve(iterations, "sticky", 4) },
        Core("routing/sticky-64") { iterations in serve(iterations, "sticky", 64) },
        Core("routing/conditions-3") { iterations in match(iterations) },
        Core("routing/credential-4") { iterations in pickCredential(iterations) },
    ]

    private static func serve(_ iterations: Int, _ strategy: String, _ count: Int) {
        let targets = (0..<count).map { RoutePlan.Target(name: "provider-\($0)/model", weight: $0 + 1) }
        do throws(RoutingError) {
            var router = try Router([RoutePlan(strategy: strategy, targets: targets)])
            var now = hidden(Instant(nanoseconds: 1_000_000_000))
            for index in 0..<iterations {
                now = now + .microseconds(100)
                let random = mixed(UInt64(index))
                let request = RoutedRequest(id: UInt64(index), stickyKey: random)
                let order = router.order(of: 0, for: request, at: now, random: random)
                var tried = SmallSet()
                guard var attempt = router.start(order, of: 0, tried: &tried, at: now) else {
                    preconditionFailure("all targets are well")
                }
                router.firstToken(&attempt, at: now + .milliseconds(300))
                router.finish(attempt, .succeeded, at: now + .seconds(2), random: random)
            }
            keep(router)
        } catch { preconditionFailure("the plan is good") }
    }

    /// One condition of three tests, all of which are looked at.
    private static func match(_ iterations: Int) {
        let condition = Condition.all([.team("search"), .bodyBytes(0...65_536), .tag(name: "env", value: "prod")])
        do throws(RoutingError) {
            let compiled = hidden(try CompiledCondition(condition))
            let (team, name, value) = (hidden("search"), hidden("env"), hidden("prod"))
            for index in 0..<iterations {
                keep(
                    compiled.holds(key: "ci", team: team, bodyBytes: index & 0xFFFF) { $0 == name && $1 == value })
            }
        } catch { preconditionFailure("the condition is good") }
    }

    private static func pickCredential(_ iterations: Int) {
        do throws(RoutingError) {
            var set = try CredentialSet((1...4).map { CredentialSet.Credential(id: UInt64($0), weight: $0) })
            let now = hidden(Instant(nanoseconds: 1_000_000_000))
            for _ in 0..<iterations { keep(set.pick(at: now)) }
        } catch { preconditionFailure("the set is good") }
    }
}
