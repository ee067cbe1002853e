/// How a model is told to reason, as far as its name tells (providers.md, sections 0.6 and 9). Names of deployments and of other vendors' models
/// tell nothing: they get the words that the client said.
enum OpenAIModel {
    /// Models that do not reason: the parameter is an error there.
    case silent
    /// The o series: `low`, `medium`, `high`.
    case basic
    /// GPT-5: `minimal` besides.
    case minimal
    /// Later ones: every word, `none` among them.
    case full
    case unknown

    init(named name: String) {
        let name = ModelName(name)
        // Behind the vendor: `openai/gpt-5.1`.
        var start = 0
        while let slash = name.first("/", from: start), slash + 1 < name.count { start = slash + 1 }
        let isGPT = name.has("gpt-", at: start)
        if name.has("chatgpt-", at: start) || name.first("-chat", from: start) != nil {
            self = isGPT || name.has("chatgpt-", at: start) ? .silent : .unknown
        } else if name.has("o", at: start), name.number(at: start + 1) != nil {
            self = .basic
        } else {
            // By what follows `gpt-`: `4o`, `5-mini`, `5.1`; `oss-120b` is no generation.
            self = isGPT ? name.version(at: start + 4).map(Self.generation) ?? .unknown : .unknown
        }
    }

    private static func generation(major: Int, minor: Int) -> OpenAIModel {
        switch major {
        case ..<5: .silent
        case 5 where minor == 0: .minimal
        default: .full
        }
    }

    /// The value of `reasoning_effort`; nil where none is to be said.
    func effort(_ reasoning: Reasoning, _ notes: inout TranslationNotes) -> String? {
        let isOff = reasoning.budget == 0 || reasoning.effort == "none"
        guard let asked = isOff ? "none" : reasoning.effort ?? reasoning.budget.map(Self.effort(ofBudget:)) else {
            return nil
        }
        switch (self, asked) {
        case (.silent, "none"): return nil
        case (.silent, _):
            notes.drop("reasoning_effort")
            return nil
        case (.unknown, "none") where reasoning.effort != "none":
            // A server that does not know the word would refuse the request.
            notes.drop("thinking")
            return nil
        case (.basic, "none"), (.minimal, "none"):
            notes.drop("reasoning_effort")
            return self == .basic ? "low" : "minimal"
        case (.basic, "minimal"): return "low"
        case (.basic, "xhigh"), (.basic, "max"), (.minimal, "xhigh"), (.minimal, "max"): return "high"
        default: return asked
        }
    }

    /// The word for a bound on reasoning tokens: its size says how much was wanted.
    private static func effort(ofBudget budget: Int) -> String {
        budget <= 2_048 ? "low" : budget <= 8_192 ? "medium" : "high"
    }
}
