import WeirBase
import WeirConfig
import WeirDialects

/// What the gateway must know of a provider's wire format to call it: a file each, and a line in the table below.
protocol Dialect: Sendable {
    associatedtype Writer: ChatRequestWriter
    associatedtype Reader: AnswerReader

    /// Ends of a base URL's path with which the paths of this dialect begin themselves: people write them there or leave them out.
    var ownPrefixes: [String] { get }
    /// Whether clients' requests to `endpoint` are this dialect's own, and pass as they are.
    /// - Parameter apiVersion: what the configuration says.
    func takes(_ endpoint: Endpoint, apiVersion: String?) -> Bool
    /// Appends the path of a request that passes as it is.
    /// - Parameters:
    ///   - rest: what of the client's path follows `/v1`.
    ///   - model: the provider's name of it; empty where the request is for none.
    ///   - apiVersion: what the configuration says.
    /// - Returns: whether the path ends in a query, to which the client's may be added.
    func append(
        path endpoint: Endpoint, rest: Span<UInt8>, model: String, apiVersion: String?, to out: inout ByteBuffer
    ) -> Bool
    /// The path and query of a conversation's request.
    func path(model: String, stream: Bool, apiVersion: String?) -> String
    /// The name of the field with the provider's key, and what stands before the key.
    var keyField: (name: StaticString, prefix: StaticString) { get }
    /// The version of the API that a request is sent as, where a field says it; nil where none does.
    /// - Parameter configured: what the configuration says.
    func apiVersion(for model: String, configured: String?) -> String?
    /// The field that says what an error is, in small letters.
    var errorTypeField: StaticString? { get }
    /// What an answer with an error status says.
    func problem(status: Int, errorType: String?, retryAfter: String?, body: Span<UInt8>) -> UpstreamProblem
}

extension Dialect {
    var keyField: (name: StaticString, prefix: StaticString) { ("authorization", "Bearer ") }
    var errorTypeField: StaticString? { nil }
    func takes(_ endpoint: Endpoint, apiVersion: String?) -> Bool { false }

    func append(
        path endpoint: Endpoint, rest: Span<UInt8>, model: String, apiVersion: String?, to out: inout ByteBuffer
    ) -> Bool {
        out.append("/v1")
        out.append(rest)
        return false
    }

    func apiVersion(for model: String, configured: String?) -> String? { nil }

    func problem(status: Int, errorType: String?, retryAfter: String?, body: Span<UInt8>) -> UpstreamProblem {
        Reader.problem(status: status, retryAfter: retryAfter, body: body)
    }

    /// Appends the body of a conversation's request.
    func write(
        _ request: ChatRequest, to target: TargetOptions, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        try Writer.write(request, to: target, &notes, &out)
    }

    func reader() -> any AnswerReader { Reader() }
}

extension Policy.DialectName {
    /// The table of dialects.
    var dialect: any Dialect {
        switch self {
        case .openai: OpenAIDialect()
        case .azure: AzureDialect()
        case .anthropic: AnthropicDialect()
        case .gemini: GeminiDialect()
        case .bedrock: BedrockDialect()
        }
    }
}
