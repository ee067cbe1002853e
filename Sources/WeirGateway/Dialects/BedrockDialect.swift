import WeirBase
import WeirDialects

/// Amazon Bedrock's Converse (providers.md, section 6): with a bearer key, or signed (`Upstream`).
struct BedrockDialect: Dialect {
    typealias Writer = BedrockRequestWriter
    typealias Reader = BedrockAnswerReader

    var ownPrefixes: [String] { [] }
    var errorTypeField: StaticString? { "x-amzn-errortype" }

    func path(model: String, stream: Bool, apiVersion: String?) -> String {
        BedrockPath.path(model: model, stream: stream)
    }

    func problem(status: Int, errorType: String?, retryAfter: String?, body: Span<UInt8>) -> UpstreamProblem {
        BedrockAnswerReader.problem(status: status, errorType: errorType, retryAfter: retryAfter, body: body)
    }
}
