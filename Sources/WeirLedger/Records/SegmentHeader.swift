public import WeirBase

/// The first 64 bytes of a segment file: which loop's and which segment it is. What it says is known beforehand, so that whoever writes records
/// need not read it, and its checksum is the seed of every record's.
public struct SegmentHeader: Hashable, Sendable {
    public static let bytes = 64
    /// No segment is smaller: every record and a few names must fit into an empty one.
    public static let smallestSegment = 64 << 10
    /// No segment is larger: an offset takes 32 bits, and readers map a segment whole.
    public static let largestSegment = 1 << 30
    private static let magic: UInt64 = 0x3130_4A52_4945_5721  // "!WEIRJ01"

    public let loop: UInt32
    /// From 1; never used again for the same loop.
    public let number: UInt32
    public let segmentBytes: Int

    public init(loop: Int, number: UInt32, segmentBytes: Int) {
        precondition(segmentBytes >= SegmentHeader.smallestSegment && segmentBytes <= SegmentHeader.largestSegment)
        precondition(segmentBytes & 7 == 0)
        self.loop = UInt32(loop)
        self.number = number
        self.segmentBytes = segmentBytes
    }

    /// Reads a header; nil if `bytes` do not begin with one.
    public init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= SegmentHeader.bytes, bytes.word64(at: 0) == SegmentHeader.magic else { return nil }
        let size = Int(bytes.word32(at: 16))
        guard size >= SegmentHeader.smallestSegment, size <= SegmentHeader.largestSegment, size & 7 == 0 else {
            return nil
        }
        loop = bytes.word32(at: 8)
        number = bytes.word32(at: 12)
        segmentBytes = size
        guard bytes.word32(at: 20) == seed else { return nil }
    }

    /// Appends the 64 bytes.
    public func append(to out: inout ByteBuffer) {
        appendFields(to: &out)
        out.append(littleEndian: seed)
        for _ in 0..<5 { out.append(littleEndian: UInt64(0)) }
    }

    private func appendFields(to out: inout ByteBuffer) {
        out.append(littleEndian: SegmentHeader.magic)
        out.append(littleEndian: loop)
        out.append(littleEndian: number)
        out.append(littleEndian: UInt32(truncatingIfNeeded: segmentBytes))
    }

    var seed: UInt32 {
        var fields = ByteBuffer(capacity: 32)
        appendFields(to: &fields)
        return fields.span.checksum()
    }
}

/// A place in a loop's journal: between two records. Places of one loop are ordered.
public struct JournalPosition: Hashable, Comparable, Sendable {
    public let segment: UInt32
    public let offset: UInt32

    public init(segment: UInt32, offset: Int) {
        self.segment = segment
        self.offset = UInt32(offset)
    }

    /// From the word that `word` gives: for an atomic that threads share.
    public init(word: UInt64) {
        segment = UInt32(truncatingIfNeeded: word >> 32)
        offset = UInt32(truncatingIfNeeded: word)
    }

    public var word: UInt64 { UInt64(segment) << 32 | UInt64(offset) }

    public static func < (left: JournalPosition, right: JournalPosition) -> Bool { left.word < right.word }

    /// Before the first record of segment `number`.
    public static func start(of number: UInt32) -> JournalPosition {
        JournalPosition(segment: number, offset: SegmentHeader.bytes)
    }
}
