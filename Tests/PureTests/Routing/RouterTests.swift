import Testing
import WeirBase
import WeirRouting

@Suite("router") struct RouterTests {
    private let request = RoutedRequest(id: 1)

    @Test("attempts follow the order, each target once")
    func follows() throws {
        var router = try Router([plan("priority", 3)])
        let order = router.order(of: 0, for: request, at: dawn, random: 0)
        var tried = SmallSet()
        for target in 0..<3 {
            #expect(router.hasNext(order, of: 0, tried: tried, at: dawn) == true)
            let attempt = router.startBoxed(order, tried: &tried, at: dawn)
            #expect(attempt?.target == target && attempt?.permit.kind == .regular)
            attempt?.finish(&router, .failed, at: dawn)
        }
        #expect(router.startBoxed(order, tried: &tried, at: dawn) == nil && tried == SmallSet(first: 3))
        #expect(router.hasNext(order, of: 0, tried: tried, at: dawn) == false)
    }

    @Test("a breaker that opened after the order was made is heeded")
    func late() throws {
        var router = try Router([plan("priority", 2)])
        let order = router.order(of: 0, for: request, at: dawn, random: 0)
        router.breakTarget(0)
        var tried = SmallSet()
        let attempt = router.startBoxed(order, tried: &tried, at: dawn)
        #expect(attempt?.target == 1)
        // The request has had its try: the one that is out of rotation is not called on top.
        #expect(router.hasNext(order, of: 0, tried: tried, at: dawn) == false)
        #expect(router.hasNext(order, of: 0, tried: tried, at: dawn + .seconds(1)) == true)
        #expect(router.startBoxed(order, tried: &tried, at: dawn) == nil)
        attempt?.finish(&router, .succeeded, at: dawn)
    }

    @Test("where all are out of rotation the one that comes back first is called, once for each request")
    func forced() throws {
        var router = try Router([plan("priority", 2)])
        router.breakTarget(1, at: dawn)
        router.breakTarget(0, at: dawn + .milliseconds(100))
        let now = dawn + .milliseconds(200)
        for _ in 0..<3 {
            let order = router.order(of: 0, for: request, at: now, random: 0)
            var tried = SmallSet()
            #expect(router.hasNext(order, of: 0, tried: tried, at: now) == true)
            let attempt = router.startBoxed(order, tried: &tried, at: now)
            #expect(attempt?.target == 1 && attempt?.permit.kind == .forced)
            #expect(router.startBoxed(order, tried: &tried, at: now) == nil)
            attempt?.finish(&router, .failed, at: now)
        }
    }

    @Test("what one route learns of a target, all know that lead to it")
    func shared() throws {
        let other = RoutePlan(strategy: "priority", targets: [.init(name: "b"), .init(name: "z")])
        var router = try Router([plan("priority", 2), other])
        router.breakTarget(1, in: 0)
        #expect(router.order(of: 1, for: request, at: dawn, random: 0).list == [1, 0])
        #expect(router.order(of: 0, for: request, at: dawn, random: 0).list == [0, 1])
    }

    @Test("another configuration keeps what is known of the targets that stay")
    func reload() throws {
        var old = try Router([plan("priority", 3)])
        old.breakTarget(0)
        old.measure(1, .milliseconds(70))
        let attempt = old.startBoxed(at: 1, at: dawn)
        let plan = RoutePlan(strategy: "priority", targets: ["new", "a", "b"].map { RoutePlan.Target(name: $0) })
        var router = try Router([plan], keeping: old)
        #expect(router.order(of: 0, for: request, at: dawn, random: 0).list == [0, 2, 1])
        #expect(router.status(of: 2, in: 0, at: dawn).latency.mean == 70e6)
        #expect(router.status(of: 2, in: 0, at: dawn).outstanding == 0)
        // The attempt belongs to the old one: in the new one it changes nothing.
        attempt?.firstToken(&router, at: dawn + .seconds(9))
        attempt?.finish(&router, .failed, at: dawn)
        #expect(router.status(of: 2, in: 0, at: dawn).latency.mean == 70e6)
        #expect(router.status(of: 2, in: 0, at: dawn).outstanding == 0)
    }

    @Test("the first byte is the verdict: a probe that streams for long holds nobody up, and a break then is a failure")
    func verdict() throws {
        var router = try Router([plan("priority", 1)])
        router.breakTarget(0)
        let now = dawn + .seconds(2)
        let probe = router.startBoxed(at: 0, at: now)
        #expect(probe?.permit.kind == .probe)
        #expect(router.status(of: 0, in: 0, at: now).availability != .ready)
        probe?.firstToken(&router, at: now + .milliseconds(30))
        probe?.firstToken(&router, at: now + .seconds(30))
        #expect(router.status(of: 0, in: 0, at: now).availability == .ready)
        #expect(router.status(of: 0, in: 0, at: now).latency.mean == 30e6)
        #expect(router.status(of: 0, in: 0, at: now).outstanding == 1)
        probe?.finish(&router, .failed, at: now + .seconds(60))
        #expect(router.status(of: 0, in: 0, at: now).outstanding == 0)
        for _ in 0..<4 {
            #expect(router.status(of: 0, in: 0, at: now + .seconds(60)).availability == .ready)
            let attempt = router.startBoxed(at: 0, at: now + .seconds(60))
            attempt?.firstToken(&router, at: now + .seconds(61))
            attempt?.finish(&router, .failed, at: now + .seconds(62))
        }
        #expect(router.status(of: 0, in: 0, at: now + .seconds(62)).availability != .ready)
    }

    @Test("Retry-After sets a target aside for all, without any failure")
    func setAside() throws {
        var router = try Router([plan("priority", 2)])
        let attempt = router.startBoxed(at: 0, at: dawn)
        attempt?.setAside(&router, until: dawn + .seconds(7), at: dawn)
        attempt?.finish(&router, .abandoned, at: dawn)
        #expect(router.order(of: 0, for: request, at: dawn + .seconds(6), random: 0).list == [1, 0])
        #expect(router.order(of: 0, for: request, at: dawn + .seconds(7), random: 0).list == [0, 1])
        #expect(router.status(of: 0, in: 0, at: dawn + .seconds(7)).availability == .ready)
    }

    @Test("an attempt is hedged after the time that its target usually takes")
    func hedged() throws {
        var router = try Router([plan("priority", 2)])
        for _ in 0..<60 { router.measure(0, .milliseconds(900)) }
        let order = router.order(of: 0, for: request, at: dawn, random: 0)
        var tried = SmallSet()
        guard let attempt = router.start(order, of: 0, tried: &tried, at: dawn) else {
            Issue.record("refused")
            return
        }
        let wait = router.hedgeWait(attempt, HedgeSettings())
        #expect(try #require(wait) >= .milliseconds(900) && #require(wait) < .milliseconds(1_020))
        router.finish(attempt, .abandoned, at: dawn, random: 0)
    }

    @Test("conditions say which targets a request may use, and none is an answer too")
    func conditions() throws {
        let conditions: [Int: Condition] = [
            0: .all([.team("search"), .bodyBytes(0...1_000)]), 2: .tag(name: "env", value: "prod"),
        ]
        let router = try Router([
            plan("priority", 3, conditions: conditions), plan("priority", 1, conditions: [0: .any([])]),
        ])
        func order(_ route: Int, _ team: String, _ bytes: Int, tags: [(String, String)] = []) -> [Int] {
            let eligible = router.eligible(of: route, key: "k", team: team, bodyBytes: bytes) { name, value in
                tags.contains { $0 == (name, value) }
            }
            let request = RoutedRequest(id: 1, eligible: eligible)
            return router.order(of: route, for: request, at: dawn, random: 0).list
        }
        #expect(order(0, "search", 1_000) == [0, 1] && order(0, "search", 1_001) == [1])
        #expect(order(0, "sales", 9, tags: [("env", "prod")]) == [1, 2])
        #expect(order(0, "search", 9, tags: [("a", "b"), ("env", "prod")]) == [0, 1, 2])
        #expect(order(1, "search", 9).isEmpty)
    }
}
