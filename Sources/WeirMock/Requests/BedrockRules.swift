import WeirMockScript
import WeirWire

/// What Converse refuses though every member has its right shape (providers.md, section 6.2).
struct BedrockRules {
    private let request: JSONValue
    private let messages: [JSONValue]
    private let tools: [JSONValue]

    init(_ request: JSONValue) {
        self.request = request
        messages = request["messages"]?.elements ?? []
        tools = request["toolConfig"]?["tools"]?.elements ?? []
    }

    func check() throws(Refusal) {
        try checkTurns()
        for (index, message) in messages.enumerated() { try check(message, index) }
        for (index, block) in (request["system"]?.elements ?? []).enumerated() {
            if let text = block["text"]?.string { try checkText(text, "SystemContentBlock", "system.\(index)") }
        }
        try checkTools()
        try checkToolPairs()
        try checkThinking()
        guard let schema = request["outputConfig"]?["textFormat"]?["structure"]?["jsonSchema"]?["schema"]?.string else {
            return
        }
        let bytes = Array(schema.utf8)
        do throws(JSONError) { _ = try JSONValue.parse(bytes.span) } catch {
            throw refusal("The schema in outputConfig.textFormat is not a JSON object.")
        }
    }

    private func refusal(_ message: String) -> Refusal { BedrockReader.refusal(message) }

    private func blocks(_ message: JSONValue) -> [JSONValue] { message["content"]?.elements ?? [] }

    // MARK: Turns

    private func checkTurns() throws(Refusal) {
        let roles = messages.compactMap { $0["role"]?.string }.filter { $0 != "system" }
        guard roles.first == "user" else {
            throw refusal(
                "A conversation must start with a user message. Try again with a conversation that starts with a user message."
            )
        }
        for (role, next) in zip(roles, roles.dropFirst()) where role == next {
            throw refusal(
                "A conversation must alternate between user and assistant roles. Make sure the conversation alternates "
                    + "between user and assistant roles and try again.")
        }
        guard messages.last?["role"]?.string == "assistant" else { return }
        if blocks(messages[messages.count - 1]).last?["text"]?.string?.last?.isWhitespace == true {
            throw refusal("messages: final assistant content cannot end with trailing whitespace")
        }
    }

    private func check(_ message: JSONValue, _ index: Int) throws(Refusal) {
        guard !blocks(message).isEmpty else {
            throw refusal(
                "The content field in the Message object at messages.\(index) is empty. Add a ContentBlock object to the "
                    + "content field and try again.")
        }
        let role = message["role"]?.string
        for (position, block) in blocks(message).enumerated() {
            let place = "messages.\(index).content.\(position)"
            if let text = block["text"]?.string { try checkText(text, "ContentBlock", place) }
            if block["toolUse"] != nil || block["reasoningContent"] != nil, role != "assistant" {
                throw refusal("The ContentBlock at \(place) is only permitted in assistant messages.")
            }
            if block["toolResult"] != nil, role != "user" {
                throw refusal("The ContentBlock at \(place) is only permitted in user messages.")
            }
            let data = block["image"]?["source"]?["bytes"] ?? block["document"]?["source"]?["bytes"]
            if let data = data?.string, !isBase64(data) { throw refusal("The bytes at \(place) are not base64.") }
            if let name = block["document"]?["name"]?.string, !isDocumentName(name) {
                throw refusal(
                    "The document file name at \(place) can only contain alphanumeric characters, whitespace characters, "
                        + "hyphens, parentheses, and square brackets.")
            }
            if let thought = block["reasoningContent"]?["reasoningText"], let text = thought["text"]?.string,
                thought["signature"]?.string != ThoughtSignature.make(text)
            {
                throw refusal("\(place): Invalid `signature` in `thinking` block")
            }
        }
        let documents = blocks(message).compactMap { $0["document"]?["name"]?.string }
        guard Set(documents).count == documents.count else {
            throw refusal("The document file names at messages.\(index) must be unique.")
        }
        if !documents.isEmpty, !blocks(message).contains(where: { $0["text"] != nil }) {
            throw refusal("A text block must be included in messages.\(index), which has a document.")
        }
    }

    private func checkText(_ text: String, _ type: String, _ place: String) throws(Refusal) {
        guard text.allSatisfy(\.isWhitespace) else { return }
        throw refusal(
            "The text field in the \(type) object at \(place) is blank. Add text to the text field, and try again.")
    }

    private func isDocumentName(_ name: String) -> Bool {
        isToolName(name, upTo: 200, also: " ()[]") && !name.contains("_")
    }

    // MARK: Tools

    private func checkTools() throws(Refusal) {
        guard let configuration = request["toolConfig"] else {
            let used = messages.contains { message in
                blocks(message).contains { $0["toolUse"] != nil || $0["toolResult"] != nil }
            }
            guard !used else {
                throw refusal("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
            }
            return
        }
        guard !tools.isEmpty else {
            throw refusal(
                "1 validation error detected: Value at 'toolConfig.tools' failed to satisfy constraint: Member must have "
                    + "length greater than or equal to 1")
        }
        var names: Set<String> = []
        for (index, tool) in tools.enumerated() {
            guard let specification = tool["toolSpec"] else { continue }
            let place = "toolConfig.tools.\(index).toolSpec"
            guard let name = specification["name"]?.string, isToolName(name, upTo: 64) else {
                throw pattern("\(place).name", "[a-zA-Z0-9_-]+")
            }
            guard names.insert(name).inserted else { throw refusal("The tool name \(name) is not unique.") }
            if specification["description"]?.string?.isEmpty == true {
                throw refusal(
                    "1 validation error detected: Value at '\(place).description' failed to satisfy constraint: Member must "
                        + "have length greater than or equal to 1")
            }
            guard specification["inputSchema"]?["json"]?["type"]?.string == "object" else {
                throw refusal("The value at \(place).inputSchema.json.type must be one of the following: object.")
            }
        }
        if let name = configuration["toolChoice"]?["tool"]?["name"]?.string, !names.contains(name) {
            throw refusal("The tool \(name) of toolConfig.toolChoice is not among the tools.")
        }
    }

    /// As many results as uses in the turn before, and for the same ids.
    private func checkToolPairs() throws(Refusal) {
        var open: [String] = []
        for (index, message) in messages.enumerated() where message["role"]?.string != "system" {
            let results = blocks(message).compactMap { $0["toolResult"]?["toolUseId"]?.string }
            let missing = open.filter { !results.contains($0) }
            guard missing.isEmpty else {
                throw refusal(
                    "Expected toolResult blocks at messages.\(index).content for the following Ids: "
                        + missing.joined(separator: ", "))
            }
            guard results.count == open.count else {
                throw refusal(
                    "The number of toolResult blocks at messages.\(index).content exceeds the number of toolUse blocks of "
                        + "previous turn.")
            }
            open = blocks(message).compactMap { $0["toolUse"]?["toolUseId"]?.string }
            for id in open + results where !isToolName(id, upTo: 64, also: ".:") {
                throw pattern("messages.\(index).content.toolUseId", "[a-zA-Z0-9_.:-]+")
            }
            for name in blocks(message).compactMap({ $0["toolUse"]?["name"]?.string }) where !isToolName(name, upTo: 64)
            {
                throw pattern("messages.\(index).content.toolUse.name", "[a-zA-Z0-9_-]+")
            }
            for block in blocks(message) {
                if let input = block["toolUse"]?["input"], case .object = input.content { continue }
                guard block["toolUse"] == nil else {
                    throw refusal("The format of the value at messages.\(index).content.toolUse.input is invalid.")
                }
            }
        }
        guard open.isEmpty else {
            throw refusal(
                "Expected toolResult blocks at messages.\(messages.count).content for the following Ids: "
                    + open.joined(separator: ", "))
        }
    }

    private func pattern(_ place: String, _ pattern: String) -> Refusal {
        refusal(
            "1 validation error detected: Value at '\(place)' failed to satisfy constraint: Member must satisfy regular "
                + "expression pattern: \(pattern)")
    }

    /// Thinking is a member of the model's own request, and the model's rules hold.
    private func checkThinking() throws(Refusal) {
        guard let thinking = request["additionalModelRequestFields"]?["thinking"],
            let type = thinking["type"]?.string, type != "disabled"
        else { return }
        if let budget = thinking["budget_tokens"]?.integer {
            guard budget >= 1_024 else {
                throw refusal("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
            }
            if let most = request["inferenceConfig"]?["maxTokens"]?.integer, budget >= most {
                throw refusal("`max_tokens` must be greater than `thinking.budget_tokens`")
            }
        }
        let choice = request["toolConfig"]?["toolChoice"]
        if choice?["any"] != nil || choice?["tool"] != nil {
            throw refusal("Thinking may not be enabled when tool_choice forces tool use.")
        }
    }
}
