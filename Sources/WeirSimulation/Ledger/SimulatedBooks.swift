import WeirBase
import WeirBudget
import WeirConfig
import WeirGateway
import WeirLedger
import WeirLoop

/// The money of one run: what everything costs, what the ledger must say of it, at every moment and whenever the process dies.
final class SimulatedBooks: @unchecked Sendable {  // confined to the run's thread
    private let world: World
    let journal: SimulatedJournal
    private let live = MappedWords(count: LiveTable.words(forSlots: 1_024))
    private let names = LedgerNames()
    let accounts = Accounts()
    private let policy: Policy
    private var random: Randomness
    /// Answers that clients have read whole, by the gateway's id of their request.
    private var complete: [RequestID: Question] = [:]
    private weak var gateway: Gateway?
    private(set) var deaths = Deaths()

    /// Moments at which the process might have died, and what they showed.
    struct Deaths: Equatable, Sendable {
        var kills = 0
        var powerLosses = 0
        var interrupted = 0
        var torn = 0
    }

    init(_ world: World, _ policy: Policy, random: Randomness) {
        self.world = world
        self.policy = policy
        self.random = random
        journal = SimulatedJournal(loop: world.loop, random: self.random.fork())
    }

    /// Nano-dollars a token in and out: the prices of `World.policy`.
    private static let prices: (input: Int64, output: Int64) = (1_000, 2_000)

    static func cost(of question: Question) -> Money {
        Money(nanoUSD: Int64(question.promptBytes) * prices.input + Int64(question.pieces) * prices.output)
    }

    // MARK: The gateway

    func accounting() -> Accounting {
        let writer = JournalWriter(loop: 0, startingAt: 1, names: names, storage: journal)
        return Accounting(
            tariffs: policy.tariffs(), names: names, books: WeirGateway.Books(writer, live: LiveTable(live)))
    }

    func directory() -> Directory {
        let now = WallTime(nanoseconds: world.loop.readWallClock())
        do { return try Directory(policy, accounts: accounts, names: names, at: now) } catch {
            preconditionFailure("accounts in memory cannot fail: \(error)")
        }
    }

    func watch(_ gateway: Gateway) {
        self.gateway = gateway
        journal.onDurable = { [weak gateway] in gateway?.books.recordsAreDurable() }
    }

    /// Lets the disk fail for a while, again and again, until faults are over.
    func fail() async {
        while !world.isHealed {
            await world.loop.sleep(until: world.loop.now + .microseconds(Int64(random.size(upTo: 60_000_000))))
            guard !world.isHealed, random.chance(600) else { continue }
            journal.failure = .system(errno: random.pick([28, 5, 30]))  // ENOSPC, EIO, EROFS
            await world.loop.sleep(until: world.loop.now + .microseconds(Int64(random.size(upTo: 5_000_000))))
            journal.failure = nil
        }
    }

    // MARK: While it runs

    /// After a turn: no budget is overdrawn, and now and then the process dies.
    func check(_ turn: Int) {
        for status in statuses where status.spent + status.held > status.limit + status.overrun {
            world.fail("\(status.scope) spent \(status.spent) and holds \(status.held) of \(status.limit)")
        }
        for status in statuses where status.held < .zero || status.spent < .zero {
            world.fail("\(status.scope) spent \(status.spent) and holds \(status.held)")
        }
        if turn % 7 == 0, random.chance(20) { die() }
    }

    private var statuses: [BudgetStatus] {
        let now = WallTime(nanoseconds: world.loop.readWallClock())
        return accounts.all.flatMap(\.budgets).map { $0.status(now: now, pause: {}) }
    }

    /// An upstream has got a request: its hold must have been on record before.
    func upstreamCalled() {
        let again = gateway.map { $0.counts.staleRetries + $0.counts.failovers } ?? 0
        let sent = world.attempts.reduce(0) { $0 + $1.count } - again
        let reading = LedgerReading(promisedSegments)
        let holds = reading.rows.count + reading.open.count
        if sent > holds { world.fail("upstreams got \(sent) requests, and \(holds) holds are on record") }
    }

    /// A client has read an answer whole: its bill must be on record.
    func completed(_ question: Question, _ request: RequestID?) {
        guard let request else { return world.fail("question \(question.number) was answered without an id") }
        complete[request] = question
        checkComplete(LedgerReading(promisedSegments), "the ledger")
    }

    /// What is promised to be there whatever happens now.
    private var promisedSegments: [UInt32: [UInt8]] {
        guard policy.durability == .power else { return journal.segments }
        let durable = journal.durable
        return journal.segments.filter { $0.key <= durable.segment }.mapValues { bytes in bytes }
            .reduce(into: [:]) { left, entry in
                left[entry.key] =
                    entry.key == durable.segment ? Array(entry.value.prefix(Int(durable.offset))) : entry.value
            }
    }

    private func checkComplete(_ reading: LedgerReading, _ what: String) {
        for (request, question) in complete {
            guard let row = reading.rows[request] else {
                world.fail("\(what) has no row of question \(question.number), whose answer was read whole")
                continue
            }
            let cost = SimulatedBooks.cost(of: question)
            let earlier = row.earlier.reduce(Money.zero) { $0 + $1.cost }
            let unconfirmed = row.earlier.filter { $0.status != .exact }.reduce(Money.zero) { $0 + $1.cost }
            if row.settle.cost != cost + earlier || row.last?.cost != cost || row.settle.estimated != unconfirmed {
                world.fail(
                    "\(what) bills question \(question.number) \(row.settle.cost) in place of \(cost) + \(earlier)")
            }
        }
        if !reading.twice.isEmpty { world.fail("\(what) has \(reading.twice.count) requests twice") }
    }

    // MARK: Deaths

    /// What would be found if the process died now.
    private func die() {
        if policy.durability == .power, random.chance(500) { return losePower() }
        deaths.kills += 1
        let reading = LedgerReading(journal.segments)
        checkComplete(reading, "what kill -9 leaves")
        if !reading.problems.isEmpty { world.fail("kill -9 leaves \(reading.problems)") }
        checkInterruptions(reading, LiveTable.metered(in: live))
        checkFold(journal.segments, reading)
    }

    private func losePower() {
        deaths.powerLosses += 1
        let left = journal.segmentsAfterPowerLoss(&random)
        let reading = LedgerReading(left)
        if !reading.problems.isEmpty || left != journal.segments { deaths.torn += 1 }
        checkComplete(reading, "what the loss of power leaves")
        // Which pages of the live table survive nobody knows: none, or all.
        checkInterruptions(reading, random.chance(500) ? [:] : LiveTable.metered(in: live))
        checkFold(left, reading)
    }

    private func checkInterruptions(_ reading: LedgerReading, _ metered: [RequestID: LiveTable.Metered]) {
        let now = world.loop.readWallClock()
        var spent: [String: Money] = [:]
        for row in reading.rows.values {
            spent[reading.text(row.hold.team), default: .zero] += row.settle.cost
        }
        for open in reading.open.values {
            deaths.interrupted += 1
            let interruption = Interruption(of: open, metered: metered[open.hold.request], at: now)
            let cost = interruption.settle.cost
            if cost < open.cost || cost > max(open.hold.held, open.cost) || interruption.settle.estimated > cost {
                world.fail("an interrupted request of \(open.hold.held) is settled with \(cost)")
            }
            if reading.rows[open.hold.request] != nil { world.fail("a request is settled and open") }
            spent[reading.text(open.hold.team), default: .zero] += cost
        }
        for status in statuses where status.scope.kind == .team {
            let sum = spent[status.scope.name] ?? .zero
            if sum > status.limit + status.overrun { world.fail("\(status.scope) has spent \(sum) after a death") }
        }
    }

    /// Reading that was stopped anywhere and goes on gives the same rows.
    private func checkFold(_ segments: [UInt32: [UInt8]], _ whole: LedgerReading) {
        let longest = segments.values.map(\.count).max() ?? 0
        let again = LedgerReading(segments, stoppingAt: SegmentHeader.bytes + random.below(longest))
        if again.rows.mapValues(\.settle) != whole.rows.mapValues(\.settle) || !again.twice.isEmpty
            || Set(again.open.keys) != Set(whole.open.keys)
        {
            world.fail("a fold that was stopped and went on gives other rows")
        }
    }

    // MARK: The end

    /// Everything is over: the books are closed.
    func close() {
        let reading = LedgerReading(journal.segments)
        checkComplete(reading, "the ledger")
        if !reading.open.isEmpty { world.fail("\(reading.open.count) requests are open in the end") }
        if !reading.problems.isEmpty { world.fail("the journal has problems: \(reading.problems)") }
        if let books = gateway?.books, books.openRequests != 0 || books.openHolds != .zero {
            world.fail("the gateway has \(books.openRequests) requests open, which hold \(books.openHolds)")
        }
        var spent: [String: Money] = [:]
        for row in reading.rows.values {
            spent[reading.text(row.hold.team), default: .zero] += row.settle.cost
        }
        for status in statuses where status.scope.kind == .team {
            let sum = spent[status.scope.name] ?? .zero
            if status.held != .zero { world.fail("\(status.scope) still holds \(status.held)") }
            if status.period == .life, sum != status.spent {
                world.fail("\(status.scope) has spent \(status.spent), and its rows \(sum)")
            }
        }
    }
}
