import WeirBase
import WeirLedger

/// What a journal says, read as recovery reads it.
final class LedgerReading: FoldSink {
    private(set) var rows: [RequestID: SettledRequest] = [:]
    private(set) var twice: [RequestID] = []
    private(set) var problems: [JournalProblem] = []
    private let names = LedgerNames()
    private var fold = JournalFold(loop: 0)

    /// - Parameter stops: reads to there first, keeps position and open requests as tables do, and goes on from what was kept.
    init(_ segments: [UInt32: [UInt8]], stoppingAt stop: Int? = nil) {
        for number in segments.keys.sorted() {
            if number > fold.position.segment { fold.startSegment(number) }
            let bytes = segments[number] ?? []
            if let stop, stop < bytes.count {
                let part = Array(bytes[..<stop])
                _ = fold.fold(part.span, into: self)
                fold = JournalFold(loop: 0, at: fold.position, open: Array(fold.open.values))
                problems = []
            }
            _ = fold.fold(bytes.span, into: self)
        }
    }

    /// Requests with a hold and without a settle.
    var open: [RequestID: OpenRequest] { fold.open }

    /// The name that a row's number has.
    func text(_ number: NameNumber) -> String { names.name(number)?.text ?? "" }

    // MARK: The sink

    func name(_ space: NameSpace, _ text: String) -> NameNumber { names.number(space, text) }
    func settled(_ row: borrowing SettledRequest) {
        let copy = copy row
        if rows.updateValue(copy, forKey: copy.request) != nil { twice.append(copy.request) }
    }
    func adjusted(_ adjustment: AdjustmentRecord) {}
    func problem(_ problem: JournalProblem) { problems.append(problem) }
}
