internal import WeirBase
internal import WeirWire

// Tools, thinking and the form of the answer.

extension MessagesReader {
    mutating func readTools(_ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) {
        guard value.kind == .array else { return mistake("tools", "has the wrong type: write an array of tools") }
        var items = try JSONArrayWalk(bytes, in: value.range)
        while let item = try items.next(bytes) {
            let index = request.tools.count
            guard item.kind == .object else { return mistake("tools[\(index)]", "is no object") }
            guard let tool = try tool(item.value, index, bytes) else { return }
            request.tools.append(tool)
        }
    }

    private mutating func tool(
        _ range: ByteRange, _ index: Int, _ bytes: Span<UInt8>
    ) throws(JSONError) -> ToolDefinition? {
        var tool = ToolDefinition(name: "")
        var walk = try JSONObjectWalk(bytes, in: range)
        while let member = try walk.next(bytes) {
            let value = AnthropicValue(member)
            if value.kind == .null { continue }
            switch AnthropicName(bytes, member.name, isPlain: member.isPlain) {
            case .name: tool.name = string("tools[\(index)].name", value, bytes)
            case .description: tool.description = string("tools[\(index)].description", value, bytes)
            case .inputSchema:
                guard value.kind == .object else {
                    mistake("tools[\(index)].input_schema", "has the wrong type: write a JSON Schema")
                    return nil
                }
                tool.parameters = RawJSON(bytes, value.range)
            case .strict: tool.strict = value.kind == .true
            case .cacheControl: tool.cache = try cacheMark(value, bytes)
            case .type:
                guard value.kind == .string, AnthropicType(bytes, value.range) == .custom else {
                    refuse("tools[\(index)]", "is a tool of Anthropic's own, and this model is served elsewhere")
                    return nil
                }
            default: drop("tools.\(AnthropicValue.name(bytes, member))")
            }
        }
        if tool.name.isEmpty { mistake("tools[\(index)].name", "is missing") }
        return tool
    }

    mutating func readToolChoice(_ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) {
        guard value.kind == .object else { return mistake("tool_choice", "has the wrong type: write an object") }
        var type = AnthropicType.other
        var name: String?
        var walk = try JSONObjectWalk(bytes, in: value.range)
        while let member = try walk.next(bytes) {
            switch (AnthropicName(bytes, member.name, isPlain: member.isPlain), member.kind) {
            case (.type, .string): type = AnthropicType(bytes, member.value)
            case (.name, .string): name = AnthropicValue.string(bytes, member.value)
            case (.disableParallelToolUse, .true): request.parallelToolCalls = false
            case (.disableParallelToolUse, .false): request.parallelToolCalls = true
            default: break
            }
        }
        switch (type, name) {
        case (.auto, _): request.toolChoice = .auto
        case (.any, _): request.toolChoice = .required
        case (.none, _): request.toolChoice = ToolChoice.none
        case (.tool, let name?): request.toolChoice = .named(name)
        case (.tool, nil): mistake("tool_choice.name", "is missing")
        default: mistake("tool_choice.type", "is none of auto, any, tool and none")
        }
    }

    mutating func readThinking(_ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) {
        guard value.kind == .object else { return mistake("thinking", "has the wrong type: write an object") }
        var type = AnthropicType.other
        var budget: Int?
        var walk = try JSONObjectWalk(bytes, in: value.range)
        while let member = try walk.next(bytes) {
            switch AnthropicName(bytes, member.name, isPlain: member.isPlain) {
            case .type where member.kind == .string: type = AnthropicType(bytes, member.value)
            case .budgetTokens where member.kind != .null:
                budget = count("thinking.budget_tokens", AnthropicValue(member), bytes)
            default: drop("thinking.\(AnthropicValue.name(bytes, member))")
            }
        }
        switch (type, budget) {
        case (.disabled, _): request.reasoning.budget = 0
        case (.enabled, let budget?): request.reasoning.budget = budget
        case (.enabled, nil): mistake("thinking.budget_tokens", "is missing")
        case (.adaptive, _): request.reasoning.isAdaptive = true
        default:
            refuse(
                "thinking.type",
                "has no like at the provider that serves this model: enabled, disabled and adaptive have")
        }
    }

    mutating func readOutputConfig(_ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) {
        guard value.kind == .object else { return mistake("output_config", "has the wrong type: write an object") }
        var walk = try JSONObjectWalk(bytes, in: value.range)
        while let member = try walk.next(bytes) {
            if member.kind == .null { continue }
            switch AnthropicName(bytes, member.name, isPlain: member.isPlain) {
            case .effort: request.reasoning.effort = string("output_config.effort", AnthropicValue(member), bytes)
            case .format: try readFormat(AnthropicValue(member), bytes)
            default: drop("output_config.\(AnthropicValue.name(bytes, member))")
            }
        }
    }

    private mutating func readFormat(_ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) {
        let param = "output_config.format"
        guard value.kind == .object else { return mistake(param, "has the wrong type: write an object") }
        var type = AnthropicType.other
        var schema: RawJSON?
        var walk = try JSONObjectWalk(bytes, in: value.range)
        while let member = try walk.next(bytes) {
            switch (AnthropicName(bytes, member.name, isPlain: member.isPlain), member.kind) {
            case (.type, .string): type = AnthropicType(bytes, member.value)
            case (.schema, .object): schema = RawJSON(bytes, member.value)
            default: drop("output_config.format.\(AnthropicValue.name(bytes, member))")
            }
        }
        guard type == .jsonSchema else {
            return refuse("\(param).type", "has no like at the provider: write json_schema")
        }
        guard let schema else { return mistake("\(param).schema", "is missing: write a JSON Schema") }
        request.format = .jsonSchema(name: nil, description: nil, schema: schema, strict: nil)
    }

    /// A marker's life; any other than five minutes and an hour is the usual one.
    func cacheMark(_ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) -> CacheMark? {
        guard value.kind == .object else { return nil }
        var mark = CacheMark.usual
        var walk = try JSONObjectWalk(bytes, in: value.range)
        while let member = try walk.next(bytes) {
            guard AnthropicName(bytes, member.name, isPlain: member.isPlain) == .ttl, member.kind == .string,
                AnthropicType(bytes, member.value) == .hour
            else { continue }
            mark = .hour
        }
        return mark
    }
}
