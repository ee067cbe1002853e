import WeirBase
import WeirLedger

/// What journals have on top of the tables: sums between borders of time, or every row. Its names go on after the tables'.
final class TailSink: FoldSink {
    struct TailRow {
        let hold: HoldRecord
        let attempts: [AttemptRecord]
        let settle: SettleRecord
    }

    private(set) var names: NameTable
    private(set) var rows: [TailRow] = []
    private(set) var adjustments: [AdjustmentRecord] = []
    private(set) var problems: [JournalProblem] = []
    private let keepsRows: Bool
    /// Borders as request ids: stretch n lies before border n.
    private let borders: [Int64]
    private let borderMilliseconds: [Int64]
    private var sums: [[RollupKey: RollupSums]]
    private var nextNumber: UInt32

    init(names: NameTable, _ interest: LedgerView.Interest) {
        self.names = names
        nextNumber = (names.names.keys.max() ?? 0) + 1
        switch interest {
        case .sums(let borders):
            borderMilliseconds = borders
            keepsRows = false
        case .rows:
            borderMilliseconds = []
            keepsRows = true
        }
        borders = borderMilliseconds.map { RequestID(firstAt: $0).value }
        sums = [[RollupKey: RollupSums]](repeating: [:], count: borders.count + 1)
    }

    /// Gives the sums of requests that came in [from, until), both borders.
    func sums(from: Int64, until: Int64, _ add: (RollupKey, RollupSums) -> Void) {
        guard let first = borderMilliseconds.firstIndex(of: from), let last = borderMilliseconds.firstIndex(of: until)
        else { preconditionFailure("a view knows sums between its borders only") }
        guard first < last else { return }
        for stretch in sums[(first + 1)..<(last + 1)] { for (key, sums) in stretch { add(key, sums) } }
    }

    func name(_ space: NameSpace, _ text: String) -> NameNumber {
        let name = NameTable.Name(space: space, text: text)
        if let number = names.numbers[name] { return NameNumber(value: number) }
        names.add(name, as: nextNumber)
        nextNumber += 1
        return NameNumber(value: nextNumber - 1)
    }

    func settled(_ row: borrowing SettledRequest) {
        guard !keepsRows else {
            rows.append(
                TailRow(hold: row.hold, attempts: row.earlier + (row.last.map { [$0] } ?? []), settle: row.settle))
            return
        }
        let stretch = stretch(of: row.request)
        Contribution.of(
            row.hold, earlier: row.earlier, last: row.last, cost: row.settle.cost, estimated: row.settle.estimated
        ) { sums[stretch][$0, default: RollupSums()].add($1) }
    }

    func adjusted(_ adjustment: AdjustmentRecord) {
        guard !keepsRows else { return adjustments.append(adjustment) }
        let stretch = stretch(of: adjustment.request)
        Contribution.of(adjustment) { sums[stretch][$0, default: RollupSums()].add($1) }
    }

    func problem(_ problem: JournalProblem) { problems.append(problem) }

    /// How many borders lie at or before the request.
    private func stretch(of request: RequestID) -> Int {
        var (low, high) = (0, borders.count)
        while low < high {
            let middle = (low + high) / 2
            if borders[middle] <= request.value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
