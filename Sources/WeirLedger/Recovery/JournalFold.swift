public import WeirBase

/// Reads one loop's journal and turns it into rows, each request once. Pure: the caller brings the bytes of one segment after the other and keeps
/// `position` and `open` together with the rows, in one transaction: whoever goes on from there gives no row twice and loses none.
public struct JournalFold: Sendable {
    public let loop: Int
    /// Where the journal was read to.
    public private(set) var position: JournalPosition
    /// Requests with a hold and, so far, without a settle.
    public private(set) var open: [RequestID: OpenRequest] = [:]
    /// The greatest id that was read.
    public private(set) var lastRequest: RequestID?
    /// Whether the last `fold` ended at something that is no record.
    public private(set) var isDamaged = false
    private var segment: Segment?

    /// What is known of the segment that is being read.
    fileprivate struct Segment {
        var reader: RecordReader
        /// The sink's numbers of the names that it declares.
        var names: ContiguousArray<UInt32> = []
    }

    public init(loop: Int, at position: JournalPosition = .start(of: 1), open: [OpenRequest] = []) {
        self.loop = loop
        self.position = position
        for request in open { self.open[request.hold.request] = request }
    }

    /// Reads on in the segment of `position`, as far as its records go.
    /// - Parameter bytes: the segment from its first byte on, all that there is of it. A writer may append at the same time.
    /// - Returns: why it stopped. After `sealed` go on with `startSegment`. `open` and `damaged` are the journal's end (a writer may be at it just
    ///   now), unless the next segment has records: then this one ended there, and what is damaged is lost.
    public mutating func fold(_ bytes: Span<UInt8>, into sink: any FoldSink) -> SegmentEnd {
        isDamaged = false
        guard var segment = segment ?? resume(bytes, sink) else { return .damaged }
        self.segment = nil
        defer {
            position = JournalPosition(segment: position.segment, offset: segment.reader.offset)
            self.segment = segment
        }
        while true {
            switch segment.reader.next(in: bytes) {
            case .record(let record):
                guard take(record, in: bytes, &segment, sink) else {
                    isDamaged = true
                    return .damaged
                }
                segment.reader.take(record)
                if record.kind == .seal { return .sealed }
            case .end(let end):
                isDamaged = end == .damaged
                return end
            }
        }
    }

    /// Goes on with the first record of segment `number`.
    public mutating func startSegment(_ number: UInt32) {
        position = .start(of: number)
        segment = nil
        isDamaged = false
    }

    /// Whether a segment that begins with `bytes` has a record: then the one before it has ended, sealed or not.
    public static func hasRecords(_ bytes: Span<UInt8>) -> Bool {
        guard let header = SegmentHeader(bytes) else { return false }
        let reader = RecordReader(header)
        if case .record = reader.next(in: bytes) { return true }
        return false
    }

    /// Reads the header, and the names that were declared before `position`.
    private func resume(_ bytes: Span<UInt8>, _ sink: any FoldSink) -> Segment? {
        guard let header = SegmentHeader(bytes), header.number == position.segment, header.loop == UInt32(loop) else {
            sink.problem(.badHeader(loop: loop, segment: position.segment))
            return nil
        }
        var segment = Segment(reader: RecordReader(header))
        while segment.reader.offset < Int(position.offset) {
            switch segment.reader.next(in: bytes) {
            case .record(let record):
                if record.kind == .name { _ = segment.declare(record, in: bytes, sink) }
                segment.reader.take(record)
            case .end:
                // Power was lost: the rows are there and the records are not.
                sink.problem(
                    .damaged(loop: loop, JournalPosition(segment: position.segment, offset: segment.reader.offset)))
                return nil
            }
        }
        return segment
    }

    // MARK: Records

    /// - Returns: false if the record says what no writer of this version says.
    private mutating func take(
        _ record: RecordReader.Record, in bytes: Span<UInt8>, _ segment: inout Segment, _ sink: any FoldSink
    ) -> Bool {
        switch record.kind {
        case .name: return segment.declare(record, in: bytes, sink)
        case .hold:
            guard let hold = RecordReader.hold(record, in: bytes) else { return false }
            take(hold, &segment, sink)
        case .attempt:
            guard let (attempt, request) = RecordReader.attempt(record, in: bytes) else { return false }
            take(attempt, of: request, &segment, sink)
        case .settle:
            guard let settle = RecordReader.settle(record, in: bytes) else { return false }
            guard RecordReader.settlesWithAttempt(record) else {
                take(settle, nil, &segment, sink)
                break
            }
            guard let attempt = RecordReader.settledAttempt(record, in: bytes) else { return false }
            take(settle, attempt, &segment, sink)
        case .adjustment:
            guard let adjustment = RecordReader.adjustment(record, in: bytes) else { return false }
            take(adjustment, &segment, sink)
        case .seal: break
        }
        return true
    }

    private mutating func take(_ hold: HoldRecord, _ segment: inout Segment, _ sink: any FoldSink) {
        lastRequest = max(lastRequest ?? hold.request, hold.request)
        var hold = hold
        hold.team = name(hold.team, &segment, sink)
        hold.key = name(hold.key, &segment, sink)
        hold.model = name(hold.model, &segment, sink)
        hold.tags = name(hold.tags, &segment, sink)
        hold.provider = name(hold.provider, &segment, sink)
        hold.target = name(hold.target, &segment, sink)
        // A further hold of the same request: its attempts stay, and it may hold more.
        let attempts = hold.isFirst ? [] : open[hold.request]?.attempts ?? []
        open[hold.request] = OpenRequest(hold: hold, attempts: attempts)
    }

    private mutating func take(
        _ attempt: AttemptRecord, of request: RequestID, _ segment: inout Segment, _ sink: any FoldSink
    ) {
        let attempt = renamed(attempt, &segment, sink)
        if open[request] == nil {
            sink.problem(.withoutHold(loop: loop, request))
            open[request] = OpenRequest(hold: .unknown(request, at: attempt.at))
        }
        // Bounded: a request makes at most 255 attempts, whatever a damaged journal says.
        if let count = open[request]?.attempts.count, count < 255 { open[request]?.attempts.append(attempt) }
    }

    private mutating func take(
        _ settle: SettleRecord, _ attempt: AttemptRecord?, _ segment: inout Segment, _ sink: any FoldSink
    ) {
        let last = attempt.map { renamed($0, &segment, sink) }
        let request = open.removeValue(forKey: settle.request)
        if request == nil { sink.problem(.withoutHold(loop: loop, settle.request)) }
        sink.settled(
            SettledRequest(
                hold: request?.hold ?? .unknown(settle.request, at: settle.at), earlier: request?.attempts ?? [],
                last: last, settle: settle, isOrphan: request == nil))
    }

    private func take(_ adjustment: AdjustmentRecord, _ segment: inout Segment, _ sink: any FoldSink) {
        var adjustment = adjustment
        adjustment.team = name(adjustment.team, &segment, sink)
        adjustment.key = name(adjustment.key, &segment, sink)
        adjustment.model = name(adjustment.model, &segment, sink)
        adjustment.tags = name(adjustment.tags, &segment, sink)
        adjustment.provider = name(adjustment.provider, &segment, sink)
        adjustment.priceVersion = name(adjustment.priceVersion, &segment, sink)
        sink.adjusted(adjustment)
    }

    private func renamed(_ attempt: AttemptRecord, _ segment: inout Segment, _ sink: any FoldSink) -> AttemptRecord {
        var attempt = attempt
        attempt.provider = name(attempt.provider, &segment, sink)
        attempt.target = name(attempt.target, &segment, sink)
        attempt.priceVersion = name(attempt.priceVersion, &segment, sink)
        return attempt
    }

    private func name(_ number: NameNumber, _ segment: inout Segment, _ sink: any FoldSink) -> NameNumber {
        guard number != .none else { return .none }
        guard let known = segment.name(number) else {
            sink.problem(
                .undeclaredName(
                    loop: loop, JournalPosition(segment: position.segment, offset: segment.reader.offset)))
            return .none
        }
        return known
    }
}

fileprivate extension JournalFold.Segment {
    mutating func declare(_ record: RecordReader.Record, in bytes: Span<UInt8>, _ sink: any FoldSink) -> Bool {
        // No writer gives out greater numbers; a file that says so must not take the memory.
        guard let (number, space, text) = RecordReader.name(record, in: bytes),
            number.value <= UInt32(LedgerNames.capacity)
        else { return false }
        let known = sink.name(space, bytes.text(text))
        while names.count <= Int(number.value) { names.append(0) }
        names[Int(number.value)] = known.value
        return true
    }

    func name(_ number: NameNumber) -> NameNumber? {
        guard Int(number.value) < names.count, names[Int(number.value)] != 0 else { return nil }
        return NameNumber(value: names[Int(number.value)])
    }
}

extension HoldRecord {
    /// Stands for a hold that was lost.
    static func unknown(_ request: RequestID, at: Int64) -> HoldRecord {
        HoldRecord(
            request: request, at: at, held: .zero, team: .none, key: .none, model: .none, provider: .none,
            target: .none)
    }
}
