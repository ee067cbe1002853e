/// What of a request's settings a model at Bedrock takes, and where. Claude is told to reason as at Anthropic, in `additionalModelRequestFields` and
/// by an effort, and has the same bounds; of others only Converse's own words are known (providers.md, sections 6.2 and 11).
struct BedrockModel {
    /// Nil for models that are not Claude.
    let claude: AnthropicModel?
    private(set) var maxTokens: Int?
    private(set) var temperature: JSONNumber?
    private(set) var topP: JSONNumber?
    private(set) var topK: JSONNumber?
    /// The word of `outputConfig.effort`.
    private(set) var effort: String?
    /// The value of `additionalModelRequestFields.thinking`.
    private(set) var thinking: String?
    /// What the model does not take, in the client's words.
    private(set) var dropped: [String] = []

    init(_ request: ChatRequest, _ target: TargetOptions) {
        let name = ModelName(target.model)
        claude = name.contains("claude") || name.contains("anthropic") ? AnthropicModel(named: target.model) : nil
        maxTokens = request.maxTokens
        if let claude { set(request, claude) } else { set(request) }
    }

    private mutating func set(_ request: ChatRequest, _ model: AnthropicModel) {
        let reasoning = ClaudeReasoning(request, model, maxTokens: request.maxTokens)
        let sampling = ClaudeSampling(request, isTaken: model.takesSampling, thinks: reasoning.isOn)
        (temperature, topP, topK) = (sampling.temperature, sampling.topP, sampling.topK)
        effort = reasoning.effort
        switch reasoning.thinking {
        case .unsaid: break
        case .disabled: thinking = #"{"type":"disabled"}"#
        case .adaptive: thinking = #"{"type":"adaptive"}"#
        case .enabled(let budget):
            thinking = #"{"type":"enabled","budget_tokens":\#(budget)}"#
            // The bound of a model that is told none may be less than the budget.
            maxTokens = maxTokens ?? reasoning.maxTokens(atLeast: AnthropicRequestWriter.defaultMaxTokens)
        }
        dropped = reasoning.dropped + sampling.dropped
    }

    private mutating func set(_ request: ChatRequest) {
        (temperature, topP, topK) = (request.temperature, request.topP, request.topK)
        switch request.reasoning.effort {
        case nil:
            if let budget = request.reasoning.budget, budget > 0 {
                effort = ClaudeReasoning.effort(ofBudget: budget)
            } else if request.reasoning != Reasoning() {
                dropped.append("thinking")
            }
        case "minimal": effort = "low"
        case "low", "medium", "high", "xhigh", "max": effort = request.reasoning.effort
        default: dropped.append("reasoning_effort")
        }
    }
}
