public import WeirBase

/// A journal in memory, for the simulator and for tests: it keeps what was written and can be made to fail.
public final class MemoryJournal: JournalStorage {
    public let segmentBytes: Int
    /// Segments there may be; lower it to play a disk that fills.
    public var preparedThrough: UInt32
    public let loop: Int
    /// What the next writes throw; nil while all is well.
    public var failure: JournalError?
    /// Each segment's bytes as far as they were written.
    public private(set) var segments: [UInt32: [UInt8]] = [:]
    public private(set) var durable = JournalPosition.start(of: 0)
    private var end = JournalPosition.start(of: 0)

    public init(loop: Int = 0, segmentBytes: Int = 1 << 20, preparedThrough: UInt32 = .max) {
        self.loop = loop
        self.segmentBytes = segmentBytes
        self.preparedThrough = preparedThrough
    }

    public func write(
        _ buffer: borrowing ByteBuffer, _ range: ByteRange, segment: UInt32, offset: Int
    ) throws(JournalError) {
        if let failure { throw failure }
        var bytes = segments[segment] ?? header(of: segment)
        while bytes.count < offset + range.count { bytes.append(0) }
        let span = buffer.span
        for (place, at) in range.bounds.enumerated() { bytes[offset + place] = span[at] }
        segments[segment] = bytes
        end = JournalPosition(segment: segment, offset: offset + range.count)
    }

    private func header(of segment: UInt32) -> [UInt8] {
        var out = ByteBuffer()
        SegmentHeader(loop: loop, number: segment, segmentBytes: segmentBytes).append(to: &out)
        let span = out.span
        return span.indices.map { span[$0] }
    }

    public var canBecomeDurable: Bool { true }
    public func makeDurable() { durable = end }
}
