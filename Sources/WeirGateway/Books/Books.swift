public import WeirBase
public import WeirLedger
import WeirLoop

/// One loop's end of the ledger, as the pipeline uses it: what a request holds and what it has cost is on record before anything depends on it.
/// The order of a turn keeps the promise: steps append records, then `write` hands them to the system, and only then does the loop send. A
/// write that fails takes back what depended on it: no upstream gets a request whose hold is not on record, no client an answer whose bill is not.
public final class Books {
    private let writer: JournalWriter
    private var live: LiveTable
    /// What this turn's records belong to.
    private var turn: ContiguousArray<Entry> = []
    /// Slots whose settles this turn writes.
    private var closing: ContiguousArray<LiveTable.Slot> = []
    /// Writes that failed since the start.
    public private(set) var failures = 0
    /// Who waits until records survive the loss of power.
    private var waiters: [Waiter] = []

    private struct Entry {
        let exchange: Exchange
        let request: RequestID
        let client: Connection
        let isSettle: Bool
    }

    private struct Waiter {
        let position: JournalPosition
        let entry: Entry
        let continuation: CheckedContinuation<Void, Never>
    }

    public init(_ writer: JournalWriter, live: consuming LiveTable) {
        self.writer = writer
        self.live = live
    }

    /// What those requests hold that are on record and not settled.
    public private(set) var openHolds = Money.zero

    /// Requests with a hold and without a settle.
    public var openRequests: Int { writer.openRequests }

    /// Whether a request may be put on record.
    var isAvailable: Bool { writer.canHold }

    /// Puts a request on record: from here on it has exactly one row, whatever happens.
    /// - Returns: false if its live counts have no place; then nothing was recorded.
    func open(_ hold: HoldRecord, _ exchange: Exchange, for client: Connection) -> Bool {
        guard let slot = live.open(hold.request) else { return false }
        exchange.slot = slot
        openHolds += hold.held
        writer.hold(hold)
        turn.append(Entry(exchange: exchange, request: hold.request, client: client, isSettle: false))
        return true
    }

    /// Records an attempt after which the request goes on.
    func note(_ attempt: AttemptRecord, of exchange: Exchange) { writer.attempt(attempt, of: exchange.id) }

    /// Records what an open request holds from here on, for its next attempt.
    func hold(_ hold: HoldRecord, _ exchange: Exchange, for client: Connection) {
        writer.hold(hold)
        turn.append(Entry(exchange: exchange, request: hold.request, client: client, isSettle: false))
    }

    /// An open request has taken more of its budgets.
    func holdsMore(_ amount: Money) { openHolds += amount }

    /// Notes what an open request has cost so far, for the case that the process dies.
    func meter(_ exchange: Exchange, cost: Money, input: Int, output: Int) {
        if let slot = exchange.slot { live.meter(slot, cost: cost, input: input, output: output) }
    }

    /// Ends a request's record.
    func settle(_ settle: SettleRecord, with attempt: AttemptRecord?, _ exchange: Exchange, for client: Connection) {
        guard let slot = exchange.slot else { return }
        exchange.slot = nil
        openHolds -= exchange.held
        writer.settle(settle, with: attempt)
        closing.append(slot)
        // What was never on record depends on nothing: the refusal may go.
        guard !exchange.isOffRecord else { return }
        turn.append(Entry(exchange: exchange, request: settle.request, client: client, isSettle: true))
    }

    /// Writes the turn's records, before the turn's sends.
    func write() {
        guard !turn.isEmpty || writer.pendingBytes > 0 else { return }
        do throws(JournalError) {
            try writer.flush()
            for slot in closing { live.close(slot) }
            closing.removeAll(keepingCapacity: true)
            if !waiters.isEmpty { writer.makeDurable() }
        } catch {
            failures += 1
            for entry in turn { takeBack(entry) }
            resumeWaiters()
        }
        turn.removeAll(keepingCapacity: true)
    }

    private func takeBack(_ entry: Entry) {
        guard !entry.isSettle else { return entry.client.abort() }
        guard entry.exchange.id == entry.request else { return }  // over already; its settle is in this turn, too
        entry.exchange.isOffRecord = true
        entry.exchange.upstream?.abort()
    }

    // MARK: Durability against the loss of power

    /// Waits until the exchange's hold survives the loss of power, or could not be written: then it was taken back.
    func holdBecomesDurable(_ exchange: Exchange, for client: Connection) async {
        await becomeDurable(Entry(exchange: exchange, request: exchange.id, client: client, isSettle: false))
    }

    /// The same of its settle.
    func settleBecomesDurable(_ exchange: Exchange, for client: Connection) async {
        await becomeDurable(Entry(exchange: exchange, request: exchange.id, client: client, isSettle: true))
    }

    private func becomeDurable(_ entry: Entry) async {
        let position = writer.appended
        guard writer.durable < position else { return }
        await withCheckedContinuation {
            waiters.append(Waiter(position: position, entry: entry, continuation: $0))
        }
    }

    /// Records have become durable, or never will: whoever waited for them goes on.
    public func recordsAreDurable() { resumeWaiters() }

    /// Resumes those whose records are durable, and those whose records were not written or never will be durable, which are taken back. What was
    /// written and is not durable yet goes on waiting, also where a later write fails.
    private func resumeWaiters() {
        guard !waiters.isEmpty else { return }
        let (durable, written, isHopeless) = (writer.durable, writer.written, !writer.canBecomeDurable)
        let all = waiters
        waiters = []
        for waiter in all {
            if waiter.position <= durable {
                waiter.continuation.resume()
            } else if isHopeless || (waiter.position > written && !writer.isAvailable) {
                takeBack(waiter.entry)
                waiter.continuation.resume()
            } else {
                waiters.append(waiter)
            }
        }
        // What was written after the last request for durability needs another one.
        if !waiters.isEmpty { writer.makeDurable() }
    }
}
