public import WeirBase

extension OpenRequest {
    /// Its records as bytes, to be kept beside a journal position. Names are the numbers that it has.
    public func append(to out: inout ByteBuffer) {
        var writer = RecordWriter(OpenRequest.header)
        writer.append(hold, to: &out)
        for attempt in attempts { writer.append(attempt, of: hold.request, to: &out) }
    }

    /// Reads what `append` wrote; nil for anything else.
    public init?(_ bytes: Span<UInt8>) {
        var reader = RecordReader(OpenRequest.header, from: 0)
        guard case .record(let first) = reader.next(in: bytes), first.kind == .hold,
            let hold = RecordReader.hold(first, in: bytes)
        else { return nil }
        self.init(hold: hold)
        reader.take(first)
        while reader.offset < bytes.count {
            guard case .record(let record) = reader.next(in: bytes), record.kind == .attempt,
                let (attempt, _) = RecordReader.attempt(record, in: bytes)
            else { return nil }
            attempts.append(attempt)
            reader.take(record)
        }
    }

    /// The same with other numbers for its names.
    public func renamed(_ rename: (NameNumber) -> NameNumber) -> OpenRequest {
        var copy = self
        copy.hold.team = rename(hold.team)
        copy.hold.key = rename(hold.key)
        copy.hold.model = rename(hold.model)
        copy.hold.tags = rename(hold.tags)
        copy.hold.provider = rename(hold.provider)
        copy.hold.target = rename(hold.target)
        for index in attempts.indices {
            copy.attempts[index].provider = rename(attempts[index].provider)
            copy.attempts[index].target = rename(attempts[index].target)
            copy.attempts[index].priceVersion = rename(attempts[index].priceVersion)
        }
        return copy
    }

    private static let header = SegmentHeader(loop: 0, number: 0, segmentBytes: SegmentHeader.smallestSegment)
}

extension AttemptRecord {
    /// Its bytes, to be kept in a row.
    public func append(to out: inout ByteBuffer) { RecordWriter.appendBody(of: self, to: &out) }

    /// Reads attempts that `append` wrote one after the other; nil for anything else.
    public static func list(_ bytes: Span<UInt8>) -> [AttemptRecord]? {
        var attempts: [AttemptRecord] = []
        var at = 0
        while at < bytes.count {
            guard at + RecordLayout.attemptBytes <= bytes.count,
                let attempt = RecordReader.attempt(bytes, at: at, before: bytes.count)
            else { return nil }
            attempts.append(attempt)
            at += RecordLayout.attemptBytes + 4 * bytes.word32(at: at + RecordLayout.attemptBytes - 4).nonzeroBitCount
        }
        return attempts
    }
}
