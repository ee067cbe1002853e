import WeirBase
import WeirLedger

/// Keeps rows, and names in a table of its own, as the database does.
class RowSink: FoldSink {
    struct Row: Equatable {
        var hold: HoldRecord
        var attempts: [AttemptRecord]
        var settle: SettleRecord
    }

    private var texts: [String] = []
    private(set) var rows: [Row] = []
    private(set) var adjustments: [AdjustmentRecord] = []
    private(set) var problems: [JournalProblem] = []

    func name(_ space: NameSpace, _ text: String) -> NameNumber {
        let whole = "\(space) \(text)"
        if let index = texts.firstIndex(of: whole) { return NameNumber(value: UInt32(index + 1)) }
        texts.append(whole)
        return NameNumber(value: UInt32(texts.count))
    }

    func settled(_ row: borrowing SettledRequest) {
        rows.append(
            Row(hold: row.hold, attempts: row.earlier + (row.last.map { [$0] } ?? []), settle: row.settle))
    }

    func adjusted(_ adjustment: AdjustmentRecord) { adjustments.append(adjustment) }
    func problem(_ problem: JournalProblem) { problems.append(problem) }

    func text(_ number: NameNumber) -> String { number == .none ? "" : texts[Int(number.value) - 1] }
}

extension MemoryStorage {
    /// Reads all segments on from where `fold` is, as a recovery does: what is not sealed has ended.
    func read(_ fold: inout JournalFold, into sink: RowSink, upTo last: UInt32 = .max) {
        let numbers = segments.keys.sorted().filter { $0 <= last }
        for number in numbers where number >= fold.position.segment {
            if number > fold.position.segment { fold.startSegment(number) }
            let bytes = segments[number] ?? []
            _ = fold.fold(bytes.span, into: sink)
        }
    }
}
