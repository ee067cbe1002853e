internal import WeirBase
internal import WeirWire

// Tools, the form of the answer, and what else is an object or an array.

extension ChatReader {
    // MARK: Tools

    /// Tools of a request, and names of those that are allowed: more than any provider takes.
    private static let toolLimit = 1_024

    mutating func readTools(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        request.tools = []
        if place.kind != .array, place.kind != .null { mistake("tools", "has the wrong type: write an array of tools") }
        return try place.elements(bytes) { (element) throws(JSONError) in
            let index = request.tools.count
            guard index < Self.toolLimit else {
                mistake("tools", "holds more than \(Self.toolLimit) tools")
                return try element.skip(bytes)
            }
            if element.kind != .object { mistake("tools[\(index)]", "is no object") }
            return try readTool(element, bytes)
        }
    }

    private mutating func readTool(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        let param = "tools[\(request.tools.count)]"
        var tool: ToolDefinition?
        var type: String?
        let end = try place.members(bytes) { (name, value) throws(JSONError) in
            switch name {
            case ChatName.type: return try value.read(bytes, into: &type)
            case ChatName.function where value.kind == .object:
                var read = ToolDefinition(name: "")
                let end = try readFunction(value, param, bytes, &read)
                tool = read
                return end
            default: return try value.skip(bytes)
            }
        }
        guard type ?? "function" == "function" else {
            refuse(param, "is a tool of type \(type ?? "?"), which this model's provider does not have: send functions")
            return end
        }
        guard let tool, !tool.name.isEmpty else {
            mistake("\(param).function.name", "is missing")
            return end
        }
        request.tools.append(tool)
        return end
    }

    private mutating func readFunction(
        _ place: JSONPlace, _ param: String, _ bytes: Span<UInt8>, _ tool: inout ToolDefinition
    ) throws(JSONError) -> Int {
        try place.members(bytes) { (name, place) throws(JSONError) in
            let value = try place.value(bytes)
            guard value.kind != .null else { return value.end }
            switch name {
            case ChatName.name: tool.name = string("\(param).function.name", value, bytes) ?? ""
            case ChatName.description: tool.description = string("\(param).function.description", value, bytes)
            case ChatName.parameters:
                if value.kind != .object {
                    mistake("\(param).function.parameters", "has the wrong type: write a JSON Schema")
                }
                tool.parameters = RawJSON(bytes, value.range)
            case ChatName.strict: tool.strict = bool("\(param).function.strict", value)
            default: drop(name, in: "tools.function.")
            }
            return value.end
        }
    }

    // MARK: Choice of tools

    mutating func readToolChoice(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        guard place.kind == .object else {
            let value = try place.value(bytes)
            switch value.string(bytes) {
            case "auto": request.toolChoice = .auto
            case "none": request.toolChoice = ToolChoice.none
            case "required": request.toolChoice = .required
            case nil where value.kind == .null: break
            default: mistake("tool_choice", "is none of auto, none, required and an object")
            }
            return value.end
        }
        var (type, name, mode): (String?, String?, String?)
        var allowed: [String]?
        let end = try place.members(bytes) { (member, value) throws(JSONError) in
            switch member {
            case ChatName.type: return try value.read(bytes, into: &type)
            case ChatName.function: return try readName(value, bytes, &name)
            case ChatName.allowedTools:
                return try value.members(bytes) { (member, value) throws(JSONError) in
                    switch member {
                    case ChatName.mode: return try value.read(bytes, into: &mode)
                    case ChatName.tools: return try readAllowed(value, bytes, &allowed)
                    default: return try value.skip(bytes)
                    }
                }
            default: return try value.skip(bytes)
            }
        }
        switch (type, name, allowed) {
        case ("function", let name?, _): request.toolChoice = .named(name)
        case ("function", nil, _): mistake("tool_choice.function.name", "is missing")
        case ("allowed_tools", _, let allowed?):
            request.allowedTools = allowed
            request.toolChoice = mode == "required" ? .required : .auto
        case ("allowed_tools", _, nil): mistake("tool_choice.allowed_tools.tools", "is missing")
        case ("custom", _, _):
            refuse("tool_choice", "names a custom tool, which this model's provider does not have: use functions")
        default: mistake("tool_choice.type", "is none of function, allowed_tools and custom")
        }
        return end
    }

    /// Reads `{"name":NAME}`.
    private func readName(
        _ place: JSONPlace, _ bytes: Span<UInt8>, _ name: inout String?
    ) throws(JSONError) -> Int {
        try place.members(bytes) { (member, value) throws(JSONError) in
            member == ChatName.name ? try value.read(bytes, into: &name) : try value.skip(bytes)
        }
    }

    private mutating func readAllowed(
        _ place: JSONPlace, _ bytes: Span<UInt8>, _ allowed: inout [String]?
    ) throws(JSONError) -> Int {
        var names: [String] = []
        let end = try place.elements(bytes) { (element) throws(JSONError) in
            guard names.count < Self.toolLimit else {
                mistake("tool_choice.allowed_tools.tools", "holds more than \(Self.toolLimit) tools")
                return try element.skip(bytes)
            }
            var name: String?
            let end = try element.members(bytes) { (member, value) throws(JSONError) in
                member == ChatName.function ? try readName(value, bytes, &name) : try value.skip(bytes)
            }
            if let name {
                names.append(name)
            } else {
                mistake("tool_choice.allowed_tools.tools[\(names.count)]", "names no function")
            }
            return end
        }
        if place.kind == .array { allowed = names }
        return end
    }

    // MARK: Form of the answer

    mutating func readFormat(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        guard place.kind != .null else { return try place.skip(bytes) }
        var (type, name, description): (String?, String?, String?)
        var schema: RawJSON?
        var strict: Bool?
        let end = try place.members(bytes) { (member, value) throws(JSONError) in
            switch member {
            case ChatName.type: return try value.read(bytes, into: &type)
            case ChatName.jsonSchema:
                return try value.members(bytes) { (member, place) throws(JSONError) in
                    let value = try place.value(bytes)
                    switch member {
                    case ChatName.name: name = string("response_format.json_schema.name", value, bytes)
                    case ChatName.description:
                        description = string("response_format.json_schema.description", value, bytes)
                    case ChatName.schema: if value.kind == .object { schema = RawJSON(bytes, value.range) }
                    case ChatName.strict: strict = bool("response_format.json_schema.strict", value)
                    default: drop(member, in: "response_format.json_schema.")
                    }
                    return value.end
                }
            default: return try value.skip(bytes)
            }
        }
        switch type {
        case "text": request.format = .text
        case "json_object": request.format = .jsonObject
        case "json_schema":
            // Without a schema, any object will do.
            if name == nil { mistake("response_format.json_schema.name", "is missing: write a name for the schema") }
            request.format = .jsonSchema(
                name: name, description: description, schema: schema ?? .emptyObject, strict: strict)
        default: mistake("response_format.type", "is none of text, json_object and json_schema")
        }
        return end
    }

    // MARK: Lists and switches

    mutating func readStop(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        request.stop = []
        guard place.kind == .array else {
            let value = try place.value(bytes)
            if let text = value.string(bytes) {
                request.stop = [text]
            } else if value.kind != .null {
                mistake("stop", "has the wrong type: write a string or an array of strings")
            }
            return value.end
        }
        return try place.elements(bytes) { (element) throws(JSONError) in
            let value = try element.value(bytes)
            if let text = value.string(bytes) {
                request.stop.append(text)
            } else {
                mistake("stop", "holds something else than a string")
            }
            return value.end
        }
    }

    mutating func readStreamOptions(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        if place.kind != .object, place.kind != .null {
            mistake("stream_options", "has the wrong type: write an object")
        }
        return try place.members(bytes) { (name, place) throws(JSONError) in
            let value = try place.value(bytes)
            switch name {
            case ChatName.includeUsage:
                request.includeUsage = bool("stream_options.include_usage", value) ?? false
            case ChatName.includeObfuscation: break  // translated streams have none
            default: drop(name, in: "stream_options.")
            }
            return value.end
        }
    }

    mutating func readModalities(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        if place.kind != .array, place.kind != .null {
            mistake("modalities", "has the wrong type: write an array of strings")
        }
        return try place.elements(bytes) { (element) throws(JSONError) in
            let value = try element.value(bytes)
            if value.string(bytes) != "text" {
                refuse("modalities", "this model is served by a provider that answers in text only: send [\"text\"]")
            }
            return value.end
        }
    }
}
