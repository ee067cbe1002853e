internal import WeirBase
internal import WeirWire

/// Writes `toolConfig`. It must be there whenever the history has calls or results, and there is no choice `none`: then the tools stay if the history
/// needs them and go if it does not.
enum BedrockTools {
    static func write(
        _ request: ChatRequest, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        let tools = request.tools.filter { request.allowedTools?.contains($0.name) ?? true }
        if tools.isEmpty {
            switch request.toolChoice {
            case .required, .named:
                throw Untranslatable("tool_choice", "there is no tool to choose: send `tools`", isMistake: true)
            case nil, .auto, .some(.none): break
            }
        }
        let history = called(request.messages)
        guard !tools.isEmpty && request.toolChoice != ToolChoice.none || history.hasTools else { return }
        switch request.oneCall {
        case .unasked: break
        case .hint: notes.drop("parallel_tool_calls")
        case .condition:
            throw Untranslatable(
                "parallel_tool_calls",
                "this model cannot be kept to one call a turn: leave it out, or name a tool in tool_choice")
        }
        if history.hasTools, request.toolChoice == ToolChoice.none { notes.drop("tool_choice") }
        out.beginMember("toolConfig")
        out.append(#"{"tools":["#)
        for tool in tools { write(tool, &out) }
        if tools.isEmpty {
            for name in history.names { write(ToolDefinition(name: name), &out) }
        }
        out.append("]")
        switch request.toolChoice {
        case nil, .some(.none): break
        case .auto where tools.isEmpty: break
        case .auto: out.append(#","toolChoice":{"auto":{}}"#)
        case .required: out.append(#","toolChoice":{"any":{}}"#)
        case .named(let name):
            out.append(#","toolChoice":{"tool":{"name":"#)
            out.append(jsonString: name)
            out.append("}}")
        }
        out.append("}")
    }

    private static func write(_ tool: ToolDefinition, _ out: inout ByteBuffer) {
        out.beginElement()
        out.append(#"{"toolSpec":{"#)
        out.append(member: "name", string: tool.name)
        if let description = tool.description, !BedrockMessages.isBlank(description) {
            out.append(member: "description", string: description)
        }
        out.beginMember("inputSchema")
        out.append(#"{"json":"#)
        writeSchema(tool.parameters, &out)
        out.append("}")
        if tool.strict == true {
            out.beginMember("strict")
            out.append("true")
        }
        out.append("}}")
        if let cache = tool.cache { BedrockMessages.write(cache, &out) }
    }

    /// A schema must say that it is an object's.
    private static func writeSchema(_ schema: RawJSON?, _ out: inout ByteBuffer) {
        guard let bytes = schema?.bytes else { return out.append(#"{"type":"object","properties":{}}"#) }
        guard let members = try? JSONScanner.members(of: bytes.span, wanted: ["type"]), !members.has(0) else {
            return out.append(bytes)
        }
        out.append(#"{"type":"object""#)
        let object = members.object
        let rest = ByteRange(start: Int(object.start) + 1, end: Int(object.end))
        // Behind the brace: the first member, or the brace that closes.
        let first = bytes.span.firstNonWhitespace(from: Int(rest.start), to: Int(rest.end))
        if bytes[first] != UInt8(ascii: "}") { out.append(",") }
        out.append(bytes.span, rest)
    }

    /// What tools the history has: their names, each once, in the order of the calls.
    private static func called(_ messages: [ChatMessage]) -> (hasTools: Bool, names: [String]) {
        var hasTools = false
        var names: [String] = []
        for message in messages {
            for part in message.parts {
                switch part.content {
                case .toolCall(let call):
                    hasTools = true
                    if !names.contains(call.name) { names.append(call.name) }
                case .toolResult: hasTools = true
                case .text, .image, .document, .audio, .reasoning, .refusal: break
                }
            }
        }
        return (hasTools, names)
    }
}
