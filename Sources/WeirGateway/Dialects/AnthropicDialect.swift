import WeirBase
import WeirDialects

/// Anthropic's Messages API (providers.md, section 4).
struct AnthropicDialect: Dialect {
    typealias Writer = AnthropicRequestWriter
    typealias Reader = AnthropicAnswerReader

    var ownPrefixes: [String] { ["/v1"] }
    var keyField: (name: StaticString, prefix: StaticString) { ("x-api-key", "") }

    func takes(_ endpoint: Endpoint, apiVersion: String?) -> Bool { endpoint.surface == .anthropic }

    func path(model: String, stream: Bool, apiVersion: String?) -> String { "/v1/messages" }

    func apiVersion(for model: String, configured: String?) -> String? {
        configured ?? AnthropicRequestWriter.version(for: model)
    }
}
