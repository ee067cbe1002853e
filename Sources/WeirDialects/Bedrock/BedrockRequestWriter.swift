public import WeirBase
internal import WeirWire

/// Writes a request as the body of Converse, for JSON and streams alike (`BedrockPath` tells them apart).
///
/// What the dialect cannot say is refused: several answers, log probabilities, logit bias, penalties, one call a turn, temperatures over 1, media at
/// addresses. Left out with a note: seed, user, verbosity, unknown tiers. What models take beside Converse goes to
/// `additionalModelRequestFields`; only Claude's words are known here.
public enum BedrockRequestWriter: ChatRequestWriter {
    public static func write(
        _ request: ChatRequest, to target: TargetOptions, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        try refuse(request)
        let isClaude = target.model.contains("claude") || target.model.contains("anthropic")
        out.append("{")
        try BedrockMessages.write(request.messages, &notes, &out)
        writeSystem(request, &notes, &out)
        writeInference(request, isClaude, &notes, &out)
        try BedrockTools.write(request, &notes, &out)
        let thinking = thinking(request.reasoning, isClaude, &notes)
        writeOutput(request.format, effort: thinking.effort, &out)
        if request.topK != nil || thinking.field != nil {
            out.beginMember("additionalModelRequestFields")
            out.append("{")
            if let topK = request.topK { out.append(member: "top_k", number: topK) }
            if let field = thinking.field {
                out.beginMember("thinking")
                out.append(field)
            }
            out.append("}")
        }
        switch request.serviceTier {
        case nil, "auto": break
        case "default", "flex", "priority":
            out.beginMember("serviceTier")
            out.append(#"{"type":"#)
            out.append(jsonString: request.serviceTier!)
            out.append("}")
        default: notes.drop("service_tier")
        }
        if request.seed != nil { notes.drop("seed") }
        if request.user != nil { notes.drop("user") }
        if request.verbosity != nil { notes.drop("verbosity") }
        out.append("}")
    }

    private static func refuse(_ request: ChatRequest) throws(Untranslatable) {
        if request.choices > 1 { throw Untranslatable("n", "this model gives one answer to a request: send n = 1") }
        if request.logprobs { throw Untranslatable("logprobs", "this model gives no log probabilities: leave it out") }
        if let bias = request.logitBias, bias != .emptyObject {
            throw Untranslatable("logit_bias", "this model takes no logit bias: leave it out")
        }
        if let penalty = request.frequencyPenalty, penalty.value != 0 {
            throw Untranslatable("frequency_penalty", "this model takes no penalties: leave it out or send 0")
        }
        if let penalty = request.presencePenalty, penalty.value != 0 {
            throw Untranslatable("presence_penalty", "this model takes no penalties: leave it out or send 0")
        }
        if let temperature = request.temperature, temperature.value > 1 {
            throw Untranslatable("temperature", "this model takes temperatures from 0 to 1")
        }
    }

    /// Instructions before the conversation and, for there is one place, those inside it.
    private static func writeSystem(
        _ request: ChatRequest, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) {
        var hasBegun = false
        func write(_ part: Part, _ out: inout ByteBuffer) {
            guard case .text(let text) = part.content, !BedrockMessages.isBlank(text) else { return }
            if !hasBegun {
                out.beginMember("system")
                out.append("[")
                hasBegun = true
            }
            out.beginElement()
            out.append(#"{"text":"#)
            out.append(jsonString: text)
            out.append("}")
            if let cache = part.cache { BedrockMessages.write(cache, &out) }
        }
        for part in request.system { write(part, &out) }
        for message in request.messages where message.role == .system {
            for part in message.parts { write(part, &out) }
        }
        if hasBegun { out.append("]") }
    }

    private static func writeInference(
        _ request: ChatRequest, _ isClaude: Bool, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) {
        let stop = request.stop.filter { !BedrockMessages.isBlank($0) }
        var topP = request.topP
        if isClaude, request.temperature != nil, topP != nil {
            // Newer ones refuse both together.
            topP = nil
            notes.drop("top_p")
        }
        guard request.maxTokens != nil || request.temperature != nil || topP != nil || !stop.isEmpty else { return }
        out.beginMember("inferenceConfig")
        out.append("{")
        if let maxTokens = request.maxTokens { out.append(member: "maxTokens", integer: maxTokens) }
        if let temperature = request.temperature { out.append(member: "temperature", number: temperature) }
        if let topP { out.append(member: "topP", number: topP) }
        if !stop.isEmpty { out.append(member: "stopSequences", strings: stop) }
        out.append("}")
    }

    /// Converse's own word for an effort, and Claude's field `thinking`.
    private static func thinking(
        _ reasoning: Reasoning, _ isClaude: Bool, _ notes: inout TranslationNotes
    ) -> (effort: String?, field: String?) {
        var (effort, field): (String?, String?)
        switch reasoning.effort {
        case nil: break
        case "none": field = #"{"type":"disabled"}"#
        case "minimal": effort = "low"
        case "low", "medium", "high", "xhigh", "max": effort = reasoning.effort
        default: notes.drop("reasoning_effort")
        }
        if let budget = reasoning.budget {
            field = budget == 0 ? #"{"type":"disabled"}"# : #"{"type":"enabled","budget_tokens":\#(budget)}"#
        } else if reasoning.isAdaptive {
            field = #"{"type":"adaptive"}"#
        }
        if !isClaude, field != nil {
            field = nil
            notes.drop("reasoning_effort")
        }
        return (effort, field)
    }

    private static func writeOutput(_ format: AnswerFormat?, effort: String?, _ out: inout ByteBuffer) {
        var (name, description): (String?, String?)
        var schema: RawJSON?
        switch format {
        case nil, .text: break
        case .jsonObject: schema = RawJSON(#"{"type":"object"}"#)
        case .jsonSchema(let itsName, let itsDescription, let itsSchema, _):
            (name, description, schema) = (itsName, itsDescription, itsSchema)
        }
        guard schema != nil || effort != nil else { return }
        out.beginMember("outputConfig")
        out.append("{")
        if let schema {
            out.beginMember("textFormat")
            out.append(#"{"type":"json_schema","structure":{"jsonSchema":{"schema":"#)
            out.append(jsonString: schema.bytes.span)
            if let name { out.append(member: "name", string: name) }
            if let description, !description.isEmpty { out.append(member: "description", string: description) }
            out.append("}}}")
        }
        if let effort { out.append(member: "effort", string: effort) }
        out.append("}")
    }
}
