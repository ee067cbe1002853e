/// What a model takes, as far as its name tells (providers.md, sections 0.3 and 8). A name that tells nothing, as of other servers that speak the
/// Messages API, gets what the API had from its beginning.
struct AnthropicModel {
    /// Major version times 100 and minor version: 405 for `claude-opus-4-5`; nil where the name has none.
    private let version: Int?
    private let isOpus: Bool

    init(named name: String) {
        let name = name.lowercased()
        isOpus = name.contains("opus")
        version = Self.version(in: name)
    }

    /// Reads `claude-opus-4-5-20251101`, `claude-3-5-sonnet-latest`, `anthropic.claude-opus-4-6-v1:0`, `claude-opus-4.7`, `claude-sonnet-5`.
    private static func version(in name: String) -> Int? {
        let words = name.split { "-.@:_/".contains($0) }
        guard let claude = words.lastIndex(of: "claude") else { return nil }
        var numbers: [Int] = []
        for word in words[(claude + 1)...] {
            if let number = Int(word), word.utf8.count <= 2, number >= 0 {
                numbers.append(number)
            } else if !numbers.isEmpty {
                // A date, a revision, or the family of names that begin with the version; a family before it comes by earlier.
                break
            }
        }
        guard let major = numbers.first else { return nil }
        return major * 100 + (numbers.count > 1 ? numbers[1] : 0)
    }

    private func isAtLeast(_ least: Int) -> Bool { version.map { $0 >= least } ?? false }
    private func isUnknownOrAtLeast(_ least: Int) -> Bool { version.map { $0 >= least } ?? true }

    /// temperature, top_p and top_k.
    var takesSampling: Bool { !isAtLeast(407) }
    var hasThinking: Bool { isUnknownOrAtLeast(307) }
    /// `thinking.type` enabled with a budget.
    var takesBudget: Bool { hasThinking && !isAtLeast(407) }
    /// Adaptive thinking and `output_config.effort`.
    var hasEffort: Bool { isAtLeast(406) }
    /// The word `xhigh`.
    var hasExtraHighEffort: Bool { isAtLeast(407) }
    /// `output_config.format`, and `strict` tools.
    var hasFormat: Bool { isUnknownOrAtLeast(405) || (isOpus && isAtLeast(401)) }
    /// Messages of the role system.
    var hasSystemMessages: Bool { isAtLeast(407) }
    /// Whether the last message may be the assistant's, which the model goes on with.
    var takesPrefill: Bool { !isAtLeast(406) }
}
