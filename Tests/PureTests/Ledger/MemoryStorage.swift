import WeirBase
import WeirLedger

/// A journal in memory: segments as arrays, and faults on demand.
final class MemoryStorage: JournalStorage {
    let segmentBytes: Int
    var preparedThrough: UInt32
    private let loop: Int
    private(set) var segments: [UInt32: [UInt8]] = [:]
    private(set) var writes = 0
    var fault: JournalError?
    var durable = JournalPosition.start(of: 1)
    private var written = JournalPosition.start(of: 1)

    init(loop: Int = 0, segmentBytes: Int = SegmentHeader.smallestSegment, preparedThrough: UInt32 = 1_000) {
        self.loop = loop
        self.segmentBytes = segmentBytes
        self.preparedThrough = preparedThrough
    }

    func write(
        _ buffer: borrowing ByteBuffer, _ range: ByteRange, segment: UInt32, offset: Int
    ) throws(JournalError) {
        let bytes = buffer.span.extracting(range.bounds)
        if let fault { throw fault }
        guard segment <= preparedThrough else { throw .notPrepared(segment: segment) }
        writes += 1
        var whole = segments[segment] ?? emptySegment(segment)
        for index in bytes.indices { whole[offset + index] = bytes[index] }
        segments[segment] = whole
        written = JournalPosition(segment: segment, offset: offset + bytes.count)
    }

    /// Puts other bytes where a segment was: what a death or a bad disk left.
    func replace(_ segment: UInt32, with bytes: [UInt8]) { segments[segment] = bytes }

    var canBecomeDurable: Bool { true }
    func makeDurable() { durable = written }

    private func emptySegment(_ number: UInt32) -> [UInt8] {
        var header = ByteBuffer()
        SegmentHeader(loop: loop, number: number, segmentBytes: segmentBytes).append(to: &header)
        var bytes = [UInt8](repeating: 0, count: segmentBytes)
        for index in 0..<header.count { bytes[index] = header.span[index] }
        return bytes
    }
}
