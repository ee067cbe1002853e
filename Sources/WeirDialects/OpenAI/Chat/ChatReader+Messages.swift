internal import WeirBase
internal import WeirWire

/// A message of the client: what its members say, whichever its role is.
private struct ChatMessageMembers {
    var role: String?
    /// Nil where there is none, or null.
    var content: [Part]?
    var refusal: String?
    var reasoning: String?
    /// Of `thinking_blocks`.
    var thinking: [ReasoningText] = []
    var calls: [ToolCall] = []
    var toolCallID: String?
}

extension ChatReader {
    mutating func readMessages(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        noteMessages()
        guard place.kind == .array else {
            mistake("messages", "has the wrong type: write an array of messages")
            return try place.skip(bytes)
        }
        let end = try place.elements(bytes) { (element) throws(JSONError) in
            let message = messageCount
            defer { messageCount += 1 }
            guard element.kind == .object else {
                mistake("messages[\(message)]", "is no message: write an object with role and content")
                return try element.skip(bytes)
            }
            var members = ChatMessageMembers()
            let end = try readMembers(element, bytes, &members)
            add(members)
            return end
        }
        if messageCount == 0 { mistake("messages", "is empty: write at least one message") }
        requireResults("messages")
        return end
    }

    private mutating func readMembers(
        _ place: JSONPlace, _ bytes: Span<UInt8>, _ members: inout ChatMessageMembers
    ) throws(JSONError) -> Int {
        let message = messageCount
        return try place.members(bytes) { (name, place) throws(JSONError) in
            switch name {
            case ChatName.content: return try readContent(place, bytes, &members.content)
            case ChatName.toolCalls: return try readCalls(place, bytes, &members.calls)
            case ChatName.thinkingBlocks: return try readThinking(place, bytes, &members.thinking)
            default: break
            }
            let value = try place.value(bytes)
            switch name {
            case ChatName.role: members.role = string("messages[\(message)].role", value, bytes)
            case ChatName.refusal: members.refusal = string("messages[\(message)].refusal", value, bytes)
            case ChatName.reasoningContent, ChatName.reasoning:
                members.reasoning = value.string(bytes) ?? members.reasoning
            case ChatName.toolCallID:
                members.toolCallID = string("messages[\(message)].tool_call_id", value, bytes)
            case ChatName.audio where value.kind != .null:
                refuse("messages[\(message)].audio", "is kept by OpenAI, and this model is served elsewhere")
            case ChatName.functionCall where value.kind != .null:
                refuse("messages[\(message)].function_call", "is the old form of calls: use `tool_calls`")
            default: if !value.isEmpty(bytes) { drop(name, in: "messages.") }
            }
            return value.end
        }
    }

    // MARK: Roles

    private mutating func add(_ members: ChatMessageMembers) {
        let message = messageCount
        defer { followsTool = members.role == "tool" }
        switch members.role {
        case "tool": return addResult(members)
        case "assistant": return addAnswer(members)
        case "system", "developer", "user": break
        case "function": return refuse("messages[\(message)].role", "is the old form of tool: use `tool`")
        default:
            return mistake("messages[\(message)].role", "is none of system, developer, user, assistant and tool")
        }
        requireResults("messages[\(message)]")
        guard let content = members.content else {
            return mistake("messages[\(message)].content", "is missing: write a string or an array of parts")
        }
        if members.role == "user" {
            check(content) { if case .refusal = $0 { false } else { true } }
            request.messages.append(ChatMessage(.user, content))
        } else {
            check(content) { if case .text = $0 { true } else { false } }
            if request.messages.isEmpty {
                request.system += content
            } else {
                request.messages.append(ChatMessage(.system, content))
            }
        }
    }

    private mutating func addAnswer(_ members: ChatMessageMembers) {
        let message = messageCount
        requireResults("messages[\(message)]")
        check(members.content ?? []) {
            switch $0 {
            case .text, .refusal: true
            default: false
            }
        }
        var parts = reasoning(members)
        if let content = members.content {
            // The writers leave content empty where there is nothing to say.
            parts += content.filter { $0.content != .text("") }
        } else if members.calls.isEmpty, members.refusal == nil {
            mistake("messages[\(message)].content", "is missing: write a string, or tool_calls")
        }
        if let refusal = members.refusal, !refusal.isEmpty { parts.append(Part(.refusal(refusal))) }
        for call in members.calls {
            openCalls[call.id, default: 0] += 1
            parts.append(Part(.toolCall(call)))
        }
        // A message with nothing in it is none.
        if !parts.isEmpty { request.messages.append(ChatMessage(.assistant, parts)) }
    }

    /// Reasoning with what proves it: the answer writers put all text into one member, and the proofs into another.
    private func reasoning(_ members: ChatMessageMembers) -> [Part] {
        var blocks = members.thinking
        if let text = members.reasoning, !text.isEmpty, blocks.allSatisfy({ $0.text.isEmpty }) {
            if let first = blocks.firstIndex(where: { $0.redacted == nil }) {
                blocks[first].text = text
            } else {
                blocks.insert(ReasoningText(text: text), at: 0)
            }
        }
        return blocks.map { Part(.reasoning($0)) }
    }

    /// Results that follow each other are one message: other dialects want all of a turn's together.
    private mutating func addResult(_ members: ChatMessageMembers) {
        let message = messageCount
        guard let id = members.toolCallID else {
            return mistake("messages[\(message)].tool_call_id", "is missing: write the id of the call")
        }
        guard let content = members.content else {
            return mistake("messages[\(message)].content", "is missing: write a string or an array of parts")
        }
        check(content) { if case .text = $0 { true } else { false } }
        guard let open = openCalls[id] else {
            return mistake(
                "messages[\(message)].tool_call_id",
                "is of no call in the assistant's message before it: each result follows its call")
        }
        openCalls[id] = open > 1 ? open - 1 : nil
        let result = Part(.toolResult(ToolResult(callID: id, parts: content.filter { $0.content != .text("") })))
        if followsTool, let last = request.messages.indices.last {
            request.messages[last].parts.append(result)
        } else {
            request.messages.append(ChatMessage(.user, [result]))
        }
    }

    /// Every call must have its result before the conversation goes on.
    private mutating func requireResults(_ param: @autoclosure () -> String) {
        guard !openCalls.isEmpty else { return }
        mistake(param(), "leaves calls of the assistant without results: answer each with a message of the role tool")
        openCalls = [:]
    }

    private mutating func check(_ parts: [Part], _ fits: (Part.Content) -> Bool) {
        let message = messageCount
        guard let index = parts.firstIndex(where: { !fits($0.content) }) else { return }
        mistake("messages[\(message)].content[\(index)]", "cannot stand in a message of this role")
    }

    // MARK: Calls

    private mutating func readCalls(
        _ place: JSONPlace, _ bytes: Span<UInt8>, _ calls: inout [ToolCall]
    ) throws(JSONError) -> Int {
        let message = messageCount
        if place.kind != .array, place.kind != .null {
            mistake("messages[\(message)].tool_calls", "has the wrong type: write an array")
        }
        var read: [ToolCall] = []
        let end = try place.elements(bytes) { (element) throws(JSONError) in
            let index = read.count
            var call = ChatCall()
            let end = try call.read(element, bytes)
            if let type = call.type, type != "function" {
                refuse(
                    "messages[\(message)].tool_calls[\(index)]",
                    "is a call of type \(type), which this model's provider does not have")
            } else if let call = call.whole {
                read.append(call)
            } else {
                mistake(
                    "messages[\(message)].tool_calls[\(index)]",
                    "is no call: write id, and function with name and arguments, a JSON object as a string")
            }
            return end
        }
        calls = read
        return end
    }

    // MARK: Reasoning

    /// Reads `thinking_blocks`: a block for each proof.
    private mutating func readThinking(
        _ place: JSONPlace, _ bytes: Span<UInt8>, _ blocks: inout [ReasoningText]
    ) throws(JSONError) -> Int {
        let message = messageCount
        var read: [ReasoningText] = []
        let end = try place.elements(bytes) { (element) throws(JSONError) in
            let index = read.count
            var block = ThinkingBlock()
            let end = try block.read(element, bytes)
            if let reasoning = block.reasoning {
                read.append(reasoning)
            } else {
                mistake("messages[\(message)].thinking_blocks[\(index)]", "is none that an answer had")
            }
            return end
        }
        blocks = read
        return end
    }
}
