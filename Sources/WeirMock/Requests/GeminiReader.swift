import WeirBase
import WeirMockScript
import WeirWire

/// Reads Gemini's requests as strictly as the provider does.
enum GeminiReader {
    static func read(_ body: Span<UInt8>, _ call: Call, defaults: Directive) throws(Refusal) -> Ask {
        let whole = try parse(body)
        let counts = call.endpoint == .generateTokens
        do throws(ShapeError) {
            try (counts ? GeminiShapes.count : GeminiShapes.generate).check(whole)
        } catch { throw refusal(error.geminiMessage) }
        let request = whole["generateContentRequest"] ?? whole
        guard let contents = request["contents"], !contents.elements.isEmpty else {
            throw refusal("* GenerateContentRequest.contents: contents is not specified\n")
        }
        if let schema = request["generationConfig"]?["responseSchema"] {
            try checkSchema(schema, "generation_config.response_schema")
        }
        try checkTools(request)
        try checkConfiguration(request)
        try GeminiRules(model: call.model, contents: contents.elements).check()

        var ask = try call.ask(body, defaults: defaults)
        ask.take(prompt: contents.range, of: body)
        guard !counts, let configuration = request["generationConfig"] else { return ask }
        ask.count = configuration["candidateCount"]?.integer ?? 1
        if configuration["thinkingConfig"]?["includeThoughts"]?.bool == true { ask.think() }
        if let most = configuration["maxOutputTokens"]?.integer { ask.limitOutput(to: most) }
        return ask
    }

    private static func parse(_ body: Span<UInt8>) throws(Refusal) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue.parse(body, isProto: true)
        } catch {
            throw refusal("Invalid JSON payload received. \(error.description)")
        }
    }

    static func refusal(_ message: String) -> Refusal { Refusal(status: 400, message: message) }

    // MARK: Parts of a request

    private static func checkTools(_ request: JSONValue) throws(Refusal) {
        var names: Set<String> = []
        for (index, tool) in (request["tools"]?.elements ?? []).enumerated() {
            for (place, declaration) in (tool["functionDeclarations"]?.elements ?? []).enumerated() {
                let path = "tools[\(index)].function_declarations[\(place)]"
                let name = declaration["name"]?.string ?? ""
                guard GeminiRules.isName(name) else {
                    throw refusal(
                        "* GenerateContentRequest.\(path).name: Invalid function name. Must start with a letter or an underscore."
                    )
                }
                guard names.insert(name).inserted else {
                    throw refusal("Duplicate function declaration found: \(name)")
                }
                if declaration["parameters"] != nil, declaration["parametersJsonSchema"] != nil {
                    throw refusal("\(path): parameters and parameters_json_schema cannot both be set")
                }
                if let schema = declaration["parameters"] { try checkSchema(schema, "\(path).parameters") }
            }
        }
        guard let calling = request["toolConfig"]?["functionCallingConfig"],
            let allowed = calling["allowedFunctionNames"]?.elements, !allowed.isEmpty
        else { return }
        guard ["ANY", "VALIDATED"].contains(calling["mode"]?.string) else {
            throw refusal("Allowed function names should be set only when function calling mode is ANY.")
        }
        for name in allowed where !names.contains(name.string ?? "") {
            throw refusal("allowed_function_names: \(name.string ?? "") is not declared")
        }
    }

    private static func checkSchema(_ schema: JSONValue, _ path: String) throws(Refusal) {
        guard case .object = schema.content else { return }
        for member in schema.members {
            guard GeminiShapes.schemaNames.contains(member.name) else {
                throw refusal(
                    "Invalid JSON payload received. Unknown name \"\(member.written)\" at '\(path)': Cannot find field."
                )
            }
            switch member.name {
            case "items", "additionalProperties": try checkSchema(member.value, "\(path).\(member.written)")
            case "anyOf":
                for (index, each) in member.value.elements.enumerated() {
                    try checkSchema(each, "\(path).\(member.written)[\(index)]")
                }
            case "properties", "$defs", "defs":
                for each in member.value.members {
                    try checkSchema(each.value, "\(path).\(member.written)[\(each.written)]")
                }
            default: break
            }
        }
    }

    private static func checkConfiguration(_ request: JSONValue) throws(Refusal) {
        guard let configuration = request["generationConfig"] else { return }
        if (configuration["stopSequences"]?.elements.count ?? 0) > 5 {
            throw refusal("The number of stop_sequences must be at most 5.")
        }
        if configuration["responseSchema"] != nil, configuration["responseJsonSchema"] != nil {
            throw refusal("Only one of response_schema and response_json_schema may be set.")
        }
        if configuration["responseSchema"] != nil || configuration["responseJsonSchema"] != nil,
            !["application/json", "text/x.enum"].contains(configuration["responseMimeType"]?.string)
        {
            throw refusal("A response schema needs response_mime_type application/json.")
        }
        if configuration["logprobs"] != nil, configuration["responseLogprobs"]?.bool != true {
            throw refusal("logprobs may only be set when response_logprobs is true.")
        }
        if let thinking = configuration["thinkingConfig"], thinking["thinkingBudget"] != nil,
            thinking["thinkingLevel"] != nil
        {
            throw refusal("You can only set only one of thinking budget and thinking level.")
        }
    }
}

extension ShapeError {
    /// As the front end of Google's services says it.
    var geminiMessage: String {
        let at = place
        let location = at.isEmpty ? "" : " at '\(at)'"
        return switch problem {
        case .unknown(let name):
            "Invalid JSON payload received. Unknown name \"\(name)\"\(location): Cannot find field."
        case .missing(let name): "* GenerateContentRequest\(at.isEmpty ? "" : "." + at).\(name): must be set\n"
        case .expected(let kind): "Invalid value\(location) (\(word(kind)))"
        case .notOneOf, .unknownTag: "Invalid value\(location) (TYPE_ENUM)"
        case .notExactlyOne(_, 0):
            "* GenerateContentRequest.\(at).data: required oneof field 'data' must have one initialized field\n"
        case .notExactlyOne: "Invalid value\(location) (oneof), oneof field 'data' is already set."
        case .tooSmall(let bound): "* GenerateContentRequest.\(at): must be at least \(bound)\n"
        case .tooLarge(let bound): "* GenerateContentRequest.\(at): must be at most \(bound)\n"
        }
    }

    private var place: String {
        var text = ""
        for part in path {
            switch part {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            case .tag: break
            }
        }
        return text
    }

    private func word(_ kind: Kind) -> String {
        switch kind {
        case .boolean: "TYPE_BOOL"
        case .string: "TYPE_STRING"
        case .integer: "TYPE_INT32"
        case .number: "TYPE_FLOAT"
        case .list: "TYPE_LIST"
        case .object: "TYPE_MESSAGE"
        }
    }
}
