internal import WeirBase

extension UsageReader {
    /// What the counts come to as a usage vector.
    func usage() throws(UsageProblem) -> Usage {
        switch shape {
        case .openAIChat: try chat(reasoningIsBeside: false)
        case .xaiChat: try chat(reasoningIsBeside: true)
        case .openAIResponses: try responses()
        case .openAIImages: try images()
        case .openAITranscription: try transcription()
        case .embeddings: try embeddings()
        case .anthropic: try anthropic()
        case .gemini: try gemini()
        case .bedrock: try bedrock()
        case .perplexity: try perplexity()
        case .mistralOCR: try documents()
        }
    }

    private func chat(reasoningIsBeside: Bool) throws(UsageProblem) -> Usage {
        try require(.input, "prompt_tokens")
        let reasoning = has(.reasoning) ? UsageCount.reasoning : .reasoningElsewhere
        var usage = try parted(
            cached: has(.cached) ? .cached : .cachedElsewhere, reasoning: reasoningIsBeside ? nil : reasoning)
        if reasoningIsBeside {
            usage.output = try sum(self[.output], self[reasoning], name(reasoning))
            usage.reasoningOutput = self[reasoning]
        }
        return usage
    }

    private func responses() throws(UsageProblem) -> Usage {
        try require(.input, "input_tokens")
        return try parted(cached: .cached, reasoning: .reasoning)
    }

    /// What an image call puts out is images, unless it says how much of it is not.
    private func images() throws(UsageProblem) -> Usage {
        var usage = try responses()
        if !has(.imageOutput) { usage.imageOutput = usage.output }
        return usage
    }

    private func transcription() throws(UsageProblem) -> Usage {
        if has(.milliseconds), !has(.input) {
            var usage = Usage()
            usage.audioMilliseconds = self[.milliseconds]
            return usage
        }
        return try responses()
    }

    private func embeddings() throws(UsageProblem) -> Usage {
        var usage = Usage()
        if !has(.input) { try require(.total, "prompt_tokens") }  // Voyage gives the total alone
        usage.input = has(.input) ? self[.input] : self[.total]
        return usage
    }

    private func anthropic() throws(UsageProblem) -> Usage {
        try require(.input, "input_tokens")
        var usage = try inputBesideCache()
        usage.output = self[.output]
        usage.reasoningOutput = try part(.reasoning, of: .output)
        usage.webSearches = self[.webSearches]
        return usage
    }

    private func bedrock() throws(UsageProblem) -> Usage {
        try require(.input, "inputTokens")
        var usage = try inputBesideCache()
        usage.output = self[.output]
        return usage
    }

    /// Input that counts neither what was read from a cache nor what was written to it. Writes of unstated life are for five minutes; where only
    /// their split is given, they are its sum.
    private func inputBesideCache() throws(UsageProblem) -> Usage {
        var usage = Usage()
        let split = self[.cacheWrite5m] + self[.cacheWrite1h]
        let written = has(.cacheWrite) ? self[.cacheWrite] : split
        guard split <= written else {
            throw .excess(part: name(has(.cacheWrite1h) ? .cacheWrite1h : .cacheWrite5m), of: name(.cacheWrite))
        }
        usage.cachedInput = self[.cached]
        usage.cacheWriteInput = try sum(written, 0, name(.cacheWrite))
        usage.cacheWrite1hInput = self[.cacheWrite1h]
        usage.input = try sum(self[.input], usage.cachedInput + usage.cacheWriteInput, name(.input))
        return usage
    }

    /// Protocol buffers leave out what is 0.
    private func gemini() throws(UsageProblem) -> Usage {
        guard has(.input) || has(.total) || has(.output) else { throw .missing(name: "promptTokenCount") }
        var usage = Usage()
        usage.input = try sum(self[.input], self[.toolInput], name(.input))
        usage.cachedInput = try part(.cached, of: .input)
        usage.audioInput = try part(.audioInput, of: .input) + part(.toolAudio, of: .toolInput)
        usage.imageInput = try part(.imageInput, of: .input) + part(.toolImage, of: .toolInput)
        usage.videoInput = try part(.videoInput, of: .input) + part(.toolVideo, of: .toolInput)
        usage.cachedAudioInput = try part(.cachedAudio, of: .cached)
        usage.cachedImageInput = try part(.cachedImage, of: .cached)
        usage.output = try sum(self[.output], self[.reasoning], name(.output))
        usage.reasoningOutput = self[.reasoning]
        usage.audioOutput = try part(.audioOutput, of: .output)
        usage.imageOutput = try part(.imageOutput, of: .output)
        usage.videoOutput = try part(.videoOutput, of: .output)
        return try checked(usage)
    }

    private func perplexity() throws(UsageProblem) -> Usage {
        try require(.input, "prompt_tokens")
        var usage = Usage()
        usage.input = self[.input]
        usage.output = try sum(self[.output], self[.citation] + self[.reasoning], name(.output))
        usage.citationOutput = self[.citation]
        usage.reasoningOutput = self[.reasoning]
        usage.webSearches = self[.webSearches]
        return usage
    }

    private func documents() throws(UsageProblem) -> Usage {
        try require(.pages, "pages_processed")
        var usage = Usage()
        usage.documentPages = self[.pages]
        return usage
    }

    // MARK: Parts

    /// Input and output that include their parts.
    private func parted(cached: UsageCount, reasoning: UsageCount?) throws(UsageProblem) -> Usage {
        var usage = Usage()
        usage.input = self[.input]
        usage.cachedInput = try part(cached, of: .input)
        usage.cacheWriteInput = try part(.cacheWrite, of: .input)
        usage.audioInput = try part(.audioInput, of: .input)
        usage.imageInput = try part(.imageInput, of: .input)
        usage.videoInput = try part(.videoInput, of: .input)
        usage.cachedAudioInput = try part(.cachedAudio, of: cached)
        usage.cachedImageInput = try part(.cachedImage, of: cached)
        usage.output = self[.output]
        if let reasoning { usage.reasoningOutput = try part(reasoning, of: .output) }
        usage.audioOutput = try part(.audioOutput, of: .output)
        usage.imageOutput = try part(.imageOutput, of: .output)
        usage.videoOutput = try part(.videoOutput, of: .output)
        usage.webSearches = self[.webSearches]
        usage.audioMilliseconds = self[.milliseconds]
        return try checked(usage)
    }

    /// What each part allows, all of them together must allow, too. Where only what was cached is split by kind, the rest has none of it.
    private func checked(_ usage: Usage) throws(UsageProblem) -> Usage {
        var usage = usage
        if !has(.audioInput) { usage.audioInput = max(usage.audioInput, usage.cachedAudioInput) }
        if !has(.imageInput) { usage.imageInput = max(usage.imageInput, usage.cachedImageInput) }
        if usage.cachedInput + usage.cacheWriteInput > usage.input {
            throw .excess(part: "\(name(.cached)) and \(name(.cacheWrite))", of: name(.input))
        }
        if usage.audioInput + usage.imageInput + usage.videoInput > usage.input {
            throw .excess(part: "audio, images and video", of: name(.input))
        }
        guard usage.cachedAudioInput <= usage.audioInput, usage.cachedImageInput <= usage.imageInput,
            usage.cachedAudioInput + usage.cachedImageInput <= usage.cachedInput
        else { throw .excess(part: "cached audio and images", of: "the audio, images and cached tokens") }
        if usage.audioOutput + usage.imageOutput + usage.videoOutput > usage.output {
            throw .excess(part: "audio, images and video", of: name(.output))
        }
        return usage
    }

    private func require(_ count: UsageCount, _ name: String) throws(UsageProblem) {
        guard has(count) else { throw .missing(name: name) }
    }

    private func part(_ part: UsageCount, of whole: UsageCount) throws(UsageProblem) -> Int {
        guard self[part] <= self[whole] else { throw .excess(part: name(part), of: name(whole)) }
        return self[part]
    }

    private func sum(_ left: Int, _ right: Int, _ name: String) throws(UsageProblem) -> Int {
        guard left + right <= OpenAIUsage.tokenLimit else { throw .badCount(name: name) }
        return left + right
    }
}
