public import WeirBase
public import WeirWire

/// Why a request body is refused; the client's mistake in every case.
public enum OpenAIRequestError: Error, Equatable, Sendable {
    case notJSON(JSONError)
    case wrongType(OpenAIRequest.Field)
    /// `stream_options.include_usage` is neither true, false nor null.
    case wrongIncludeUsage
    case repeated(OpenAIRequest.Field)
    /// `stream_options` holds `include_usage` twice.
    case repeatedIncludeUsage
    case missingModel

    /// The member at fault, for `error.param`.
    public var param: String? {
        switch self {
        case .notJSON: nil
        case .wrongType(let field), .repeated(let field): field.name
        case .wrongIncludeUsage, .repeatedIncludeUsage: "stream_options.include_usage"
        case .missingModel: "model"
        }
    }

    /// A code of OpenAI's (providers.md, section 2.6).
    public var code: String? {
        switch self {
        case .notJSON: "invalid_json"
        case .wrongType, .wrongIncludeUsage: "invalid_type"
        case .repeated, .repeatedIncludeUsage: "invalid_value"
        case .missingModel: "missing_required_parameter"
        }
    }

    /// What is wrong and what to write instead.
    public var message: String {
        switch self {
        case .notJSON(let error): error.description
        case .wrongType(let field): "'\(field.name)' has the wrong type: write \(field.expected)"
        case .wrongIncludeUsage: "'stream_options.include_usage' has the wrong type: write true or false"
        case .repeated(let field): "'\(field.name)' is in the body more than once: write it once"
        case .repeatedIncludeUsage: "'stream_options.include_usage' is in the body more than once: write it once"
        case .missingModel: "'model' is missing: write the name of a configured model, as \"model\": \"NAME\""
        }
    }
}

/// What Weir reads of a JSON request body, found in one scan; the bytes stay where they are.
public struct OpenAIRequest: Sendable {
    /// The members that Weir reads, some of them at some endpoints (`OpenAIBody`). The raw value is the index in the scan.
    public enum Field: Int, CaseIterable, Sendable {
        case model, stream, streamOptions, maxTokens, maxCompletionTokens, maxOutputTokens, n, bestOf, user, serviceTier
        case background
        case messages, input, prompt, tools, prediction, webSearchOptions, previousResponseID, conversation, audio

        public var name: String {
            switch self {
            case .model: "model"
            case .stream: "stream"
            case .streamOptions: "stream_options"
            case .maxTokens: "max_tokens"
            case .maxCompletionTokens: "max_completion_tokens"
            case .maxOutputTokens: "max_output_tokens"
            case .n: "n"
            case .bestOf: "best_of"
            case .user: "user"
            case .serviceTier: "service_tier"
            case .background: "background"
            case .messages: "messages"
            case .input: "input"
            case .prompt: "prompt"
            case .tools: "tools"
            case .prediction: "prediction"
            case .webSearchOptions: "web_search_options"
            case .previousResponseID: "previous_response_id"
            case .conversation: "conversation"
            case .audio: "audio"
            }
        }

        var expected: String {
            switch self {
            case .model: "a string that is not empty"
            case .user, .serviceTier: "a string"
            case .stream, .background: "true or false"
            case .streamOptions: "an object, as {\"include_usage\": true}"
            case .maxTokens, .maxCompletionTokens, .maxOutputTokens: "a whole number of 0 or more"
            case .n, .bestOf: "a whole number of 1 or more"
            case .messages, .input, .prompt, .tools, .prediction, .webSearchOptions, .previousResponseID, .conversation,
                .audio:
                "what the API asks for"
            }
        }
    }

    public let body: OpenAIBody
    /// The value of `model` with its quotes; nil where the endpoint allows that.
    public private(set) var model: ByteRange?
    /// Whether the name in the body is its text byte for byte, so that it can be looked up without decoding.
    public private(set) var modelIsPlain = true
    public private(set) var stream = false
    /// What `stream_options.include_usage` says; nil if it says nothing.
    public private(set) var includeUsage: Bool?
    public private(set) var maxTokens: Int?
    public private(set) var maxCompletionTokens: Int?
    public private(set) var maxOutputTokens: Int?
    /// Where the two values stand that bound the output: the older name and the newer one.
    private(set) var olderLimit: ByteRange?
    private(set) var newerLimit: ByteRange?
    public private(set) var n: Int?
    public private(set) var bestOf: Int?
    public private(set) var background = false
    /// Values with their quotes.
    public private(set) var user: ByteRange?
    public private(set) var serviceTier: ByteRange?
    /// The conversation, `messages` or `input`.
    private(set) var conversation: Value?
    /// What the conversation and the tools hold, and what the members around them say. Texts in the place of lists are bounded by their bytes.
    private var looked: OpenAIContent?
    /// The output that the client predicts: what of it proves wrong is billed as output, too.
    public private(set) var prediction: ByteRange?
    /// Whether the answer may be audio, at audio's price.
    public private(set) var mayAnswerInAudio = false
    /// What of the members besides the conversation has no bound in its bytes.
    private var around: OpenAIContent = []
    /// Where a member can be put in: behind the opening brace.
    private(set) var insertion = 0

    /// A value's place and kind.
    struct Value {
        var range: ByteRange
        var kind: JSONKind
    }

    private(set) var streamValue: Value?
    private(set) var streamOptions: Value?
    private(set) var includeUsageValue: Value?
    /// A bit for each field that has come.
    private var seen: UInt32 = 0

    /// What of the request has no bound in its bytes; nil if it was not looked for.
    public var content: OpenAIContent? { looked.map { $0.union(around) } }

    /// Whether it refers to what one provider keeps: an earlier response, a conversation, a prompt, or, where it was looked for, files and audio by id.
    public var refersToStored: Bool {
        around.contains(.stored) || looked.map { !$0.isDisjoint(with: [.stored, .documents]) } == true
    }

    /// Scans `bytes`, a whole body of an endpoint that reads `body`.
    /// - Parameter looksInside: whether `content` is asked for.
    /// - Throws: `notJSON` (grammar of RFC 8259, one object), `wrongType` and `repeated` for members that the endpoint reads, `missingModel`.
    ///   null counts as absent, except for `model`.
    public static func parse(
        _ bytes: Span<UInt8>, as body: OpenAIBody, looksInside: Bool = false
    ) throws(OpenAIRequestError) -> OpenAIRequest {
        var request = OpenAIRequest(body: body)
        if looksInside { request.looked = [] }
        var mistake: OpenAIRequestError?
        do throws(JSONError) {
            var walk = try JSONObjectWalk(bytes, in: ByteRange(start: 0, end: bytes.count))
            request.insertion = Int(walk.object.start) + 1
            while let name = try walk.nextName(bytes) {
                let field = name.isPlain ? field(bytes, name.range) : escapedField(bytes, name.range)
                let member = try request.takeValue(of: name, field, &walk, bytes)
                guard let field else { continue }
                do throws(OpenAIRequestError) { try request.read(field, member, bytes) } catch {
                    // A body that is no JSON is told so first.
                    if mistake == nil { mistake = error }
                }
            }
        } catch { throw .notJSON(error) }
        if let mistake { throw mistake }
        guard request.model != nil || body.modelIsOptional else { throw .missingModel }
        return request
    }

    private init(body: OpenAIBody) { self.body = body }

    /// The requested model's name.
    public func modelName(in bytes: Span<UInt8>) -> String? { model.map { JSONText.string(bytes, $0) } }

    /// The bytes of the name without quotes, as they stand in the body; its text only if `modelIsPlain`.
    public var modelContents: ByteRange? {
        model.map { ByteRange(start: Int($0.start) + 1, end: Int($0.end) - 1) }
    }

    // MARK: Parts

    /// Passes over a member's value, and looks into it on the way where that is asked for.
    @inline(__always)
    private mutating func takeValue(
        of name: JSONObjectWalk.Name, _ field: Field?, _ walk: inout JSONObjectWalk, _ bytes: Span<UInt8>
    ) throws(JSONError) -> JSONObjectWalk.Member {
        guard let field, var content = looked, name.kind == .array, body.isRead(field) else {
            return try walk.skipValue(bytes, of: name)
        }
        let end: Int
        switch field {
        case .messages, .input: end = try content.read(conversation: bytes, from: name.valueStart, to: bytes.count)
        case .tools: end = try content.read(tools: bytes, from: name.valueStart, to: bytes.count)
        default: return try walk.skipValue(bytes, of: name)
        }
        looked = content
        return try walk.endValue(bytes, of: name, at: end)
    }

    private mutating func read(
        _ field: Field, _ member: JSONObjectWalk.Member, _ bytes: Span<UInt8>
    ) throws(OpenAIRequestError) {
        let bit: UInt32 = 1 << UInt32(field.rawValue)
        let isRepeated = seen & bit != 0
        seen |= bit
        if field.rawValue >= Field.messages.rawValue {
            if body.isRead(field) { note(field, Value(range: member.value, kind: member.kind), isRepeated: isRepeated) }
            return
        }
        guard !isRepeated else { throw .repeated(field) }
        guard body.isRead(field) else { return }
        let value = Value(range: member.value, kind: member.kind)
        switch field {
        case .model:
            guard value.kind == .string, value.range.count > 2 else { throw .wrongType(.model) }
            model = value.range
            modelIsPlain = !JSONText.hasEscapes(bytes, value.range)
        case .stream:
            streamValue = value
            stream = try flag(field, value)
        case .background: background = try flag(field, value)
        case .maxTokens:
            maxTokens = try count(field, value, bytes, least: 0)
            olderLimit = value.range
        case .maxCompletionTokens:
            maxCompletionTokens = try count(field, value, bytes, least: 0)
            newerLimit = value.range
        case .maxOutputTokens:
            maxOutputTokens = try count(field, value, bytes, least: 0)
            newerLimit = value.range
        case .n: n = try count(field, value, bytes, least: 1)
        case .bestOf: bestOf = try count(field, value, bytes, least: 1)
        case .user: user = try text(field, value)
        case .serviceTier: serviceTier = try text(field, value)
        case .streamOptions: try readStreamOptions(value, bytes)
        case .messages, .input, .prompt, .tools, .prediction, .webSearchOptions, .previousResponseID, .conversation,
            .audio:
            break
        }
    }

    /// Keeps where something stands that is only looked at for its size: the upstream judges it.
    private mutating func note(_ field: Field, _ value: Value, isRepeated: Bool) {
        guard value.kind != .null else { return }
        switch field {
        case .messages, .input: conversation = value
        case .prediction: prediction = value.range
        case .webSearchOptions: around.insert(.hostedTools)
        case .prompt, .previousResponseID, .conversation: around.insert(.stored)
        case .audio: mayAnswerInAudio = true
        default: break
        }
        if isRepeated { around.insert(.unknown) }
    }

    private mutating func readStreamOptions(_ value: Value, _ bytes: Span<UInt8>) throws(OpenAIRequestError) {
        streamOptions = value
        guard value.kind != .null else { return }
        guard value.kind == .object else { throw .wrongType(.streamOptions) }
        var isRepeated = false
        do throws(JSONError) {
            var walk = try JSONObjectWalk(bytes, in: value.range)
            while let member = try walk.next(bytes) {
                let isOption =
                    member.isPlain
                    ? bytes.equals(member.name, "include_usage")
                    : JSONText.string(bytes, member.name) == "include_usage"
                guard isOption else { continue }
                isRepeated = includeUsageValue != nil
                includeUsageValue = Value(range: member.value, kind: member.kind)
            }
        } catch { throw .notJSON(error) }
        guard !isRepeated else { throw .repeatedIncludeUsage }
        switch includeUsageValue?.kind {
        case .true: includeUsage = true
        case .false: includeUsage = false
        case .null, nil: break
        default: throw .wrongIncludeUsage
        }
    }

    private func flag(_ field: Field, _ value: Value) throws(OpenAIRequestError) -> Bool {
        switch value.kind {
        case .true: true
        case .false, .null: false
        default: throw .wrongType(field)
        }
    }

    private func count(
        _ field: Field, _ value: Value, _ bytes: Span<UInt8>, least: Int64
    ) throws(OpenAIRequestError) -> Int? {
        guard value.kind != .null else { return nil }
        guard value.kind == .number, let number = JSONText.integer(bytes, value.range), number >= least else {
            throw .wrongType(field)
        }
        return Int(number)
    }

    private func text(_ field: Field, _ value: Value) throws(OpenAIRequestError) -> ByteRange? {
        guard value.kind != .null else { return nil }
        guard value.kind == .string else { throw .wrongType(field) }
        return value.range
    }

    /// The field with the name in `range`; nil if Weir reads none of this name.
    private static func field(_ bytes: Span<UInt8>, _ range: ByteRange) -> Field? {
        func isName(_ name: StaticString) -> Bool { bytes.has(name, at: Int(range.start), before: Int(range.end)) }
        return switch range.count {
        case 1 where isName("n"): .n
        case 4 where isName("user"): .user
        case 5 where isName("model"): .model
        case 5 where isName("input"): .input
        case 5 where isName("audio"): .audio
        case 5 where isName("tools"): .tools
        case 6 where isName("stream"): .stream
        case 6 where isName("prompt"): .prompt
        case 7 where isName("best_of"): .bestOf
        case 8 where isName("messages"): .messages
        case 10 where isName("max_tokens"): .maxTokens
        case 10 where isName("prediction"): .prediction
        case 10 where isName("background"): .background
        case 12 where isName("service_tier"): .serviceTier
        case 12 where isName("conversation"): .conversation
        case 14 where isName("stream_options"): .streamOptions
        case 17 where isName("max_output_tokens"): .maxOutputTokens
        case 18 where isName("web_search_options"): .webSearchOptions
        case 20 where isName("previous_response_id"): .previousResponseID
        case 21 where isName("max_completion_tokens"): .maxCompletionTokens
        default: nil
        }
    }

    /// The same for a name with escapes: nobody smuggles a second `model` past the check as `"mod\u0065l"`.
    private static func escapedField(_ bytes: Span<UInt8>, _ range: ByteRange) -> Field? {
        let plain = JSONText.plain(bytes, range)
        return field(plain.span, ByteRange(start: 0, end: plain.count))
    }
}
