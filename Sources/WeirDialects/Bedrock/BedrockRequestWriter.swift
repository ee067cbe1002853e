public import WeirBase
internal import WeirWire

/// Writes a request as the body of Converse, for JSON and streams alike (`BedrockPath` tells them apart).
///
/// What the dialect cannot say is refused: several answers, log probabilities, logit bias, penalties, one call a turn, temperatures over 1, media at
/// addresses. Left out with a note: seed, user, verbosity, unknown tiers, and what the model does not take (`BedrockModel`).
public enum BedrockRequestWriter: ChatRequestWriter {
    public static func write(
        _ request: ChatRequest, to target: TargetOptions, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        let model = BedrockModel(request, target)
        try refuse(request, model)
        for name in model.dropped { notes.drop(name) }
        out.append("{")
        try BedrockMessages.write(request.messages, model, &notes, &out)
        writeSystem(request, &notes, &out)
        writeInference(request, model, &notes, &out)
        try BedrockTools.write(request, &notes, &out)
        writeOutput(request.format, effort: model.effort, &out)
        if model.topK != nil || model.thinking != nil {
            out.beginMember("additionalModelRequestFields")
            out.append("{")
            if let topK = model.topK { out.append(member: "top_k", number: topK) }
            if let thinking = model.thinking {
                out.beginMember("thinking")
                out.append(thinking)
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

    private static func refuse(_ request: ChatRequest, _ model: BedrockModel) throws(Untranslatable) {
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
        if let temperature = model.temperature, temperature.value > 1 {
            throw Untranslatable("temperature", "this model takes temperatures from 0 to 1")
        }
    }

    /// Instructions before the conversation and, for there is one place, those inside it. That the answer be any JSON object is one more: there is no
    /// word for it, and a schema must list what the object may hold.
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
        if case .jsonObject = request.format { write(.text(AnthropicRequestWriter.jsonInstruction), &out) }
        if hasBegun { out.append("]") }
    }

    private static func writeInference(
        _ request: ChatRequest, _ model: BedrockModel, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) {
        let stop = request.stop.filter { !BedrockMessages.isBlank($0) }
        if stop.count < request.stop.count { notes.drop("stop") }
        guard model.maxTokens != nil || model.temperature != nil || model.topP != nil || !stop.isEmpty else { return }
        out.beginMember("inferenceConfig")
        out.append("{")
        if let maxTokens = model.maxTokens { out.append(member: "maxTokens", integer: maxTokens) }
        if let temperature = model.temperature { out.append(member: "temperature", number: temperature) }
        if let topP = model.topP { out.append(member: "topP", number: topP) }
        if !stop.isEmpty { out.append(member: "stopSequences", strings: stop) }
        out.append("}")
    }

    private static func writeOutput(_ format: AnswerFormat?, effort: String?, _ out: inout ByteBuffer) {
        var (name, description): (String?, String?)
        var schema: RawJSON?
        if case .jsonSchema(let itsName, let itsDescription, let itsSchema, _) = format {
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
