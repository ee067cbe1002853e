public import WeirBase

// The four halves of a translation. A surface has a request reader and two answer writers; an upstream's dialect has a request writer and an answer
// reader. All are pure, and none keeps more of a stream than what its own events need.

/// Reads a client's request of one surface.
public protocol ChatRequestReader {
    /// Reads a whole body, valid JSON (`JSONScanner` has passed over it).
    /// - Throws: what this surface says that no other dialect can, or what is wrong whatever the upstream is.
    static func read(_ body: Span<UInt8>, _ notes: inout TranslationNotes) throws(Untranslatable) -> ChatRequest
}

/// Writes an upstream's request of one dialect.
public protocol ChatRequestWriter {
    /// Appends the body for `target`.
    /// - Throws: what the request asks for and the dialect cannot say; then nothing that was appended counts.
    static func write(
        _ request: ChatRequest, to target: TargetOptions, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable)
}

/// Reads an upstream's answer of one dialect.
public protocol AnswerReader {
    init()
    /// Reads the next event of a stream.
    /// - Parameters:
    ///   - name: the event's name; empty where it has none.
    ///   - data: its payload.
    mutating func read(event name: Span<UInt8>, _ data: Span<UInt8>, _ give: (AnswerEvent) -> Void)
    /// The stream has ended in order: gives what is still owed, `end` among it, or an `error` where the terminal event is missing.
    mutating func finish(_ give: (AnswerEvent) -> Void)
    /// Reads a whole answer that is no stream; the last event is `end` or `error`.
    static func read(whole body: Span<UInt8>, _ give: (AnswerEvent) -> Void)
    /// What an answer with an error status says.
    /// - Parameter retryAfter: the answer's Retry-After, as it came.
    static func problem(status: Int, retryAfter: String?, body: Span<UInt8>) -> UpstreamProblem
}

/// Writes an answer of one surface, as a stream or as one JSON object.
public protocol AnswerWriter {
    init(_ context: AnswerContext)
    /// Appends what `event` makes the client see; a writer of whole answers appends all of it at `end`.
    mutating func write(_ event: AnswerEvent, to out: inout ByteBuffer)
}

/// What an answer says of its request.
public struct AnswerContext: Equatable, Sendable {
    /// Weir's id of the request, 13 characters, to make ids of: `chatcmpl-...`, `msg_...`, `resp_...`.
    public var id: String
    /// Seconds since 1970.
    public var created: Int64
    /// The request, for what surfaces echo of it.
    public var request: ChatRequest

    public init(id: String, created: Int64, request: ChatRequest) {
        self.id = id
        self.created = created
        self.request = request
    }
}
