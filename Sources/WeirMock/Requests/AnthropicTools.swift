/// The tools of a request and the choice among them.
enum AnthropicTools {
    static func check(_ request: JSONValue) throws(Refusal) {
        let tools = request["tools"]?.elements ?? []
        var names: Set<String> = []
        for (index, tool) in tools.enumerated() {
            try check(tool, index)
            guard let name = tool["name"]?.string else { continue }
            guard names.insert(name).inserted else {
                throw AnthropicReader.refusal("tools: Tool names must be unique.")
            }
        }
        guard let choice = request["tool_choice"] else { return }
        guard !tools.isEmpty else {
            throw AnthropicReader.refusal("tool_choice: tool_choice may only be specified while providing tools")
        }
        if choice["type"]?.string == "tool", let name = choice["name"]?.string, !names.contains(name) {
            throw AnthropicReader.refusal("tool_choice: Tool '\(name)' not found in provided tools")
        }
    }

    private static func check(_ tool: JSONValue, _ index: Int) throws(Refusal) {
        if let type = tool["type"]?.string, type != "custom" {
            guard AnthropicShapes.serverTools.contains(where: { type.hasPrefix($0) }) else {
                throw AnthropicReader.refusal(
                    "tools.\(index): Input tag '\(type)' does not match any of the expected tags")
            }
            return
        }
        do throws(ShapeError) {
            try AnthropicShapes.clientTool.check(tool)
        } catch {
            throw AnthropicReader.refusal("tools.\(index).custom.\(error.anthropicMessage)")
        }
        guard let name = tool["name"]?.string, isToolName(name, upTo: 128) else {
            throw AnthropicReader.refusal(
                "tools.\(index).custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
        }
        guard tool["input_schema"]?["type"]?.string == "object" else {
            throw AnthropicReader.refusal("tools.\(index).custom.input_schema.type: Field required")
        }
    }
}

/// Whether `name` is of letters, digits, `_` and `-` alone.
func isToolName(_ name: String, upTo most: Int, also others: String = "") -> Bool {
    (1...most).contains(name.utf8.count)
        && name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: others.utf8.contains(byte)
            }
        }
}
