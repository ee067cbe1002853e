import WeirBase
import WeirDialects

/// Reads what an answer has used while its body passes, and says what of it the client gets. A class, so that the state of a stream lies in one place
/// whatever its dialect; a call of it costs 2 ns.
class AnswerMeter {
    /// What the answer says of its usage; final when the body has ended.
    var usage: UsageReading { .none }
    /// The service tier that it names.
    var tier: ServiceTier? { nil }
    /// Events of a stream, and of these those with content.
    var events: Int { 0 }
    var contentEvents: Int { 0 }
    /// What went wrong at the provider, once the answer has told it and no other answer can follow.
    var problem: UpstreamProblem? { nil }
    /// Whether there is such a problem: asked at each read, where the problem itself would take its room in the frame of a stream.
    var hasProblem: Bool { false }
    /// Whether an error has come as an event.
    var hasError: Bool { hasProblem }
    /// Whether what the client has got ends between two events.
    var isBetweenEvents: Bool { false }
    /// Whether the body itself has said that it is whole.
    var isDone: Bool { false }
    /// Whether a body that says itself where it ends is cut if it ends here.
    var lacksEnd: Bool { !isDone }
    /// Whether all that is missing, the end having come, is the LF of the stream's last line end.
    var lacksLineFeed: Bool { false }
    /// Whether the answer's text is collected.
    var collectsText: Bool { false }
    /// Bytes of text that wait to be counted.
    var textCount: Int { 0 }

    /// Takes the next piece of the body (after chunked decoding) and says what goes to the client.
    func feed(_ bytes: Span<UInt8>, into out: inout ByteBuffer) -> OpenAIStreamMeter.Forwarding { .whole }

    /// The body has ended as its framing says: appends what the client is still owed.
    func finish(into out: inout ByteBuffer) {}

    /// Gives the collected text to `count` and forgets it.
    func takeText(_ count: (borrowing ByteBuffer) -> Void) {}
}

/// A stream of one of OpenAI's endpoints.
final class OpenAIStream: AnswerMeter {
    private var meter: OpenAIStreamMeter

    init(_ place: OpenAIBody.UsagePlace, strips: Bool, collectsText: Bool) {
        meter = OpenAIStreamMeter(place, strips: strips, collectsText: collectsText)
    }

    override var usage: UsageReading { meter.report.usage }
    override var tier: ServiceTier? { meter.report.tier }
    override var events: Int { meter.report.events }
    override var contentEvents: Int { meter.report.contentEvents }
    override var isBetweenEvents: Bool { meter.isBetweenEvents }
    override var isDone: Bool { meter.report.isDone }
    override var lacksEnd: Bool { meter.lacksTerminalEvent }
    override var lacksLineFeed: Bool { meter.lacksLineFeed }
    override var collectsText: Bool { meter.collectsText }
    override var textCount: Int { meter.text.count }
    override var hasError: Bool { meter.report.hasError }

    override func feed(_ bytes: Span<UInt8>, into out: inout ByteBuffer) -> OpenAIStreamMeter.Forwarding {
        meter.feed(bytes, into: &out)
    }
    override func finish(into out: inout ByteBuffer) { meter.finish(into: &out) }
    override func takeText(_ count: (borrowing ByteBuffer) -> Void) {
        count(meter.text)
        meter.removeText()
    }
}

/// A JSON answer of one of OpenAI's endpoints that has not come whole with its head.
final class OpenAIJSON: AnswerMeter {
    private var meter = OpenAIResponseMeter()

    override var usage: UsageReading { meter.usage }
    override var tier: ServiceTier? { meter.tier }
    override var isDone: Bool { meter.isComplete }

    override func feed(_ bytes: Span<UInt8>, into out: inout ByteBuffer) -> OpenAIStreamMeter.Forwarding {
        meter.feed(bytes)
        return .whole
    }
}

/// A stream of the Messages API.
final class MessagesStream: AnswerMeter {
    private var meter: AnthropicStreamMeter

    init(collectsText: Bool) { meter = AnthropicStreamMeter(collectsText: collectsText) }

    override var usage: UsageReading { meter.report.usage }
    override var events: Int { meter.report.events }
    override var contentEvents: Int { meter.report.contentEvents }
    override var isBetweenEvents: Bool { meter.isBetweenEvents }
    override var isDone: Bool { meter.report.isDone }
    override var lacksEnd: Bool { meter.lacksTerminalEvent }
    override var lacksLineFeed: Bool { meter.lacksLineFeed }
    override var collectsText: Bool { meter.collectsText }
    override var textCount: Int { meter.text.count }
    override var hasError: Bool { meter.report.hasError }

    override func feed(_ bytes: Span<UInt8>, into out: inout ByteBuffer) -> OpenAIStreamMeter.Forwarding {
        meter.feed(bytes)
        return .whole
    }
    override func takeText(_ count: (borrowing ByteBuffer) -> Void) {
        count(meter.text)
        meter.removeText()
    }
}

/// A JSON answer of the Messages API that has not come whole with its head.
final class MessagesJSON: AnswerMeter {
    private var meter = AnthropicResponseMeter()

    override var usage: UsageReading { meter.usage }
    override var isDone: Bool { meter.isComplete }

    override func feed(_ bytes: Span<UInt8>, into out: inout ByteBuffer) -> OpenAIStreamMeter.Forwarding {
        meter.feed(bytes)
        return .whole
    }
}

extension Endpoint {
    /// What meters an answer of this endpoint that passes as it is.
    func meter(isStream: Bool, strips: Bool, collectsText: Bool) -> AnswerMeter {
        switch (self, isStream) {
        case (.openAI, true): OpenAIStream(usagePlace, strips: strips, collectsText: collectsText)
        case (.openAI, false): OpenAIJSON()
        case (.messages, true), (.countTokens, true): MessagesStream(collectsText: collectsText)
        case (.messages, false), (.countTokens, false): MessagesJSON()
        }
    }

    /// What a body says that has come whole with its head, as most do: what is judged before the answer begins is not read again later.
    func read(whole body: Span<UInt8>) -> (usage: UsageReading, tier: ServiceTier?, isComplete: Bool) {
        switch self {
        case .openAI:
            var meter = OpenAIResponseMeter()
            meter.feedWhole(body)
            return (meter.usage, meter.tier, meter.isComplete)
        case .messages, .countTokens:
            var meter = AnthropicResponseMeter()
            meter.feedWhole(body)
            return (meter.usage, nil, meter.isComplete)
        }
    }
}
