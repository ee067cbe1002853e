internal import WeirBase
internal import WeirWire

// Tools and the form of the answer.

extension ChatWriter {
    /// The tools that the model may call.
    private func allowedTools() throws(Untranslatable) -> [ToolDefinition] {
        guard let allowed = request.allowedTools else { return request.tools }
        for name in allowed where !request.tools.contains(where: { $0.name == name }) {
            throw Untranslatable("tool_choice", "names a tool that is not there: \(name)", isMistake: true)
        }
        return request.tools.filter { allowed.contains($0.name) }
    }

    mutating func writeTools(_ out: inout ByteBuffer) throws(Untranslatable) {
        let tools = try allowedTools()
        guard !tools.isEmpty else {
            switch request.toolChoice {
            case .required, .named:
                throw Untranslatable("tool_choice", "there is no tool to choose: send `tools`", isMistake: true)
            // Without tools the provider refuses the other choices, which say nothing then.
            case nil, .auto, .some(.none): return
            }
        }
        out.beginMember("tools")
        out.append("[")
        for tool in tools { write(tool, &out) }
        out.append("]")
        try writeToolChoice(among: tools, &out)
        if let parallel = request.parallelToolCalls {
            out.append(parallel ? #","parallel_tool_calls":true"# : #","parallel_tool_calls":false"#)
        }
    }

    private mutating func write(_ tool: ToolDefinition, _ out: inout ByteBuffer) {
        out.beginElement()
        out.append(#"{"type":"function","function":{"#)
        out.append(member: "name", string: tool.name)
        if let description = tool.description { out.append(member: "description", string: description) }
        if let parameters = tool.parameters {
            out.beginMember("parameters")
            out.append(parameters.bytes)
        }
        if let strict = tool.strict { out.append(strict ? #","strict":true"# : #","strict":false"#) }
        if tool.cache != nil { drop("cache_control") }
        out.append("}}")
    }

    private func writeToolChoice(
        among tools: [ToolDefinition], _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        switch request.toolChoice {
        case nil: break
        case .auto: out.append(member: "tool_choice", string: "auto")
        case .some(.none): out.append(member: "tool_choice", string: "none")
        case .required: out.append(member: "tool_choice", string: "required")
        case .named(let name):
            guard tools.contains(where: { $0.name == name }) else {
                throw Untranslatable("tool_choice", "names a tool that is not there: \(name)", isMistake: true)
            }
            out.beginMember("tool_choice")
            out.append(#"{"type":"function","function":{"name":"#)
            out.append(jsonString: name)
            out.append("}}")
        }
    }

    func writeFormat(_ out: inout ByteBuffer) {
        switch request.format {
        case nil: break
        case .text: out.append(#","response_format":{"type":"text"}"#)
        case .jsonObject: out.append(#","response_format":{"type":"json_object"}"#)
        case .jsonSchema(let name, let description, let schema, let strict):
            out.append(#","response_format":{"type":"json_schema","json_schema":{"#)
            out.append(member: "name", string: name ?? "response")
            if let description { out.append(member: "description", string: description) }
            out.beginMember("schema")
            out.append(schema.bytes)
            // Dialects whose schemas have no name hold the model to each of them.
            if let strict = strict ?? (name == nil ? StrictSchema.accepts(schema) : nil) {
                out.append(strict ? #","strict":true"# : #","strict":false"#)
            }
            out.append("}}")
        }
    }
}
