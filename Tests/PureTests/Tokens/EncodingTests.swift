import Testing
import WeirTokens

@Suite("Encoding of a model") struct EncodingTests {
    @Test(
        "models of OpenAI are exact",
        arguments: [
            ("gpt-5", "o200k_base"), ("gpt-5.2-codex", "o200k_base"), ("gpt-4.1-mini", "o200k_base"),
            ("gpt-4o-2024-11-20", "o200k_base"),
            ("chatgpt-4o-latest", "o200k_base"), ("o1", "o200k_base"), ("o3-pro", "o200k_base"),
            ("o4-mini", "o200k_base"),
            ("gpt-oss-120b", "o200k_base"), ("openai/gpt-oss-20b", "o200k_base"), ("ft:gpt-4o:acme::1", "o200k_base"),
            ("GPT-4o", "o200k_base"),
            ("gpt-4", "cl100k_base"), ("gpt-4-turbo", "cl100k_base"), ("gpt-3.5-turbo", "cl100k_base"),
            ("gpt-35-turbo-16k", "cl100k_base"),
            ("text-embedding-3-small", "cl100k_base"), ("text-embedding-ada-002", "cl100k_base"),
            ("ft:gpt-3.5-turbo:x", "cl100k_base"),
        ])
    func exact(model: String, vocabulary: String) {
        #expect(Encoding.of(model: model) == Encoding(exact: vocabulary))
    }

    @Test(
        "others are exact where their vocabulary is there, else estimated with o200k_base",
        arguments: [
            ("qwen3-32b", "qwen2"), ("Qwen/Qwen3.5-27B", "qwen3_5"), ("mistral-large-2411", "mistral_tekken"),
            ("meta-llama/Llama-3.3-70B-Instruct", "llama3"), ("llama-4-scout", "llama4"),
            ("text-davinci-003", "p50k_base"),
        ])
    func families(model: String, vocabulary: String) {
        #expect(Encoding.of(model: model, isAvailable: { _ in true }) == Encoding(exact: vocabulary))
        let estimate = Encoding.of(model: model)
        #expect(estimate.vocabulary == "o200k_base" && !estimate.isExact && estimate.permille >= 1_000)
    }

    @Test(
        "what has no public vocabulary is estimated",
        arguments: [
            ("claude-3-5-sonnet-20241022", 1_250), ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 1_250),
            ("claude-opus-4-7", 1_500),
            ("claude-sonnet-5", 1_500), ("gemini-2.5-pro", 1_300), ("something-new", 1_300), ("", 1_300),
        ])
    func estimates(model: String, permille: Int) {
        #expect(
            Encoding.of(model: model, isAvailable: { _ in true })
                == Encoding(estimate: "o200k_base", permille: permille))
    }

    @Test("estimates are rounded up and never overflow") func rounding() {
        let encoding = Encoding(estimate: "o200k_base", permille: 1_250)
        #expect([0, 1, 2, 4].map(encoding.tokens) == [0, 2, 3, 5])
        #expect(encoding.tokens(.max) == .max)
        #expect(Encoding(exact: "o200k_base").tokens(7) == 7)
    }
}
