public import WeirBase
import WeirConfig
import WeirGateway
import WeirLedger
import WeirLoop

/// One run: a gateway, its clients and its upstreams on one loop over the simulated network, all drawn from a seed.
///
/// Phase 1, faults on: whatever breaks, each client gets a whole and right answer, a typed error or a cut that it can tell. Phase 2, faults
/// off: every request succeeds. Then the gateway is drained, and nothing may be left: no connection, task, block, buffer or socket.
public struct Simulation {
    /// What a run has shown.
    public struct Report: Sendable {
        public let seed: UInt64
        /// What went wrong; empty if nothing did.
        public let failures: [String]
        /// Of everything that happened, in order.
        public let hash: UInt64
        public let events: Int
        /// The events, where they were asked for.
        public let log: [String]
        public let requests: Int
        public let complete: Int
        public let refused: Int
        public let overBudget: Int
        /// Attempts that another target followed.
        public let failovers: Int
        public let withoutLedger: Int
        /// Moments at which the process might have died, what they left open, and how many losses of power left other bytes than were written.
        public let kills: Int
        public let powerLosses: Int
        public let interrupted: Int
        public let torn: Int
        public let toldOfBreak: Int
        public let cut: Int
        public let noAnswer: Int
        public let left: Int
        /// Of the complete ones: streams whose connection broke after their terminal event.
        public let completeThoughBroken: Int
        public let completeResponses: Int
        /// Of the complete ones: answers to HTTP/1.0 clients.
        public let completeToOldClients: Int
        /// Requests sent again because a pooled connection was closed already.
        public let staleRetries: Int
        public let receiveBuffersExhausted: Int
        public let virtualTime: TimeSpan
    }

    private let seed: UInt64
    private let world: World
    private let gateway: Gateway
    private let upstreams: [SimulatedUpstream]
    private var random: Randomness

    /// Phase 1 is over in this time whatever happens: every wait in it has a bound.
    private static let faultTime = TimeSpan.seconds(1_800)
    private static let healedTime = TimeSpan.seconds(600)
    private static let drainTime = TimeSpan.seconds(300)

    /// Runs the seed on the calling thread.
    public static func run(seed: UInt64, keepsLog: Bool = false) -> Report {
        var simulation = Simulation(seed: seed, keepsLog: keepsLog)
        return simulation.run()
    }

    private static let variants = [0, 0, 1]

    private init(seed: UInt64, keepsLog: Bool) {
        self.seed = seed
        var random = Randomness(seed: seed)
        let log = EventLog(keepsLines: keepsLog)
        let driver = SimulatedDriver(seed: random.next(), weather: Weather(&random), log: log)
        let loop = EventLoop(driver: driver, name: "simulated")
        loop.adoptThread()
        let world = World(loop: loop, driver: driver, log: log)
        let variant = random.pick(Simulation.variants)
        // Drawn by itself, so that what a seed does without money stays what it was.
        var coins = Randomness(seed: seed ^ 0x6D6F_6E65_79)
        let money =
            coins.chance(600)
            ? World.Money(limit: coins.within(5...300), isDurable: coins.chance(400), drains: coins.chance(300)) : nil
        var roads = Randomness(seed: seed ^ 0x726F_6164_73)
        world.hasAlternatives = roads.chance(400)
        let policy = World.policy(variant: variant, money: money, alternatives: world.hasAlternatives)
        world.hasSmallPools = policy.providers[0].maxConnections < 8
        let books = SimulatedBooks(world, policy, random: coins.fork())
        gateway = Gateway(
            loop: loop, policy: policy, directory: Published(books.directory()), accounting: books.accounting(),
            node: 1,
            trust: [nil, nil], resolver: SimulatedResolver(driver: driver))
        books.watch(gateway)
        if money != nil { world.books = books }
        upstreams = [
            SimulatedUpstream(world, index: 0, random: random.fork()),
            SimulatedUpstream(world, index: 1, random: random.fork()),
        ]
        self.world = world
        self.random = random
    }

    private mutating func run() -> Report {
        listen()
        if let books = world.books { world.loop.spawn { await books.fail() } }
        runPhase("faults", clients: random.within(4...24), limit: Simulation.faultTime)
        if world.failures.isEmpty {
            world.driver.heal()
            world.isHealed = true
            world.books?.journal.failure = nil
            // What was on its way arrives, and what was broken is noticed.
            settle(for: .seconds(70))
            runPhase("healed", clients: random.within(3...8), limit: Simulation.healedTime)
        }
        if world.failures.isEmpty { drain() }
        let report = report
        world.loop.shutDown()
        return report
    }

    private func listen() {
        let gateway = gateway
        let loop = world.loop
        do throws(LoopError) {
            try loop.listen(on: .loopback(port: World.gatewayPort)) { await gateway.serve($0) }
            for (index, upstream) in upstreams.enumerated() {
                try loop.listen(on: .loopback(port: UInt16(7_001 + index))) { await upstream.serve($0) }
            }
        } catch { world.fail("\(error)") }
    }

    private mutating func runPhase(_ name: String, clients: Int, limit: TimeSpan) {
        world.log.note(world.loop.now, .phase, clients, 0, name)
        startClients(clients)
        let end = world.loop.now + limit
        turn(until: end) { $0.activeClients == 0 }
        // After a failure the run stops where it is; else nobody may be left.
        if world.activeClients > 0, world.failures.isEmpty {
            world.fail("phase \(name): \(world.activeClients) clients have not ended after \(limit.milliseconds) ms")
        }
    }

    private mutating func startClients(_ count: Int) {
        for index in 0..<count {
            world.activeClients += 1
            let client = SimulatedClient(world, index: index, random: random.fork())
            world.loop.spawn { await client.run() }
        }
    }

    private func settle(for span: TimeSpan) {
        let end = world.loop.now + span
        while world.loop.now < end { world.loop.turn(until: end) }
    }

    private func turn(until end: Instant, _ isDone: (World) -> Bool) {
        let loop = world.loop
        var turns = 0
        while !isDone(world), loop.now < end, world.driver.violations.isEmpty, world.failures.isEmpty {
            loop.turn(until: end)
            turns += 1
            world.books?.check(turns)
        }
        for text in world.driver.violations { world.fail("a breach of the driver's contract: \(text)") }
    }

    // MARK: The end

    /// Drains as a process does that gets SIGTERM, in some runs while requests are under way.
    private mutating func drain() {
        world.log.note(world.loop.now, .phase, 0, 0, "drain")
        if random.chance(500) {
            startClients(random.within(1...6))
            settle(for: .microseconds(Int64(random.size(upTo: 3_000_000))))
        }
        world.isDraining = true
        let loop = world.loop
        loop.stopListening()
        gateway.drain()
        let end = loop.now + Simulation.drainTime
        turn(until: end) {
            $0.activeClients == 0 && $0.loop.statistics.connections == 0 && $0.loop.statistics.tasks == 0
        }
        guard world.failures.isEmpty else { return }
        checkLeaks()
    }

    private func checkLeaks() {
        let statistics = world.loop.statistics
        let left: [(String, Int)] = [
            ("clients", world.activeClients), ("connections", statistics.connections), ("tasks", statistics.tasks),
            ("blocks", statistics.blocksInUse), ("receive buffers", statistics.driver.receiveBuffersInUse),
            ("sockets", world.driver.openSockets), ("active requests", gateway.counts.active),
            ("the gateway's clients", gateway.counts.clients), ("pooled connections", gateway.upstreamConnections),
            ("upstreams' connections", upstreams.reduce(0) { $0 + $1.connections }),
        ]
        let leaks = left.filter { $0.1 != 0 }.map { "\($0.1) \($0.0)" }
        if !leaks.isEmpty { world.fail("left after the drain: " + leaks.joined(separator: ", ")) }
        world.books?.close()
    }

    private var report: Report {
        let outcomes = world.outcomes
        return Report(
            seed: seed, failures: world.failures, hash: world.log.hash, events: world.log.count, log: world.log.lines,
            requests: world.questions.count, complete: outcomes.complete, refused: outcomes.refused,
            overBudget: outcomes.overBudget, failovers: gateway.counts.failovers, withoutLedger: outcomes.withoutLedger,
            kills: world.books?.deaths.kills ?? 0, powerLosses: world.books?.deaths.powerLosses ?? 0,
            interrupted: world.books?.deaths.interrupted ?? 0, torn: world.books?.deaths.torn ?? 0,
            toldOfBreak: outcomes.toldOfBreak, cut: outcomes.cut, noAnswer: outcomes.noAnswer, left: outcomes.left,
            completeThoughBroken: outcomes.completeThoughBroken, completeResponses: outcomes.completeResponses,
            completeToOldClients: outcomes.completeToOldClients,
            staleRetries: gateway.counts.staleRetries,
            receiveBuffersExhausted: world.loop.statistics.driver.receiveBuffersExhausted,
            virtualTime: world.loop.now - Instant(nanoseconds: 0))
    }
}
