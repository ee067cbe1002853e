internal import GRDB
import WeirBase
public import WeirLedger

/// What a start found and did.
public struct RecoveryReport: Hashable, Sendable {
    /// Requests that a dead process left open, now settled as `interrupted`.
    public internal(set) var interrupted = 0
    /// Rows that the journals hold and the tables do not have yet.
    public internal(set) var unfolded = 0
    public internal(set) var problems: [JournalProblem] = []

    public init() {}
}

/// Settles what a dead process left open. The settles go into the journals, each loop's into a segment of its own: so the journal stays the only truth,
/// and what happens when recovery itself is killed is what always happens. Only when they are durable may live tables be used anew.
struct Recovery {
    let folder: String
    let names: LedgerNames
    let segmentBytes: Int
    private(set) var report = RecoveryReport()
    /// The greatest id in the journals' unread part.
    private(set) var lastRequest: RequestID?

    init(folder: String, names: LedgerNames, segmentBytes: Int) {
        self.folder = folder
        self.names = names
        self.segmentBytes = segmentBytes
    }

    /// - Parameters:
    ///   - state: how far the tables are.
    ///   - now: wall clock, nanoseconds since 1970.
    /// - Returns: for each loop that has ever written, the next segment to write.
    mutating func run(from state: FoldState, at now: Int64) throws(StoreError) -> [Int: UInt32] {
        let tail = try JournalTail(folder: folder)
        let metered = LiveFile.metered(in: folder)
        var next: [Int: UInt32] = [:]
        for loop in Set(tail.loops).union(state.folds.keys).sorted() {
            let sink = ScanSink(names: names)
            var fold = scan(loop, state, tail, sink)
            if fold.isDamaged { sink.problem(.damaged(loop: loop, fold.position)) }
            report.problems += sink.problems
            report.unfolded += sink.rows
            lastRequest = [lastRequest, fold.lastRequest, fold.open.keys.max()].compactMap { $0 }.max()
            var segment = max(tail.lastSegment(of: loop) ?? 0, fold.position.segment) + 1
            if !fold.open.isEmpty {
                segment = try settle(&fold, metered, in: segment, at: now)
            }
            next[loop] = segment
        }
        return next
    }

    /// Reads a journal to its end, with the names of this process.
    private func scan(_ loop: Int, _ state: FoldState, _ tail: JournalTail, _ sink: ScanSink) -> JournalFold {
        let stored = state.folds[loop]
        let open = (stored?.open.values).map { $0.map { $0.renamed { renumbered($0, state.names) } } } ?? []
        var fold = JournalFold(
            loop: loop, at: stored?.position ?? .start(of: tail.firstSegment(of: loop) ?? 1), open: open)
        tail.read(&fold, into: sink)
        return fold
    }

    /// The number that a name of the tables has in this process.
    private func renumbered(_ number: NameNumber, _ table: NameTable) -> NameNumber {
        guard let name = table.names[number.value] else { return .none }
        return names.number(name.space, name.text)
    }

    /// Writes a settle for every open request, durably.
    /// - Returns: the segment after those that were written.
    private mutating func settle(
        _ fold: inout JournalFold, _ metered: [RequestID: LiveTable.Metered], in segment: UInt32, at now: Int64
    ) throws(StoreError) -> UInt32 {
        let file = JournalFile(
            folder: folder, loop: fold.loop, firstSegment: segment, segmentBytes: segmentBytes)
        let writer = JournalWriter(
            loop: fold.loop, startingAt: segment, names: names, storage: file, openRequests: fold.open.count)
        for request in fold.open.values.sorted(by: { $0.hold.request < $1.hold.request }) {
            let interruption = Interruption(of: request, metered: metered[request.hold.request], at: now)
            writer.settle(interruption.settle, with: interruption.attempt)
            if writer.pendingBytes > 1 << 20 { try flush(writer, file) }
            report.interrupted += 1
        }
        writer.sealSegment()
        try flush(writer, file)
        _ = try file.sync()
        return writer.appended.segment
    }

    private func flush(_ writer: JournalWriter, _ file: JournalFile) throws(StoreError) {
        try file.prepare(after: writer.appended.segment - (writer.isAtSegmentStart ? 2 : 1))
        do throws(JournalError) { try writer.flush() } catch {
            throw .file(path: folder, call: "write", errno: error.errno)
        }
    }
}

/// Looks for what is open, and keeps nothing else.
private final class ScanSink: FoldSink {
    private let names: LedgerNames
    private(set) var rows = 0
    private(set) var problems: [JournalProblem] = []

    init(names: LedgerNames) { self.names = names }

    func name(_ space: NameSpace, _ text: String) -> NameNumber { names.number(space, text) }
    func settled(_ row: borrowing SettledRequest) { rows += 1 }
    func adjusted(_ adjustment: AdjustmentRecord) {}
    func problem(_ problem: JournalProblem) { problems.append(problem) }
}
