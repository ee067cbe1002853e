import Testing
import WeirBase
import WeirRouting

/// One loop's traffic over targets that die, recover, get slow and limit their clients, drawn from a seed. What must hold is checked at each step.
private final class Traffic {
    private let seed: UInt64
    private let strategy: String
    private let count: Int
    private var dice: Dice
    private var router: Router
    private var retries: RetryBudget
    private var now = dawn
    /// Until when each target is dead; when it was last asked to be left alone.
    private var deadUntil: [Instant]
    private var asideUntil: [Instant]
    /// Attempts under way and when they end.
    private var underWay: [(attempt: Box, end: Instant)] = []
    /// The probe of each target that is under way.
    private var probes: [Box?]
    /// When each target died, and the attempts it has got since.
    private var attemptsWhileDead: [Int]
    private var died: [Instant]
    private var requests = 0
    private var retried = 0
    private let weights: [Int]

    /// Shorter than the default, so that recoveries fall into the run.
    private static let settings = {
        var settings = BreakerSettings()
        settings.longestPause = .seconds(8)
        return settings
    }()

    init(seed: UInt64, strategy: String) throws {
        self.seed = seed
        self.strategy = strategy
        dice = Dice(seed)
        count = 2 + dice.below(6)
        var weights: [Int] = []
        for _ in 0..<count { weights.append(1 + dice.below(9)) }
        self.weights = weights
        router = try Router([plan(strategy, count, weights: weights, seed: seed)], breaker: Self.settings)
        retries = RetryBudget(perMille: 200, perSecond: 1, capacity: 10, now: now)
        deadUntil = Array(repeating: .past, count: count)
        asideUntil = deadUntil
        died = deadUntil
        probes = Array(repeating: nil, count: count)
        attemptsWhileDead = Array(repeating: 0, count: count)
    }

    func run() {
        for _ in 0..<2_500 {
            now = now + dice.span(0...30_000)
            endAttempts()
            changeTargets()
            request()
        }
        heal()
    }

    /// Targets die for a while; one never does, so that a request always has somewhere to go.
    private func changeTargets() {
        guard dice.chance(perMille: 4) else { return }
        let target = 1 + dice.below(count - 1)
        guard deadUntil[target] < now else { return }
        deadUntil[target] = now + dice.span(1_000_000...20_000_000)
        died[target] = now
        attemptsWhileDead[target] = 0
    }

    private func request() {
        requests += 1
        retries.noteRequest()
        var eligible = SmallSet(first: count)
        if dice.chance(perMille: 300) { eligible.remove(1 + dice.below(count - 1)) }
        let request = RoutedRequest(id: dice.next(), stickyKey: dice.next(), eligible: eligible)
        let order = router.order(of: 0, for: request, at: now, random: dice.next())
        #expect(order.members == eligible && order.count == eligible.count, "seed \(seed)")
        var tried = SmallSet()
        while let attempt = router.startBoxed(order, tried: &tried, at: now) {
            #expect(eligible.contains(attempt.target), "seed \(seed)")
            check(attempt)
            guard now < deadUntil[attempt.target] else {
                answer(attempt)
                break
            }
            attempt.finish(&router, .failed, at: now, random: dice.next())
            if probes[attempt.target] === attempt { probes[attempt.target] = nil }
            // Another attempt needs a retry of the budget.
            guard retries.takeRetry(at: now) else { break }
            retried += 1
            let passed = (now - dawn).nanoseconds
            #expect(Int64(retried - 10) * 1_000_000_000 <= Int64(requests) * 200_000_000 + passed, "seed \(seed)")
        }
        #expect(!tried.isEmpty, "seed \(seed)")
    }

    /// What may start at a target in its state.
    private func check(_ attempt: Box) {
        let target = attempt.target
        // The first target never dies: nothing is ever forced.
        #expect(attempt.permit.kind != .forced && now >= asideUntil[target], "seed \(seed)")
        if attempt.permit.kind == .probe {
            #expect(probes[target] == nil, "seed \(seed)")
            probes[target] = attempt
        }
        // Answers that were under way when it died have ended after a tenth of a second.
        guard now < deadUntil[target], now > died[target] + .milliseconds(100) else { return }
        attemptsWhileDead[target] += 1
        // Those that open it, then a probe for each pause: of one, two and four seconds less their jitter, then of six at least.
        let pauses = (now - died[target]).nanoseconds / 6_000_000_000
        #expect(attemptsWhileDead[target] <= 5 + 4 + Int(pauses), "seed \(seed)")
    }

    private func answer(_ attempt: Box) {
        switch dice.below(100) {
        case 0 where attempt.target > 0:
            let until = now + dice.span(0...3_000_000)
            attempt.setAside(&router, until: until, at: now)
            asideUntil[attempt.target] = max(asideUntil[attempt.target], until)
            attempt.finish(&router, .abandoned, at: now)
        case 1: attempt.finish(&router, .abandoned, at: now)
        default:
            underWay.append((attempt, now + dice.span(1_000...100_000)))
            return
        }
        if probes[attempt.target] === attempt { probes[attempt.target] = nil }
    }

    private func endAttempts() {
        for (attempt, end) in underWay where end <= now {
            attempt.firstToken(&router, at: end)
            attempt.finish(&router, .succeeded, at: end, random: dice.next())
            if probes[attempt.target] === attempt { probes[attempt.target] = nil }
        }
        underWay.removeAll { $0.end <= now }
    }

    /// From now on all work: each target gets requests again, and within a minute all are ready.
    private func heal() {
        for target in 0..<count { deadUntil[target] = .past }
        let healed = now
        var firsts = Array(repeating: 0, count: count)
        // Under these two nobody calls the others while the first one works: their probes come when it fails, by the client's fault here.
        let depth = strategy == "priority" || strategy == "lowest_cost" ? count : 1
        let last = healed + .seconds(60)
        let rounds = 20 * weights.reduce(0, +)
        while now < last + .milliseconds(25 * Int64(rounds)) {
            now = now + .milliseconds(25)
            endAttempts()
            let request = RoutedRequest(id: dice.next(), stickyKey: dice.next())
            let order = router.order(of: 0, for: request, at: now, random: dice.next())
            var tried = SmallSet()
            for _ in 0..<depth {
                guard let attempt = router.startBoxed(order, tried: &tried, at: now) else { break }
                attempt.firstToken(&router, at: now + .milliseconds(5))
                attempt.finish(&router, .succeeded, at: now + .milliseconds(5))
            }
            guard now > last else { continue }
            #expect(order.readyCount == count, "seed \(seed)")
            firsts[order[0]] += 1
        }
        #expect(underWay.isEmpty, "seed \(seed)")
        for target in 0..<count {
            let status = router.status(of: target, in: 0, at: now)
            #expect(status.availability == .ready && status.outstanding == 0, "seed \(seed)")
            let error = abs(firsts[target] - 20 * weights[target])
            if strategy == "weighted" { #expect(error <= count, "seed \(seed)") }
            if strategy == "sticky" { #expect(error * error <= 25 * 20 * weights[target], "seed \(seed)") }
        }
    }
}

@Suite("routing under failures") struct RoutingSimulationTests {
    @Test(
        "orders are exact, dead targets get no more than their probes, healed ones come back, retries stay in budget",
        arguments: Registry.strategies.map(\.name))
    func traffic(strategy: String) throws {
        for seed in UInt64(0)..<12 { try Traffic(seed: seed, strategy: strategy).run() }
    }
}
