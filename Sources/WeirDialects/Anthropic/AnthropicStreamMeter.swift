public import WeirBase
internal import WeirWire

// Policy. A stream is read for its usage while it is relayed, and never held or changed: Anthropic's streams have their usage unasked. An event cut by
// a read is kept as a copy up to `keptLimit`; a larger one is read piece by piece. The event that counts as the end is `message_stop`, whatever
// happens to the framing after it.

/// How a Messages stream ended, as the upstream said.
public enum AnthropicFinish: Equatable, Sendable {
    case endTurn, stopSequence, maxTokens, toolUse, pauseTurn, refusal, contextWindow
    case other
}

/// What a stream has shown so far.
public struct AnthropicStreamReport: Equatable, Sendable {
    /// The usage, once `message_delta` has told of the output; none before.
    public var usage = UsageReading.none
    /// What `message_start` told: the input is final there, the output only begins. For streams that break.
    public var begun: Usage?
    /// Events with data, pings included.
    public var events = 0
    /// Of these, beginnings and deltas of blocks; 0 means that nothing of the answer was sent yet.
    public var contentEvents = 0
    /// Whether `message_stop` has come.
    public var isDone = false
    public var hasError = false
    /// Why the answer ended; not read in events over `AnthropicStreamMeter.keptLimit`.
    public var finish: AnthropicFinish?
}

/// Meters an SSE answer of the Messages API.
public struct AnthropicStreamMeter: ~Copyable {
    /// The largest event that is kept while it comes.
    public static let keptLimit = 4 << 10

    public private(set) var report = AnthropicStreamReport()
    /// Whether the answer's text is collected in `text`; not that of events over `keptLimit`.
    public let collectsText: Bool
    /// The texts that came since somebody took them away, one after the other.
    public private(set) var text = ByteBuffer()
    /// Whether the client has got whole events only: another event may follow here.
    public var isBetweenEvents: Bool { partial == .none }

    private var scanner = SSEScanner()
    private var partial = Partial.none
    /// A copy of the beginning of an incomplete event.
    private var carry = ByteBuffer()
    private var long: LongMessageEvent?
    /// The stream's last two bytes.
    private var tail: (UInt8, UInt8) = (0, 0)

    private enum Partial { case none, carried, long }

    /// - Parameter collectsText: whether somebody counts the answer's tokens, and takes `text` away while it is small.
    public init(collectsText: Bool = false) { self.collectsText = collectsText }

    /// Whether the stream is cut if it ends here.
    public var lacksTerminalEvent: Bool { !report.isDone }

    /// Whether all that is missing of the stream, its terminal event having come, is the LF of the CRLF with which it ends.
    public var lacksLineFeed: Bool {
        report.isDone && partial == .none && tail == (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    }

    /// Reads the next piece of the stream (after chunked decoding), all of which goes to the client as it is.
    public mutating func feed(_ bytes: Span<UInt8>) {
        if bytes.count > 0 { tail = (bytes.count > 1 ? bytes[bytes.count - 2] : tail.1, bytes[bytes.count - 1]) }
        var at = scanner.leadingLineFeed(in: bytes)
        if partial != .none {
            guard let end = resume(bytes, from: at) else { return }
            at = end
        }
        while at < bytes.count, let event = scanner.next(in: bytes, from: at) {
            at = Int(event.range.end)
            inspect(bytes, event)
        }
        if at < bytes.count { keepTail(bytes, from: at) }
    }

    /// Forgets the text that was read.
    public mutating func removeText() { text.removeAll() }

    // MARK: Events cut by a read

    /// Follows the incomplete event into this read.
    /// - Returns: where it ends; nil if it goes on.
    private mutating func resume(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        let end = scanner.findEnd(in: bytes, from: start)
        let stop = end ?? bytes.count
        if partial == .carried {
            if carry.count + (stop - start) <= Self.keptLimit {
                carry.append(bytes.extracting(start..<stop))
                guard end != nil else { return nil }
                completeCarried()
                return end
            }
            let event = LongMessageEvent()
            event.feed(carry.span, from: 0, to: carry.count)
            carry.removeAll()
            long = event
            partial = .long
        }
        long?.feed(bytes, from: start, to: stop)
        guard end != nil else { return nil }
        completeLong()
        scanner.skipped()
        return end
    }

    private mutating func completeCarried() {
        // The buffer steps out while it is read: a span of one member and a change of another do not go together.
        var held = ByteBuffer()
        swap(&held, &carry)
        if let event = scanner.complete(held.span) { inspect(held.span, event) }
        held.removeAll()
        swap(&held, &carry)
        partial = .none
    }

    private mutating func keepTail(_ bytes: Span<UInt8>, from start: Int) {
        if bytes.count - start <= Self.keptLimit {
            carry.append(bytes.extracting(start..<bytes.count))
            partial = .carried
        } else {
            let event = LongMessageEvent()
            event.feed(bytes, from: start, to: bytes.count)
            long = event
            partial = .long
        }
    }

    private mutating func completeLong() {
        partial = .none
        guard let event = long, event.hasData else { return }
        long = nil
        report.events += 1
        switch event.type {
        case .contentBlockStart, .contentBlockDelta: report.contentEvents += 1
        case .messageStart: note(begun: event.usage(inMessage: true, over: nil))
        case .messageDelta: note(event.usage(inMessage: false, over: report.begun))
        case .messageStop: report.isDone = true
        case .error: report.hasError = true
        default: break
        }
    }

    // MARK: Whole events

    @inline(__always)
    private mutating func inspect(_ bytes: Span<UInt8>, _ event: SSEEvent) {
        guard event.dataLines > 0 else { return }
        guard event.range.count <= Self.keptLimit else {
            let large = LongMessageEvent()
            large.feed(bytes, from: Int(event.range.start), to: Int(event.range.end))
            long = large
            return completeLong()
        }
        if event.dataLines > 1 {
            inspectLines(bytes, event)
        } else {
            inspectPayload(bytes, Int(event.data.start), Int(event.data.end), name: event.name)
        }
    }

    /// JSON over several `data` lines: nobody sends it, the standard allows it.
    private mutating func inspectLines(_ bytes: Span<UInt8>, _ event: SSEEvent) {
        var joined = ByteBuffer(capacity: event.range.count)
        event.appendData(of: bytes, to: &joined, separator: UInt8(ascii: " "))
        let nameStart = joined.count
        joined.append(bytes, event.name)
        inspectPayload(joined.span, 0, nameStart, name: ByteRange(start: nameStart, end: joined.count))
    }

    @inline(__always)
    private mutating func inspectPayload(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, name: ByteRange) {
        report.events += 1
        // SDKs go by the event's name, and pass over events that have none.
        switch AnthropicType(bytes, from: Int(name.start), to: Int(name.end)) {
        case .contentBlockDelta:
            report.contentEvents += 1
            if collectsText { DeltaText.append(block: bytes, from: start, to: end, to: &text) }
        case .contentBlockStart: report.contentEvents += 1
        case .messageStart: readStart(bytes, ByteRange(start: start, end: end))
        case .messageDelta: readDelta(bytes, ByteRange(start: start, end: end))
        case .messageStop: report.isDone = true
        case .error: report.hasError = true
        default: break
        }
    }

    private mutating func readStart(_ bytes: Span<UInt8>, _ range: ByteRange) {
        guard let message = Self.member("message", of: bytes, range), message.kind == .object,
            let usage = Self.member("usage", of: bytes, message.value), usage.kind != .null
        else { return }
        note(begun: AnthropicUsage.read(bytes, usage.value))
    }

    private mutating func readDelta(_ bytes: Span<UInt8>, _ range: ByteRange) {
        if let delta = Self.member("delta", of: bytes, range), delta.kind == .object,
            let reason = Self.member("stop_reason", of: bytes, delta.value), reason.kind == .string
        {
            report.finish = AnthropicFinish(bytes, reason.value)
        }
        guard let usage = Self.member("usage", of: bytes, range), usage.kind != .null else { return }
        note(AnthropicUsage.read(bytes, usage.value, over: report.begun))
    }

    private static func member(_ name: ShortName, of bytes: Span<UInt8>, _ range: ByteRange) -> JSONMember? {
        guard var members = try? JSONScanner.members(of: bytes, in: range, wanted: [name]) else { return nil }
        return members.member(0)
    }

    private mutating func note(begun reading: UsageReading) {
        switch reading {
        case .read(let usage): report.begun = usage
        case .unreadable: report.usage = .unreadable
        case .none: break
        }
    }

    private mutating func note(_ reading: UsageReading) { if reading != .none { report.usage = reading } }
}

extension AnthropicFinish {
    /// The stop reason that the string in `range` is.
    init(_ bytes: Span<UInt8>, _ range: ByteRange) {
        switch JSONText.string(bytes, range) {
        case "end_turn": self = .endTurn
        case "stop_sequence": self = .stopSequence
        case "max_tokens": self = .maxTokens
        case "tool_use": self = .toolUse
        case "pause_turn": self = .pauseTurn
        case "refusal": self = .refusal
        case "model_context_window_exceeded": self = .contextWindow
        default: self = .other
        }
    }
}

/// Reads an event too large to be kept. Where its usage is depends on its name, which may come after the data, so that it looks at both places.
private final class LongMessageEvent {
    private let inMessage = LongEvent("message", ChunkMarks.usageName)
    private let atTop = LongEvent(ChunkMarks.usageName)

    init() {
        inMessage.begin()
        atTop.begin()
    }

    var hasData: Bool { atTop.hasData }

    var type: AnthropicType {
        guard let name = atTop.name else { return .other }
        let text = Array(name.text.utf8)
        return AnthropicType(text.span, from: 0, to: text.count)
    }

    func usage(inMessage isInMessage: Bool, over earlier: Usage?) -> UsageReading {
        (isInMessage ? inMessage : atTop).usage { AnthropicUsage.read($0, over: earlier) }
    }

    func feed(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        inMessage.feed(bytes, from: start, to: end)
        atTop.feed(bytes, from: start, to: end)
    }
}
