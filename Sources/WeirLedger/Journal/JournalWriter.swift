public import WeirBase

/// One loop's end of the ledger: records are appended to a buffer as they come, and `flush` hands all of a turn's to the storage at once.
///
/// The promises, which the loop keeps by the order of its calls: a hold is flushed before its upstream is called, a settle before the last byte
/// of its answer is sent. A flush that fails loses nothing: records stay in the buffer and the next flush takes them along; until one works,
/// `isAvailable` is false and priced requests are refused. Records after a hold always have room, for `canHold` reserves it: so the buffer is
/// bounded by what the requests under way may still write.
///
/// Belongs to one thread.
public final class JournalWriter {
    /// Room that an open request may still need: its settle and an attempt of its own record, both with every count of usage.
    static let reservePerRequest = RecordLayout.longestSettle + RecordLayout.longestAttempt

    public let loop: Int
    private let names: LedgerNames
    private let storage: any JournalStorage
    private var buffer = ByteBuffer(capacity: 4 << 10)
    /// Where in the buffer each segment's bytes begin; one, but for the turn in which a segment ends.
    private var pieces: [Piece]
    private var records: RecordWriter
    private var segment: UInt32
    private var offset = SegmentHeader.bytes
    private var declared: ContiguousArray<UInt64> = []

    /// Whether the last flush reached the storage.
    public private(set) var isAvailable = true
    /// Where the journal ends as far as it has been written.
    public private(set) var written: JournalPosition
    /// Requests with a hold and without a settle.
    public private(set) var openRequests: Int

    private struct Piece {
        let segment: UInt32
        var offset: Int
        var start: Int
    }

    /// - Parameters:
    ///   - segment: an empty one; the journal goes on there.
    ///   - openRequests: what an earlier segment left open and this writer settles: recovery's.
    public init(
        loop: Int, startingAt segment: UInt32, names: LedgerNames, storage: any JournalStorage, openRequests: Int = 0
    ) {
        self.openRequests = openRequests
        self.loop = loop
        self.names = names
        self.storage = storage
        self.segment = segment
        records = RecordWriter(
            SegmentHeader(loop: loop, number: segment, segmentBytes: storage.segmentBytes))
        pieces = [Piece(segment: segment, offset: SegmentHeader.bytes, start: 0)]
        written = .start(of: segment)
    }

    /// Where the journal ends with all records that have been appended. Once `durable` is there, they survive the loss of power.
    public var appended: JournalPosition { JournalPosition(segment: segment, offset: offset) }

    /// Whether the segment that the journal is in has no record yet.
    public var isAtSegmentStart: Bool { offset == SegmentHeader.bytes }

    /// Everything before it survives the loss of power.
    public var durable: JournalPosition { storage.durable }

    /// Whether what was written can still become durable.
    public var canBecomeDurable: Bool { storage.canBecomeDurable }

    /// Asks for durability of what has been written.
    public func makeDurable() { storage.makeDurable() }

    /// Bytes that wait for a flush.
    public var pendingBytes: Int { buffer.count }

    /// Whether one more request may be held: the storage takes bytes, and the space that is allocated already is enough for its records and for
    /// all that the open requests may still write. If not: 503 ledger_unavailable.
    public var canHold: Bool {
        guard isAvailable else { return false }
        let needed =
            RecordLayout.holdBytes + 6 * RecordLayout.longest + JournalWriter.reservePerRequest * (openRequests + 1)
            + names.settleNameBytes
        return room >= needed
    }

    /// Bytes that can be written into allocated segments, but for what a segment's end may waste.
    private var room: Int {
        let last = storage.preparedThrough
        guard last >= segment else { return 0 }
        let waste = 6 * RecordLayout.longest + RecordLayout.longestSettle + RecordLayout.sealBytes
        let further = Int(last - segment) * (storage.segmentBytes - SegmentHeader.bytes - waste)
        return further + max(0, storage.segmentBytes - offset - waste)
    }

    /// Appends a hold. `canHold` was true in this turn.
    public func hold(_ hold: HoldRecord) {
        prepare(
            RecordLayout.holdBytes, hold.team, hold.key, hold.model, hold.tags, hold.provider, hold.target)
        let start = buffer.count
        records.append(hold, to: &buffer)
        offset += buffer.count - start
        if hold.isFirst { openRequests += 1 }
    }

    /// Appends an attempt after which the request goes on; the last one goes with the settle.
    public func attempt(_ attempt: AttemptRecord, of request: RequestID) {
        prepare(RecordLayout.longestAttempt, attempt.provider, attempt.target, attempt.priceVersion)
        let start = buffer.count
        records.append(attempt, of: request, to: &buffer)
        offset += buffer.count - start
    }

    /// Appends a settle, exactly one for every request with a hold, with the last attempt where there was one.
    public func settle(_ settle: SettleRecord, with attempt: AttemptRecord?) {
        prepare(
            RecordLayout.longestSettle, attempt?.provider ?? .none, attempt?.target ?? .none,
            attempt?.priceVersion ?? .none)
        let start = buffer.count
        records.append(settle, with: attempt, to: &buffer)
        offset += buffer.count - start
        openRequests -= 1
    }

    /// Appends a later correction.
    public func adjust(_ adjustment: AdjustmentRecord) {
        prepare(
            RecordLayout.adjustmentBytes, adjustment.team, adjustment.key, adjustment.model, adjustment.tags,
            adjustment.provider, adjustment.priceVersion)
        let start = buffer.count
        records.append(adjustment, to: &buffer)
        offset += buffer.count - start
    }

    /// Writes all that was appended since the last flush: once a turn, after its jobs and before its sends. Costs nothing where nothing was.
    /// - Throws: why it could not be written. The records are kept; call it again in a later turn.
    public func flush() throws(JournalError) {
        guard !buffer.isEmpty else { return }
        do throws(JournalError) {
            while pieces.count > 1 {
                try write(pieces[0], upTo: pieces[1].start)
                pieces.removeFirst()
            }
            try write(pieces[0], upTo: buffer.count)
        } catch {
            isAvailable = false
            forgetWritten()
            throw error
        }
        buffer.removeAll()
        pieces[0] = Piece(segment: segment, offset: offset, start: 0)
        written = appended
        isAvailable = true
    }

    private func write(_ piece: Piece, upTo end: Int) throws(JournalError) {
        guard end > piece.start else { return }
        try storage.write(
            buffer, ByteRange(start: piece.start, end: end), segment: piece.segment, offset: piece.offset)
        written = JournalPosition(segment: piece.segment, offset: piece.offset + end - piece.start)
    }

    /// Gives up the bytes before the first piece, which are written.
    private func forgetWritten() {
        let start = pieces[0].start
        buffer.removeFirst(start)
        for index in pieces.indices { pieces[index].start -= start }
    }

    // MARK: Segments and names

    /// Makes sure that a record of at most `bytes` and the names that it carries fit into the segment, and declares those that it does not know.
    private func prepare(
        _ bytes: Int, _ first: NameNumber, _ second: NameNumber, _ third: NameNumber, _ fourth: NameNumber = .none,
        _ fifth: NameNumber = .none, _ sixth: NameNumber = .none
    ) {
        let isKnown =
            isDeclared(first) && isDeclared(second) && isDeclared(third) && isDeclared(fourth) && isDeclared(fifth)
            && isDeclared(sixth)
        // New names are so rare that their bound is good enough.
        let needed = bytes + RecordLayout.sealBytes + (isKnown ? 0 : 6 * RecordLayout.longest)
        if offset + needed > storage.segmentBytes {
            startNextSegment()
        } else if isKnown {
            return
        }
        declare(first)
        declare(second)
        declare(third)
        declare(fourth)
        declare(fifth)
        declare(sixth)
    }

    /// Ends the segment that the journal is in: nothing more is written there.
    public func sealSegment() { startNextSegment() }

    private func startNextSegment() {
        records.appendSeal(to: &buffer)
        segment += 1
        offset = SegmentHeader.bytes
        pieces.append(Piece(segment: segment, offset: offset, start: buffer.count))
        records = RecordWriter(SegmentHeader(loop: loop, number: segment, segmentBytes: storage.segmentBytes))
        for index in declared.indices { declared[index] = 0 }
    }

    private func isDeclared(_ number: NameNumber) -> Bool {
        let word = Int(number.value >> 6)
        return number == .none || (word < declared.count && declared[word] >> UInt64(number.value & 63) & 1 != 0)
    }

    private func declare(_ number: NameNumber) {
        guard !isDeclared(number), let name = names.name(number) else { return }
        let word = Int(number.value >> 6)
        while declared.count <= word { declared.append(0) }
        declared[word] |= 1 << UInt64(number.value & 63)
        let start = buffer.count
        records.appendName(number, name.space, name.text, to: &buffer)
        offset += buffer.count - start
    }
}
