public import WeirBase
internal import WeirWire

/// Writes a request as the body of generateContent: the same for JSON and for streams, which their paths tell apart (`GeminiPath`).
///
/// What the dialect cannot say is refused: logit bias, one call a turn, more than eight answers or five stop sequences, images at addresses that Google
/// does not fetch. Left out with a note: hints that change no answer's form (user, verbosity, strict, cache marks), and reasoning of earlier turns.
public enum GeminiRequestWriter: ChatRequestWriter {
    public static func write(
        _ request: ChatRequest, to target: TargetOptions, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        try refuse(request)
        let thinking = GeminiThinking(model: target.model)
        out.append("{")
        out.beginMember("contents")
        try GeminiContents.write(request, thinking, &notes, &out)
        writeSystem(request.system, &notes, &out)
        try writeTools(request, &notes, &out)
        writeConfiguration(request, thinking, &notes, &out)
        switch request.serviceTier {
        case nil, "auto": break
        case "default": out.append(member: "serviceTier", string: "standard")
        case "flex", "priority": out.append(member: "serviceTier", string: request.serviceTier!)
        default: notes.drop("service_tier")
        }
        if request.user != nil { notes.drop("user") }
        if request.verbosity != nil { notes.drop("verbosity") }
        out.append("}")
    }

    private static func refuse(_ request: ChatRequest) throws(Untranslatable) {
        if let bias = request.logitBias, bias != .emptyObject {
            throw Untranslatable("logit_bias", "this model takes no logit bias: leave it out")
        }
        if request.choices > 8 { throw Untranslatable("n", "this model gives at most 8 answers to one request") }
        if request.stop.count(where: { !$0.isEmpty }) > 5 {
            throw Untranslatable("stop", "this model takes at most 5 stop sequences")
        }
    }

    private static func writeSystem(_ system: [Part], _ notes: inout TranslationNotes, _ out: inout ByteBuffer) {
        let texts = system.compactMap { part -> String? in
            guard case .text(let text) = part.content, !text.isEmpty else { return nil }
            return text
        }
        if system.contains(where: { $0.cache != nil }) { notes.drop("cache_control") }
        guard !texts.isEmpty else { return }
        out.beginMember("systemInstruction")
        out.append(#"{"parts":["#)
        for text in texts {
            out.beginElement()
            out.append(#"{"text":"#)
            out.append(jsonString: text)
            out.append("}")
        }
        out.append("]}")
    }

    // MARK: Tools

    private static func writeTools(
        _ request: ChatRequest, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        let tools = request.tools.filter { request.allowedTools?.contains($0.name) ?? true }
        guard !tools.isEmpty else {
            switch request.toolChoice {
            case .required, .named:
                throw Untranslatable("tool_choice", "there is no tool to choose: send `tools`", isMistake: true)
            case nil, .auto, .some(.none): return
            }
        }
        switch request.oneCall {
        case .unasked: break
        case .hint: notes.drop("parallel_tool_calls")
        case .condition:
            throw Untranslatable(
                "parallel_tool_calls",
                "this model cannot be kept to one call a turn: leave it out, or name a tool in tool_choice")
        }
        out.beginMember("tools")
        out.append(#"[{"functionDeclarations":["#)
        for tool in tools {
            if tool.strict == true { notes.drop("strict") }
            if tool.cache != nil { notes.drop("cache_control") }
            out.beginElement()
            out.append("{")
            out.append(member: "name", string: tool.name)
            if let description = tool.description { out.append(member: "description", string: description) }
            if let parameters = tool.parameters {
                // `parameters` takes a subset of schemas and refuses the rest of JSON Schema's words; this takes them all.
                out.beginMember("parametersJsonSchema")
                out.append(parameters.bytes)
            }
            out.append("}")
        }
        out.append("]}]")
        guard let choice = request.toolChoice else { return }
        out.beginMember("toolConfig")
        out.append(#"{"functionCallingConfig":{"#)
        switch choice {
        case .auto: out.append(member: "mode", string: "AUTO")
        case .none: out.append(member: "mode", string: "NONE")
        case .required: out.append(member: "mode", string: "ANY")
        case .named(let name):
            out.append(member: "mode", string: "ANY")
            out.append(member: "allowedFunctionNames", strings: [name])
        }
        out.append("}}")
    }

    // MARK: generationConfig

    private static func writeConfiguration(
        _ request: ChatRequest, _ thinking: GeminiThinking, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) {
        out.beginMember("generationConfig")
        out.append("{")
        if let temperature = request.temperature { out.append(member: "temperature", number: temperature) }
        if let topP = request.topP { out.append(member: "topP", number: topP) }
        if let topK = request.topK { out.append(member: "topK", number: topK) }
        if request.choices > 1 { out.append(member: "candidateCount", integer: request.choices) }
        if let maxTokens = request.maxTokens { out.append(member: "maxOutputTokens", integer: maxTokens) }
        let stop = request.stop.filter { !$0.isEmpty }
        if !stop.isEmpty { out.append(member: "stopSequences", strings: stop) }
        if let seed = request.seed {
            // The protocol buffer has 32 bits for it, and a seed is a hint.
            if Int32(seed.text) != nil { out.append(member: "seed", number: seed) } else { notes.drop("seed") }
        }
        // Models without penalties refuse the member, whatever it says; 0 says nothing.
        if let penalty = request.presencePenalty, penalty.value != 0 {
            out.append(member: "presencePenalty", number: penalty)
        }
        if let penalty = request.frequencyPenalty, penalty.value != 0 {
            out.append(member: "frequencyPenalty", number: penalty)
        }
        if request.logprobs {
            out.beginMember("responseLogprobs")
            out.append("true")
            if let top = request.topLogprobs, top > 0 { out.append(member: "logprobs", integer: top) }
        }
        switch request.format {
        case nil, .text: break
        case .jsonObject: out.append(member: "responseMimeType", string: "application/json")
        case .jsonSchema(_, let description, let schema, _):
            if description != nil { notes.drop("response_format.json_schema.description") }
            out.append(member: "responseMimeType", string: "application/json")
            out.beginMember("responseJsonSchema")
            out.append(schema.bytes)
        }
        thinking.write(request.reasoning, &notes, &out)
        out.append("}")
    }
}
