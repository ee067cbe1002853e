/// Turns made of items: a turn of the assistant is several items in Responses, and the results of its calls are items of their own.
struct ResponsesConversation {
    private(set) var messages: [ChatMessage] = []
    /// Signatures of calls that come later, by the calls' ids.
    private var signatures: [String: String] = [:]
    /// Whether the last item was a message: a message after it is another turn, even of the same role.
    private var endsInMessage = false

    /// Adds a message.
    mutating func add(_ role: ChatMessage.Role, _ parts: [Part]) {
        if role == .assistant, !endsInMessage {
            join(.assistant, parts)
        } else {
            messages.append(ChatMessage(role, parts))
        }
        endsInMessage = true
    }

    /// Adds a call to the assistant's turn, with the signature that came before it.
    mutating func add(_ call: ToolCall) {
        var call = call
        call.signature = signatures.removeValue(forKey: call.id)
        join(.assistant, [Part(.toolCall(call))])
        endsInMessage = false
    }

    /// Adds a result to those of the same turn.
    mutating func add(_ result: ToolResult) {
        let follows =
            messages.last?.parts.last.map { if case .toolResult = $0.content { true } else { false } } ?? false
        if follows {
            join(.user, [Part(.toolResult(result))])
        } else {
            messages.append(ChatMessage(.user, [Part(.toolResult(result))]))
        }
        endsInMessage = false
    }

    /// Adds what a reasoning item has sealed.
    mutating func add(_ seal: ReasoningSeal, summary: String) {
        switch seal {
        case .signature(let signature): add(ReasoningText(text: summary, signature: signature))
        case .redacted(let data): add(ReasoningText(text: "", redacted: data))
        case .call(let id, let signature): signatures[id] = signature
        }
    }

    private mutating func add(_ reasoning: ReasoningText) {
        join(.assistant, [Part(.reasoning(reasoning))])
        endsInMessage = false
    }

    private mutating func join(_ role: ChatMessage.Role, _ parts: [Part]) {
        if messages.last?.role == role {
            messages[messages.count - 1].parts += parts
        } else {
            messages.append(ChatMessage(role, parts))
        }
    }
}
