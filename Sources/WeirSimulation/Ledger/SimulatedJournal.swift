import WeirBase
import WeirLedger
import WeirLoop

/// A journal on a simulated disk: writes fail for a while, become durable some time after they were asked to, and what of them survives a death is
/// drawn.
final class SimulatedJournal: JournalStorage, @unchecked Sendable {  // confined to the run's thread
    private let loop: EventLoop
    private let disk = MemoryJournal(segmentBytes: 64 << 10)
    private var random: Randomness
    private(set) var durable = JournalPosition.start(of: 1)
    private(set) var written = JournalPosition.start(of: 1)
    private var isSyncing = false
    /// Called when `durable` has moved.
    var onDurable: () -> Void = {}
    /// Writes that failed.
    private(set) var refusedWrites = 0

    init(loop: EventLoop, random: Randomness) {
        self.loop = loop
        self.random = random
    }

    var segmentBytes: Int { disk.segmentBytes }
    var preparedThrough: UInt32 { written.segment + 1 }
    /// What the next writes throw; nil while all is well.
    var failure: JournalError? {
        get { disk.failure }
        set { disk.failure = newValue }
    }

    func write(
        _ buffer: borrowing ByteBuffer, _ range: ByteRange, segment: UInt32, offset: Int
    ) throws(JournalError) {
        do throws(JournalError) { try disk.write(buffer, range, segment: segment, offset: offset) } catch {
            refusedWrites += 1
            throw error
        }
        written = JournalPosition(segment: segment, offset: offset + range.count)
    }

    var canBecomeDurable: Bool { true }

    /// Becomes durable as far as it was written at the start of the sync.
    func makeDurable() {
        guard !isSyncing else { return }
        isSyncing = true
        let position = written
        let span = TimeSpan.microseconds(Int64(random.size(upTo: 300_000)))
        loop.spawn { [self] in
            await loop.sleep(until: loop.now + span)
            durable = max(durable, position)
            isSyncing = false
            onDurable()
        }
    }

    /// What a dead process leaves: all that it had written.
    var segments: [UInt32: [UInt8]] { disk.segments }

    /// What the loss of power leaves: what was durable, and of the rest each sector or not.
    func segmentsAfterPowerLoss(_ random: inout Randomness) -> [UInt32: [UInt8]] {
        var left: [UInt32: [UInt8]] = [:]
        for (number, bytes) in disk.segments {
            let kept =
                number < durable.segment
                ? bytes.count : number > durable.segment ? 0 : min(Int(durable.offset), bytes.count)
            // The header of a segment is durable before anything is written into it.
            var torn = Array(bytes.prefix(max(kept, SegmentHeader.bytes)))
            while torn.count < bytes.count {
                let end = min(bytes.count, (torn.count / 512 + 1) * 512)
                let survives = random.chance(500)
                torn += bytes[torn.count..<end].map { survives ? $0 : 0 }
            }
            left[number] = torn
        }
        return left
    }
}
