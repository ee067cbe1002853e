/// What a model takes, as far as its name tells (providers.md, sections 0.3 and 8). A name that tells nothing, as of other servers that speak the
/// Messages API, gets what the API had from its beginning.
struct AnthropicModel {
    /// Major version times 100 and minor version: 405 for `claude-opus-4-5`; nil where the name has none.
    private let version: Int?
    private let isOpus: Bool

    init(named name: String) {
        let name = ModelName(name)
        isOpus = name.contains("opus")
        version = Self.version(in: name)
    }

    /// Reads `claude-opus-4-5-20251101`, `claude-3-5-sonnet-latest`, `anthropic.claude-opus-4-6-v1:0`, `claude-opus-4.7`, `claude-sonnet-5`.
    private static func version(in name: borrowing ModelName) -> Int? {
        var numbers: (major: Int?, minor: Int?)
        // Before the word claude no number counts, and behind the first numbers none either: a date, a revision, or the family of names that begin
        // with the version; a family before it comes by earlier.
        var isOver = true
        var start = 0
        while start < name.count {
            var end = start
            while let byte = name[end], !isSeparator(byte) { end += 1 }
            if end - start == 6, name.has("claude", at: start) {
                numbers = (nil, nil)
                isOver = false
            } else if !isOver, end > start {
                if end - start <= 2, let number = name.number(at: start), number.end == end {
                    if numbers.major == nil { numbers.major = number.value } else { numbers.minor = number.value }
                    isOver = numbers.minor != nil
                } else {
                    isOver = numbers.major != nil
                }
            }
            start = end + 1
        }
        return numbers.major.map { $0 * 100 + (numbers.minor ?? 0) }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "@"), UInt8(ascii: ":"), UInt8(ascii: "_"),
            UInt8(ascii: "/"):
            true
        default: false
        }
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
