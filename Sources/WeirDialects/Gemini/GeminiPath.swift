internal import WeirBase

/// Where generateContent is asked: `/v1beta/models/MODEL:generateContent`.
public enum GeminiPath {
    public enum Version: String, Sendable {
        case v1, v1beta
    }

    /// The path and query of a request.
    /// - Parameter model: `gemini-2.5-flash`, or a resource with its collection, as `tunedModels/mine`.
    public static func path(model: String, stream: Bool, version: Version = .v1beta) -> String {
        var path = ByteBuffer(capacity: 96)
        path.append("/")
        path.append(version.rawValue)
        path.append("/")
        if !model.utf8.contains(UInt8(ascii: "/")) { path.append("models/") }
        path.append(percentEncoded: model.utf8Span.span, keepsSlash: true)
        path.append(stream ? ":streamGenerateContent?alt=sse" : ":generateContent")
        return path.text()
    }
}
