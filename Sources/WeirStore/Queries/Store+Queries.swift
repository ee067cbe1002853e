internal import GRDB
internal import Synchronization
public import WeirBase
import WeirLedger

extension Store {
    /// The ledger, to be asked: all that is written until the moment of a question is in its answer.
    public var ledger: LedgerReader {
        LedgerReader(path: path, database: database.connection, databasePath: database.path)
    }

    /// Spend of every request that is over, whether it is folded yet or not.
    public func spend(_ question: SpendQuestion) throws(StoreError) -> [SpendRow] { try ledger.spend(question) }

    /// What scopes have spent, one sum a question. Borders on quarters of an hour are cheap: what is not folded is then read once for all
    /// questions until more is written, which matters at a start over a long journal.
    public func spent(_ questions: [SpentQuestion]) throws(StoreError) -> [Money] {
        let questions = questions.bounded
        guard questions.borders.allSatisfy({ $0 % TailSink.quarter == 0 }) else {
            return try ledger.spent(questions)
        }
        let written = writtenWords
        let journals = try JournalTail(folder: path)
        return try read { db in
            let state = try FoldState(db)
            let version = KnownTail.Version(
                folded: state.folds.mapValues(\.position), written: written, names: state.names.names.count)
            if let known = knownTail.withLock({ $0 }), known.version == version {
                return try LedgerView(db, tail: known.tail).spent(questions)
            }
            let view = LedgerView(db, state, journals, .quarters)
            knownTail.withLock { $0 = KnownTail(version: version, tail: view.tail) }
            return try view.spent(questions)
        }
    }
}

/// The sums of what is not folded, and of when they are.
struct KnownTail: Sendable {
    /// Where the tables and the journals were, the journals' end taken before they were read: while both are there, the sums hold.
    struct Version: Equatable, Sendable {
        let folded: [Int: JournalPosition]
        let written: [UInt64]
        /// How many names the tables have: the tail's go on after them.
        let names: Int
    }

    let version: Version
    let tail: TailSink
}
