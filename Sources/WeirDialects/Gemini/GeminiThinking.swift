internal import WeirBase
internal import WeirWire

/// How a generation of models is told to think: up to 2.0 not at all, 2.5 by a number of tokens, 3 and later by a level.
enum GeminiThinking {
    case none, level
    /// Tokens, of which some models must have a few.
    case budget(least: Int)

    /// By the model's name; names without a number (`gemini-flash-latest`) are of the newest generation.
    init(model: String) {
        let name = ModelName(model)
        guard let start = name.first("gemini-"), let version = name.version(at: start + 7) else {
            self = .level
            return
        }
        switch version {
        case (3..., _): self = .level
        case (2, 5...): self = .budget(least: name.contains("-pro") ? 128 : 0)
        default: self = .none
        }
    }

    /// Whether calls in the history need a signature: 400 without one.
    var needsSignatures: Bool { if case .level = self { true } else { false } }

    func write(_ reasoning: Reasoning, _ notes: inout TranslationNotes, _ out: inout ByteBuffer) {
        guard reasoning != Reasoning() else { return }
        switch self {
        case .none: notes.drop("reasoning_effort")
        case .budget(let least):
            guard let asked = reasoning.budget ?? Self.budget(reasoning) else { return notes.drop("reasoning_effort") }
            if asked == 0, least > 0 { notes.drop(reasoning.effort == nil ? "thinking" : "reasoning_effort") }
            let budget = asked < 0 ? asked : max(asked, least)
            write(asked != 0, &out) { out in out.append(member: "thinkingBudget", integer: budget) }
        case .level:
            // Old and new word exclude each other; a number of tokens is understood still.
            if let budget = reasoning.budget, budget > 0 {
                return write(true, &out) { out in out.append(member: "thinkingBudget", integer: budget) }
            }
            let isOff = reasoning.budget == 0
            guard let effort = isOff ? "none" : reasoning.effort else { return write(true, &out) { _ in } }
            guard let level = Self.level(effort) else { return notes.drop("reasoning_effort") }
            write(effort != "none", &out) { out in out.append(member: "thinkingLevel", string: level) }
        }
    }

    private func write(_ includesThoughts: Bool, _ out: inout ByteBuffer, _ amount: (inout ByteBuffer) -> Void) {
        out.beginMember("thinkingConfig")
        out.append("{")
        amount(&out)
        if includesThoughts {
            out.beginMember("includeThoughts")
            out.append("true")
        }
        out.append("}")
    }

    /// Tokens for an effort; -1 lets the model decide.
    private static func budget(_ reasoning: Reasoning) -> Int? {
        switch reasoning.effort {
        case nil: -1
        case "none": 0
        case "minimal": 512
        case "low": 1_024
        case "medium": 8_192
        case "high", "xhigh", "max": 24_576
        default: nil
        }
    }

    /// These models cannot do without: `none` is the least they know.
    private static func level(_ effort: String) -> String? {
        switch effort {
        case "none", "minimal": "MINIMAL"
        case "low": "LOW"
        case "medium": "MEDIUM"
        case "high": "HIGH"
        case "xhigh", "max": "XHIGH"
        default: nil
        }
    }
}
