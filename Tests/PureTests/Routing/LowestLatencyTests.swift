import Testing
import WeirBase
import WeirRouting

@Suite("lowest latency") struct LowestLatencyTests {
    private func first(_ router: borrowing Router, _ random: UInt64, at now: Instant = dawn) -> Int? {
        router.order(of: 0, for: RoutedRequest(id: 1), at: now, random: random).first
    }

    @Test("of two the faster one is chosen, and of many the slowest never")
    func faster() throws {
        var router = try Router([plan("lowest_latency", 4)])
        for (target, span) in [400, 100, 300, 200].enumerated() { router.measure(target, .milliseconds(Int64(span))) }
        var dice = Dice(1)
        var counts = [0, 0, 0, 0]
        for _ in 0..<6_000 { if let first = first(router, dice.next()) { counts[first] += 1 } }
        // Of the six pairs three have the fastest target, two the next, one the third.
        #expect(counts[0] == 0 && zip([1, 3, 2], [3_000, 2_000, 1_000]).allSatisfy { abs(counts[$0] - $1) < 200 })
        let order = router.order(of: 0, for: RoutedRequest(id: 1), at: dawn, random: 0).list
        #expect(Array(order.dropFirst()) == [1, 3, 2, 0].filter { $0 != order[0] })
    }

    @Test("attempts under way count: a fast target that is busy loses to a slow one that is not")
    func busy() throws {
        var router = try Router([plan("lowest_latency", 2)])
        router.measure(0, .milliseconds(100))
        router.measure(1, .milliseconds(450))
        var attempts: [Box] = []
        for _ in 0..<5 { if let attempt = router.startBoxed(at: 0, at: dawn) { attempts.append(attempt) } }
        #expect(attempts.count == 5)
        for (ended, expected) in [(0, 1), (1, 1), (2, 0), (3, 0), (4, 0)] {
            #expect(first(router, 0, at: dawn + .seconds(1)) == expected, "\(ended) ended")
            attempts[ended].finish(&router, .succeeded, at: dawn + .seconds(1))
        }
    }

    @Test("a target of which nothing is known is tried at once, by one request at a time")
    func unknown() throws {
        var router = try Router([plan("lowest_latency", 3)])
        router.measure(0, .milliseconds(1))
        router.measure(2, .milliseconds(1))
        #expect(first(router, 7) == 1)
        let attempt = router.startBoxed(at: 1, at: dawn)
        var dice = Dice(3)
        for _ in 0..<50 { #expect(first(router, dice.next()) != 1) }
        attempt?.finish(&router, .abandoned, at: dawn)
        #expect(first(router, 7) == 1)
    }

    @Test("a slow target is measured anew after half a minute, and then wins if it has become fast")
    func again() throws {
        var router = try Router([plan("lowest_latency", 2)])
        router.measure(0, .milliseconds(50))
        router.measure(1, .milliseconds(5_000))
        var dice = Dice(5)
        var counts = [0, 0]
        for second in 6..<120 {
            let now = dawn + .seconds(Int64(second))
            guard let first = first(router, dice.next(), at: now) else { continue }
            counts[first] += 1
            router.measure(first, first == 0 ? .milliseconds(50) : .milliseconds(10), at: now)
            if second == 34 { #expect(counts[1] == 0) }
        }
        #expect(counts[1] > 60)
    }
}
