import WeirBase

/// Appends records to a buffer, numbered and checksummed for one segment.
struct RecordWriter: Sendable {
    let seed: UInt32
    private(set) var sequence: UInt32 = 0

    init(_ header: SegmentHeader) { seed = header.seed }

    mutating func appendName(_ number: NameNumber, _ space: NameSpace, _ text: String, to out: inout ByteBuffer) {
        let start = begin(.name, bytes: NameRecord.bytes(of: text), extra: UInt32(space.rawValue), &out)
        out.append(littleEndian: number.value)
        out.append(littleEndian: UInt32(truncatingIfNeeded: text.utf8.count))
        out.append(text)
        end(start, &out)
    }

    mutating func append(_ hold: HoldRecord, to out: inout ByteBuffer) {
        let start = begin(.hold, bytes: RecordLayout.holdBytes, extra: hold.tags.value, &out)
        out.append(littleEndian: UInt64(bitPattern: hold.request.value))
        out.append(littleEndian: UInt64(bitPattern: hold.at))
        out.append(littleEndian: UInt64(bitPattern: hold.held.nanoUSD))
        out.append(littleEndian: hold.team.value)
        out.append(littleEndian: hold.key.value)
        out.append(littleEndian: hold.model.value)
        out.append(littleEndian: hold.provider.value)
        out.append(littleEndian: hold.target.value)
        out.append(littleEndian: UInt32(hold.isFirst ? 1 : 0))
        end(start, &out)
    }

    mutating func append(_ attempt: AttemptRecord, of request: RequestID, to out: inout ByteBuffer) {
        let start = begin(.attempt, bytes: 0, extra: 0, &out)
        out.append(littleEndian: UInt64(bitPattern: request.value))
        RecordWriter.appendBody(of: attempt, to: &out)
        end(start, &out)
    }

    mutating func append(_ settle: SettleRecord, with attempt: AttemptRecord?, to out: inout ByteBuffer) {
        let flags = UInt32(settle.status.rawValue) | (attempt == nil ? 0 : 0x100)
        let start = begin(.settle, bytes: 0, extra: flags, &out)
        out.append(littleEndian: UInt64(bitPattern: settle.request.value))
        out.append(littleEndian: UInt64(bitPattern: settle.at))
        out.append(littleEndian: UInt64(bitPattern: settle.cost.nanoUSD))
        out.append(littleEndian: UInt64(bitPattern: settle.estimated.nanoUSD))
        out.append(littleEndian: UInt64(0))  // room for what a later version adds
        if let attempt { RecordWriter.appendBody(of: attempt, to: &out) }
        end(start, &out)
    }

    mutating func append(_ adjustment: AdjustmentRecord, to out: inout ByteBuffer) {
        let start = begin(
            .adjustment, bytes: RecordLayout.adjustmentBytes, extra: adjustment.tags.value, &out)
        out.append(littleEndian: UInt64(bitPattern: adjustment.request.value))
        out.append(littleEndian: UInt64(bitPattern: adjustment.at))
        out.append(littleEndian: UInt64(bitPattern: adjustment.delta.nanoUSD))
        out.append(littleEndian: UInt64(bitPattern: adjustment.estimatedDelta.nanoUSD))
        out.append(littleEndian: adjustment.team.value)
        out.append(littleEndian: adjustment.key.value)
        out.append(littleEndian: adjustment.model.value)
        out.append(littleEndian: adjustment.provider.value)
        out.append(littleEndian: adjustment.priceVersion.value)
        end(start, &out)
    }

    mutating func appendSeal(to out: inout ByteBuffer) {
        let start = begin(.seal, bytes: RecordLayout.sealBytes, extra: 0, &out)
        end(start, &out)
    }

    static func appendBody(of attempt: AttemptRecord, to out: inout ByteBuffer) {
        out.append(littleEndian: UInt64(bitPattern: attempt.at))
        out.append(littleEndian: UInt64(bitPattern: attempt.cost.nanoUSD))
        out.append(littleEndian: attempt.provider.value)
        out.append(littleEndian: attempt.target.value)
        out.append(littleEndian: attempt.priceVersion.value)
        out.append(littleEndian: attempt.durationMicroseconds)
        out.append(littleEndian: attempt.firstByteMicroseconds)
        out.append(
            littleEndian: UInt32(attempt.number) | UInt32(attempt.status.rawValue) << 8
                | UInt32(attempt.httpStatus) << 16)
        UsageLayout.append(attempt.usage, context: attempt.context, to: &out)
    }

    private mutating func begin(
        _ kind: RecordKind, bytes: Int, extra: UInt32, _ out: inout ByteBuffer
    ) -> Int {
        let start = out.count
        out.reserve(bytes > 0 ? bytes : RecordLayout.longestSettle)
        out.append(littleEndian: UInt32(0))
        out.append(littleEndian: UInt32(kind.rawValue) << 16 | UInt32(RecordLayout.version) << 24)
        out.append(littleEndian: sequence)
        out.append(littleEndian: extra)
        sequence &+= 1
        return start
    }

    /// Pads the record, and writes its length and then its checksum.
    private func end(_ start: Int, _ out: inout ByteBuffer) {
        while out.count & 7 != start & 7 { out.append(0) }
        let length = out.count - start
        let kind = out.span.word32(at: start + 4)
        out.replace(at: start + 4, littleEndian: kind | UInt32(truncatingIfNeeded: length))
        let checksum = out.span.extracting(start + 4..<start + length).checksum(goingOnFrom: seed)
        out.replace(at: start, littleEndian: checksum)
    }
}
