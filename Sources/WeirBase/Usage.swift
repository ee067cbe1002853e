/// What a call consumed, as the provider counted it. Every provider's usage object is mapped to this one vector; its parts are what prices are
/// per. Tokens, except where a line says otherwise; 0 where the provider says nothing.
///
/// `input` and `output` are wholes. The other token counts are parts of one of them, and a token may be in more than one (cached audio is in
/// `cachedInput`, `audioInput` and `cachedAudioInput`): what is billed how is the price table's rule, in one place.
public struct Usage: Hashable, Sendable {
    /// Input tokens in all, cached and written ones included.
    @Count public var input = 0
    /// Part of `input`: read from the provider's prompt cache.
    @Count public var cachedInput = 0
    /// Part of `input`: written to the provider's prompt cache, for whatever time.
    @Count public var cacheWriteInput = 0
    /// Part of `cacheWriteInput`: written to be kept for an hour.
    @Count public var cacheWrite1hInput = 0
    /// Part of `input`: audio.
    @Count public var audioInput = 0
    /// Part of `audioInput` and of `cachedInput`.
    @Count public var cachedAudioInput = 0
    /// Part of `input`: images.
    @Count public var imageInput = 0
    /// Part of `imageInput` and of `cachedInput`.
    @Count public var cachedImageInput = 0
    /// Part of `input`: video.
    @Count public var videoInput = 0
    /// Output tokens in all, reasoning included.
    @Count public var output = 0
    /// Part of `output`: reasoning that the client may not see.
    @Count public var reasoningOutput = 0
    /// Part of `output`: audio.
    @Count public var audioOutput = 0
    /// Part of `output`: images.
    @Count public var imageOutput = 0
    /// Part of `output`: video.
    @Count public var videoOutput = 0
    /// Part of `output`: citations.
    @Count public var citationOutput = 0
    /// Events, not tokens: searches of the web.
    @Count public var webSearches = 0
    /// Events: searches of stored files.
    @Count public var fileSearches = 0
    /// Events: pages of documents that were read, and of those the annotated ones.
    @Count public var documentPages = 0
    @Count public var annotatedPages = 0
    /// Events: characters of text that was spoken.
    @Count public var inputCharacters = 0
    /// Audio in or out that is priced by time: milliseconds.
    @Count public var audioMilliseconds = 0

    public init() {}

    /// A count that takes four bytes: a stream keeps one of each for as long as it lasts. At most 2^31 - 1; whoever reads a provider's counts
    /// refuses larger ones.
    @propertyWrapper
    public struct Count: Hashable, Sendable {
        @usableFromInline var stored: Int32

        @inlinable public init(wrappedValue: Int) { stored = Int32(wrappedValue) }

        @inlinable public var wrappedValue: Int {
            get { Int(stored) }
            set { stored = Int32(newValue) }
        }
    }
}
