import WeirBase
import WeirDialects

/// Google's generateContent (providers.md, section 5).
struct GeminiDialect: Dialect {
    typealias Writer = GeminiRequestWriter
    typealias Reader = GeminiAnswerReader

    var ownPrefixes: [String] { ["/v1beta", "/v1"] }
    var keyField: (name: StaticString, prefix: StaticString) { ("x-goog-api-key", "") }

    func path(model: String, stream: Bool, apiVersion: String?) -> String {
        GeminiPath.path(model: model, stream: stream)
    }
}
