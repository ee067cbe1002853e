internal import WeirBase
internal import WeirWire

extension BedrockAnswerReader {
    public static func problem(status: Int, retryAfter: String?, body: Span<UInt8>) -> UpstreamProblem {
        problem(status: status, errorType: nil, retryAfter: retryAfter, body: body)
    }

    /// What an answer with an error status says.
    /// - Parameter errorType: its field `x-amzn-ErrorType`, `ThrottlingException:http://...`, which tells more than the status.
    public static func problem(
        status: Int, errorType: String?, retryAfter: String?, body: Span<UInt8>
    ) -> UpstreamProblem {
        let facts = BedrockProblem.facts(body)
        let type = BedrockProblem.name(errorType ?? facts.type)
        var problem = BedrockProblem.problem(type, status: status, facts.message)
        problem.retryAfter = ProviderWords.retryAfter(retryAfter)
        return problem
    }
}

/// The errors of Bedrock Runtime, by their names.
enum BedrockProblem {
    struct Facts {
        var message: String?
        /// `__type`, where there is no field that tells.
        var type: String?
        /// Of a model's own error.
        var originalMessage: String?
    }

    static func facts(_ body: Span<UInt8>) -> Facts {
        var facts = Facts()
        do throws(JSONError) {
            _ = try JSONPlace.root(body).members(body) { (name, value) throws(JSONError) in
                switch name {
                case Name.message, Name.capitalMessage: return try value.read(body, into: &facts.message)
                case Name.type: return try value.read(body, into: &facts.type)
                case Name.originalMessage: return try value.read(body, into: &facts.originalMessage)
                default: return try value.skip(body)
                }
            }
        } catch { return Facts() }
        return facts
    }

    /// An exception inside a stream.
    static func exception(_ type: String, _ payload: Span<UInt8>) -> UpstreamProblem {
        let facts = facts(payload)
        return problem(name(type), status: nil, facts.message ?? facts.originalMessage)
    }

    /// An error outside the model.
    static func error(_ code: String, message: String) -> UpstreamProblem { problem(name(code), status: nil, message) }

    /// `ThrottlingException` of `aws.protocoltests#throttlingException:http://...`: the first letter is small in streams.
    static func name(_ type: String?) -> String? {
        guard let type, !type.isEmpty, type.utf8.count <= 256 else { return nil }
        let bare = type.prefix { $0 != ":" }
        let name = bare.split(separator: "#").last ?? bare
        guard let first = name.first else { return nil }
        return first.uppercased() + name.dropFirst()
    }

    static func problem(_ type: String?, status: Int?, _ message: String?) -> UpstreamProblem {
        let words = message.map(ProviderWords.clean)
        let fallback = status.map { "the provider answered with status \($0)" } ?? "the provider broke off the answer"
        return UpstreamProblem(kind(type, status, message ?? ""), words ?? fallback, code: type)
    }

    private static func kind(_ type: String?, _ status: Int?, _ message: String) -> UpstreamProblem.Kind {
        if status == 401 || status == 403 { return .credential }
        switch type {
        case "ThrottlingException":
            // A quota by the day does not come back by waiting a while.
            return message.contains("per day") ? .quota : .rateLimit
        case "ServiceQuotaExceededException": return .quota
        case "ModelNotReadyException", "ServiceUnavailableException": return .overloaded
        case "ModelTimeoutException": return .timeout
        case "ModelErrorException", "ModelStreamErrorException", "InternalServerException", "InternalFailure":
            return .server
        case "ResourceNotFoundException": return .modelNotFound
        case "AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException",
            "ExpiredTokenException", "IncompleteSignatureException", "MissingAuthenticationTokenException":
            return .credential
        case "ValidationException": return validation(message)
        default: break
        }
        switch status {
        case nil: return .server
        case 401, 403: return .credential
        case 402: return .quota
        case 404: return .modelNotFound
        case 408, 504: return .timeout
        case 424: return .server
        case 429: return .rateLimit
        case 503: return .overloaded
        case 400?: return validation(message)
        case (400..<500)?: return .invalidRequest
        default: return .server
        }
    }

    private static func validation(_ message: String) -> UpstreamProblem.Kind {
        let words = message.lowercased()
        if words.contains("model identifier is invalid") { return .modelNotFound }
        if [
            "too long", "too many input tokens", "maximum context length", "exceeds the maximum number of input tokens",
        ]
        .contains(where: words.contains) {
            return .contextLength
        }
        return .invalidRequest
    }

    private enum Name {
        static let message: ShortName = "message"
        static let capitalMessage: ShortName = "Message"
        static let type: ShortName = "__type"
        static let originalMessage: ShortName = "originalMessage"
    }
}
