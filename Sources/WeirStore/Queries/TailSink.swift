import WeirBase
import WeirLedger

/// What journals have on top of the tables: every row, or sums of them. Its names go on after the tables'.
final class TailSink: FoldSink, @unchecked Sendable {  // one thread fills it; it is shared when it is full
    /// What a question wants to know. A gigabyte of journal has millions of rows: sums are made as they pass.
    enum Interest {
        /// Sums between these borders, milliseconds since 1970, in order.
        case sums(borders: [Int64])
        /// Sums of each quarter of an hour: the borders of calendar windows in every time zone are among them.
        case quarters
        /// Every row.
        case rows
    }

    struct TailRow {
        let hold: HoldRecord
        let attempts: [AttemptRecord]
        let settle: SettleRecord
    }

    static let quarter: Int64 = 900_000

    private(set) var names: NameTable
    private(set) var rows: [TailRow] = []
    private(set) var adjustments: [AdjustmentRecord] = []
    private(set) var problems: [JournalProblem] = []
    private let interest: Interest
    /// Sums by stretch of time: the number of borders at or before it, or of quarters since 1970.
    private var sums: [StretchKey: RollupSums] = [:]
    private var nextNumber: UInt32

    private struct StretchKey: Hashable {
        let stretch: Int64
        let key: RollupKey
    }

    init(names: NameTable, _ interest: Interest) {
        self.names = names
        self.interest = interest
        nextNumber = (names.names.keys.max() ?? 0) + 1
    }

    /// Gives the sums of requests that came in [from, until), which are borders that the interest knows.
    func sums(from: Int64, until: Int64, _ add: (RollupKey, RollupSums) -> Void) {
        let stretches = stretch(from)..<stretch(until)
        for (key, sums) in sums where stretches.contains(key.stretch) { add(key.key, sums) }
    }

    func name(_ space: NameSpace, _ text: String) -> NameNumber {
        let name = NameTable.Name(space: space, text: text)
        if let number = names.numbers[name] { return NameNumber(value: number) }
        names.add(name, as: nextNumber)
        nextNumber += 1
        return NameNumber(value: nextNumber - 1)
    }

    func settled(_ row: borrowing SettledRequest) {
        if case .rows = interest {
            rows.append(
                TailRow(hold: row.hold, attempts: row.earlier + (row.last.map { [$0] } ?? []), settle: row.settle))
            return
        }
        let stretch = stretch(row.request.unixMilliseconds)
        Contribution.of(
            row.hold, earlier: row.earlier, last: row.last, cost: row.settle.cost, estimated: row.settle.estimated
        ) { sums[StretchKey(stretch: stretch, key: $0), default: RollupSums()].add($1) }
    }

    func adjusted(_ adjustment: AdjustmentRecord) {
        if case .rows = interest { return adjustments.append(adjustment) }
        let stretch = stretch(adjustment.request.unixMilliseconds)
        Contribution.of(adjustment) { sums[StretchKey(stretch: stretch, key: $0), default: RollupSums()].add($1) }
    }

    func problem(_ problem: JournalProblem) { problems.append(problem) }

    private func stretch(_ unixMilliseconds: Int64) -> Int64 {
        switch interest {
        case .quarters: return unixMilliseconds.floored(by: TailSink.quarter)
        case .rows: return 0
        case .sums(let borders):
            var (low, high) = (0, borders.count)
            while low < high {
                let middle = (low + high) / 2
                if borders[middle] <= unixMilliseconds { low = middle + 1 } else { high = middle }
            }
            return Int64(low)
        }
    }
}
