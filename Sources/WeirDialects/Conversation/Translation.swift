/// Why a request cannot go to a dialect: leaving it out would give another answer than was asked for.
public struct Untranslatable: Error, Equatable, Sendable {
    /// The member of the client's request, as `logit_bias` or `messages[2].content[0].input_audio`.
    public var param: String
    /// What is wrong and what to do, without the model's and the provider's name.
    public var message: String
    /// Whether the request is wrong whatever the upstream is, and not only at this one.
    public var isMistake: Bool

    public init(_ param: String, _ message: String, isMistake: Bool = false) {
        self.param = param
        self.message = message
        self.isMistake = isMistake
    }
}

/// What was left out on the way from one dialect to another, since it is a hint and the answer stays what was asked for: for `x-weir-dropped`.
public struct TranslationNotes: Equatable, Sendable {
    /// More names than these are not noted: they come from clients and go into a header, and each new one is compared with all before.
    public static let limit = 64

    /// Names of members, each once, in the order in which they were dropped; the first `limit` of them.
    public private(set) var dropped: [String] = []

    public init() {}

    public mutating func drop(_ name: String) {
        if dropped.count < Self.limit, !dropped.contains(name) { dropped.append(name) }
    }
}

/// What an upstream's dialect needs to know of the target to write a request.
public struct TargetOptions: Equatable, Sendable {
    /// The provider's name of the model.
    public var model: String
    /// The most output tokens of the model, where they are known: for dialects that ask for a bound.
    public var maxOutput: Int?
    /// The version of the API that the request is sent as, where versions of a dialect differ in what they take (`anthropic-version`).
    public var apiVersion: String?
    /// Whether a server that only speaks like OpenAI (vLLM, llama.cpp) is behind the address: it knows `top_k`, and the bound as `max_tokens`.
    public var isSelfHosted: Bool

    public init(model: String, maxOutput: Int? = nil, apiVersion: String? = nil, isSelfHosted: Bool = false) {
        self.model = model
        self.maxOutput = maxOutput
        self.apiVersion = apiVersion
        self.isSelfHosted = isSelfHosted
    }
}
