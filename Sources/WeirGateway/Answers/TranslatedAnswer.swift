import WeirBase
import WeirDialects
import WeirWire

// Policy. An upstream's answer in another dialect is read into neutral events and written from them, event by event, in the turn of the loop in which
// it has come. Nothing of a stream is kept but an event that a read has cut; an answer that is no stream is kept until it is whole. What goes wrong is
// told in the client's own API: as the answer where nothing has gone out yet, else as the last event.

/// An answer on its way from one dialect to another.
final class TranslatedAnswer: AnswerMeter {
    /// What the upstream sends.
    enum Form {
        case events, frames
        /// A JSON object.
        case whole
    }

    /// Bytes of a whole answer.
    private static let wholeLimit = 64 << 20
    /// Bytes of a frame: like an event, it may hold an image.
    private static let frameLimit = 32 << 20

    private let form: Form
    private var reader: any AnswerReader
    private var writer: any AnswerWriter
    private var cutter = EventCutter()
    private var decoder: EventStreamDecoder
    private var body = ByteBuffer()
    private var text = ByteBuffer()
    private var note = Note()
    private let collects: Bool

    /// What has passed.
    private struct Note {
        var usage = UsageReading.none
        var events = 0
        var contentEvents = 0
        var isDone = false
        var problem: UpstreamProblem?
    }

    /// - Parameters:
    ///   - reader: of the upstream's dialect.
    ///   - writer: of the client's.
    ///   - collectsText: whether somebody counts the answer's tokens.
    init(_ form: Form, _ reader: any AnswerReader, _ writer: any AnswerWriter, collectsText: Bool) {
        self.form = form
        self.reader = reader
        self.writer = writer
        collects = collectsText
        decoder = EventStreamDecoder(frameLimit: Self.frameLimit)
    }

    override var usage: UsageReading { note.usage }
    override var events: Int { note.events }
    override var contentEvents: Int { note.contentEvents }
    override var problem: UpstreamProblem? { note.problem }
    override var hasProblem: Bool { note.problem != nil }
    override var isBetweenEvents: Bool { true }
    override var isDone: Bool { note.isDone }
    // Where a stream has no event that says so, its end is judged by `finish`.
    override var lacksEnd: Bool { false }
    override var collectsText: Bool { collects }
    override var textCount: Int { text.count }

    override func feed(_ bytes: Span<UInt8>, into out: inout ByteBuffer) -> OpenAIStreamMeter.Forwarding {
        guard note.problem == nil else { return .appended }
        switch form {
        case .events:
            let isShort = cutter.feed(bytes) { name, data in
                reader.read(event: name, data) { self.pass($0, &out) }
            }
            if !isShort { fail(Self.tooLong, &out) }
        case .frames:
            do throws(EventStreamError) {
                try decoder.feed(bytes) { kind, name, payload in
                    if kind == .error {
                        pass(.error(UpstreamProblem(.server, "the provider broke off its answer")), &out)
                    } else {
                        reader.read(event: name, payload) { self.pass($0, &out) }
                    }
                }
            } catch { fail(UpstreamProblem(.malformed, "the provider's stream is damaged"), &out) }
        case .whole:
            if body.count + bytes.count > Self.wholeLimit { fail(Self.tooLong, &out) } else { body.append(bytes) }
        }
        return .appended
    }

    override func finish(into out: inout ByteBuffer) {
        guard note.problem == nil, !note.isDone else { return }
        if form == .whole {
            var whole = ByteBuffer()
            swap(&whole, &body)
            type(of: reader).read(whole: whole.span) { pass($0, &out) }
            if !note.isDone { fail(Self.cut, &out) }
        } else {
            reader.finish { pass($0, &out) }
        }
    }

    /// The upstream has broken off: tells the client, in an event where it reads a stream.
    func fail(_ problem: UpstreamProblem, _ out: inout ByteBuffer) {
        if note.problem == nil, !note.isDone { pass(.error(problem), &out) }
    }

    override func takeText(_ count: (borrowing ByteBuffer) -> Void) {
        count(text)
        text.removeAll()
    }

    /// Notes an event and writes it.
    private func pass(_ event: AnswerEvent, _ out: inout ByteBuffer) {
        note.events += 1
        switch event {
        case .text(_, let piece), .reasoning(_, let piece), .refusal(_, let piece), .toolArguments(_, _, let piece):
            note.contentEvents += 1
            if collects { text.append(piece) }
        case .toolCall, .redactedReasoning: note.contentEvents += 1
        case .usage(let usage): note.usage = .read(usage)
        case .end: note.isDone = true
        case .error(let problem): note.problem = problem
        case .start, .reasoningSignature, .logprobs, .finish: break
        }
        writer.write(event, to: &out)
    }

    private static let tooLong = UpstreamProblem(.malformed, "the provider's answer is too long")
    private static let cut = UpstreamProblem(.malformed, "the provider's answer ended before it was whole")
}
