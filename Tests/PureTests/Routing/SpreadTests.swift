import Testing
import WeirBase
import WeirRouting

@Suite("canaries and shadows") struct SpreadTests {
    /// Ids as requests have them: a millisecond above, a sequence below.
    private let ids = (UInt64(0)..<100_000).map { ($0 / 40) << 22 | 3 << 12 | $0 % 40 }

    @Test(
        "a share includes its part of all ids",
        arguments: [0, 1, 50, 10_000, 50_000, 333_333, 500_000, 990_000, 999_999, 1_000_000])
    func exact(partsPerMillion: Int) {
        let found = ids.count { share(partsPerMillion).includes($0, salt: stableHash("canary")) }
        let expected = Double(ids.count) * Double(partsPerMillion) / 1e6
        let deviation = (expected * (1 - Double(partsPerMillion) / 1e6)).squareRoot()
        #expect(abs(Double(found) - expected) <= 4 * deviation + (partsPerMillion % 1_000_000 == 0 ? 0 : 1))
    }

    @Test("a share is 0 to 1,000,000 millionths")
    func bounds() {
        #expect(Share(partsPerMillion: -1) == nil && Share(partsPerMillion: 1_000_001) == nil)
        #expect(Share(partsPerMillion: 0) != nil && Share(partsPerMillion: 1_000_000) != nil)
    }

    @Test("who is in a share stays in it when it grows, and other names choose others")
    func nested() {
        var both = 0
        for id in ids where share(100_000).includes(id, salt: 1) {
            #expect(share(200_000).includes(id, salt: 1))
            if share(100_000).includes(id, salt: 2) { both += 1 }
        }
        #expect(abs(both - 1_000) < 130)
    }

    private func router(_ partsPerMillion: Int, strategy: String = "priority") throws -> Router {
        let canary = Canary(target: 0, share: share(partsPerMillion), name: "gpt")
        return try Router([plan(strategy, 3, canary: canary)])
    }

    @Test(
        "a canary is tried first by its share and never by others, whatever the strategy",
        arguments: Registry.strategies.map(\.name))
    func canary(strategy: String) throws {
        let router = try router(250_000, strategy: strategy)
        var chosen = 0
        for id in ids.prefix(4_000) {
            let order = router.order(of: 0, for: RoutedRequest(id: id), at: dawn, random: mixed(id)).list
            #expect(order.contains(0) == (order[0] == 0) && Set(order).union([0]) == [0, 1, 2])
            if order[0] == 0 { chosen += 1 }
        }
        #expect(abs(chosen - 1_000) < 120)
    }

    @Test("with a sticky key the same callers are always on trial")
    func stickyCanary() throws {
        let router = try router(500_000)
        for key in UInt64(0)..<100 {
            let firsts = ids.prefix(20).map { id in
                router.order(of: 0, for: RoutedRequest(id: id, stickyKey: key), at: dawn, random: 0).first
            }
            #expect(Set(firsts).count == 1)
        }
    }

    @Test("a canary that is out of rotation stands behind all that work; one whose condition is not met is none")
    func brokenCanary() throws {
        var router = try router(1_000_000)
        let others = RoutedRequest(id: 1, eligible: SmallSet(bits: 0b110))
        #expect(router.order(of: 0, for: others, at: dawn, random: 0).list == [1, 2])
        router.breakTarget(0)
        #expect(router.order(of: 0, for: RoutedRequest(id: 1), at: dawn, random: 0).list == [1, 2, 0])
    }

    @Test("a shadow is in no order, and gets a copy of its share of requests while it works")
    func shadow() throws {
        let shadow = Shadow(target: 1, share: share(100_000), name: "gpt")
        var router = try Router([plan("priority", 3, shadow: shadow)])
        var copies = 0
        for id in ids.prefix(10_000) {
            let request = RoutedRequest(id: id)
            #expect(router.order(of: 0, for: request, at: dawn, random: 0).list == [0, 2])
            if let target = router.shadow(of: 0, for: request) {
                #expect(target == 1)
                copies += 1
            }
        }
        #expect(abs(copies - 1_000) < 120)
        let all = RoutedRequest(id: 1, eligible: SmallSet(bits: 0b101))
        #expect(ids.allSatisfy { _ in router.shadow(of: 0, for: all) == nil })
        for _ in 0..<5 {
            guard let attempt = router.startShadow(of: 0, at: dawn) else {
                Issue.record("refused")
                return
            }
            router.finish(attempt, .failed, at: dawn, random: 0)
        }
        let isRefused: Bool
        if let attempt = router.startShadow(of: 0, at: dawn) {
            router.finish(attempt, .abandoned, at: dawn, random: 0)
            isRefused = false
        } else {
            isRefused = true
        }
        #expect(isRefused)
    }
}
