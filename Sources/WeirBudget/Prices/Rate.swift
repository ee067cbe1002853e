/// What a price is per. The raw value is the rate's place in tables; `name` is what the price table and the configuration call it.
public enum Rate: Int, CaseIterable, Sendable {
    // Per token.
    case input, output
    case cacheRead, cacheWrite, cacheWrite1h
    case inputAudio, cacheReadAudio, outputAudio
    case inputImage, cacheReadImage, outputImage
    case inputVideo, outputVideo
    case outputReasoning, outputCitation
    // Per event.
    case webSearch, storageSearch, request, inputTextMessage, documentPage, annotatedDocumentPage, inputCharacter
    // Per 3,600 seconds.
    case audioHour, inputAudioHour

    static let count = 24
    static let names: [StaticString] = [
        "input", "output", "cache_read", "cache_write", "cache_write_1h", "input_audio", "cache_read_audio",
        "output_audio", "input_image", "cache_read_image", "output_image", "input_video", "output_video",
        "output_reasoning", "output_citation", "web_search", "storage_search", "request", "input_text_message",
        "document_page", "annotated_document_page", "input_character", "audio_hour", "input_audio_hour",
    ]

    public var name: String { "\(Self.names[rawValue])" }

    /// The rate that `name` names; nil for another name.
    public init?(name: String) {
        guard let rate = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = rate
    }

    /// The next less specific rate, by which what this rate is per is billed where a model does not have it; nil if there is none.
    var fallback: Rate? {
        switch self {
        case .cacheReadAudio, .cacheReadImage, .cacheWrite, .inputAudio, .inputImage, .inputVideo: .input
        case .cacheRead: .input
        case .cacheWrite1h: .cacheWrite
        case .outputAudio, .outputImage, .outputVideo, .outputReasoning, .outputCitation: .output
        case .annotatedDocumentPage: .documentPage
        case .inputAudioHour: .audioHour
        case .input, .output, .webSearch, .storageSearch, .request, .inputTextMessage, .documentPage, .inputCharacter,
            .audioHour:
            nil
        }
    }
}
