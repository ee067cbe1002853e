/// What a response repeats of its request and the neutral form has no place for (providers.md, section 2.4). The rest of what is repeated, as tools
/// and temperature, stands in `ChatRequest` itself.
public struct ResponsesEcho: Equatable, Sendable {
    public var instructions: String?
    /// The client's own pairs of names and texts, an object as it was written.
    public var metadata: RawJSON?
    /// What was asked of summaries of reasoning: `auto`, `concise`, `detailed`.
    public var reasoningSummary: String?
    public var promptCacheKey: String?
    public var safetyIdentifier: String?
    public var user: String?
    /// As it was asked for, log probabilities or not.
    public var topLogprobs: Int?

    public init() {}
}
