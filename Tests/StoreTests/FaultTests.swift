import Foundation
import Testing
import WeirBase
import WeirLedger
import WeirStore

@Suite("Store and a disk that fails") struct FaultTests {
    let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    static var options: Store.Options {
        var options = Store.Options()
        options.segmentBytes = SegmentHeader.smallestSegment
        return options
    }

    @Test("a rotated journal is folded whole, and its segments go")
    func rotation() throws {
        let store = try Store(folder.path, options: Self.options, at: StoreTests.noon)
        let (lines, collector) = Lines.collector()
        try store.start(note: collector)
        var load = Load(store, at: StoreTests.noon)
        for _ in 0..<3_000 {
            while !load.writer.canHold { try store.prepareSegments() }
            try load.complete(team: "search", model: "gpt-4o", cost: 11)
        }
        #expect(load.writer.written.segment > 5)
        store.stop()
        #expect(lines.all == [])
        let spent = try store.spent([SpentQuestion(.team("search"), from: 0, until: .max)])
        #expect(spent == [Money(nanoUSD: 33_000)])
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".wj") }
        #expect(left.count <= 2, "\(left)")
        #expect(try store.ledger.verify().findings == [])
    }

    @Test("when no further segment can be had, holds end, every open request settles, and service resumes by itself")
    func fullDisk() throws {
        let store = try Store(folder.path, options: Self.options, at: StoreTests.noon)
        var load = Load(store, at: StoreTests.noon)
        var open: [RequestID] = []
        // Nobody prepares segments: the same as a disk on which none can be allocated.
        while load.writer.canHold { open.append(try load.hold(team: "search", model: "gpt-4o", held: 100)) }
        #expect(open.count > 50)
        for id in open { try load.settle(id, model: "gpt-4o", cost: 3) }
        // What the settles did not need of what was reserved for them is there for others, until that is used up, too.
        while load.writer.canHold {
            let id = try load.hold(team: "search", model: "gpt-4o", held: 100)
            try load.settle(id, model: "gpt-4o", cost: 3)
            open.append(id)
        }
        #expect(load.writer.isAvailable && load.writer.openRequests == 0)
        try store.prepareSegments()
        #expect(load.writer.canHold)
        try store.foldNow()
        #expect(
            try store.spent([SpentQuestion(.team("search"), from: 0, until: .max)])
                == [Money(nanoUSD: Int64(open.count) * 3)])
    }

    @Test("damage in the middle of a journal is told, and what came before and in later segments is kept")
    func damage() throws {
        var count = 0
        do {
            let store = try Store(folder.path, options: Self.options, at: StoreTests.noon)
            var load = Load(store, at: StoreTests.noon)
            while load.writer.written.segment < 3 {
                try store.prepareSegments()
                try load.complete(team: "search", model: "gpt-4o", cost: 11)
                count += 1
            }
        }
        let path = folder.path + "/journal-0-00000002.wj"
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: 40_000)
        try file.write(contentsOf: Data([0xFF, 0xFF]))
        try file.close()
        let store = try Store(folder.path, options: Self.options, at: StoreTests.noon)
        #expect(store.recovery.problems.count >= 1)
        try store.foldNow()
        let spent = try store.spent([SpentQuestion(.team("search"), from: 0, until: .max)])[0].nanoUSD / 11
        #expect(spent > Int64(count) / 2 && spent < Int64(count))
        let found = try store.ledger.verify()
        // A settle whose hold lies in the damage is booked without its team: the money is spent all the same.
        #expect(found.open == 0 && found.rows >= spent && found.rows <= count)
        #expect(found.findings.contains { $0.contains("segment 2 is damaged from byte") })
    }

    @Test("a folder without a ledger, and one that is no folder, are told with the cure")
    func missing() throws {
        #expect(throws: StoreError.missing(folder: folder.path)) {
            _ = try LedgerReader.open(folder.path, at: StoreTests.noon)
        }
        try Data().write(to: URL(filePath: folder.path + "/file"))
        #expect(throws: StoreError.self) { _ = try Store(folder.path + "/file", at: StoreTests.noon) }
    }

    @Test("group commit: what was asked to be durable is, and its loop is called")
    func durability() throws {
        var options = Self.options
        options.awaitsDurability = true
        let store = try Store(folder.path, options: options, at: StoreTests.noon)
        let called = DispatchSemaphore(value: 0)
        try store.start(onDurable: { _ in called.signal() }, note: { _ in })
        var load = Load(store, at: StoreTests.noon)
        _ = try load.hold(team: "search", model: "gpt-4o", held: 100)
        let position = load.writer.written
        load.writer.makeDurable()
        while load.writer.durable < position { #expect(called.wait(timeout: .now() + 10) == .success) }
        store.stop()
    }
}

/// Lines that another thread says.
final class Lines: @unchecked Sendable {  // behind a lock
    private let lock = NSLock()
    private var lines: [String] = []

    var all: [String] { lock.withLock { lines } }

    static func collector() -> (Lines, @Sendable (String) -> Void) {
        let lines = Lines()
        return (lines, { line in lines.lock.withLock { lines.lines.append(line) } })
    }
}
