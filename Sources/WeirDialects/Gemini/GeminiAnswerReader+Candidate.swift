internal import WeirBase
internal import WeirWire

/// A candidate: what one chunk adds to one choice.
extension GeminiAnswerReader {
    /// Reads a candidate. Its index stands behind its content, which is therefore passed over first and read when the candidate is known.
    /// - Returns: where it ends.
    mutating func readCandidate(
        _ data: Span<UInt8>, _ candidate: JSONPlace, _ problem: inout UpstreamProblem?, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> Int {
        var content: JSONPlace?
        var logprobs: ByteRange?
        var reason: String?
        var index: Int64? = 0
        let end = try candidate.members(data) { (name, value) throws(JSONError) in
            switch name {
            case Name.content:
                content = value
                return try value.skip(data)
            case Name.finishReason: return try value.read(data, into: &reason)
            case Name.index:
                let range = try value.range(data)
                if value.kind != .null { index = JSONText.integer(data, range) }
                return Int(range.end)
            case Name.logprobsResult:
                let range = try value.range(data)
                if value.kind == .object { logprobs = range }
                return Int(range.end)
            default: return try value.skip(data)
            }
        }
        guard candidate.kind == .object, let index, (0..<Int64(Self.choiceLimit)).contains(index) else {
            problem = UpstreamProblem(.malformed, "the answer has a candidate that is none")
            return end
        }
        let choice = Int(index)
        while choices.count <= choice { choices.append(Choice()) }
        if let content {
            _ = try content.members(data) { (name, value) throws(JSONError) in
                guard name == Name.parts else { return try value.skip(data) }
                return try value.elements(data) { (part) throws(JSONError) in
                    try readPart(data, part, choice, &problem, give)
                }
            }
        }
        if let logprobs, let tokens = try GeminiLogprobs.translate(data, logprobs) {
            give(.logprobs(choice: choice, tokens))
        }
        if let reason { finish(choice, reason, &problem, give) }
        return end
    }

    private mutating func readPart(
        _ data: Span<UInt8>, _ part: JSONPlace, _ choice: Int, _ problem: inout UpstreamProblem?,
        _ give: (AnswerEvent) -> Void
    ) throws(JSONError) -> Int {
        var text: String?
        var isThought = false
        var signature: String?
        var hasCall = false
        var (id, name): (String?, String?)
        var arguments: ByteRange?
        let end = try part.members(data) { (member, value) throws(JSONError) in
            switch member {
            case Name.text: return try value.read(data, into: &text)
            case Name.thought:
                isThought = value.kind == .true
                return try value.skip(data)
            case Name.thoughtSignature: return try value.read(data, into: &signature)
            case Name.functionCall:
                hasCall = value.kind == .object
                return try value.members(data) { (member, value) throws(JSONError) in
                    switch member {
                    case Name.id: return try value.read(data, into: &id)
                    case Name.name: return try value.read(data, into: &name)
                    case Name.args:
                        let range = try value.range(data)
                        if value.kind == .object { arguments = range }
                        return Int(range.end)
                    default: return try value.skip(data)
                    }
                }
            default: return try value.skip(data)
            }
        }
        if let text, !text.isEmpty {
            give(isThought ? .reasoning(choice: choice, text) : .text(choice: choice, text))
            choices[choice].hasText = true
        }
        guard hasCall else { return end }
        let call = choices[choice].calls
        guard let name, !name.isEmpty, call < Self.callLimit else {
            problem = UpstreamProblem(.malformed, "the answer has a function call without a name, or too many calls")
            return end
        }
        choices[choice].calls += 1
        let made = id.flatMap { $0.isEmpty ? nil : $0 } ?? makeID(choice, call, name, data, arguments)
        give(.toolCall(choice: choice, call: call, id: made, name: name, signature: signature))
        if let arguments {
            give(.toolArguments(choice: choice, call: call, JSONPlace.source(data, arguments)))
        }
        return end
    }

    /// An id for a call without one, of the answer's id, the call and its place: the same call of another turn has another.
    private func makeID(
        _ choice: Int, _ call: Int, _ name: String, _ data: Span<UInt8>, _ arguments: ByteRange?
    ) -> String {
        var hash = seed
        hash.add(name.utf8Span.span)
        if let arguments { hash.add(data.extracting(arguments.bounds)) }
        let digits = String(hash.value, radix: 16)
        return "call_\(String(repeating: "0", count: 16 - digits.count))\(digits)_\(choice)_\(call)"
    }

    private mutating func finish(
        _ choice: Int, _ reason: String, _ problem: inout UpstreamProblem?, _ give: (AnswerEvent) -> Void
    ) {
        guard !choices[choice].isFinished else { return }
        let hasContent = choices[choice].hasText || choices[choice].calls > 0
        let finish: FinishReason
        switch reason {
        case "STOP": finish = choices[choice].calls > 0 ? .toolCalls : .stop
        case "MAX_TOKENS": finish = .length
        case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "MODEL_ARMOR",
            "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER":
            finish = .contentFilter
        case "MISSING_THOUGHT_SIGNATURE":
            problem = UpstreamProblem(
                .invalidRequest,
                "a tool call in the conversation came back without the signature that the model gave it",
                code: reason)
            return
        case "MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "OTHER",
            "NO_IMAGE":
            problem = UpstreamProblem(.server, "the model gave up with \(reason)", code: reason)
            return
        default:
            // A reason of tomorrow: what has come is an answer, and nothing at all is none.
            guard hasContent else {
                problem = UpstreamProblem(.server, "the model stopped for an unknown reason", code: reason)
                return
            }
            finish = choices[choice].calls > 0 ? .toolCalls : .stop
        }
        choices[choice].isFinished = true
        give(.finish(choice: choice, finish, stopSequence: nil))
    }

    private enum Name {
        static let content: ShortName = "content"
        static let parts: ShortName = "parts"
        static let finishReason: ShortName = "finishReason"
        static let index: ShortName = "index"
        static let logprobsResult: ShortName = "logprobsResult"
        static let text: ShortName = "text"
        static let thought: ShortName = "thought"
        static let thoughtSignature: ShortName = "thoughtSignature"
        static let functionCall: ShortName = "functionCall"
        static let id: ShortName = "id"
        static let name: ShortName = "name"
        static let args: ShortName = "args"
    }
}
