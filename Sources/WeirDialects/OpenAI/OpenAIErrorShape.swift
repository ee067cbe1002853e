public import WeirBase
internal import WeirWire

/// An error as clients of the OpenAI surface expect it (providers.md, sections 2.6 and 13): `{"error":{"message","type","param","code"}}`.
public struct OpenAIErrorShape: Equatable, Sendable {
    public var message: String
    public var type: String
    public var param: String?
    public var code: String?

    public init(message: String, type: String = "invalid_request_error", param: String? = nil, code: String? = nil) {
        self.message = message
        self.type = type
        self.param = param
        self.code = code
    }

    public init(_ error: OpenAIRequestError) {
        self.init(message: error.message, param: error.param, code: error.code)
    }

    /// The error of an upstream, whichever it was. The provider's own code stays in the log: clients act upon OpenAI's.
    public init(_ problem: UpstreamProblem) {
        let names = problem.kind.openAINames
        self.init(message: problem.message, type: names.type, param: problem.param, code: names.code)
    }

    /// Appends the body of an error answer.
    public func append(to out: inout ByteBuffer) {
        out.append(#"{"error":{"message":"#)
        out.append(jsonString: message)
        out.append(#","type":"#)
        out.append(jsonString: type)
        out.append(#","param":"#)
        append(param, to: &out)
        out.append(#","code":"#)
        append(code, to: &out)
        out.append("}}")
    }

    /// Appends the event that ends a chat stream which has already begun: SDKs raise an error for it. No `[DONE]` follows.
    public func appendEvent(to out: inout ByteBuffer) {
        out.append("data: ")
        append(to: &out)
        out.append("\n\n")
    }

    /// The same for a Responses stream: a named event whose data is flat (providers.md, section 2.5).
    public func appendResponsesEvent(sequence: Int, to out: inout ByteBuffer) {
        out.append("event: error\ndata: {\"type\":\"error\",\"code\":")
        append(code, to: &out)
        out.append(#","message":"#)
        out.append(jsonString: message)
        out.append(#","param":"#)
        append(param, to: &out)
        out.append(#","sequence_number":"#)
        out.append(decimal: sequence)
        out.append("}\n\n")
    }

    private func append(_ text: String?, to out: inout ByteBuffer) {
        if let text { out.append(jsonString: text) } else { out.append("null") }
    }
}
