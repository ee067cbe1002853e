import WeirBase
import WeirDialects

/// OpenAI's API, and that of the many servers that speak it: vLLM, llama.cpp, Ollama, Groq, Mistral, DeepSeek, OpenRouter.
struct OpenAIDialect: Dialect {
    typealias Writer = OpenAIChatRequestWriter
    typealias Reader = OpenAIChatAnswerReader

    // A base URL has its version here, as OpenAI's SDKs have it.
    var ownPrefixes: [String] { [] }

    func takes(_ endpoint: Endpoint, apiVersion: String?) -> Bool { endpoint.surface == .openAI }

    func append(
        path endpoint: Endpoint, rest: Span<UInt8>, model: String, apiVersion: String?, to out: inout ByteBuffer
    ) -> Bool {
        out.append(rest)
        return false
    }

    func path(model: String, stream: Bool, apiVersion: String?) -> String { "/chat/completions" }
}
