public import WeirBase
internal import WeirWire

// Policy. A stream is read for its usage while it is relayed. Where Weir itself asked for usage (`strips`), the client must see what it would have
// seen without: the chunk that only carries usage is dropped, `"usage":null` is cut from all others, and no chunk with empty `choices` is let
// through (applications index choices[0]). For that an event cut by a read is held until it is whole, but only up to `heldLimit`: a larger event
// is no usage chunk and passes as it is, however the reads split it. Without `strips` nothing is ever held or changed.

/// How a stream ended, as the upstream said.
public enum OpenAIFinish: Equatable, Sendable {
    case stop, length, toolCalls, contentFilter, functionCall
    /// A Responses stream: `response.completed`, `.incomplete`, `.failed`.
    case completed, incomplete, failed
    /// A word outside of OpenAI's set; self-hosted servers have their own.
    case other
}

/// What a stream has shown so far.
public struct OpenAIStreamReport: Equatable, Sendable {
    public var usage = UsageReading.none
    /// The service tier that stood beside the usage.
    public var tier: ServiceTier?
    /// Events with data, `[DONE]` not counted.
    public var events = 0
    /// Of these, chunks that have a choice in them; 0 means that nothing of the answer was sent yet. In a Responses stream: named deltas.
    public var contentEvents = 0
    /// Events taken out of the stream.
    public var dropped = 0
    /// Whether the stream's terminal event has come: `[DONE]`, or one of a Responses stream that gives it a `finish`.
    public var isDone = false
    public var hasError = false
    /// The last finish reason; not read in events over `OpenAIStreamMeter.heldLimit`.
    public var finish: OpenAIFinish?
}

/// Meters an SSE answer of the OpenAI surface and takes out of it what Weir's own asking for usage put in.
public struct OpenAIStreamMeter: ~Copyable {
    /// The largest event that is held or changed.
    public static let heldLimit = 4 << 10

    /// What to send of a read.
    public enum Forwarding: Equatable, Sendable {
        /// The read's bytes as they are; nothing was appended.
        case whole
        /// What was appended to the output, which may be nothing.
        case appended
    }

    public let strips: Bool
    /// Whether the client has got whole events only: another event may follow here.
    public var isBetweenEvents: Bool { partial == .none || (strips && partial == .carried) }
    public private(set) var report = OpenAIStreamReport()
    /// Whether the answer's text is collected in `text`; not that of events over `heldLimit`.
    public let collectsText: Bool
    /// The texts that came since somebody took them away, one after the other.
    public private(set) var text = ByteBuffer()

    let place: OpenAIBody.UsagePlace
    private var scanner = SSEScanner()
    private(set) var partial = Partial.none
    /// The beginning of an incomplete event: held back if `strips`, else a copy to read.
    private var carry = ByteBuffer()
    private var madeLong: LongEvent?
    private var long: LongEvent {
        mutating get {
            if let madeLong { return madeLong }
            let fresh = LongEvent(place)
            madeLong = fresh
            return fresh
        }
    }
    private(set) var droppedLast = false
    /// Whether an event of a Responses stream had a name.
    private(set) var hasNames = false
    /// The stream's last two bytes.
    private var tail: (UInt8, UInt8) = (0, 0)
    /// Whether the stream's last bytes are LF and CR: a line with CRLF, and then a blank one whose LF has not come.
    var endsInSplitLineEnd: Bool { tail == (UInt8(ascii: "\n"), UInt8(ascii: "\r")) }

    enum Partial { case none, carried, long }

    /// - Parameters:
    ///   - strips: whether Weir asked for usage that the client did not ask for (`OpenAISplice.injectsUsage`).
    ///   - collectsText: whether somebody counts the answer's tokens, and takes `text` away while it is small.
    public init(_ place: OpenAIBody.UsagePlace = .top, strips: Bool, collectsText: Bool = false) {
        self.place = place
        self.strips = strips
        self.collectsText = collectsText
    }

    /// Reads the next piece of the stream (after chunked decoding) and says what goes to the client. An event is forwarded in the call that
    /// completes it; without `strips` every byte is forwarded in the call that brings it.
    public mutating func feed(_ bytes: Span<UInt8>, into out: inout ByteBuffer) -> Forwarding {
        if bytes.count > 0 { tail = (bytes.count > 1 ? bytes[bytes.count - 2] : tail.1, bytes[bytes.count - 1]) }
        var output = Output()
        var at = scanner.leadingLineFeed(in: bytes)
        if at > 0, droppedLast { output.cut(bytes, from: 0, to: at, &out) }
        if partial != .none {
            guard let end = resume(bytes, from: at, &output, &out) else { return output.finish(bytes, &out) }
            at = end
        }
        while at < bytes.count, let event = scanner.next(in: bytes, from: at) {
            let start = at
            at = Int(event.range.end)
            switch inspect(bytes, event) {
            case .pass: break
            case .drop: output.cut(bytes, from: start, to: at, &out)
            case .cut(let from, let to): output.cut(bytes, from: from, to: to, &out)
            }
        }
        if at < bytes.count { keepTail(bytes, from: at, &output, &out) }
        return output.finish(bytes, &out)
    }

    /// The stream has ended as its framing says: releases what is held. An event without its blank line is none to the client, but it is the
    /// client's to see. Where the stream broke, what is held is dropped instead: only a part of it, and perhaps not meant for the client.
    public mutating func finish(into out: inout ByteBuffer) {
        if strips, partial == .carried { out.append(carry.span) }
        carry.removeAll()
        partial = .none
    }

    /// Forgets the text that was read.
    public mutating func removeText() { text.removeAll() }

    // MARK: Events cut by a read

    /// Follows the incomplete event into this read.
    /// - Returns: where it ends; nil if it goes on.
    private mutating func resume(
        _ bytes: Span<UInt8>, from start: Int, _ output: inout Output, _ out: inout ByteBuffer
    ) -> Int? {
        let end = scanner.findEnd(in: bytes, from: start)
        let stop = end ?? bytes.count
        if partial == .carried {
            if carry.count + (stop - start) <= Self.heldLimit {
                carry.append(bytes.extracting(start..<stop))
                if strips { output.cut(bytes, from: start, to: stop, &out) }
                guard end != nil else { return nil }
                completeCarried(&out)
                return end
            }
            releaseCarried(bytes, at: start, &output, &out)
        }
        long.feed(bytes, from: start, to: stop)
        guard end != nil else { return nil }
        completeLong()
        scanner.skipped()
        return end
    }

    /// The incomplete event is over the limit: it passes, and is read piece by piece from here on.
    private mutating func releaseCarried(
        _ bytes: Span<UInt8>, at start: Int, _ output: inout Output, _ out: inout ByteBuffer
    ) {
        var held = ByteBuffer()
        swap(&held, &carry)
        if strips { output.insert(held.span, bytes, at: start, &out) }
        long.begin()
        long.feed(held.span, from: 0, to: held.count)
        held.removeAll()
        swap(&held, &carry)
        partial = .long
    }

    private mutating func completeCarried(_ out: inout ByteBuffer) {
        // The buffer steps out while it is read: a span of one member and a change of another do not go together.
        var held = ByteBuffer()
        swap(&held, &carry)
        forward(held, &out)
        held.removeAll()
        swap(&held, &carry)
        partial = .none
    }

    /// Reads the event that `held` is and appends what the client gets of it, if it was held back.
    private mutating func forward(_ held: borrowing ByteBuffer, _ out: inout ByteBuffer) {
        let event = scanner.complete(held.span)
        let verdict = event.map { inspect(held.span, $0) } ?? .pass
        guard strips else { return }
        switch verdict {
        case .pass: out.append(held.span)
        case .drop: break
        case .cut(let from, let to):
            out.append(held.span.extracting(0..<from))
            out.append(held.span.extracting(to..<held.count))
        }
    }

    private mutating func keepTail(
        _ bytes: Span<UInt8>, from start: Int, _ output: inout Output, _ out: inout ByteBuffer
    ) {
        droppedLast = false
        if bytes.count - start <= Self.heldLimit {
            carry.append(bytes.extracting(start..<bytes.count))
            partial = .carried
            if strips { output.cut(bytes, from: start, to: bytes.count, &out) }
        } else {
            long.begin()
            long.feed(bytes, from: start, to: bytes.count)
            partial = .long
        }
    }

    private mutating func completeLong() {
        partial = .none
        droppedLast = false
        guard long.hasData else { return }
        report.events += 1
        note(long.usage, long.tier)
        if place == .inResponse {
            if long.name != ShortName() { hasNames = true }
            noteName(long.name)
            if long.isDelta { report.contentEvents += 1 }
        } else {
            report.contentEvents += 1
        }
    }

    // MARK: Whole events

    enum Verdict: Equatable {
        case pass, drop
        case cut(from: Int, to: Int)
    }

    @inline(__always)
    private mutating func inspect(_ bytes: Span<UInt8>, _ event: SSEEvent) -> Verdict {
        droppedLast = false
        guard event.dataLines > 0 else { return .pass }
        guard event.range.count <= Self.heldLimit else {
            long.begin()
            long.feed(bytes, from: Int(event.range.start), to: Int(event.range.end))
            completeLong()
            return .pass
        }
        let verdict: Verdict
        if event.dataLines > 1 {
            verdict = inspectLines(bytes, event)
        } else {
            verdict = inspectPayload(bytes, Int(event.data.start), Int(event.data.end), name: event.name)
        }
        guard strips else { return .pass }
        if verdict == .drop {
            report.dropped += 1
            droppedLast = true
        }
        return verdict
    }

    /// JSON over several `data` lines: nobody sends it, the standard allows it. Such an event is dropped or passed, never cut.
    private mutating func inspectLines(_ bytes: Span<UInt8>, _ event: SSEEvent) -> Verdict {
        var joined = ByteBuffer(capacity: event.range.count)
        event.appendData(of: bytes, to: &joined, separator: UInt8(ascii: " "))
        let nameStart = joined.count
        joined.append(bytes, event.name)
        let verdict = inspectPayload(
            joined.span, 0, nameStart, name: ByteRange(start: nameStart, end: joined.count))
        return verdict == .drop ? .drop : .pass
    }

    @inline(__always)
    private mutating func inspectPayload(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, name: ByteRange) -> Verdict {
        if bytes.has("[DONE]", at: start, before: end) {
            report.isDone = true
            return .pass
        }
        report.events += 1
        if place == .inResponse {
            inspectResponse(bytes, start, end, name)
            return .pass
        }
        let marks = ChunkMarks(bytes, from: start, to: end)
        if marks.hasChoice {
            report.contentEvents += 1
            if collectsText { DeltaText.append(chunk: bytes, from: start, to: end, to: &text) }
        }
        if let finish = marks.finish { report.finish = finish }
        guard marks.needsScan || (strips && marks.usageAt >= 0) else { return .pass }
        if !marks.needsScan {
            // The usual chunk of a stream with include_usage: `"usage":null` near its end.
            return marks.cutOfNull(bytes, to: end)
        }
        return scanChunk(bytes, start, end)
    }

    /// A chunk with a usage object, an error, or no choice in it.
    private mutating func scanChunk(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Verdict {
        guard
            var members = try? JSONScanner.members(of: bytes, in: ByteRange(start: start, end: end), wanted: Self.names)
        else {
            return .pass
        }
        let usage = members.member(0)
        if let usage {
            switch usage.kind {
            case .object:
                note(OpenAIUsage.read(bytes, usage.value), members.member(3).flatMap { ServiceTier(bytes, $0.value) })
            case .null: break
            default: note(.unreadable, nil)
            }
        }
        if let error = members.member(2), error.kind != .null {
            report.hasError = true
            return .pass
        }
        let isEmpty: Bool
        if let choices = members.member(1) {
            isEmpty = choices.kind == .null || Self.isEmptyArray(bytes, choices)
        } else {
            isEmpty = usage?.kind == .object
        }
        if isEmpty { return .drop }
        guard let usage else { return .pass }
        return ChunkMarks.cut(bytes, key: Int(usage.key.start), valueEnd: Int(usage.value.end), end: end)
    }

    private static let names: [ShortName] = ["usage", "choices", "error", ServiceTier.name]

    private static func isEmptyArray(_ bytes: Span<UInt8>, _ member: JSONMember) -> Bool {
        guard member.kind == .array else { return false }
        let inside = Int(member.value.start) + 1
        return bytes.firstNonWhitespace(from: inside, to: Int(member.value.end)) == Int(member.value.end) - 1
    }

    // MARK: Responses

    private mutating func inspectResponse(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ name: ByteRange) {
        if !name.isEmpty { hasNames = true }
        if bytes.has(".delta", at: Int(name.end) &- 6, before: Int(name.end)) {
            report.contentEvents += 1
            if collectsText { DeltaText.append(event: bytes, from: start, to: end, to: &text) }
        } else {
            noteName(ShortName(bytes, from: Int(name.start), to: Int(name.end)))
        }
        guard ChunkMarks.nextUsage(bytes, from: start, to: end) != nil else { return }
        long.begin()
        long.feedPayload(bytes, from: start, to: end)
        note(long.usage, long.tier)
    }

    private mutating func noteName(_ name: ShortName?) {
        switch name {
        case Self.completed: end(.completed)
        case Self.incomplete: end(.incomplete)
        case Self.failed: end(.failed)
        case Self.error: report.hasError = true
        default: break
        }
    }

    private mutating func end(_ finish: OpenAIFinish) {
        report.finish = finish
        report.isDone = true
    }

    private static let completed: ShortName = "response.completed"
    private static let incomplete: ShortName = "response.incomplete"
    private static let failed: ShortName = "response.failed"
    private static let error: ShortName = "error"

    private mutating func note(_ usage: UsageReading, _ tier: ServiceTier?) {
        guard usage != .none else { return }
        report.usage = usage
        report.tier = tier
    }
}

/// What of a read goes out: the bytes up to `copied` are in the output already, if any are.
private struct Output {
    private var isWhole = true
    private var copied = 0

    /// Leaves `from..<to` out.
    mutating func cut(_ bytes: Span<UInt8>, from: Int, to: Int, _ out: inout ByteBuffer) {
        if from > copied { out.append(bytes.extracting(copied..<from)) }
        copied = to
        isWhole = false
    }

    /// Puts `held` before the byte at `offset`.
    mutating func insert(_ held: Span<UInt8>, _ bytes: Span<UInt8>, at offset: Int, _ out: inout ByteBuffer) {
        cut(bytes, from: offset, to: offset, &out)
        out.append(held)
    }

    mutating func finish(_ bytes: Span<UInt8>, _ out: inout ByteBuffer) -> OpenAIStreamMeter.Forwarding {
        if isWhole { return .whole }
        cut(bytes, from: bytes.count, to: bytes.count, &out)
        return .appended
    }
}
