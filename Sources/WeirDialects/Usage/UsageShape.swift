internal import WeirBase

/// The form of a usage object, by the API that returns it.
public enum UsageShape: String, CaseIterable, Sendable {
    /// Chat and legacy completions of OpenAI and of whoever speaks alike: Azure, Groq, Mistral, DeepSeek, OpenRouter, self-hosted servers.
    case openAIChat = "openai.chat"
    /// The same of xAI, which counts reasoning beside the completion.
    case xaiChat = "xai.chat"
    /// Responses and Realtime.
    case openAIResponses = "openai.responses"
    case openAIImages = "openai.images"
    /// Transcription and translation of audio: tokens or a duration.
    case openAITranscription = "openai.transcription"
    case embeddings
    case anthropic
    /// `usageMetadata` of generateContent.
    case gemini
    /// Converse.
    case bedrock
    case perplexity
    /// `usage_info` of Mistral's document reader.
    case mistralOCR = "mistral.ocr"
}

/// A number that a usage object may hold.
enum UsageCount: Int, CaseIterable {
    case input, output, cached, cachedElsewhere, cacheWrite, cacheWrite5m, cacheWrite1h
    case audioInput, imageInput, videoInput, cachedAudio, cachedImage
    case reasoning, reasoningElsewhere, audioOutput, imageOutput, videoOutput, citation
    case toolInput, toolAudio, toolImage, toolVideo
    case webSearches, pages, milliseconds
    case total
}

/// What a member of a usage object is.
indirect enum UsageMember {
    case count(UsageCount)
    /// A number of seconds, perhaps with a fraction.
    case seconds(UsageCount)
    case object([(name: ShortName, member: UsageMember)])
    /// A list of objects, in each of which `label` says what its `value` counts.
    case list(label: ShortName, value: ShortName, [(label: ShortName, count: UsageCount)])
}

extension UsageShape {
    /// The members that count; others are passed over.
    var members: Members {
        switch self {
        case .openAIChat, .xaiChat: Self.chat
        case .openAIResponses, .openAITranscription, .openAIImages: Self.responses
        case .embeddings: Self.embeddingMembers
        case .anthropic: Self.anthropicMembers
        case .gemini: Self.geminiMembers
        case .bedrock: Self.bedrockMembers
        case .perplexity: Self.perplexityMembers
        case .mistralOCR: [("pages_processed", .count(.pages))]
        }
    }

    typealias Members = [(name: ShortName, member: UsageMember)]

    private static let chat: Members = [
        ("prompt_tokens", .count(.input)),
        ("completion_tokens", .count(.output)),
        ("total_tokens", .count(.total)),
        ("prompt_tokens_details", .object(inputParts)),
        ("completion_tokens_details", .object(outputParts)),
        ("prompt_cache_hit_tokens", .count(.cachedElsewhere)),  // DeepSeek
        ("cached_tokens", .count(.cachedElsewhere)),  // Moonshot
        ("num_cached_tokens", .count(.cachedElsewhere)),  // Mistral
        ("reasoning_tokens", .count(.reasoningElsewhere)),
        ("prompt_audio_seconds", .seconds(.milliseconds)),  // Mistral
        ("server_tool_use", .object([("web_search_requests", .count(.webSearches))])),  // OpenRouter
    ]

    private static let inputParts: Members = [
        ("cached_tokens", .count(.cached)),
        ("cache_write_tokens", .count(.cacheWrite)),
        ("audio_tokens", .count(.audioInput)),
        ("image_tokens", .count(.imageInput)),
        ("video_tokens", .count(.videoInput)),
        (
            "cached_tokens_details",
            .object([("audio_tokens", .count(.cachedAudio)), ("image_tokens", .count(.cachedImage))])
        ),
    ]

    private static let outputParts: Members = [
        ("reasoning_tokens", .count(.reasoning)),
        ("audio_tokens", .count(.audioOutput)),
        ("image_tokens", .count(.imageOutput)),
        ("video_tokens", .count(.videoOutput)),
    ]

    private static let responses: Members = [
        ("input_tokens", .count(.input)),
        ("output_tokens", .count(.output)),
        ("total_tokens", .count(.total)),
        ("input_tokens_details", .object(inputParts)),
        ("input_token_details", .object(inputParts)),
        ("output_tokens_details", .object(outputParts)),
        ("output_token_details", .object(outputParts)),
        ("seconds", .seconds(.milliseconds)),
    ]

    private static let embeddingMembers: Members = [
        ("prompt_tokens", .count(.input)), ("total_tokens", .count(.total)),
    ]

    private static let anthropicMembers: Members = [
        ("input_tokens", .count(.input)),
        ("output_tokens", .count(.output)),
        ("cache_read_input_tokens", .count(.cached)),
        ("cache_creation_input_tokens", .count(.cacheWrite)),
        (
            "cache_creation",
            .object([
                ("ephemeral_5m_input_tokens", .count(.cacheWrite5m)),
                ("ephemeral_1h_input_tokens", .count(.cacheWrite1h)),
            ])
        ),
        ("output_tokens_details", .object([("thinking_tokens", .count(.reasoning))])),
        ("server_tool_use", .object([("web_search_requests", .count(.webSearches))])),
    ]

    private static let geminiMembers: Members = [
        ("promptTokenCount", .count(.input)),
        ("candidatesTokenCount", .count(.output)),
        ("thoughtsTokenCount", .count(.reasoning)),
        ("cachedContentTokenCount", .count(.cached)),
        ("toolUsePromptTokenCount", .count(.toolInput)),
        ("totalTokenCount", .count(.total)),
        ("promptTokensDetails", modalities(.audioInput, .imageInput, .videoInput)),
        ("cacheTokensDetails", modalities(.cachedAudio, .cachedImage, nil)),
        ("candidatesTokensDetails", modalities(.audioOutput, .imageOutput, .videoOutput)),
        ("toolUsePromptTokensDetails", modalities(.toolAudio, .toolImage, .toolVideo)),
    ]

    private static func modalities(_ audio: UsageCount, _ image: UsageCount, _ video: UsageCount?) -> UsageMember {
        var counts: [(label: ShortName, count: UsageCount)] = [("AUDIO", audio), ("IMAGE", image)]
        if let video { counts.append(("VIDEO", video)) }
        return .list(label: "modality", value: "tokenCount", counts)
    }

    private static let bedrockMembers: Members = [
        ("inputTokens", .count(.input)),
        ("outputTokens", .count(.output)),
        ("totalTokens", .count(.total)),
        ("cacheReadInputTokens", .count(.cached)),
        ("cacheWriteInputTokens", .count(.cacheWrite)),
        ("cacheDetails", .list(label: "ttl", value: "inputTokens", [("5m", .cacheWrite5m), ("1h", .cacheWrite1h)])),
    ]

    private static let perplexityMembers: Members = [
        ("prompt_tokens", .count(.input)),
        ("completion_tokens", .count(.output)),
        ("total_tokens", .count(.total)),
        ("citation_tokens", .count(.citation)),
        ("reasoning_tokens", .count(.reasoning)),
        ("num_search_queries", .count(.webSearches)),
    ]
}

extension UsageMember {
    /// Whether this member, or one in it, is `count`; the name of that one.
    func name(of count: UsageCount, itself: ShortName) -> ShortName? {
        switch self {
        case .count(let own), .seconds(let own): own == count ? itself : nil
        case .object(let members): members.lazy.compactMap { $0.member.name(of: count, itself: $0.name) }.first
        case .list(_, _, let counts): counts.contains { $0.count == count } ? itself : nil
        }
    }
}
