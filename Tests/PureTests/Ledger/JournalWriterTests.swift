import Testing
import WeirBase
import WeirLedger

@Suite("Journal writer") struct JournalWriterTests {
    let names = LedgerNames()

    func hold(_ number: Int64, isFirst: Bool = true) -> HoldRecord {
        HoldRecord(
            request: RequestID(value: number), at: number * 1_000, held: Money(nanoUSD: 5_000),
            team: names.number(.team, "search"), key: names.number(.key, "ci"), model: names.number(.model, "gpt-4o"),
            provider: names.number(.provider, "openai"), target: names.number(.target, "gpt-4o-2024-11-20"),
            isFirst: isFirst)
    }

    func settle(_ number: Int64) -> SettleRecord {
        SettleRecord(
            request: RequestID(value: number), at: number * 2_000, status: .complete, cost: Money(nanoUSD: 1_234))
    }

    func attempt() -> AttemptRecord {
        var usage = Usage()
        usage.input = 1_000
        usage.cachedInput = 200
        usage.output = 50
        return AttemptRecord(
            at: 1, cost: Money(nanoUSD: 1_234), provider: names.number(.provider, "openai"),
            target: names.number(.target, "gpt-4o-2024-11-20"), priceVersion: names.number(.priceVersion, "v1"),
            status: .exact, httpStatus: 200, usage: usage)
    }

    @Test("all records of a turn are one write, and a turn without records is none")
    func oneWrite() throws {
        let storage = MemoryStorage()
        let writer = JournalWriter(loop: 0, startingAt: 1, names: names, storage: storage)
        try writer.flush()
        #expect(storage.writes == 0)
        writer.hold(hold(1))
        writer.hold(hold(2))
        try writer.flush()
        #expect(storage.writes == 1)
        #expect(writer.written == writer.appended)
        try writer.flush()
        #expect(storage.writes == 1)
    }

    @Test("the common request takes two small records: 64 and 112 bytes")
    func sizes() throws {
        let writer = JournalWriter(loop: 0, startingAt: 1, names: names, storage: MemoryStorage())
        writer.hold(hold(1))
        writer.settle(settle(1), with: attempt())
        let before = writer.pendingBytes
        writer.hold(hold(2))
        #expect(writer.pendingBytes == before + 64)
        writer.settle(settle(2), with: attempt())
        #expect(writer.pendingBytes == before + 64 + 112)
    }

    @Test("a flush that fails keeps the records, refuses holds, and the next that works writes them")
    func failingFlush() throws {
        let storage = MemoryStorage()
        let writer = JournalWriter(loop: 0, startingAt: 1, names: names, storage: storage)
        #expect(writer.canHold)
        writer.hold(hold(1))
        storage.fault = .system(errno: 28)
        #expect(throws: JournalError.system(errno: 28)) { try writer.flush() }
        #expect(!writer.isAvailable && !writer.canHold)
        writer.settle(settle(1), with: attempt())
        let pending = writer.pendingBytes
        #expect(throws: JournalError.system(errno: 28)) { try writer.flush() }
        #expect(writer.pendingBytes == pending)
        storage.fault = nil
        try writer.flush()
        #expect(writer.isAvailable && writer.canHold && writer.pendingBytes == 0)
        #expect(writer.written == writer.appended)
    }

    @Test("holds end before the prepared space does, and every open one still settles")
    func reservedSpace() throws {
        let storage = MemoryStorage(preparedThrough: 2)
        let writer = JournalWriter(loop: 0, startingAt: 1, names: names, storage: storage)
        var held: Int64 = 0
        while writer.canHold {
            held += 1
            writer.hold(hold(held))
            try writer.flush()
        }
        #expect(held > 100)
        for number in 1...held {
            writer.attempt(attempt(), of: RequestID(value: number))
            writer.settle(settle(number), with: attempt())
            try writer.flush()
        }
        #expect(writer.isAvailable && writer.written.segment <= 2)
        #expect(writer.openRequests == 0)
        storage.preparedThrough = 3
        #expect(writer.canHold, "space comes back with the next segment")
    }
}
