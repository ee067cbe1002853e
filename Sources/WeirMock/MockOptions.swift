public import WeirBase
public import WeirMockScript

/// What a mock is started with.
public struct MockOptions: Sendable {
    /// What a directive of a request is laid over.
    public var defaults = Directive()
    /// The key that requests must show, in the field of their dialect; nil: any will do.
    public var key: Secret?
    /// Amazon's access key and its secret: requests to Bedrock must be signed with them, or show `key`.
    public var accessKey: String?
    public var secretAccessKey: Secret?
    /// Models of `GET /v1/models`. Any other model is answered, too.
    public var models = ["mock", "gpt-4o", "gpt-4o-mini", "text-embedding-3-small"]
    /// Share of requests, 0 to 1, that get a fault of `faults` though they did not ask for one.
    public var faultRate = 0.0
    /// Draws the faults: the same seed and order of requests give the same ones.
    public var faultSeed: UInt64 = 1
    public var faults = Fault.allCases
    /// Entries that the bill keeps; older ones are forgotten first.
    public var billCapacity = 100_000
    /// Requests that `GET /mock/requests` can show.
    public var requestCapacity = 64

    public init() {}

    /// Faults that `faultRate` draws from.
    public enum Fault: String, Sendable, CaseIterable {
        case rateLimited = "429"
        case serverError = "500"
        case overloaded = "503"
        /// Closed before the head.
        case refused = "cut"
        /// Cut in the middle.
        case broken
        case garbage
    }

    enum Limits {
        static let headBytes = 64 << 10
        static let bodyBytes = 512 << 20
        /// The provider's own (providers.md, section 4.4).
        static let anthropicBodyBytes = 32 << 20
        /// Bodies that the answer cache and the request log keep whole.
        static let keptBodyBytes = 64 << 10
        static let cacheBytes = 64 << 20
        /// JSON answers that are made once and kept.
        static let preparedBytes = 256 << 10
        static let choices = 128
        static let inputs = 2_048
        static let page = 10_000
    }
}
