public import WeirBase

/// What an upstream's answer says, one thing after the other, in no dialect: JSON answers and streams are read into the same events, and written
/// from them. Order: `start`; of each choice its texts, reasoning and calls as they come; `finish` of each choice; `usage`; `end`. An `error` may
/// come at any place and is the last.
public enum AnswerEvent: Equatable, Sendable {
    /// The model as the provider names it, and the provider's own id.
    case start(model: String, id: String)
    case text(choice: Int, String)
    case reasoning(choice: Int, String)
    /// What proves the reasoning before it.
    case reasoningSignature(choice: Int, String)
    /// Reasoning that only the provider can read.
    case redactedReasoning(choice: Int, String)
    case refusal(choice: Int, String)
    /// A tool's call begins; `call` counts the calls of a choice from 0.
    case toolCall(choice: Int, call: Int, id: String, name: String, signature: String?)
    /// A part of a call's arguments, a piece of JSON text. None at all means `{}`.
    case toolArguments(choice: Int, call: Int, String)
    /// Of texts that came before, in OpenAI's form: the elements of `logprobs.content`, as an array.
    case logprobs(choice: Int, RawJSON)
    case finish(choice: Int, FinishReason, stopSequence: String?)
    case usage(Usage)
    case end
    case error(UpstreamProblem)
}

/// Why an answer ended: OpenAI's closed set and what others tell apart in it.
public enum FinishReason: Equatable, Sendable {
    case stop
    /// One of the client's stop sequences came.
    case stopSequence
    case length
    case toolCalls
    case contentFilter
    /// The model would not answer.
    case refusal
    /// The provider paused a long turn of its own tools; the client may send it again (Anthropic).
    case pause
}

/// What went wrong at a provider, in no dialect.
public struct UpstreamProblem: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// The request itself: the client's mistake, at whichever provider.
        case invalidRequest
        /// The request has more tokens than the model takes.
        case contextLength
        /// The provider's policy refuses the content.
        case contentPolicy
        /// The gateway's credential is not good.
        case credential
        /// The credential's money or quota is used up; waiting does not help.
        case quota
        case modelNotFound
        case rateLimit
        case overloaded
        case server
        case timeout
        /// The answer is none that the dialect knows.
        case malformed
    }

    public var kind: Kind
    /// The provider's own words, without its addresses, accounts and keys.
    public var message: String
    /// The member of the request at fault, where the provider names one.
    public var param: String?
    /// The provider's own code, for the log.
    public var code: String?
    /// When to try again.
    public var retryAfter: TimeSpan?

    public init(
        _ kind: Kind, _ message: String, param: String? = nil, code: String? = nil, retryAfter: TimeSpan? = nil
    ) {
        self.kind = kind
        self.message = message
        self.param = param
        self.code = code
        self.retryAfter = retryAfter
    }
}
