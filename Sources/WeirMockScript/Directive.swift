public import WeirBase

/// How one answer of the mock is to be: its size, its pace and its faults. A client writes it into its prompt as one line,
/// `#mock events=32 gap=50ms cut=3`, which ends at the end of the line or of the JSON string; the last one in a body counts.
///
/// Two programs read the same directive: the mock plays it, the load generator knows from it what must come back.
public struct Directive: Hashable, Sendable {
    /// What the content is made from; nil: a hash of the prompt.
    public var seed: UInt64?
    /// Pieces of content: events of a stream; a JSON answer holds all of them joined.
    public var events = 16
    /// UTF-8 bytes of text in each piece.
    public var bytesPerEvent = 32
    /// Time from the whole request to the first byte of the answer.
    public var first = TimeSpan.zero
    /// Time between two pieces of content of a stream. With zero they still go out one by one, as fast as they are taken.
    public var gap = TimeSpan.zero
    /// Pieces of content that go out together.
    public var burst = 1
    /// Answer with this status and an error instead; 200 is the usual answer.
    public var status = 200
    /// Seconds for `retry-after`.
    public var retryAfter: Int?
    /// Cut the connection after so many events of the stream (the opening ones count), 0: before the head. A JSON answer is cut in its middle.
    public var cut: Int?
    /// Say nothing more, for ever, after so many events; 0: before the head.
    public var stall: Int?
    /// Send an error object as an event after so many events, and end the stream without [DONE].
    public var errorAfter: Int?
    public var garbage: Garbage?
    /// Answer with a call of this tool.
    public var tool: String?
    /// Say that the answer ended for this reason, as the dialect spells it (`content_filter`, `refusal`, `SAFETY`), whatever was sent.
    public var finish: String?
    /// How many calls of it: all but the first come whole, behind the first.
    public var calls = 1
    /// Answer with a JSON object, `{"text":"..."}`, whose words are the content.
    public var isJSON = false
    /// Claimed usage, where a test needs its own figures.
    public var inputTokens: Int?
    public var outputTokens: Int?
    public var cachedTokens = 0
    /// Written to the provider's cache.
    public var writtenTokens = 0
    public var reasoningTokens = 0
    /// Numbers in an embedding, unless the request says `dimensions`.
    public var dimensions = 64
    /// No usage even where it was asked for.
    public var omitsUsage = false
    /// `connection: close` and close after the answer.
    public var closes = false
    /// No content-length and no chunks: the answer ends where the connection does.
    public var closeDelimited = false
    /// The head goes out in pieces, some milliseconds apart.
    public var slowHead = false
    /// Lines of events end in CR LF.
    public var crlf = false
    /// A comment line comes before each event.
    public var comments = false
    /// Every send carries at most so many bytes.
    public var split: Int?

    public init() {}

    /// What the answer is broken with.
    public enum Garbage: String, Hashable, Sendable, CaseIterable {
        /// Not HTTP at all.
        case head
        /// 200 and a page of HTML for a JSON answer.
        case json
        /// An event whose data is not JSON, in the middle of a stream.
        case sse
        /// A chunk size that is none, in the middle of a stream.
        case chunk
    }

    /// Bounds of what a directive may ask for.
    public enum Limits {
        public static let events = 100_000_000
        public static let bytesPerEvent = 1 << 20
        public static let dimensions = 1 << 16
        public static let calls = 128
        /// What a usage object can claim: more does not fit in 32 bits with a sign.
        public static let tokens = Int(Int32.max)
        public static let delay = TimeSpan.seconds(3_600)
    }
}

/// A directive that says what no directive can.
public enum DirectiveError: Error, Equatable, CustomStringConvertible {
    case unknownKey(String)
    case badValue(key: String, value: String)

    public var description: String {
        switch self {
        case .unknownKey(let key): "#mock: unknown key \"\(key)\"; known: \(Directive.keys.joined(separator: " "))"
        case .badValue(let key, let value): "#mock: \"\(value)\" is no value for \"\(key)\""
        }
    }
}
