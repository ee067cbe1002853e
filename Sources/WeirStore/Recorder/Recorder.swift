internal import Synchronization
import WeirBase
import WeirLedger

/// What happens to journals while the gateway runs, off its loops: segments are prepared ahead, what is written is folded into the tables, segments that
/// are folded go away; and under `durability: power` a second thread makes what is written durable, all loops' at once, again and again while
/// somebody waits.
final class Recorder: Sendable {
    private let journals: [JournalFile]
    private let engine: FoldEngine
    private let options: Store.Options
    private let work: Wakening
    private let sync: Wakening
    private let isStopping = Atomic(false)
    private let note: @Sendable (String) -> Void
    private let onDurable: @Sendable (Int) -> Void
    private let threads = Mutex<[RecorderThread]>([])
    /// What was said last, so that an outage is one line and not one a second.
    private let lastNote = Mutex<[String: String]>([:])

    /// - Parameters:
    ///   - work, sync: what journals call when they begin a segment, and when somebody waits for durability.
    ///   - onDurable: called with a loop whose `durable` has moved, on the recorder's thread.
    ///   - note: gets a line for each problem that begins or ends.
    init(
        journals: [JournalFile], engine: FoldEngine, options: Store.Options, work: Wakening, sync: Wakening,
        onDurable: @escaping @Sendable (Int) -> Void, note: @escaping @Sendable (String) -> Void
    ) throws(StoreError) {
        self.journals = journals
        self.engine = engine
        self.options = options
        self.work = work
        self.sync = sync
        self.onDurable = onDurable
        self.note = note
        let recorder = try RecorderThread(name: "weir-recorder") { [self] in record() }
        threads.withLock { $0.append(recorder) }
        guard options.awaitsDurability else { return }
        let syncer = try RecorderThread(name: "weir-sync") { [self] in makeDurable() }
        threads.withLock { $0.append(syncer) }
    }

    /// Ends the threads, after one last fold.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        work.call()
        sync.call()
        for thread in threads.withLock({ $0 }) { thread.join() }
        threads.withLock { $0 = [] }
    }

    private func record() {
        while true {
            let isLast = isStopping.load(ordering: .acquiring)
            prepare()
            report("fold") { () throws(StoreError) in
                // Segments are prepared between transactions, for loops go on while a long tail is folded.
                while try engine.foldOnce() { prepare() }
                try engine.deleteFolded()
            }
            for problem in engine.takeProblems() { note("ledger: \(problem)") }
            if isLast { return }
            work.wait(milliseconds: options.foldMilliseconds)
        }
    }

    /// Keeps one empty segment ahead of each loop.
    private func prepare() {
        report("prepare") { () throws(StoreError) in
            for journal in journals { try journal.prepare() }
        }
    }

    private func makeDurable() {
        while !isStopping.load(ordering: .acquiring) {
            sync.wait(milliseconds: 1_000)
            report("sync") { () throws(StoreError) in
                for journal in journals where try journal.sync() { onDurable(journal.loop) }
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
