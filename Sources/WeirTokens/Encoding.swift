/// Which vocabulary counts a model's tokens, and how well.
public struct Encoding: Equatable, Sendable {
    /// The name of the vocabulary: `o200k_base`.
    public var vocabulary: String
    /// What a count is multiplied with, in thousandths; 1,000 where the vocabulary is the model's own.
    public var permille: Int
    /// Whether the vocabulary is the model's own, so that counts of plain text are the provider's.
    public var isExact: Bool

    public init(exact vocabulary: String) {
        self.vocabulary = vocabulary
        permille = 1_000
        isExact = true
    }

    /// Pieces that others have measured: near, but nobody's word.
    public init(measured vocabulary: String) {
        self.vocabulary = vocabulary
        permille = 1_000
        isExact = false
    }

    public init(estimate vocabulary: String, permille: Int) {
        self.vocabulary = vocabulary
        self.permille = permille
        isExact = false
    }

    /// The vocabularies of their makers that `scripts/setup` builds: what a gateway counts with.
    public static let usual: Set<String> = ["o200k_base", "cl100k_base", "deepseek_v4"]

    /// The tokens that a text has if the vocabulary counts `count`: rounded up, at most `Int.max`.
    public func tokens(_ count: Int) -> Int {
        let (product, overflows) = count.multipliedReportingOverflow(by: permille)
        return overflows ? .max : product / 1_000 + (product % 1_000 > 0 ? 1 : 0)
    }

    /// The encoding of a model.
    ///
    /// Names are taken without the provider in front (`openai/gpt-4o`, `us.anthropic.claude-...`), in any case, exact ones before beginnings. A name that
    /// nobody knows is estimated.
    /// - Parameter isAvailable: whether a vocabulary has been built; where it has not, the model is estimated with `o200k_base`.
    public static func of(model: String, isAvailable: (String) -> Bool = usual.contains) -> Encoding {
        let family = Family.of(model)
        if let own = family.vocabulary, isAvailable(own) {
            return family.isMeasured ? Encoding(measured: own) : Encoding(exact: own)
        }
        return Encoding(estimate: "o200k_base", permille: family.permille)
    }
}

/// Models that share a vocabulary.
private struct Family {
    /// Their own vocabulary; nil where none is public.
    var vocabulary: String?
    /// Their tokens for 1,000 of o200k_base: measured on English, code and Chinese and rounded up, or assumed where nothing could be measured.
    var permille: Int
    /// Whether the vocabulary is not published, but measured.
    var isMeasured = false

    static let o200k = Family(vocabulary: "o200k_base", permille: 1_000)
    static let cl100k = Family(vocabulary: "cl100k_base", permille: 1_100)
    static let p50k = Family(vocabulary: "p50k_base", permille: 1_500)
    static let qwen2 = Family(vocabulary: "qwen2", permille: 1_150)
    static let qwen35 = Family(vocabulary: "qwen3_5", permille: 1_100)
    static let llama3 = Family(vocabulary: "llama3", permille: 1_150)
    static let llama4 = Family(vocabulary: "llama4", permille: 1_050)
    static let tekken = Family(vocabulary: "mistral_tekken", permille: 1_150)
    static let deepSeek = Family(vocabulary: "deepseek_v4", permille: 1_200)
    static let unknown = Family(vocabulary: nil, permille: 1_300)

    /// Whole names: tiktoken's `model.py`.
    static let names: [String: Family] = [
        "gpt-4": cl100k, "davinci-002": cl100k, "babbage-002": cl100k, "text-embedding-ada-002": cl100k,
        "davinci": p50k, "curie": p50k, "babbage": p50k, "ada": p50k,
    ]

    /// Beginnings of names, the first that fits.
    static let beginnings: [(String, Family)] = [
        ("gpt-oss", o200k), ("gpt-5", o200k), ("gpt-4.1", o200k), ("gpt-4.5", o200k), ("gpt-4o", o200k),
        ("chatgpt", o200k),
        ("o1", o200k), ("o3", o200k), ("o4-mini", o200k), ("ft:gpt-4o", o200k), ("ft:gpt-4.1", o200k),
        ("gpt-4-", cl100k), ("gpt-3.5", cl100k), ("gpt-35-turbo", cl100k), ("ft:gpt-4", cl100k),
        ("ft:gpt-3.5-turbo", cl100k), ("ft:davinci-002", cl100k), ("ft:babbage-002", cl100k),
        ("text-embedding-3", cl100k),
        ("text-davinci-", p50k), ("code-davinci-", p50k), ("code-cushman-", p50k),
        ("qwen3.5", qwen35), ("qwen3.6", qwen35), ("qwen", qwen2), ("voyage-3", qwen2),
        ("meta-llama-3", llama3), ("llama-3", llama3), ("llama3", llama3), ("llama-4", llama4), ("llama4", llama4),
        ("mistral", tekken), ("ministral", tekken), ("codestral", tekken), ("magistral", tekken), ("devstral", tekken),
        ("pixtral", tekken), ("deepseek", deepSeek),
    ]

    /// Claude up to 4.6, 4.7, and later ones. Measured against their pieces, for 1,000 tokens of o200k_base: English 1,090, code 1,230, Chinese 1,460, and
    /// with the later ones 1,450, 1,520, 1,480.
    static let claude3 = Family(vocabulary: "claude_v3", permille: 1_250, isMeasured: true)
    static let claude47 = Family(vocabulary: "claude_v4_7", permille: 1_500, isMeasured: true)
    static let claude48 = Family(vocabulary: "claude_v4_8", permille: 1_500, isMeasured: true)

    /// What the names of the later Claude models contain, the first that fits.
    static let claudes: [(String, Family)] = [
        ("opus-4-7", claude47), ("opus-4.7", claude47), ("opus-4-8", claude48), ("opus-4.8", claude48),
        ("opus-5", claude48), ("sonnet-5", claude48), ("haiku-5", claude48), ("fable", claude48),
    ]

    static func of(_ model: String) -> Family {
        let name = lastPart(model.lowercased())
        if let family = names[name] { return family }
        for (beginning, family) in beginnings where name.hasPrefix(beginning) { return family }
        if name.contains("claude") {
            return claudes.first { name.contains($0.0) }?.1 ?? claude3
        }
        return unknown
    }

    /// The name behind the provider's: what follows the last slash.
    private static func lastPart(_ name: String) -> String {
        guard let slash = name.lastIndex(of: "/") else { return name }
        return String(name[name.index(after: slash)...])
    }
}
