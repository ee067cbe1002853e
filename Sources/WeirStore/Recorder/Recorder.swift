internal import Synchronization
import WeirBase
import WeirLedger

/// What happens to journals while the gateway runs, off its loops, each on a thread of its own: segments are prepared ahead, since loops refuse
/// requests without them; what is written is folded into the tables, and segments that are folded go away, which can wait; and under
/// `durability: power` what is written is made durable, all loops' at once, again and again while somebody waits.
final class Recorder: Sendable {
    private let journals: [JournalFile]
    private let engine: FoldEngine
    private let options: Store.Options
    private let calls: Calls
    private let isStopping = Atomic(false)
    private let note: @Sendable (String) -> Void
    private let onDurable: @Sendable (Int) -> Void
    private let threads = Mutex<[RecorderThread]>([])
    /// What was said last, so that an outage is one line and not one a second.
    private let lastNote = Mutex<[String: String]>([:])

    /// What the threads sleep on.
    struct Calls: Sendable {
        /// Journals call it when they begin a segment.
        let segments: Wakening
        /// Nobody calls it but `stop`: folding goes by time.
        let fold: Wakening
        /// Journals call it when somebody waits for durability.
        let sync: Wakening

        init() throws(StoreError) {
            segments = try Wakening()
            fold = try Wakening()
            sync = try Wakening()
        }
    }

    /// - Parameters:
    ///   - onDurable: called with a loop whose `durable` has moved, on the recorder's thread.
    ///   - note: gets a line for each problem that begins or ends.
    init(
        journals: [JournalFile], engine: FoldEngine, options: Store.Options, calls: Calls,
        onDurable: @escaping @Sendable (Int) -> Void, note: @escaping @Sendable (String) -> Void
    ) throws(StoreError) {
        self.journals = journals
        self.engine = engine
        self.options = options
        self.calls = calls
        self.onDurable = onDurable
        self.note = note
        try start("weir-segments") { [self] in prepareSegments() }
        try start("weir-recorder") { [self] in record() }
        if options.awaitsDurability { try start("weir-sync") { [self] in makeDurable() } }
    }

    private func start(_ name: String, _ run: @escaping @Sendable () -> Void) throws(StoreError) {
        let thread = try RecorderThread(name: name, run)
        threads.withLock { $0.append(thread) }
    }

    /// Ends the threads, after one last fold.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        calls.segments.call()
        calls.fold.call()
        calls.sync.call()
        for thread in threads.withLock({ $0 }) { thread.join() }
        threads.withLock { $0 = [] }
    }

    private func record() {
        while true {
            let isLast = isStopping.load(ordering: .acquiring)
            report("fold") { () throws(StoreError) in
                while try engine.foldOnce() {}
                try engine.deleteFolded()
            }
            for problem in engine.takeProblems() { note("ledger: \(problem)") }
            if isLast { return }
            calls.fold.wait(milliseconds: options.foldMilliseconds)
        }
    }

    /// Keeps one empty segment ahead of each loop; tries again every second while the disk is full.
    private func prepareSegments() {
        while !isStopping.load(ordering: .acquiring) {
            report("prepare") { () throws(StoreError) in
                for journal in journals { try journal.prepare() }
            }
            calls.segments.wait(milliseconds: 1_000)
        }
    }

    private func makeDurable() {
        while !isStopping.load(ordering: .acquiring) {
            calls.sync.wait(milliseconds: 1_000)
            report("sync") { () throws(StoreError) in
                for journal in journals {
                    // Whoever waits is told of a failure, too.
                    defer { if !journal.canBecomeDurable { onDurable(journal.loop) } }
                    if try journal.sync() { onDurable(journal.loop) }
                }
            }
        }
    }

    private func report(_ task: String, _ body: () throws(StoreError) -> Void) {
        var text: String?
        do throws(StoreError) { try body() } catch { text = error.description }
        lastNote.withLock { last in
            guard last[task] != text else { return }
            last[task] = text
            note("ledger: " + (text ?? "\(task) works again"))
        }
    }
}
