package import GRDB
internal import Glibc
internal import Synchronization
public import WeirBase
public import WeirLedger

/// A data folder that this process owns: the journals of its loops, what is folded of them, and every other table.
///
/// `init` takes the folder and settles what a dead process left open. Each loop then takes its `journal` and its `liveTable`, `start` sets the
/// recorder going, and `stop` ends it. Questions and `foldNow` may come from any thread at any time.
public final class Store: Sendable {
    public struct Options: Sendable {
        /// Data loops of this process.
        public var loops = 1
        /// Size of a segment file; each loop has two or three.
        public var segmentBytes = 16 << 20
        /// Whether loops await `durable` (`durability: power`).
        public var awaitsDurability = false
        /// How often the journals are folded.
        public var foldMilliseconds = 1_000

        public init() {}
    }

    public let path: String
    /// The names of this process; shared by all loops.
    public let names: LedgerNames
    /// What the start found and did.
    public let recovery: RecoveryReport
    /// The greatest request id that the ledger knew at the start: new ones are made after it.
    public let lastRequest: RequestID?
    let options: Options
    let database: LedgerDatabase
    private let folder: DataFolder
    private let journals: [JournalFile]
    let engine: FoldEngine
    private let calls: Recorder.Calls
    private let recorder = Mutex<Recorder?>(nil)
    let knownTail = Mutex<KnownTail?>(nil)
    /// Where the journals end.
    var writtenWords: [UInt64] { journals.map(\.written.word) }

    /// - Parameters:
    ///   - path: the data folder; made if it is missing.
    ///   - names: what names are interned in, if there are some already.
    ///   - now: wall clock, nanoseconds since 1970.
    /// - Throws: `inUse` if another process owns the folder; what else keeps it from being used.
    public init(
        _ path: String, options: Options = Options(), names: LedgerNames = LedgerNames(), at now: Int64
    ) throws(StoreError) {
        self.path = path
        self.names = names
        self.options = options
        folder = try DataFolder(taking: path)
        database = try LedgerDatabase(opening: DataFolder.databasePath(in: path))
        let calls = try Recorder.Calls()
        self.calls = calls
        let state = try database.read { try FoldState($0) }
        var recovery = Recovery(folder: path, names: names, segmentBytes: options.segmentBytes)
        let next = try recovery.run(from: state, at: now)
        self.recovery = recovery.report
        let lastRow = try database.read { try Store.lastRow($0) }
        lastRequest = [recovery.lastRequest, lastRow].compactMap { $0 }.max()
        // Without a thread for it, the one that prepares segments is woken in vain, by programs that ask for what they have not opened with.
        let sync = options.awaitsDurability ? calls.sync : calls.segments
        journals = (0..<options.loops).map { loop in
            JournalFile(
                folder: path, loop: loop, firstSegment: next[loop] ?? 1, segmentBytes: options.segmentBytes,
                onSegment: { calls.segments.call() }, onSync: { sync.call() })
        }
        engine = try FoldEngine(folder: path, database: database, journals: journals)
        // A full disk keeps nobody from starting: the recorder tries again, and until then priced requests are refused.
        for journal in journals { try? journal.prepare() }
    }

    deinit {
        // While the folder is still this store's: whoever opens it next finds no connection that is about to close. One that cannot be closed now closes
        // by itself.
        try? database.close()
    }

    /// A loop's journal. Once a loop.
    public func journal(loop: Int) -> JournalWriter {
        JournalWriter(
            loop: loop, startingAt: journals[loop].firstSegment, names: names, storage: journals[loop])
    }

    /// A loop's table of live requests, empty. Once a loop; what a dead process had left there has been settled.
    public func liveTable(loop: Int) throws(StoreError) -> LiveTable {
        LiveTable(try LiveFile.open(in: path, loop: loop))
    }

    /// The wall clock, nanoseconds since 1970.
    public static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Starts the recorder.
    /// - Parameters:
    ///   - onDurable: called with a loop whose `durable` has moved, on a thread of the recorder: it wakes the loop.
    ///   - note: gets a line for each problem that begins or ends.
    public func start(
        onDurable: @escaping @Sendable (Int) -> Void = { _ in }, note: @escaping @Sendable (String) -> Void
    ) throws(StoreError) {
        let fresh = try Recorder(
            journals: journals, engine: engine, options: options, calls: calls, onDurable: onDurable, note: note)
        recorder.withLock { $0 = fresh }
    }

    /// Folds the rest and ends the recorder. Loops have ended.
    public func stop() {
        recorder.withLock { recorder in
            recorder?.stop()
            recorder = nil
        }
    }

    /// Keeps one empty segment ahead of each loop: the recorder's work, for programs that run none.
    public func prepareSegments() throws(StoreError) {
        for journal in journals { try journal.prepare() }
    }

    /// Brings all that has been written until now into the tables: whoever asks them next sees it.
    public func foldNow() throws(StoreError) { try engine.foldAll() }

    /// Runs `body` in a transaction on the one writing connection.
    package func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try database.write(body)
    }

    /// Runs `body` on a snapshot of the tables.
    package func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        try database.read(body)
    }

    private static func lastRow(_ db: Database) throws -> RequestID? {
        guard let month = try Month.all(db).last else { return nil }
        return try Int64.fetchOne(db, sql: "SELECT max(id) FROM \(month.table)").map { RequestID(value: $0) }
    }
}
