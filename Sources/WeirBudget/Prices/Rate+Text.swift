extension Rate {
    /// One sentence for documents.
    public var meaning: String {
        switch self {
        case .input: "Input tokens."
        case .output: "Output tokens."
        case .cacheRead: "Input tokens that were read from the provider's prompt cache."
        case .cacheWrite: "Input tokens that were written to it, for five minutes or an unstated time."
        case .cacheWrite1h: "Input tokens that were written to it for an hour."
        case .inputAudio: "Input tokens of audio."
        case .cacheReadAudio: "Input tokens of audio that were read from the cache."
        case .outputAudio: "Output tokens of audio."
        case .inputImage: "Input tokens of images."
        case .cacheReadImage: "Input tokens of images that were read from the cache."
        case .outputImage: "Output tokens of images."
        case .inputVideo: "Input tokens of video."
        case .outputVideo: "Output tokens of video."
        case .outputReasoning: "Output tokens of reasoning."
        case .outputCitation: "Output tokens of citations."
        case .webSearch: "Searches of the web."
        case .storageSearch: "Searches of stored files."
        case .request: "Each request, on top of all else."
        case .inputTextMessage: "Text messages of a voice session."
        case .documentPage: "Pages of documents that were read."
        case .annotatedDocumentPage: "Pages of documents that were read with annotations."
        case .inputCharacter: "Characters of text that was spoken."
        case .audioHour: "Audio, by time."
        case .inputAudioHour: "Audio that came in, by time."
        }
    }

    /// What is billed instead where this rate has no price; nil if nothing is.
    public var billedAs: Rate? {
        switch self {
        case .cacheReadAudio, .cacheReadImage: .cacheRead
        default: fallback
        }
    }

    /// Other names that people give it.
    package var aliases: [String] {
        switch self {
        case .input: ["prompt", "input_cost", "input_tokens", "input_cost_per_token"]
        case .output: ["completion", "output_cost", "output_tokens", "output_cost_per_token"]
        case .cacheRead: ["cached", "cached_input", "cache_hit", "input_cached"]
        case .cacheWrite: ["cache_creation"]
        case .outputReasoning: ["reasoning", "thinking"]
        case .request: ["per_request", "fee"]
        default: []
        }
    }
}
