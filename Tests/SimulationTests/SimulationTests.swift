import Foundation
import Testing
import WeirBase
import WeirSimulation

/// `WEIR_SEEDS` sets how many seeds run (200), `WEIR_SEED` runs that one and prints what happened, `WEIR_FIRST_SEED` where to begin.
@Suite("Simulation: seeds of faults") struct SimulationTests {
    static func number(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }

    /// Runs `body` on a thread of its own: a loop owns its thread.
    static func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { done in
            let thread = Thread { done.resume(returning: body()) }
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    @Test("every client gets a complete answer or a typed error, and nothing is left")
    func seeds() async {
        if let seed = Self.number("WEIR_SEED") {
            let report = await Self.onThread { Simulation.run(seed: seed, keepsLog: true) }
            for line in report.log { print(line) }
            Self.check(report)
            return
        }
        let first = Self.number("WEIR_FIRST_SEED") ?? 1
        let last = first + (Self.number("WEIR_SEEDS") ?? 200) - 1
        let reports = await Self.onThread { (first...last).map { Simulation.run(seed: $0) } }
        for report in reports { Self.check(report) }
        guard reports.count >= 200 else { return }
        // The seeds reach what they are there for.
        #expect(reports.contains { $0.complete > 0 })
        #expect(reports.contains { $0.refused > 0 })
        #expect(reports.contains { $0.toldOfBreak > 0 })
        #expect(reports.contains { $0.cut > 0 })
        #expect(reports.contains { $0.left > 0 })
        #expect(reports.contains { $0.completeThoughBroken > 0 })
        #expect(reports.contains { $0.completeResponses > 0 })
        #expect(reports.contains { $0.completeToOldClients > 0 })
        #expect(reports.contains { $0.staleRetries > 0 })
        #expect(reports.contains { $0.receiveBuffersExhausted > 0 })
        #expect(reports.contains { $0.overBudget > 0 })
        #expect(reports.contains { $0.failovers > 0 })
        #expect(reports.contains { $0.withoutLedger > 0 })
        #expect(reports.contains { $0.kills > 0 && $0.interrupted > 0 })
        #expect(reports.contains { $0.powerLosses > 0 && $0.torn > 0 })
        let (kills, losses) = (reports.reduce(0) { $0 + $1.kills }, reports.reduce(0) { $0 + $1.powerLosses })
        print(
            "money: \(kills) deaths by kill -9, \(losses) losses of power, \(reports.reduce(0) { $0 + $1.torn }) of them with torn writes, "
                + "\(reports.reduce(0) { $0 + $1.interrupted }) requests interrupted, \(reports.reduce(0) { $0 + $1.overBudget }) over budget, "
                + "\(reports.reduce(0) { $0 + $1.withoutLedger }) without a ledger, \(reports.reduce(0) { $0 + $1.failovers }) failovers"
        )
        let sums = reports.reduce(into: [0, 0, 0, 0, 0, 0, 0, 0]) { sums, report in
            let row = [
                report.requests, report.complete, report.refused, report.toldOfBreak, report.cut, report.noAnswer,
                report.left, report.events,
            ]
            for index in row.indices { sums[index] += row[index] }
        }
        print(
            "\(reports.count) seeds: \(sums[0]) requests, \(sums[1]) complete, \(sums[2]) refused, \(sums[3]) told of a break, "
                + "\(sums[4]) cut, \(sums[5]) without answer, \(sums[6]) left, \(sums[7]) events")
    }

    static func check(_ report: Simulation.Report) {
        for failure in report.failures {
            Issue.record("seed \(report.seed): \(failure); repeat with scripts/test --seed \(report.seed)")
        }
    }

    @Test("the same seed gives the same run, event for event")
    func repeats() async {
        let pairs = await Self.onThread {
            (1...12).map { seed in
                (Simulation.run(seed: UInt64(seed), keepsLog: true), Simulation.run(seed: UInt64(seed), keepsLog: true))
            }
        }
        for (one, other) in pairs {
            #expect(one.hash == other.hash, "seed \(one.seed)")
            #expect(one.events == other.events)
            let difference = zip(one.log, other.log).enumerated().first { $0.element.0 != $0.element.1 }
            #expect(difference == nil, "seed \(one.seed)")
        }
        #expect(Set(pairs.map(\.0.hash)).count == pairs.count)
    }
}
