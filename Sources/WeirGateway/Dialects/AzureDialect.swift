import WeirBase
import WeirDialects

/// Azure OpenAI (providers.md, section 3): OpenAI's API behind other paths, whose models are named as deployments. Without a version in the
/// configuration it is asked under `/openai/v1`, where the paths are OpenAI's.
struct AzureDialect: Dialect {
    typealias Writer = OpenAIChatRequestWriter
    typealias Reader = OpenAIChatAnswerReader

    var ownPrefixes: [String] { ["/openai/v1", "/openai"] }
    var keyField: (name: StaticString, prefix: StaticString) { ("api-key", "") }

    /// The first version that has Responses; as dates stand, a text that is later is a later one.
    private static let versionOfResponses = "2025-03-01-preview"

    func takes(_ endpoint: Endpoint, apiVersion: String?) -> Bool {
        switch endpoint {
        case .openAI(.responses): apiVersion.map { $0 >= Self.versionOfResponses } ?? true
        case .openAI: true
        case .messages, .countTokens: false
        }
    }

    func append(
        path endpoint: Endpoint, rest: Span<UInt8>, model: String, apiVersion: String?, to out: inout ByteBuffer
    ) -> Bool {
        guard case .openAI(let endpoint) = endpoint else { preconditionFailure("Azure takes OpenAI's endpoints") }
        return AzurePath.append(endpoint, rest: rest, deployment: model, apiVersion: apiVersion, to: &out)
    }

    func path(model: String, stream: Bool, apiVersion: String?) -> String {
        var path = ByteBuffer(capacity: 128)
        let rest = "/chat/completions"
        _ = AzurePath.append(
            .chatCompletions, rest: rest.utf8Span.span, deployment: model, apiVersion: apiVersion, to: &path)
        return path.span.text(ByteRange(start: 0, end: path.count))
    }
}
