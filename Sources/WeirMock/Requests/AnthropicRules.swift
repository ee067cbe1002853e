import WeirMockScript

/// What Anthropic refuses though every member has its right shape (providers.md, sections 0 and 4.1).
struct AnthropicRules {
    private let request: JSONValue
    private let version: String
    private let messages: [JSONValue]

    init(_ request: JSONValue, _ version: String) {
        self.request = request
        self.version = version
        messages = request["messages"]?.elements ?? []
    }

    func check() throws(Refusal) {
        try checkSampling()
        try checkThinking()
        try checkCacheControl()
        try checkOrder()
        for (index, message) in messages.enumerated() { try check(message, index) }
        try checkToolPairs()
    }

    private func refusal(_ message: String) -> Refusal { AnthropicReader.refusal(message) }

    // MARK: Parameters

    private func checkSampling() throws(Refusal) {
        for name in ["temperature", "top_p", "top_k"] {
            guard let value = request[name] else { continue }
            if version == AnthropicReader.newestVersion {
                throw refusal("\(name): not supported with anthropic-version \(version)")
            }
            let isDefault = name != "top_k" && value.number == 1
            if isAdaptive, !isDefault { throw refusal("\(name): not supported by this model") }
        }
        for (index, stop) in (request["stop_sequences"]?.elements ?? []).enumerated() where isBlank(stop.string ?? "") {
            throw refusal("stop_sequences.\(index): each stop sequence must contain non-whitespace")
        }
    }

    private func checkThinking() throws(Refusal) {
        guard let thinking = request["thinking"], let type = thinking["type"]?.string, type != "disabled" else {
            return
        }
        if type == "enabled" {
            guard !isAdaptive else {
                throw refusal("thinking.type: \"enabled\" is not supported by this model, use \"adaptive\"")
            }
            if let budget = thinking["budget_tokens"]?.integer, let most = request["max_tokens"]?.integer,
                budget >= most
            {
                throw refusal("`max_tokens` must be greater than `thinking.budget_tokens`")
            }
        }
        if ["any", "tool"].contains(request["tool_choice"]?["type"]?.string) {
            throw refusal("Thinking may not be enabled when tool_choice forces tool use.")
        }
        if let temperature = request["temperature"]?.number, temperature != 1 {
            throw refusal("`temperature` may only be set to 1 when thinking is enabled")
        }
        if request["top_k"] != nil { throw refusal("`top_k` must be unset when thinking is enabled") }
        guard type == "enabled", let last = messages.last, hasToolResult(last),
            let turn = messages.dropLast().last(where: { $0["role"]?.string == "assistant" }),
            let first = turn["content"]?.elements.first?["type"]?.string,
            first != "thinking", first != "redacted_thinking"
        else { return }
        throw refusal(
            "messages.\(messages.count - 2).content.0.type: Expected `thinking` or `redacted_thinking`, but found "
                + "`\(first)`. When `thinking` is enabled, a final `assistant` message must start with a thinking block."
        )
    }

    /// Families from 4.7 on think as they see fit and take no sampling parameters (section 0, point 3).
    private var isAdaptive: Bool {
        guard let model = request["model"]?.string, model.hasPrefix("claude-") else { return false }
        let numbers = model.split(separator: "-").compactMap { $0.count <= 2 ? Int($0) : nil }
        guard let major = numbers.first else { return false }
        return major > 4 || (major == 4 && numbers.count > 1 && numbers[1] >= 7)
    }

    private func checkCacheControl() throws(Refusal) {
        var count = 0
        func look(at value: JSONValue) {
            if value["cache_control"] != nil { count += 1 }
            for element in value["content"]?.elements ?? [] { look(at: element) }
        }
        look(at: request)
        for name in ["system", "tools", "messages"] { for value in request[name]?.elements ?? [] { look(at: value) } }
        guard count <= 4 else {
            throw refusal("A maximum of 4 blocks with cache_control may be provided. Found \(count).")
        }
    }

    // MARK: Messages

    private func checkOrder() throws(Refusal) {
        guard let first = messages.first, let last = messages.last else {
            throw refusal("messages: at least one message is required")
        }
        guard first["role"]?.string == "user" else {
            throw refusal("messages: first message must use the \"user\" role")
        }
        guard last["role"]?.string == "assistant" else { return }
        if isAdaptive {
            throw refusal(
                "This model does not support assistant message prefill. The conversation must end with a user message.")
        }
        let end = last["content"]?.string ?? last["content"]?.elements.last?["text"]?.string ?? ""
        if end.last?.isWhitespace == true {
            throw refusal("messages: final assistant content cannot end with trailing whitespace")
        }
    }

    private func check(_ message: JSONValue, _ index: Int) throws(Refusal) {
        let role = message["role"]?.string ?? ""
        guard let content = message["content"] else { return }
        if let text = content.string { return try checkText(text, "messages.\(index)") }
        guard !content.elements.isEmpty else {
            throw refusal(
                "messages.\(index): all messages must have non-empty content except for the optional final assistant message"
            )
        }
        for (place, block) in content.elements.enumerated() {
            try check(block, role, "messages.\(index).content.\(place)")
        }
        let types = content.elements.map { $0["type"]?.string ?? "" }
        if role == "user", types.contains("document"), !types.contains("text"), !types.contains("tool_result") {
            throw refusal("messages.\(index): a document must come with a text block")
        }
    }

    private func check(_ block: JSONValue, _ role: String, _ place: String) throws(Refusal) {
        let type = block["type"]?.string ?? ""
        let allowed: [String] =
            switch role {
            case "user":
                ["text", "image", "document", "search_result", "tool_result", "container_upload"]
            case "system": ["text"]
            default:
                version == AnthropicReader.newestVersion
                    ? ["text", "thinking", "redacted_thinking", "tool_use", "server_tool_use"]
                    : ["text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "document"]
            }
        guard allowed.contains(type) || (role == "assistant" && type != "tool_result" && type.hasSuffix("_tool_result"))
        else {
            throw refusal("\(place): `\(type)` blocks are not permitted in `\(role)` messages")
        }
        switch type {
        case "text":
            try checkText(block["text"]?.string ?? "", place)
            if role == "user", version == AnthropicReader.newestVersion, block["citations"]?.elements.isEmpty == false {
                throw refusal("\(place): `citations` are not permitted in `user` messages")
            }
        case "thinking":
            let thought = block["thinking"]?.string ?? ""
            guard block["signature"]?.string == ThoughtSignature.make(thought) else {
                throw refusal("\(place): Invalid `signature` in `thinking` block")
            }
        case "tool_use":
            guard isToolName(block["id"]?.string ?? "", upTo: 256) else {
                throw refusal("\(place).tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
            }
        case "tool_result":
            for element in block["content"]?.elements ?? [] where element["type"]?.string == "text" {
                try checkText(element["text"]?.string ?? "", place)
            }
        default: break
        }
    }

    private func checkText(_ text: String, _ place: String) throws(Refusal) {
        if text.isEmpty { throw refusal("\(place): text content blocks must be non-empty") }
        if isBlank(text) { throw refusal("\(place): text content blocks must contain non-whitespace text") }
    }

    private func isBlank(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

    // MARK: Tools in the conversation

    private func hasToolResult(_ message: JSONValue) -> Bool {
        message["content"]?.elements.contains { $0["type"]?.string == "tool_result" } ?? false
    }

    /// Every use has its result in the next message, before anything else there; every result has its use in the message before.
    private func checkToolPairs() throws(Refusal) {
        var seen: Set<String> = []
        var open: [String] = []
        for (index, message) in messages.enumerated() {
            let blocks = message["content"]?.elements ?? []
            var results: [String] = []
            var other = false
            for (place, block) in blocks.enumerated() {
                guard block["type"]?.string == "tool_result" else { other = true; continue }
                let id = block["tool_use_id"]?.string ?? ""
                guard open.contains(id) else {
                    throw refusal(
                        "messages.\(index).content.\(place): unexpected `tool_use_id` found in `tool_result` blocks: \(id). "
                            + "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
                    )
                }
                guard !results.contains(id) else {
                    throw refusal(
                        "messages.\(index).content.\(place): each tool_use must have a single result. "
                            + "Found multiple `tool_result` blocks with id: \(id)")
                }
                guard !other else {
                    throw refusal(
                        "messages.\(index).content.\(place): `tool_result` blocks must come before other blocks")
                }
                results.append(id)
            }
            let missing = open.filter { !results.contains($0) }
            guard missing.isEmpty else { throw unanswered(missing, index) }
            open = blocks.compactMap { $0["type"]?.string == "tool_use" ? $0["id"]?.string : nil }
            for id in open where !seen.insert(id).inserted {
                throw refusal("messages.\(index): `tool_use` ids must be unique")
            }
        }
        guard open.isEmpty else { throw unanswered(open, messages.count) }
    }

    private func unanswered(_ ids: [String], _ index: Int) -> Refusal {
        refusal(
            "messages.\(index): `tool_use` ids were found without `tool_result` blocks immediately after: "
                + "\(ids.joined(separator: ", ")). Each `tool_use` block must have a corresponding `tool_result` block "
                + "in the next message.")
    }
}
