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
            }
        }
    }

    private static let names: [ShortName] = [
        "model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "max_output_tokens", "n", "best_of",
        "user",
        "service_tier", "background",
    ]
    private static let optionNames: [ShortName] = ["include_usage"]

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
    public private(set) var n: Int?
    public private(set) var bestOf: Int?
    public private(set) var background = false
    /// Values with their quotes.
    public private(set) var user: ByteRange?
    public private(set) var serviceTier: ByteRange?

    private(set) var streamMember: JSONMember?
    private(set) var streamOptions: JSONMember?
    private(set) var includeUsageMember: JSONMember?

    /// Scans `bytes`, a whole body of an endpoint that reads `body`.
    /// - Throws: `notJSON` (grammar of RFC 8259, one object), `wrongType` and `repeated` for members that the endpoint reads, `missingModel`.
    ///   null counts as absent, except for `model`.
    public static func parse(_ bytes: Span<UInt8>, as body: OpenAIBody) throws(OpenAIRequestError) -> OpenAIRequest {
        var members: JSONMembers
        do throws(JSONError) {
            members = try JSONScanner.members(of: bytes, wanted: names)
        } catch {
            if case .repeatedMember(let index) = error.reason, let field = Field(rawValue: index) {
                throw .repeated(field)
            }
            throw .notJSON(error)
        }
        var request = OpenAIRequest(body: body)
        try request.read(&members, of: bytes)
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

    private mutating func read(_ members: inout JSONMembers, of bytes: Span<UInt8>) throws(OpenAIRequestError) {
        if let member = members.member(Field.model.rawValue) {
            guard member.kind == .string, member.value.count > 2 else { throw .wrongType(.model) }
            model = member.value
            modelIsPlain = !JSONText.hasEscapes(bytes, member.value)
        } else if !body.modelIsOptional {
            throw .missingModel
        }
        streamMember = members.member(Field.stream.rawValue)
        stream = try flag(.stream, &members) ?? false
        background = try flag(.background, &members) ?? false
        maxTokens = try count(.maxTokens, &members, bytes, least: 0)
        maxCompletionTokens = try count(.maxCompletionTokens, &members, bytes, least: 0)
        maxOutputTokens = try count(.maxOutputTokens, &members, bytes, least: 0)
        n = try count(.n, &members, bytes, least: 1)
        bestOf = try count(.bestOf, &members, bytes, least: 1)
        user = try text(.user, &members)
        serviceTier = try text(.serviceTier, &members)
        try readStreamOptions(&members, bytes)
    }

    private mutating func readStreamOptions(_ members: inout JSONMembers, _ bytes: Span<UInt8>)
        throws(OpenAIRequestError)
    {
        guard body.isRead(.streamOptions), let member = members.member(Field.streamOptions.rawValue) else { return }
        streamOptions = member
        guard member.kind != .null else { return }
        guard member.kind == .object else { throw .wrongType(.streamOptions) }
        var options: JSONMembers
        do throws(JSONError) {
            options = try JSONScanner.members(of: bytes, in: member.value, wanted: Self.optionNames)
        } catch {
            if case .repeatedMember = error.reason { throw .repeatedIncludeUsage }
            throw .notJSON(error)
        }
        guard let option = options.member(0) else { return }
        includeUsageMember = option
        switch option.kind {
        case .true: includeUsage = true
        case .false: includeUsage = false
        case .null: break
        default: throw .wrongIncludeUsage
        }
    }

    private func value(_ field: Field, _ members: inout JSONMembers) -> JSONMember? {
        guard body.isRead(field), let member = members.member(field.rawValue), member.kind != .null else { return nil }
        return member
    }

    private func flag(_ field: Field, _ members: inout JSONMembers) throws(OpenAIRequestError) -> Bool? {
        guard let member = value(field, &members) else { return nil }
        switch member.kind {
        case .true: return true
        case .false: return false
        default: throw .wrongType(field)
        }
    }

    private func count(
        _ field: Field, _ members: inout JSONMembers, _ bytes: Span<UInt8>, least: Int64
    ) throws(OpenAIRequestError) -> Int? {
        guard let member = value(field, &members) else { return nil }
        guard member.kind == .number, let number = JSONText.integer(bytes, member.value), number >= least else {
            throw .wrongType(field)
        }
        return Int(number)
    }

    private func text(_ field: Field, _ members: inout JSONMembers) throws(OpenAIRequestError) -> ByteRange? {
        guard let member = value(field, &members) else { return nil }
        guard member.kind == .string else { throw .wrongType(field) }
        return member.value
    }
}
