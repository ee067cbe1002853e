internal import WeirBase
internal import WeirWire

// Tools, reasoning and the form of the answer.

extension ResponsesReader {
    mutating func readTools(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        var index = 0
        request.tools = []  // of a member that is there twice the last one counts
        try elements(of: value, bytes, "tools") { (reader, element) throws(JSONError) in
            try reader.readTool(element, index, bytes)
            index += 1
        }
    }

    private mutating func readTool(_ value: JSONPlace, _ index: Int, _ bytes: Span<UInt8>) throws(JSONError) {
        func param(_ name: StaticString) -> String { "tools[\(index)].\(name)" }
        let before = problem
        var tool = ToolDefinition(name: "")
        var type: String?
        try members(of: value, bytes, "tools[\(index)]") { (reader, name, value) throws(JSONError) in
            if value.kind == .null { return try reader.skip(value, bytes) }
            switch ResponsesName(name) {
            case .type: type = try reader.string(value, bytes, param("type"))
            case .name: tool.name = try reader.string(value, bytes, param("name")) ?? ""
            case .description: tool.description = try reader.string(value, bytes, param("description"))
            case .parameters: tool.parameters = try reader.object(value, bytes, param("parameters"))
            case .strict: tool.strict = try reader.flag(value, bytes, param("strict"))
            default:
                reader.drop(name, of: "tools")
                try reader.skip(value, bytes)
            }
        }
        guard value.kind == .object else { return }
        guard type == "function" else {
            problem = before
            guard let type else { return mistake(param("type"), "is missing: write function") }
            return refuse(
                "tools[\(index)]",
                "is a tool of type \(type), which the provider that serves this model does not have: leave it out")
        }
        if tool.name.isEmpty { mistake(param("name"), "is missing") }
        if tool.strict == nil, let schema = tool.parameters, StrictSchema.accepts(schema) { tool.strict = true }
        request.tools.append(tool)
    }

    mutating func readToolChoice(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        if value.kind == .string {
            switch try string(value, bytes, "tool_choice") {
            case "auto": request.toolChoice = .auto
            case "none": request.toolChoice = ToolChoice.none
            case "required": request.toolChoice = .required
            default: mistake("tool_choice", "is none of auto, none and required, nor an object")
            }
            return
        }
        var type: String?
        var name: String?
        var mode: String?
        var allowed: [String]?
        try members(of: value, bytes, "tool_choice") { (reader, member, value) throws(JSONError) in
            switch ResponsesName(member) {
            case .type: type = try reader.string(value, bytes, "tool_choice.type")
            case .name: name = try reader.string(value, bytes, "tool_choice.name")
            case .mode: mode = try reader.string(value, bytes, "tool_choice.mode")
            case .tools: allowed = try reader.allowedTools(value, bytes)
            default: try reader.skip(value, bytes)
            }
        }
        guard value.kind == .object else { return }
        switch (type, name, mode, allowed) {
        case ("function", let name?, _, _): request.toolChoice = .named(name)
        case ("function", nil, _, _): mistake("tool_choice.name", "is missing")
        case ("allowed_tools", _, "auto", let tools?), ("allowed_tools", _, "required", let tools?):
            request.toolChoice = mode == "auto" ? .auto : .required
            request.allowedTools = tools
        case ("allowed_tools", _, _, nil): mistake("tool_choice.tools", "is missing")
        case ("allowed_tools", _, _, _): mistake("tool_choice.mode", "is neither auto nor required")
        case (let type?, _, _, _):
            refuse(
                "tool_choice",
                "asks for a tool of type \(type), which the provider that serves this model does not have")
        case (nil, _, _, _): mistake("tool_choice.type", "is missing")
        }
    }

    private mutating func allowedTools(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> [String] {
        var names: [String] = []
        try elements(of: value, bytes, "tool_choice.tools") { (reader, element) throws(JSONError) in
            var (type, name): (String?, String?)
            try reader.members(of: element, bytes, "tool_choice.tools") { (reader, member, value) throws(JSONError) in
                switch ResponsesName(member) {
                case .type: type = try reader.string(value, bytes, "tool_choice.tools.type")
                case .name: name = try reader.string(value, bytes, "tool_choice.tools.name")
                default: try reader.skip(value, bytes)
                }
            }
            guard type == "function", let name else {
                return reader.refuse(
                    "tool_choice.tools", "names a tool that is no function, and the provider has no others")
            }
            names.append(name)
        }
        return names
    }

    mutating func readReasoning(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        try members(of: value, bytes, "reasoning") { (reader, name, value) throws(JSONError) in
            if value.kind == .null { return try reader.skip(value, bytes) }
            switch ResponsesName(name) {
            case .effort: reader.request.reasoning.effort = try reader.string(value, bytes, "reasoning.effort")
            case .summary: reader.echo.reasoningSummary = try reader.string(value, bytes, "reasoning.summary")
            default:
                reader.drop(name, of: "reasoning")
                try reader.skip(value, bytes)
            }
        }
    }

    mutating func readText(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        try members(of: value, bytes, "text") { (reader, name, value) throws(JSONError) in
            if value.kind == .null { return try reader.skip(value, bytes) }
            switch ResponsesName(name) {
            case .verbosity: reader.request.verbosity = try reader.string(value, bytes, "text.verbosity")
            case .format: try reader.readFormat(value, bytes)
            default:
                reader.drop(name, of: "text")
                try reader.skip(value, bytes)
            }
        }
    }

    private mutating func readFormat(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        var (type, name, description): (String?, String?, String?)
        var schema: RawJSON?
        var strict: Bool?
        try members(of: value, bytes, "text.format") { (reader, member, value) throws(JSONError) in
            if value.kind == .null { return try reader.skip(value, bytes) }
            switch ResponsesName(member) {
            case .type: type = try reader.string(value, bytes, "text.format.type")
            case .name: name = try reader.string(value, bytes, "text.format.name")
            case .description: description = try reader.string(value, bytes, "text.format.description")
            case .schema: schema = try reader.object(value, bytes, "text.format.schema")
            case .strict: strict = try reader.flag(value, bytes, "text.format.strict")
            default:
                reader.drop(member, of: "text.format")
                try reader.skip(value, bytes)
            }
        }
        guard value.kind == .object else { return }
        switch (type, name, schema) {
        case ("text", _, _): request.format = .text
        case ("json_object", _, _): request.format = .jsonObject
        case ("json_schema", let name?, let schema?):
            request.format = .jsonSchema(name: name, description: description, schema: schema, strict: strict)
        case ("json_schema", nil, _): mistake("text.format.name", "is missing: write a name for the schema")
        case ("json_schema", _, nil): mistake("text.format.schema", "is missing: write a JSON Schema")
        default: mistake("text.format.type", "is none of text, json_object and json_schema")
        }
    }
}
