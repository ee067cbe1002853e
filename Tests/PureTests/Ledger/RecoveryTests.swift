import Testing
import WeirBase
import WeirLedger

@Suite("Ledger recovery") struct RecoveryTests {
    /// A process after a death: reads all journals, settles what is open, each loop's in a segment of its own, and gives all rows.
    static func recover(_ storage: MemoryStorage, loop: Int, names: LedgerNames) throws -> RowSink {
        var fold = JournalFold(loop: loop)
        let scan = NamedSink(names)
        storage.read(&fold, into: scan)
        let segment = (storage.segments.keys.max() ?? 0) + 1
        let writer = JournalWriter(
            loop: loop, startingAt: segment, names: names, storage: storage, openRequests: fold.open.count)
        for request in fold.open.values.sorted(by: { $0.hold.request < $1.hold.request }) {
            let interruption = Interruption(of: request, metered: nil, at: 1)
            writer.settle(interruption.settle, with: interruption.attempt)
        }
        writer.sealSegment()
        try writer.flush()
        var whole = JournalFold(loop: loop)
        let sink = NamedSink(names)
        storage.read(&whole, into: sink)
        #expect(whole.open.isEmpty)
        return sink
    }

    /// Rows with names as the writer numbers them, so that they compare with the model's.
    final class NamedSink: RowSink {
        private let names: LedgerNames
        init(_ names: LedgerNames) { self.names = names }
        override func name(_ space: NameSpace, _ text: String) -> NameNumber { names.number(space, text) }
    }

    @Test("what was settled comes back whole: every field of every record, over many segments", arguments: 1...8)
    func roundTrip(seed: UInt64) throws {
        let storage = MemoryStorage(loop: 3)
        var ledger = RandomLedger(loop: 3, storage: storage, seed: seed)
        try ledger.run(turns: 600)
        #expect(storage.segments.count > 1)
        var fold = JournalFold(loop: 3)
        let sink = NamedSink(ledger.names)
        storage.read(&fold, into: sink)
        #expect(sink.problems.isEmpty)
        #expect(sink.rows.count == ledger.settled.count)
        for row in sink.rows { #expect(row == ledger.settled[row.settle.request]) }
        #expect(fold.open.count == ledger.open.count)
        for (request, open) in fold.open {
            #expect(open.hold == ledger.open[request]?.hold && open.attempts == ledger.open[request]?.attempts)
        }
    }

    @Test("cut at every byte: each request has one row, settled ones their own, the others are interrupted")
    func everyTruncation() throws {
        let whole = MemoryStorage()
        var ledger = RandomLedger(loop: 0, storage: whole, seed: 7)
        try ledger.run(turns: 12)
        let bytes = try #require(whole.segments[1])
        let end = Int(ledger.writer.written.offset)
        for cut in 0...end {
            let storage = MemoryStorage()
            // The rest is as it was allocated: zeros.
            storage.replace(1, with: Array(bytes[..<cut]) + [UInt8](repeating: 0, count: bytes.count - cut))
            let sink = try Self.recover(storage, loop: 0, names: ledger.names)
            var seen: Set<RequestID> = []
            for row in sink.rows {
                #expect(seen.insert(row.settle.request).inserted, "cut \(cut)")
                if row.settle.status == .interrupted, row.settle.at == 1 {
                    let finished = row.attempts.reduce(Money.zero) { $0.adding($1.cost) }
                    #expect(row.settle.cost <= max(row.hold.held, finished), "cut \(cut)")
                } else {
                    #expect(row == ledger.settled[row.settle.request], "cut \(cut)")
                }
            }
            if cut == end { #expect(seen.count == ledger.settled.count + ledger.open.count) }
        }
    }

    @Test("garbage after the end is no record")
    func garbageTail() throws {
        let storage = MemoryStorage()
        var ledger = RandomLedger(loop: 0, storage: storage, seed: 9)
        try ledger.run(turns: 10)
        var bytes = try #require(storage.segments[1])
        var chance = LedgerChance(seed: 1)
        for at in Int(ledger.writer.written.offset)..<bytes.count {
            bytes[at] = UInt8(truncatingIfNeeded: chance.next())
        }
        storage.replace(1, with: bytes)
        var fold = JournalFold(loop: 0)
        let sink = NamedSink(ledger.names)
        storage.read(&fold, into: sink)
        #expect(sink.rows.count == ledger.settled.count)
        #expect(fold.isDamaged)
    }

    @Test("every flipped bit of a journal is noticed: no row is ever another than was written")
    func everyFlippedBit() throws {
        let whole = MemoryStorage()
        var ledger = RandomLedger(loop: 0, storage: whole, seed: 11)
        try ledger.run(turns: 6)
        let bytes = try #require(whole.segments[1])
        let end = Int(ledger.writer.written.offset)
        for at in 0..<end {
            for bit in 0..<8 {
                let storage = MemoryStorage()
                var changed = bytes
                changed[at] ^= 1 << UInt8(bit)
                storage.replace(1, with: changed)
                var fold = JournalFold(loop: 0)
                let sink = NamedSink(ledger.names)
                storage.read(&fold, into: sink)
                let isNoticed = fold.isDamaged || !sink.problems.isEmpty
                // The header's unused bytes are not looked at.
                #expect(isNoticed || (24..<SegmentHeader.bytes).contains(at), "byte \(at) bit \(bit)")
                #expect(
                    sink.rows.allSatisfy { $0 == ledger.settled[$0.settle.request] }, "byte \(at) bit \(bit)")
            }
        }
    }

    @Test("a record of another segment or loop does not pass")
    func foreignRecords() throws {
        let storage = MemoryStorage()
        var ledger = RandomLedger(loop: 0, storage: storage, seed: 5)
        try ledger.run(turns: 5)
        let records = try #require(storage.segments[1])[SegmentHeader.bytes...]
        for header in [
            SegmentHeader(loop: 0, number: 2, segmentBytes: storage.segmentBytes),
            SegmentHeader(loop: 1, number: 1, segmentBytes: storage.segmentBytes),
        ] {
            var start = ByteBuffer()
            header.append(to: &start)
            let bytes = Array(span: start.span) + records
            let passes = JournalFold.hasRecords(bytes.span)
            #expect(!passes)
        }
    }

    @Test(
        "deaths at any byte, restarts and folds that stop anywhere: one row a request, none open, folding again adds none",
        arguments: 1...60)
    func lives(seed: UInt64) throws {
        var chance = LedgerChance(seed: seed)
        let names = LedgerNames()
        for loop in 0..<2 {
            let storage = MemoryStorage(loop: loop)
            var known: [RequestID: RowSink.Row] = [:]
            var held: Set<RequestID> = []
            // What the tables keep: a position and the open requests as bytes.
            var position = JournalPosition.start(of: 1)
            var kept: [[UInt8]] = []
            var folded: Set<RequestID> = []
            for _ in 0..<3 {
                let segment = (storage.segments.keys.max() ?? 0) + 1
                var ledger = RandomLedger(
                    loop: loop, segment: segment, storage: storage, names: names, seed: chance.next())
                try ledger.run(turns: 1 + chance.below(400))
                known.merge(ledger.settled) { first, _ in first }
                held.formUnion(ledger.settled.keys)
                held.formUnion(ledger.open.keys)
                // The recorder may have folded any part, then the process dies and the last write may be torn.
                let dead = ledger.writer.written
                let bytes = storage.segments[dead.segment] ?? []
                let cut = Int(dead.offset) - chance.below(300)
                if cut > SegmentHeader.bytes, chance.below(2) == 0 {
                    storage.replace(
                        dead.segment, with: Array(bytes[..<cut]) + [UInt8](repeating: 0, count: bytes.count - cut))
                }
                _ = try Self.recover(storage, loop: loop, names: names)
                var fold = JournalFold(
                    loop: loop, at: position, open: kept.compactMap { bytes in OpenRequest(bytes.span) })
                let new = NamedSink(names)
                storage.read(&fold, into: new, upTo: chance.below(3) == 0 ? segment : .max)
                for row in new.rows {
                    #expect(folded.insert(row.settle.request).inserted)
                    if row.settle.at != 1 { #expect(row == known[row.settle.request]) }
                }
                position = fold.position
                kept = fold.open.values.map { request in
                    var out = ByteBuffer()
                    request.append(to: &out)
                    return Array(span: out.span)
                }
            }
            var fold = JournalFold(loop: loop, at: position, open: kept.compactMap { bytes in OpenRequest(bytes.span) })
            let rest = NamedSink(names)
            storage.read(&fold, into: rest)
            for row in rest.rows { #expect(folded.insert(row.settle.request).inserted) }
            #expect(fold.open.isEmpty)
            #expect(folded.isSubset(of: held))
            let again = NamedSink(names)
            storage.read(&fold, into: again)
            #expect(again.rows.isEmpty)
        }
    }
}
