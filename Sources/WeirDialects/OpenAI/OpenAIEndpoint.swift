public import WeirWire

// A table: every path of the OpenAI surface that Weir answers (DESIGN.md, section 9), and what its body means to Weir.

/// What a path of the OpenAI surface is.
public enum OpenAIEndpoint: String, Sendable, CaseIterable {
    case chatCompletions, completions, responses, embeddings, moderations
    case responsesInputTokens, responsesCompact
    case imageGenerations, imageEdits, imageVariations
    case speech, transcriptions, translations
    case models, model
    case storedChat, storedResponse, files, batches

    /// How a request to it is handled.
    public enum Kind: Equatable, Sendable {
        /// A JSON object with a `model` that is resolved and spliced.
        case json(OpenAIBody)
        /// `multipart/form-data` with a `model` field.
        case multipart
        /// Bound to one provider's stored state: passed through as it is.
        case passThrough
        /// Answered from the configuration.
        case models
    }

    public var kind: Kind {
        switch self {
        case .chatCompletions: .json(.chat)
        case .completions: .json(.completions)
        case .responses: .json(.responses)
        case .responsesInputTokens, .responsesCompact: .json(.plain)
        case .embeddings, .moderations: .json(.plain)
        case .imageGenerations: .json(.images)
        case .speech: .json(.plain)
        case .imageEdits, .imageVariations, .transcriptions, .translations: .multipart
        case .models, .model: .models
        case .storedChat, .storedResponse, .files, .batches: .passThrough
        }
    }
}

extension OpenAIEndpoint {
    /// What a request to an endpoint can cost, before it is made.
    public enum Cost: Equatable, Sendable {
        /// Nothing: it asks for what is there, or only counts.
        case nothing
        /// Input tokens, which the body bounds.
        case input
        /// Input tokens, and output tokens, which the request or the model bounds.
        case inputAndOutput
        /// What neither the body nor the request bounds: images, audio, work that is done later.
        case unbounded
    }

    /// - Parameter method: the request's, for paths whose cost depends on it.
    public func cost(_ method: HTTPMethod) -> Cost {
        switch self {
        case .chatCompletions, .completions, .responses: .inputAndOutput
        case .embeddings, .moderations: .input
        case .responsesInputTokens, .models, .model, .files, .storedChat: .nothing
        case .storedResponse, .batches: method == .post ? .unbounded : .nothing
        case .responsesCompact, .imageGenerations, .imageEdits, .imageVariations, .speech, .transcriptions,
            .translations:
            .unbounded
        }
    }
}

/// What Weir reads in a JSON body. Members that an endpoint does not read pass unseen: the upstream judges them.
public struct OpenAIBody: Equatable, Sendable {
    /// Where the answer's usage object is.
    public enum UsagePlace: Equatable, Sendable {
        /// Member `usage` of the answer, and of a chunk of a stream.
        case top
        /// In a stream: member `usage` of the member `response`. In a JSON answer: member `usage`.
        case inResponse
    }

    var reads: UInt32
    /// Whether a stream carries usage only if `stream_options.include_usage` asks for it.
    public var asksForUsage: Bool
    public var usagePlace: UsagePlace
    /// Whether `model` may be missing (the upstream has a default).
    public var modelIsOptional: Bool
    /// The member that bounds the output; nil where none does.
    var limitName: StaticString?

    init(
        _ reads: [OpenAIRequest.Field], asksForUsage: Bool = false, usagePlace: UsagePlace = .top,
        modelIsOptional: Bool = false, limitName: StaticString? = nil
    ) {
        self.reads = reads.reduce(1 << UInt32(OpenAIRequest.Field.model.rawValue)) { $0 | 1 << UInt32($1.rawValue) }
        self.asksForUsage = asksForUsage
        self.usagePlace = usagePlace
        self.modelIsOptional = modelIsOptional
        self.limitName = limitName
    }

    public static func == (left: OpenAIBody, right: OpenAIBody) -> Bool {
        left.reads == right.reads && left.usagePlace == right.usagePlace && left.asksForUsage == right.asksForUsage
            && left.modelIsOptional == right.modelIsOptional
    }

    func isRead(_ field: OpenAIRequest.Field) -> Bool { reads & (1 << UInt32(field.rawValue)) != 0 }

    public static let chat = OpenAIBody(
        [
            .stream, .streamOptions, .maxTokens, .maxCompletionTokens, .n, .user, .serviceTier, .messages, .tools,
            .prediction, .webSearchOptions, .audio,
        ], asksForUsage: true, limitName: "max_completion_tokens")
    public static let completions = OpenAIBody(
        [.stream, .streamOptions, .maxTokens, .n, .bestOf, .user], asksForUsage: true, limitName: "max_tokens")
    public static let responses = OpenAIBody(
        [
            .stream, .maxOutputTokens, .user, .serviceTier, .background, .input, .tools, .prompt, .previousResponseID,
            .conversation,
        ], usagePlace: .inResponse, limitName: "max_output_tokens")
    public static let images = OpenAIBody([.stream, .n, .user])
    public static let plain = OpenAIBody([.user])
}
