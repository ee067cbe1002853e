import WeirBase

/// A record as it stands in a journal; names are numbers of the process that wrote it.
enum JournalRecord {
    case name(NameNumber, NameSpace, ByteRange)
    case hold(HoldRecord)
    case attempt(AttemptRecord, RequestID)
    case settle(SettleRecord, AttemptRecord?)
    case adjustment(AdjustmentRecord)
    case seal
}

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

    enum Step {
        case record(JournalRecord)
        case end(SegmentEnd)
    }

    /// The record at `offset` of the segment that `bytes` begin with.
    mutating func next(in bytes: Span<UInt8>) -> Step {
        guard offset + RecordLayout.headerBytes <= bytes.count else { return .end(.open) }
        let kindWord = bytes.word32(at: offset + 4)
        let length = Int(kindWord & 0xFFFF)
        if kindWord == 0, bytes.word32(at: offset) == 0 { return .end(.open) }
        guard length >= RecordLayout.headerBytes, length & 7 == 0, offset + length <= bytes.count,
            bytes.word32(at: offset + 8) == sequence,
            bytes.extracting(offset + 4..<offset + length).checksum(goingOnFrom: seed) == bytes.word32(at: offset),
            let record = RecordReader.read(bytes, at: offset, length: length)
        else { return .end(.damaged) }
        offset += length
        sequence &+= 1
        return .record(record)
    }

    private static func read(_ bytes: Span<UInt8>, at start: Int, length: Int) -> JournalRecord? {
        guard bytes[start + 7] == RecordLayout.version, let kind = RecordKind(rawValue: bytes[start + 6]) else {
            return nil
        }
        let end = start + length
        let extra = bytes.word32(at: start + 12)
        switch kind {
        case .name:
            guard length >= NameRecord.start, let space = NameSpace(rawValue: UInt8(truncatingIfNeeded: extra)) else {
                return nil
            }
            let count = Int(bytes.word32(at: start + 20))
            guard NameRecord.start + count <= length else { return nil }
            let text = ByteRange(start: start + NameRecord.start, end: start + NameRecord.start + count)
            return .name(NameNumber(value: bytes.word32(at: start + 16)), space, text)
        case .hold:
            guard length == RecordLayout.holdBytes else { return nil }
            return .hold(hold(bytes, at: start))
        case .attempt:
            guard length >= RecordLayout.attemptStart + RecordLayout.attemptBytes,
                let attempt = attempt(bytes, at: start + RecordLayout.attemptStart, before: end)
            else { return nil }
            return .attempt(attempt, request(bytes, at: start))
        case .settle:
            guard length >= RecordLayout.settleBytes,
                let status = RequestStatus(rawValue: UInt8(truncatingIfNeeded: extra))
            else { return nil }
            let settle = SettleRecord(
                request: request(bytes, at: start), at: Int64(bitPattern: bytes.word64(at: start + 24)), status: status,
                cost: money(bytes, at: start + 32), estimated: money(bytes, at: start + 40))
            guard extra & 0x100 != 0 else { return .settle(settle, nil) }
            guard length >= RecordLayout.settleBytes + RecordLayout.attemptBytes,
                let attempt = attempt(bytes, at: start + RecordLayout.settleBytes, before: end)
            else { return nil }
            return .settle(settle, attempt)
        case .adjustment:
            guard length == RecordLayout.adjustmentBytes else { return nil }
            return .adjustment(adjustment(bytes, at: start))
        case .seal:
            return .seal
        }
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
            let usage = UsageLayout.read(bytes, at: start + 40, before: end)
        else { return nil }
        return AttemptRecord(
            at: Int64(bitPattern: bytes.word64(at: start)), cost: money(bytes, at: start + 8),
            provider: name(bytes, at: start + 16), target: name(bytes, at: start + 20),
            priceVersion: name(bytes, at: start + 24), durationMicroseconds: bytes.word32(at: start + 28),
            firstByteMicroseconds: bytes.word32(at: start + 32), number: UInt8(truncatingIfNeeded: word),
            status: status, httpStatus: UInt16(truncatingIfNeeded: word >> 16), usage: usage)
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
