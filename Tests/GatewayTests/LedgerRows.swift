import WeirBase
import WeirLedger

extension Gate {
    /// What the journal says of every request so far, by its id.
    func rows(_ settings: Settings) -> [RequestID: LedgerRow] { unsafe Rows(settings.journal).rows }
}

/// A settled request as the journal has it.
struct LedgerRow: Sendable {
    let held: Money
    let settle: SettleRecord
    /// Attempts after which the request went on.
    let earlier: [AttemptRecord]
    let attempt: AttemptRecord?
}

/// Reads a journal in memory.
private final class Rows: FoldSink {
    private(set) var rows: [RequestID: LedgerRow] = [:]
    private(set) var problems: [JournalProblem] = []
    private let names = LedgerNames()

    init(_ journal: MemoryJournal) {
        var fold = JournalFold(loop: 0, at: .start(of: 1))
        for number in journal.segments.keys.sorted() {
            if number > 1 { fold.startSegment(number) }
            let bytes = journal.segments[number] ?? []
            _ = fold.fold(bytes.span, into: self)
        }
    }

    func name(_ space: NameSpace, _ text: String) -> NameNumber { names.number(space, text) }
    func settled(_ row: borrowing SettledRequest) {
        rows[row.request] = LedgerRow(
            held: row.hold.held, settle: row.settle, earlier: row.earlier, attempt: row.last)
    }
    func adjusted(_ adjustment: AdjustmentRecord) {}
    func problem(_ problem: JournalProblem) { problems.append(problem) }
}
