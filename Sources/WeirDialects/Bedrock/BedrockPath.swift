internal import WeirBase

/// Where Converse is asked: `/model/MODEL/converse`.
public enum BedrockPath {
    /// The path of a request, as it is sent and signed.
    /// - Parameter model: a model's id, an inference profile's id or its ARN; colons and slashes in it are encoded.
    public static func path(model: String, stream: Bool) -> String {
        var path = ByteBuffer(capacity: 96)
        path.append("/model/")
        path.append(percentEncoded: model.utf8Span.span)
        path.append(stream ? "/converse-stream" : "/converse")
        return path.text()
    }
}
