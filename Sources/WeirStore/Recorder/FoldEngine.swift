internal import GRDB
internal import Glibc
internal import Synchronization
import WeirBase
import WeirLedger

/// Brings what the journals say into the tables. Rows, sums, open requests and the journals' positions change in one transaction: whenever the process
/// dies, the tables are as of one position, and folding goes on from there.
final class FoldEngine: Sendable {
    private let folder: String
    private let database: LedgerDatabase
    /// The loops of this process; other journals in the folder are an earlier process's and end where they end.
    private let journals: [Int: JournalFile]
    private let state: Mutex<State>
    /// A transaction ends after so many rows: a few tenths of a second, in which readers see the tables as before.
    static let rowsPerTransaction = 100_000
    /// Segments that a loop may be ahead while folding gives way to whoever needs the core; beyond them it takes its share, so that journals stay small
    /// under a load that never ends.
    private static let segmentsBehind: UInt32 = 4

    private struct State {
        var folds: FoldState
        /// The segment that each loop's fold is in.
        var mapped: [Int: (number: UInt32, words: MappedWords)] = [:]
        /// Journals of loops that this process does not have, when they are folded to their end.
        var finished: Set<Int> = []
        var problems: [JournalProblem] = []
        /// Whether segment files may lie before the positions.
        var hasFoldedSegments = true
    }

    init(folder: String, database: LedgerDatabase, journals: [JournalFile]) throws(StoreError) {
        self.folder = folder
        self.database = database
        self.journals = Dictionary(uniqueKeysWithValues: journals.map { ($0.loop, $0) })
        state = Mutex(State(folds: try database.read { try FoldState($0) }))
    }

    /// Folds all that has been written until now. Returns when it is in the tables.
    func foldAll() throws(StoreError) {
        while try foldOnce() {}
    }

    /// Folds a part, in one transaction.
    /// - Returns: whether there may be more.
    func foldOnce() throws(StoreError) -> Bool {
        let result = state.withLock { state in
            Result { () throws(StoreError) in try fold(&state) }
        }
        return try result.get()
    }

    /// Writes what comes by no journal, in a transaction of its own between two of the fold's, with the names and the sums that the fold keeps.
    func write<Answer: Sendable>(
        _ body: (Database, DatabaseSink) throws -> Answer
    ) throws(StoreError) -> Answer {
        let result: Result<Answer, StoreError> = state.withLock { state in
            do throws(StoreError) {
                let (answer, names) = try database.write { db in
                    let sink = DatabaseSink(db, names: state.folds.names)
                    let answer = try body(db, sink)
                    try sink.finish()
                    return (answer, sink.names)
                }
                state.folds.names = names
                return .success(answer)
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Deletes segments that the tables have whole, once the tables themselves are durable.
    func deleteFolded() throws(StoreError) {
        let positions: [Int: JournalPosition]? = state.withLock { state in
            guard state.hasFoldedSegments else { return nil }
            state.hasFoldedSegments = false
            return state.folds.folds.mapValues(\.position)
        }
        guard let positions else { return }
        let folded = SegmentFile.all(in: folder).filter { file in
            positions[file.loop].map { file.number < $0.segment } ?? false
        }
        guard !folded.isEmpty else { return }
        guard try database.checkpoint() else {
            state.withLock { $0.hasFoldedSegments = true }
            return
        }
        for file in folded {
            journals[file.loop]?.closeSegments(before: file.number + 1)
            unsafe unlink(file.path(in: folder))
        }
    }

    /// What was found in the journals since the last call that should not be there.
    func takeProblems() -> [JournalProblem] {
        state.withLock { state in
            defer { state.problems = [] }
            return state.problems
        }
    }

    // MARK: One transaction

    private func fold(_ state: inout State) throws(StoreError) -> Bool {
        let loops = Set(state.folds.folds.keys).union(journals.keys).filter { hasMore($0, state) }.sorted()
        guard !loops.isEmpty else { return false }
        let files = SegmentFile.all(in: folder)
        var next = state
        try database.write { db in
            let sink = DatabaseSink(db, names: next.folds.names)
            for loop in loops { try advance(loop, files.filter { $0.loop == loop }, &next, sink) }
            try sink.finish()
            next.folds.names = sink.names
            next.problems += sink.problems
            try next.folds.save(db)
        }
        state = next
        return true
    }

    private func hasMore(_ loop: Int, _ state: State) -> Bool {
        guard let journal = journals[loop] else { return !state.finished.contains(loop) }
        guard let fold = state.folds.folds[loop] else { return true }
        return fold.position < journal.written
    }

    /// Folds one loop's journal: to its end, or until the transaction is large enough.
    private func advance(
        _ loop: Int, _ files: [SegmentFile], _ state: inout State, _ sink: DatabaseSink
    ) throws(StoreError) {
        // What is written from here on is the next transaction's.
        let written = journals[loop]?.written
        let start = state.folds.folds[loop]?.position.segment ?? 0
        sink.givesWay = written.map { $0.segment < start + FoldEngine.segmentsBehind } ?? false
        var fold =
            state.folds.folds[loop]
            ?? JournalFold(loop: loop, at: .start(of: files.first?.number ?? written?.segment ?? 1))
        defer { state.folds.folds[loop] = fold }
        while sink.rows < FoldEngine.rowsPerTransaction {
            let number = fold.position.segment
            if let words = try segment(number, of: loop, files, &state) {
                let end = written?.segment == number ? written.map { Int($0.offset) } : nil
                words.withBytes { _ = fold.fold($0.extracting(0..<min(end ?? $0.count, $0.count)), into: sink) }
            }
            if written?.segment == number { return }
            if fold.isDamaged { sink.problem(.damaged(loop: loop, fold.position)) }
            state.hasFoldedSegments = true
            if let later = files.first(where: { $0.number > number && $0.number <= written?.segment ?? .max }) {
                fold.startSegment(later.number)
            } else {
                fold.startSegment(max(number + 1, written?.segment ?? 0))
                if written == nil { state.finished.insert(loop) }
                return
            }
        }
    }

    /// The segment's bytes; nil if it is not there.
    private func segment(
        _ number: UInt32, of loop: Int, _ files: [SegmentFile], _ state: inout State
    ) throws(StoreError) -> MappedWords? {
        if let mapped = state.mapped[loop], mapped.number == number { return mapped.words }
        guard let file = files.first(where: { $0.number == number }) else { return nil }
        let words = try file.mapped(in: folder)
        state.mapped[loop] = (number, words)
        return words
    }
}
