internal import Foundation
internal import GRDB
public import WeirBase
import WeirLedger

/// A ledger to be asked: of this process, of another one that is running, or of none. A question takes a snapshot of the tables and reads what
/// the journals have on top of it: so it sees every request that is over, and nobody's help is needed.
public final class LedgerReader: Sendable {
    let path: String
    private let database: any DatabaseReader
    private let databasePath: String
    /// Who keeps others from the folder while it is read; nil where another process owns it.
    private let owner: Store?

    init(path: String, database: any DatabaseReader, databasePath: String, owner: Store? = nil) {
        self.path = path
        self.database = database
        self.databasePath = databasePath
        self.owner = owner
    }

    /// Opens the ledger of a data folder. Where no process owns it, what a dead one left open is settled first; where one does, or where
    /// the folder cannot be written, it is only read.
    /// - Parameter now: wall clock, nanoseconds since 1970.
    /// - Throws: `missing` if there is none.
    public static func open(_ path: String, at now: Int64) throws(StoreError) -> LedgerReader {
        let databasePath = DataFolder.databasePath(in: path)
        guard FileManager.default.fileExists(atPath: databasePath) else { throw .missing(folder: path) }
        if FileManager.default.isWritableFile(atPath: path) {
            do throws(StoreError) {
                var options = Store.Options()
                options.loops = 0
                let store = try Store(path, options: options, at: now)
                try store.foldNow()
                return LedgerReader(
                    path: path, database: store.database.connection, databasePath: databasePath, owner: store)
            } catch {
                guard case .inUse = error else { throw error }
            }
        }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            let queue = try DatabaseQueue(path: databasePath, configuration: configuration)
            return LedgerReader(path: path, database: queue, databasePath: databasePath)
        } catch { throw LedgerDatabase.storeError(error, databasePath) }
    }

    /// Whether another process owns the folder: then requests may be in flight.
    public var isOwnedByAnother: Bool { owner == nil }

    /// Spend of every request that is over.
    public func spend(_ question: SpendQuestion) throws(StoreError) -> [SpendRow] {
        try view(.sums(borders: question.borders)) { try $0.spend(question) }
    }

    /// What scopes have spent, one sum a question.
    public func spent(_ questions: [SpentQuestion]) throws(StoreError) -> [Money] {
        let questions = questions.bounded
        return try view(.sums(borders: questions.borders)) { try $0.spent(questions) }
    }

    /// The request with this id; nil if the ledger has none that is over.
    public func request(_ id: RequestID) throws(StoreError) -> LedgerRequest? {
        var found: LedgerRequest?
        try requests(from: id, through: id) { found = $0 }
        return found
    }

    /// Gives every request that is over with an id from `first` to `last`, in the order of ids.
    public func requests(
        from first: RequestID = RequestID(value: 0), through last: RequestID = RequestID(value: .max - 1),
        _ body: (LedgerRequest) throws -> Void
    ) throws(StoreError) {
        try view(.rows) { try $0.requests(first.value..<last.value + 1, body) }
    }

    func view<Result>(
        _ interest: TailSink.Interest, _ body: (LedgerView) throws -> Result
    ) throws(StoreError) -> Result {
        try view(JournalTail(folder: path), interest, body)
    }

    /// - Parameter journals: mapped just before.
    func view<Result>(
        _ journals: JournalTail, _ interest: TailSink.Interest, _ body: (LedgerView) throws -> Result
    ) throws(StoreError) -> Result {
        do {
            return try database.read { try body(LedgerView($0, FoldState($0), journals, interest)) }
        } catch { throw LedgerDatabase.storeError(error, databasePath) }
    }
}
