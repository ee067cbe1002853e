public import WeirBase

/// Where Azure OpenAI is asked (providers.md, section 3). Without a version its API is OpenAI's under `/openai/v1`; with one, what runs a model is
/// asked under the path of its deployment.
public enum AzurePath {
    /// Appends the path of a request.
    /// - Parameters:
    ///   - rest: what follows `/v1` in OpenAI's path.
    ///   - deployment: Azure's name of the model.
    /// - Returns: whether it ends in a query.
    public static func append(
        _ endpoint: OpenAIEndpoint, rest: Span<UInt8>, deployment: String, apiVersion: String?,
        to out: inout ByteBuffer
    ) -> Bool {
        guard let apiVersion else {
            out.append("/openai/v1")
            out.append(rest)
            return false
        }
        out.append("/openai")
        if endpoint.runsDeployment {
            out.append("/deployments/")
            out.append(percentEncoded: deployment.utf8Span.span)
        }
        out.append(rest)
        out.append("?api-version=")
        out.append(apiVersion)
        return true
    }
}

extension OpenAIEndpoint {
    /// Whether Azure's dated API asks for it under the path of a deployment.
    fileprivate var runsDeployment: Bool {
        switch self {
        case .chatCompletions, .completions, .embeddings, .imageGenerations, .imageEdits, .imageVariations, .speech,
            .transcriptions, .translations:
            true
        case .responses, .moderations, .responsesInputTokens, .responsesCompact, .models, .model, .storedChat,
            .storedResponse, .files, .batches:
            false
        }
    }
}
