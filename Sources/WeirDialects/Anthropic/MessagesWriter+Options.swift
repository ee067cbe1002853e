internal import WeirBase
internal import WeirWire

// Tools, reasoning and the form of the answer.

extension MessagesWriter {
    /// The tools that the model may call.
    func allowedTools() throws(Untranslatable) -> [ToolDefinition] {
        guard let allowed = request.allowedTools else { return request.tools }
        for name in allowed where !request.tools.contains(where: { $0.name == name }) {
            throw Untranslatable("tool_choice", "names a tool that is not there: \(name)", isMistake: true)
        }
        return request.tools.filter { allowed.contains($0.name) }
    }

    mutating func writeTools(_ out: inout ByteBuffer) throws(Untranslatable) {
        let tools = try allowedTools()
        for (index, tool) in tools.enumerated() {
            out.append(index == 0 ? #","tools":[{"name":"# : #",{"name":"#)
            out.append(jsonString: tool.name)
            if let description = tool.description {
                out.append(#","description":"#)
                out.append(jsonString: description)
            }
            out.append(#","input_schema":"#)
            try write(schema: tool.parameters, "tools[\(index)].parameters", &out)
            if let strict = tool.strict {
                if model.hasFormat {
                    out.append(strict ? #","strict":true"# : #","strict":false"#)
                } else if strict {
                    drop("strict")
                }
            }
            write(tool.cache, &out)
            out.append("}")
        }
        out.append("]")
        try writeToolChoice(&out)
    }

    /// Appends the schema of a tool's arguments, which must say that they are an object.
    private func write(
        schema: RawJSON?, _ param: @autoclosure () -> String, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        guard let schema else { return out.append(#"{"type":"object","properties":{}}"#) }
        let bytes = schema.bytes.span
        guard let members = try? JSONScanner.members(of: bytes, wanted: ["type"]) else {
            throw Untranslatable(param(), "is no JSON Schema: write an object", isMistake: true)
        }
        if members.has(0) { return out.append(bytes) }
        let next = bytes.firstNonWhitespace(from: Int(members.object.start) + 1, to: bytes.count)
        out.append(#"{"type":"object""#)
        if bytes[next] != UInt8(ascii: "}") { out.append(",") }
        out.append(bytes.extracting(next..<bytes.count))
    }

    private func writeToolChoice(_ out: inout ByteBuffer) throws(Untranslatable) {
        let choice = request.toolChoice ?? .auto
        guard request.toolChoice != nil || request.parallelToolCalls != nil else { return }
        switch choice {
        case .none: return out.append(#","tool_choice":{"type":"none"}"#)
        case .auto: out.append(#","tool_choice":{"type":"auto""#)
        case .required: out.append(#","tool_choice":{"type":"any""#)
        case .named(let name):
            guard request.tools.contains(where: { $0.name == name }) else {
                throw Untranslatable("tool_choice", "names a tool that is not there: \(name)", isMistake: true)
            }
            out.append(#","tool_choice":{"type":"tool","name":"#)
            out.append(jsonString: name)
        }
        if let parallel = request.parallelToolCalls {
            out.append(parallel ? #","disable_parallel_tool_use":false"# : #","disable_parallel_tool_use":true"#)
        }
        out.append("}")
    }

    // MARK: Reasoning and form

    /// Appends `thinking` and `output_config`.
    mutating func writeReasoning(_ out: inout ByteBuffer) throws(Untranslatable) {
        for name in reasoning.dropped { drop(name) }
        switch reasoning.thinking {
        case .unsaid: break
        case .disabled: out.append(#","thinking":{"type":"disabled"}"#)
        case .adaptive: out.append(#","thinking":{"type":"adaptive"}"#)
        case .enabled(let budget):
            out.append(#","thinking":{"type":"enabled","budget_tokens":"#)
            out.append(decimal: budget)
            out.append("}")
        }
        try writeOutputConfig(&out)
    }

    private func writeOutputConfig(_ out: inout ByteBuffer) throws(Untranslatable) {
        let effort = reasoning.effort
        let format = try format()
        guard effort != nil || format != nil else { return }
        out.append(#","output_config":{"#)
        if let effort {
            out.append(#""effort":"#)
            out.append(jsonString: effort)
        }
        if let format {
            if effort != nil { out.append(",") }
            out.append(#""format":{"type":"json_schema","schema":"#)
            out.append(format.bytes)
            out.append("}")
        }
        out.append("}")
    }

    private func format() throws(Untranslatable) -> RawJSON? {
        guard case .jsonSchema(_, _, let schema, _) = request.format else { return nil }
        guard model.hasFormat else {
            throw Untranslatable(
                "response_format", "this model cannot be held to a schema: choose a newer one, or a tool")
        }
        guard (try? JSONScanner.members(of: schema.bytes.span, wanted: [])) != nil else {
            throw Untranslatable("response_format", "holds no JSON Schema: write an object", isMistake: true)
        }
        return schema
    }
}
