internal import WeirBase
internal import WeirWire

// The conversation: results of tools are messages of their own here, and stand right behind the calls.

extension ChatWriter {
    mutating func writeMessages(_ out: inout ByteBuffer) throws(Untranslatable) {
        out.beginMember("messages")
        out.append("[")
        try writeSystem(request.system, "system", &out)
        // Of the last message with calls: the place of each.
        var calls: [String: Int] = [:]
        var index = 0
        while index < request.messages.count {
            let message = request.messages[index]
            switch message.role {
            case .system: try writeSystem(message.parts, "messages[\(index)].content", &out)
            case .assistant:
                calls = try writeAnswer(message.parts, at: index, &out)
            case .user:
                let run = request.messages[index...].prefix { $0.role == .user }.indices
                try writeResults(of: run, after: calls, &out)
                for message in run { try writeUser(at: message, &out) }
                index = run.upperBound - 1
            }
            index += 1
        }
        // Nothing follows the bracket, where there were empty messages at most.
        guard out.span[out.count - 1] != UInt8(ascii: "[") else {
            throw Untranslatable("messages", "must hold a message with something in it", isMistake: true)
        }
        out.append("]")
    }

    private mutating func writeSystem(
        _ parts: [Part], _ param: @autoclosure () -> String, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        var texts: [String] = []
        for (index, part) in parts.enumerated() {
            guard case .text(let text) = part.content else {
                throw Untranslatable("\(param())[\(index)]", "instructions hold text only", isMistake: true)
            }
            if part.cache != nil { drop("cache_control") }
            if !text.isEmpty { texts.append(text) }
        }
        guard !texts.isEmpty else { return }
        out.beginElement()
        out.append(#"{"role":"system","content":"#)
        out.append(jsonString: texts.joined(separator: "\n"))
        out.append("}")
    }

    // MARK: Assistant

    /// - Returns: the message's calls by id, each with its place.
    private mutating func writeAnswer(
        _ parts: [Part], at index: Int, _ out: inout ByteBuffer
    ) throws(Untranslatable) -> [String: Int] {
        var texts: [String] = []
        var refusals: [String] = []
        var calls: [ToolCall] = []
        for (place, part) in parts.enumerated() {
            if part.cache != nil { drop("cache_control") }
            switch part.content {
            case .text(let text): if !text.isEmpty { texts.append(text) }
            case .refusal(let text): if !text.isEmpty { refusals.append(text) }
            case .toolCall(let call): calls.append(call)
            // Another provider's proofs mean nothing here, and some servers refuse reasoning that comes back.
            case .reasoning: drop("reasoning")
            case .image, .document, .audio, .toolResult:
                throw Self.misplaced("messages[\(index)].content[\(place)]")
            }
        }
        guard !(texts.isEmpty && refusals.isEmpty && calls.isEmpty) else { return [:] }
        out.beginElement()
        out.append(#"{"role":"assistant","content":"#)
        if !texts.isEmpty {
            write(texts, &out)
            if !refusals.isEmpty { out.append(member: "refusal", string: refusals.joined(separator: "\n")) }
        } else if !refusals.isEmpty {
            writeRefusal(refusals.joined(separator: "\n"), &out)
        } else {
            out.append("null")
        }
        writeCalls(calls, &out)
        out.append("}")
        var places: [String: Int] = [:]
        for (place, call) in calls.enumerated() { places[call.id] = place }
        return places
    }

    /// A text as a string, which every server takes; several as parts.
    private func write(_ texts: [String], _ out: inout ByteBuffer) {
        guard texts.count > 1 else { return out.append(jsonString: texts[0]) }
        out.append("[")
        for text in texts { writeText(text, &out) }
        out.append("]")
    }

    func writeText(_ text: String, _ out: inout ByteBuffer) {
        out.beginElement()
        out.append(#"{"type":"text","text":"#)
        out.append(jsonString: text)
        out.append("}")
    }

    /// A refusal alone: OpenAI has a part for it; templates of other models know text only.
    private func writeRefusal(_ text: String, _ out: inout ByteBuffer) {
        guard !target.isSelfHosted else { return out.append(jsonString: text) }
        out.append(#"[{"type":"refusal","refusal":"#)
        out.append(jsonString: text)
        out.append("}]")
    }

    private mutating func writeCalls(_ calls: [ToolCall], _ out: inout ByteBuffer) {
        guard !calls.isEmpty else { return }
        out.beginMember("tool_calls")
        out.append("[")
        for call in calls {
            if call.signature != nil { drop("tool_calls.signature") }
            out.beginElement()
            out.append("{")
            out.append(openAICallID: Self.callID(call.id), name: call.name, signature: nil)
            let arguments = call.arguments.bytes.span
            let isBlank = arguments.firstNonWhitespace(from: 0, to: arguments.count) == arguments.count
            if isBlank { out.append(#""{}""#) } else { out.append(jsonString: arguments) }
            out.append("}}")
        }
        out.append("]")
    }

    /// OpenAI takes ids of up to 40 characters, others make longer ones. Call and result come to the same.
    private static func callID(_ id: String) -> String {
        guard id.utf8.count > 40 else { return id }
        var hash = FNV1a()
        hash.add(id.utf8Span.span)
        return "call_\(String(hash.value, radix: 16))"
    }

    static func misplaced(_ param: String) -> Untranslatable {
        Untranslatable(param, "cannot stand in a message of this role", isMistake: true)
    }

    // MARK: Results of tools

    /// Appends the results in messages that follow each other, in the order of the calls.
    private mutating func writeResults(
        of run: Range<Int>, after calls: [String: Int], _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        var results: [(place: Int, result: ToolResult)] = []
        for part in request.messages[run].lazy.flatMap(\.parts) {
            guard case .toolResult(let result) = part.content else { continue }
            if part.cache != nil || result.parts.contains(where: { $0.cache != nil }) { drop("cache_control") }
            results.append((calls[result.callID] ?? .max, result))
        }
        // A stable order: results of no call stay behind the others as they came.
        let order = results.indices.sorted { (results[$0].place, $0) < (results[$1].place, $1) }
        for index in order {
            let result = results[index].result
            out.beginElement()
            out.append(#"{"role":"tool","tool_call_id":"#)
            out.append(jsonString: Self.callID(result.callID))
            out.append(member: "content", string: Self.text(of: result))
            out.append("}")
        }
    }

    /// What of a result is text. The dialect has no word for an error, nor for images in results: those are in the user's next message.
    private static func text(of result: ToolResult) -> String {
        let texts = result.parts.compactMap { Self.text(of: $0) }
        let text =
            texts.isEmpty && !result.parts.isEmpty
            ? "The result is in the next message." : texts.joined(separator: "\n")
        return result.isError ? "Error: \(text)" : text
    }

    static func text(of part: Part) -> String? {
        switch part.content {
        case .text(let text): return text
        case .document(let media, _):
            guard case .text(let text) = media.source else { return nil }
            return text
        case .image, .audio, .toolCall, .toolResult, .reasoning, .refusal: return nil
        }
    }
}
