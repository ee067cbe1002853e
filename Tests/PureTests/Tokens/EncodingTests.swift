import Testing
import WeirTokens

@Suite("Encoding of a model") struct EncodingTests {
    @Test(
        "models of OpenAI are exact",
        arguments: [
            (
                "o200k_base",
                [
                    "gpt-5", "gpt-5.2-codex", "gpt-4.1-mini", "gpt-4o-2024-11-20", "chatgpt-4o-latest", "o1", "o3-pro",
                    "o4-mini", "gpt-oss-120b", "openai/gpt-oss-20b", "ft:gpt-4o:acme::1", "GPT-4o",
                ]
            ),
            (
                "cl100k_base",
                [
                    "gpt-4", "gpt-4-turbo", "gpt-3.5-turbo", "gpt-35-turbo-16k", "text-embedding-3-small",
                    "text-embedding-ada-002", "ft:gpt-3.5-turbo:x",
                ]
            ),
        ])
    func exact(vocabulary: String, models: [String]) {
        for model in models { #expect(Encoding.of(model: model) == Encoding(exact: vocabulary), "\(model)") }
    }

    @Test("DeepSeek's are exact", arguments: ["deepseek-chat", "deepseek-reasoner", "deepseek-ai/DeepSeek-V3.2"])
    func deepSeek(model: String) { #expect(Encoding.of(model: model) == Encoding(exact: "deepseek_v4")) }

    @Test(
        "others are exact where their vocabulary is there, else estimated with o200k_base",
        arguments: [
            ("qwen3-32b", "qwen2"), ("Qwen/Qwen3.5-27B", "qwen3_5"), ("mistral-large-2411", "mistral_tekken"),
            ("meta-llama/Llama-3.3-70B", "llama3"), ("llama-4-scout", "llama4"), ("text-davinci-003", "p50k_base"),
        ])
    func families(model: String, vocabulary: String) {
        #expect(Encoding.of(model: model, isAvailable: { _ in true }) == Encoding(exact: vocabulary))
        let estimate = Encoding.of(model: model)
        #expect(estimate.vocabulary == "o200k_base" && !estimate.isExact && estimate.permille >= 1_000)
    }

    @Test(
        "Claude is counted with the pieces of its generation where they are there, as an estimate",
        arguments: [
            ("claude-3-5-sonnet-20241022", "claude_v3", 1_250),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude_v3", 1_250),
            ("anthropic/claude-opus-4.6", "claude_v3", 1_250), ("claude-opus-4-7", "claude_v4_7", 1_500),
            ("claude-opus-4-8", "claude_v4_8", 1_500), ("claude-sonnet-5", "claude_v4_8", 1_500),
        ])
    func claude(model: String, pieces: String, permille: Int) {
        let encoding = Encoding.of(model: model, isAvailable: { _ in true })
        #expect(encoding == Encoding(measured: pieces))
        #expect(!encoding.isExact && encoding.tokens(7) == 7)
        #expect(Encoding.of(model: model) == Encoding(estimate: "o200k_base", permille: permille))
    }

    @Test("what has no vocabulary at all is estimated", arguments: ["gemini-2.5-pro", "new", ""])
    func estimates(model: String) {
        let encoding = Encoding.of(model: model, isAvailable: { _ in true })
        #expect(encoding == Encoding(estimate: "o200k_base", permille: 1_300))
    }

    @Test("estimates are rounded up and never overflow") func rounding() {
        let encoding = Encoding(estimate: "o200k_base", permille: 1_250)
        #expect([0, 1, 2, 4].map(encoding.tokens) == [0, 2, 3, 5])
        #expect(encoding.tokens(.max) == .max)
        #expect(Encoding(exact: "o200k_base").tokens(7) == 7)
    }
}
