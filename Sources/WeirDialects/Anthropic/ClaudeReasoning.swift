/// How a Claude model is told to reason, wherever it is served: older ones by a budget of tokens, newer ones by a word and as they see fit
/// (providers.md, sections 0.3, 4.1 and 8).
struct ClaudeReasoning {
    enum Thinking: Equatable {
        case unsaid, disabled, adaptive
        case enabled(budget: Int)
    }

    private(set) var thinking = Thinking.unsaid
    /// Anthropic's word for how much effort to spend; nil where none is to be said.
    private(set) var effort: String?
    /// What could not be said, in the client's words.
    private(set) var dropped: [String] = []

    /// Whether thinking is on, which leaves little of sampling.
    var isOn: Bool {
        switch thinking {
        case .adaptive, .enabled: true
        case .unsaid, .disabled: false
        }
    }

    /// - Parameter maxTokens: the bound of the answer; nil where nobody has set one, so that it can follow the budget (`maxTokens(atLeast:)`).
    init(_ request: ChatRequest, _ model: AnthropicModel, maxTokens: Int?) {
        effort = Self.effort(request.reasoning, model)
        thinking = choose(request, model, maxTokens)
    }

    /// A bound of the answer that leaves `answer` tokens behind the budget.
    func maxTokens(atLeast answer: Int) -> Int {
        if case .enabled(let budget) = thinking { budget + answer } else { answer }
    }

    private mutating func choose(_ request: ChatRequest, _ model: AnthropicModel, _ maxTokens: Int?) -> Thinking {
        let reasoning = request.reasoning
        guard reasoning != Reasoning() else { return .unsaid }
        if reasoning.budget == 0 || reasoning.effort == "none" { return model.hasThinking ? .disabled : .unsaid }
        // Thinking and a forced tool do not go together: the tool is what was asked for.
        guard model.hasThinking, !Self.forcesTool(request) else {
            dropped.append(model.hasEffort && reasoning.effort != nil ? "thinking" : "reasoning_effort")
            return .unsaid
        }
        if !model.takesBudget || (model.hasEffort && reasoning.budget == nil) {
            if reasoning.budget != nil { dropped.append("thinking.budget_tokens") }
            return .adaptive
        }
        guard !Self.continuesUnproven(request.messages), let budget = Self.budget(reasoning, maxTokens) else {
            dropped.append("reasoning_effort")
            return .unsaid
        }
        return .enabled(budget: budget)
    }

    private static func forcesTool(_ request: ChatRequest) -> Bool {
        switch request.toolChoice {
        case .required, .named: !request.tools.isEmpty
        case .auto, .some(.none), nil: false
        }
    }

    /// Whether results of tools are to be answered and the turn that called them does not begin with thinking, of which clients of other dialects
    /// know nothing: with a budget set such a request is refused.
    private static func continuesUnproven(_ messages: [ChatMessage]) -> Bool {
        guard let last = messages.lastIndex(where: { $0.role == .assistant }) else { return false }
        let hasResults = messages[last...].contains { message in
            message.parts.contains { if case .toolResult = $0.content { true } else { false } }
        }
        guard hasResults else { return false }
        let first = messages[...last].lastIndex { $0.role != .assistant }.map { $0 + 1 } ?? 0
        guard case .reasoning(let reasoning) = messages[first].parts.first?.content else { return true }
        return reasoning.signature?.isEmpty != false && reasoning.redacted?.isEmpty != false
    }

    // MARK: Budgets and efforts

    /// The least budget that is taken.
    private static let leastBudget = 1_024

    /// - Returns: nil if the bound of the answer leaves no room for thinking. A budget made of a word takes half of it at most: the answer counts.
    private static func budget(_ reasoning: Reasoning, _ maxTokens: Int?) -> Int? {
        let room = maxTokens.map { reasoning.budget == nil ? $0 / 2 : $0 - 1 } ?? .max
        let budget = min(max(reasoning.budget ?? Self.budget(ofEffort: reasoning.effort), leastBudget), room)
        return budget >= leastBudget ? budget : nil
    }

    /// Budgets that stand for OpenAI's words where a model has no effort.
    private static func budget(ofEffort effort: String?) -> Int {
        switch effort {
        case "minimal", "low": 1_024
        case "high": 4_096
        case "xhigh": 8_192
        case "max": 16_384
        default: 2_048
        }
    }

    private static func effort(_ reasoning: Reasoning, _ model: AnthropicModel) -> String? {
        guard model.hasEffort else { return nil }
        switch reasoning.effort {
        case "none": return nil
        case "minimal": return "low"
        case "xhigh" where !model.hasExtraHighEffort: return "high"
        case let effort?: return effort
        case nil: break
        }
        // A budget at a model that has none: its size says how much thinking was wanted.
        guard !model.takesBudget, let budget = reasoning.budget, budget > 0 else { return nil }
        return Self.effort(ofBudget: budget)
    }

    /// The word for a budget, by its size.
    static func effort(ofBudget budget: Int) -> String {
        budget <= 2_048 ? "low" : budget <= 8_192 ? "medium" : "high"
    }
}

/// Which of a request's sampling parameters a Claude model takes (providers.md, sections 0.3 and 8).
struct ClaudeSampling {
    private(set) var temperature: JSONNumber?
    private(set) var topP: JSONNumber?
    private(set) var topK: JSONNumber?
    /// What is not taken, in the client's words.
    private(set) var dropped: [String] = []

    /// - Parameters:
    ///   - isTaken: whether the model and the version of its API know the parameters at all.
    ///   - thinks: whether thinking is on.
    init(_ request: ChatRequest, isTaken: Bool, thinks: Bool) {
        (temperature, topP, topK) = (request.temperature, request.topP, request.topK)
        if !isTaken || (thinks && temperature?.value != 1) { Self.drop("temperature", &temperature, &dropped) }
        // With both of them set newer models refuse the request.
        if !isTaken || temperature != nil || (thinks && topP?.value ?? 1 < 0.95) {
            Self.drop("top_p", &topP, &dropped)
        }
        if !isTaken || thinks { Self.drop("top_k", &topK, &dropped) }
    }

    private static func drop(_ name: String, _ number: inout JSONNumber?, _ dropped: inout [String]) {
        if number != nil { dropped.append(name) }
        number = nil
    }
}
