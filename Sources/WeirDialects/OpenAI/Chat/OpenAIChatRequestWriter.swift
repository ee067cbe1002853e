public import WeirBase
internal import WeirWire

/// Writes requests of chat completions (providers.md, sections 2.1 and 9), for OpenAI, Azure, and servers that speak like them.
///
/// What the dialect cannot say is refused: more than four stop sequences, documents and files at addresses, audio that is neither WAV nor MP3. Left
/// out with a note: cache marks, reasoning of earlier turns and signatures, which mean nothing to another provider, and `top_k` at OpenAI itself.
public enum OpenAIChatRequestWriter: ChatRequestWriter {
    /// A stream always asks for its usage: without it nobody knows what the answer cost.
    public static func write(
        _ request: ChatRequest, to target: TargetOptions, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        var writer = ChatWriter(request, target, notes)
        try writer.write(&out)
        notes = writer.notes
    }
}

/// A request on its way into the form of chat completions.
struct ChatWriter {
    let request: ChatRequest
    let target: TargetOptions
    private(set) var notes: TranslationNotes

    init(_ request: ChatRequest, _ target: TargetOptions, _ notes: TranslationNotes) {
        self.request = request
        self.target = target
        self.notes = notes
    }

    mutating func drop(_ name: String) { notes.drop(name) }

    mutating func write(_ out: inout ByteBuffer) throws(Untranslatable) {
        out.append("{")
        out.append(member: "model", string: target.model)
        try writeMessages(&out)
        writeLimit(&out)
        writeSampling(&out)
        try writeStop(&out)
        try writeTools(&out)
        writeFormat(&out)
        if let effort = OpenAIModel(named: target.model).effort(request.reasoning, &notes) {
            out.append(member: "reasoning_effort", string: effort)
        }
        if let verbosity = request.verbosity { out.append(member: "verbosity", string: verbosity) }
        if let user = request.user { out.append(member: "user", string: user) }
        if let tier = request.serviceTier { out.append(member: "service_tier", string: tier) }
        if request.stream { out.append(#","stream":true,"stream_options":{"include_usage":true}"#) }
        out.append("}")
    }

    private func writeLimit(_ out: inout ByteBuffer) {
        guard let asked = request.maxTokens else { return }
        let limit = min(asked, target.maxOutput ?? asked)
        out.append(member: target.isSelfHosted ? "max_tokens" : "max_completion_tokens", integer: limit)
    }

    private mutating func writeSampling(_ out: inout ByteBuffer) {
        if let temperature = request.temperature { out.append(member: "temperature", number: temperature) }
        if let topP = request.topP { out.append(member: "top_p", number: topP) }
        if let topK = request.topK {
            if target.isSelfHosted { out.append(member: "top_k", number: topK) } else { drop("top_k") }
        }
        if let seed = request.seed { out.append(member: "seed", number: seed) }
        if let penalty = request.frequencyPenalty { out.append(member: "frequency_penalty", number: penalty) }
        if let penalty = request.presencePenalty { out.append(member: "presence_penalty", number: penalty) }
        if let bias = request.logitBias {
            out.beginMember("logit_bias")
            out.append(bias.bytes)
        }
        if request.choices != 1 { out.append(member: "n", integer: request.choices) }
        if request.logprobs {
            out.append(#","logprobs":true"#)
            if let top = request.topLogprobs { out.append(member: "top_logprobs", integer: top) }
        }
    }

    /// OpenAI's bound; servers of one's own have none.
    private static let stopLimit = 4

    private func writeStop(_ out: inout ByteBuffer) throws(Untranslatable) {
        let stop = request.stop.filter { !$0.isEmpty }
        guard target.isSelfHosted || stop.count <= Self.stopLimit else {
            throw Untranslatable("stop", "this model takes at most \(Self.stopLimit) stop sequences")
        }
        if !stop.isEmpty { out.append(member: "stop", strings: stop) }
    }
}
