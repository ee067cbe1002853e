import WeirBase

/// Why a segment's records end where they do.
public enum SegmentEnd: Hashable, Sendable {
    /// Nothing has been written there yet: four bytes of 0, or the file ends.
    case open
    /// The seal: the next segment goes on.
    case sealed
    /// Something that no writer wrote, or not whole: a torn write, a flipped bit. Nothing after it is believed.
    case damaged
}

/// Reads a segment's records one after the other, and believes none without its checksum and its number.
struct RecordReader {
    let seed: UInt32
    private(set) var offset: Int
    private(set) var sequence: UInt32 = 0

    init(_ header: SegmentHeader, from offset: Int = SegmentHeader.bytes) {
        seed = header.seed
        self.offset = offset
    }

    /// A record whose checksum and number are right; its fields are read by the function of its kind.
    struct Record {
        let kind: RecordKind
        let start: Int
        let end: Int
        /// The word of the header that is the kind's own.
        let extra: UInt32
    }

    enum Step {
        case record(Record)
        case end(SegmentEnd)
    }

    /// The record at `offset` of the segment that `bytes` begin with. It is behind the reader when it is `taken`.
    func next(in bytes: Span<UInt8>) -> Step {
        guard offset + RecordLayout.headerBytes <= bytes.count else { return .end(.open) }
        let kindWord = bytes.word32(at: offset + 4)
        let length = Int(kindWord & 0xFFFF)
        if kindWord == 0, bytes.word32(at: offset) == 0 { return .end(.open) }
        guard length >= RecordLayout.headerBytes, length & 7 == 0, offset + length <= bytes.count,
            bytes.word32(at: offset + 8) == sequence,
            bytes.extracting(offset + 4..<offset + length).checksum(goingOnFrom: seed) == bytes.word32(at: offset),
            kindWord >> 24 == UInt32(RecordLayout.version),
            let kind = RecordKind(rawValue: UInt8(truncatingIfNeeded: kindWord >> 16))
        else { return .end(.damaged) }
        return .record(
            Record(kind: kind, start: offset, end: offset + length, extra: bytes.word32(at: offset + 12)))
    }

    /// Goes behind the record that `next` gave: it could be read.
    mutating func take(_ record: Record) {
        offset = record.end
        sequence &+= 1
    }

    // MARK: Fields, nil where no writer wrote them so

    static func name(
        _ record: Record, in bytes: Span<UInt8>
    ) -> (number: NameNumber, space: NameSpace, text: ByteRange)? {
        guard record.end - record.start >= NameRecord.start,
            let space = NameSpace(rawValue: UInt8(truncatingIfNeeded: record.extra))
        else { return nil }
        let count = Int(bytes.word32(at: record.start + 20))
        let start = record.start + NameRecord.start
        guard start + count <= record.end else { return nil }
        return (name(bytes, at: record.start + 16), space, ByteRange(start: start, end: start + count))
    }

    static func hold(_ record: Record, in bytes: Span<UInt8>) -> HoldRecord? {
        guard record.end - record.start == RecordLayout.holdBytes else { return nil }
        return hold(bytes, at: record.start)
    }

    static func attempt(_ record: Record, in bytes: Span<UInt8>) -> (AttemptRecord, RequestID)? {
        let start = record.start + RecordLayout.attemptStart
        guard start + RecordLayout.attemptBytes <= record.end,
            let attempt = attempt(bytes, at: start, before: record.end)
        else { return nil }
        return (attempt, request(bytes, at: record.start))
    }

    static func settle(_ record: Record, in bytes: Span<UInt8>) -> SettleRecord? {
        let start = record.start
        guard record.end - start >= RecordLayout.settleBytes,
            let status = RequestStatus(rawValue: UInt8(truncatingIfNeeded: record.extra))
        else { return nil }
        return SettleRecord(
            request: request(bytes, at: start), at: Int64(bitPattern: bytes.word64(at: start + 24)), status: status,
            cost: money(bytes, at: start + 32), estimated: money(bytes, at: start + 40))
    }

    static func settlesWithAttempt(_ record: Record) -> Bool { record.extra & 0x100 != 0 }

    /// The attempt that a settle carries.
    static func settledAttempt(_ record: Record, in bytes: Span<UInt8>) -> AttemptRecord? {
        let start = record.start + RecordLayout.settleBytes
        guard start + RecordLayout.attemptBytes <= record.end else { return nil }
        return attempt(bytes, at: start, before: record.end)
    }

    static func adjustment(_ record: Record, in bytes: Span<UInt8>) -> AdjustmentRecord? {
        guard record.end - record.start == RecordLayout.adjustmentBytes else { return nil }
        return adjustment(bytes, at: record.start)
    }

    private static func hold(_ bytes: Span<UInt8>, at start: Int) -> HoldRecord {
        HoldRecord(
            request: request(bytes, at: start), at: Int64(bitPattern: bytes.word64(at: start + 24)),
            held: money(bytes, at: start + 32), team: name(bytes, at: start + 40), key: name(bytes, at: start + 44),
            model: name(bytes, at: start + 48), tags: name(bytes, at: start + 12),
            provider: name(bytes, at: start + 52), target: name(bytes, at: start + 56),
            isFirst: bytes.word32(at: start + 60) & 1 != 0)
    }

    static func attempt(_ bytes: Span<UInt8>, at start: Int, before end: Int) -> AttemptRecord? {
        let word = bytes.word32(at: start + 36)
        guard let status = AttemptStatus(rawValue: UInt8(truncatingIfNeeded: word >> 8)),
            let (usage, context) = UsageLayout.read(bytes, at: start + 40, before: end)
        else { return nil }
        return AttemptRecord(
            at: Int64(bitPattern: bytes.word64(at: start)), cost: money(bytes, at: start + 8),
            provider: name(bytes, at: start + 16), target: name(bytes, at: start + 20),
            priceVersion: name(bytes, at: start + 24), durationMicroseconds: bytes.word32(at: start + 28),
            firstByteMicroseconds: bytes.word32(at: start + 32), number: UInt8(truncatingIfNeeded: word),
            status: status, httpStatus: UInt16(truncatingIfNeeded: word >> 16), usage: usage,
            context: context)
    }

    private static func adjustment(_ bytes: Span<UInt8>, at start: Int) -> AdjustmentRecord {
        AdjustmentRecord(
            request: request(bytes, at: start), at: Int64(bitPattern: bytes.word64(at: start + 24)),
            delta: money(bytes, at: start + 32), estimatedDelta: money(bytes, at: start + 40),
            team: name(bytes, at: start + 48), key: name(bytes, at: start + 52), model: name(bytes, at: start + 56),
            tags: name(bytes, at: start + 12), provider: name(bytes, at: start + 60),
            priceVersion: name(bytes, at: start + 64))
    }

    private static func request(_ bytes: Span<UInt8>, at start: Int) -> RequestID {
        RequestID(value: Int64(bitPattern: bytes.word64(at: start + 16)))
    }

    private static func money(_ bytes: Span<UInt8>, at offset: Int) -> Money {
        Money(nanoUSD: Int64(bitPattern: bytes.word64(at: offset)))
    }

    private static func name(_ bytes: Span<UInt8>, at offset: Int) -> NameNumber {
        NameNumber(value: bytes.word32(at: offset))
    }
}
