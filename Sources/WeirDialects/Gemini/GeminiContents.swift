internal import WeirBase
internal import WeirWire

/// Writes the conversation as `contents`: neighbouring turns of one role are one content, so that all results of a turn's calls stand together.
struct GeminiContents {
    private enum Role { case user, model }

    private let thinking: GeminiThinking
    /// Names of the calls so far, by their ids: a result here is known by its tool's name.
    private var names: [String: String] = [:]
    /// The content that is being written.
    private var open: Role?
    /// Whether the content has a call already: only the first of a turn must be signed.
    private var hasCall = false

    static func write(
        _ request: ChatRequest, _ thinking: GeminiThinking, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        var contents = GeminiContents(thinking: thinking)
        out.append("[")
        for (index, message) in request.messages.enumerated() {
            let role: Role = message.role == .assistant ? .model : .user
            for part in message.parts { try contents.write(part, role, at: index, &notes, &out) }
        }
        guard contents.open != nil else {
            throw Untranslatable("messages", "there is nothing in the conversation to answer", isMistake: true)
        }
        out.append("]}]")
    }

    private init(thinking: GeminiThinking) { self.thinking = thinking }

    private mutating func begin(_ role: Role, _ out: inout ByteBuffer) {
        if open != role {
            if open != nil { out.append("]}") }
            out.beginElement()
            out.append(role == .user ? #"{"role":"user","parts":["# : #"{"role":"model","parts":["#)
            open = role
            hasCall = false
        }
        out.beginElement()
    }

    private mutating func write(
        _ part: Part, _ role: Role, at index: Int, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        if part.cache != nil { notes.drop("cache_control") }
        switch part.content {
        case .text(let text), .refusal(let text):
            guard !text.isEmpty else { return }
            begin(role, &out)
            writeText(text, &out)
        case .image(let media, let detail):
            if detail != nil, detail != "auto" { notes.drop("detail") }
            begin(role, &out)
            try Self.write(media, "image_url", at: index, &out)
        case .document(let media, _):
            begin(role, &out)
            try Self.write(media, "file", at: index, &out)
        case .audio(let media):
            begin(role, &out)
            try Self.write(media, "input_audio", at: index, &out)
        case .toolCall(let call):
            begin(role, &out)
            write(call, &out)
        case .toolResult(let result):
            begin(role, &out)
            try write(result, at: index, &out)
        case .reasoning:
            // Thoughts are not asked for again, and another provider's signature would be refused.
            notes.drop("reasoning")
        }
    }

    private func writeText(_ text: String, _ out: inout ByteBuffer) {
        out.append(#"{"text":"#)
        out.append(jsonString: text)
        out.append("}")
    }

    private mutating func write(_ call: ToolCall, _ out: inout ByteBuffer) {
        names[call.id] = call.name
        out.append(#"{"functionCall":{"#)
        if !call.id.isEmpty { out.append(member: "id", string: call.id) }
        out.append(member: "name", string: call.name)
        out.beginMember("args")
        out.append(call.arguments.bytes.isEmpty ? RawJSON.emptyObject.bytes : call.arguments.bytes)
        out.append("}")
        if let signature = call.signature ?? placeholder {
            out.append(member: "thoughtSignature", string: signature)
        }
        out.append("}")
        hasCall = true
    }

    /// What Gemini takes for the signature of calls that another model made (ai.google.dev, "Thought signatures"): without any the request is refused.
    private var placeholder: String? {
        thinking.needsSignatures && !hasCall ? "skip_thought_signature_validator" : nil
    }

    private mutating func write(
        _ result: ToolResult, at index: Int, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        guard let name = names[result.callID] else {
            throw Untranslatable(
                "messages[\(index)].tool_call_id", "no call before this message has this id", isMistake: true)
        }
        out.append(#"{"functionResponse":{"#)
        if !result.callID.isEmpty { out.append(member: "id", string: result.callID) }
        out.append(member: "name", string: name)
        out.beginMember("response")
        let text = result.parts.compactMap(Self.text).joined(separator: "\n")
        if !result.isError, Self.isObject(text) {
            out.append(text)
        } else {
            out.append(result.isError ? #"{"error":"# : #"{"result":"#)
            out.append(jsonString: text)
            out.append("}")
        }
        try writeMedia(result.parts, at: index, &out)
        out.append("}}")
    }

    private func writeMedia(_ parts: [Part], at index: Int, _ out: inout ByteBuffer) throws(Untranslatable) {
        var hasMedia = false
        for part in parts {
            let media: (Media, String)? =
                switch part.content {
                case .image(let media, _): (media, "image_url")
                case .document(let media, _): Self.text(part) == nil ? (media, "file") : nil
                case .audio(let media): (media, "input_audio")
                case .text, .toolCall, .toolResult, .reasoning, .refusal: nil
                }
            guard let media else { continue }
            if !hasMedia {
                out.beginMember("parts")
                out.append("[")
                hasMedia = true
            }
            out.beginElement()
            try Self.write(media.0, media.1, at: index, &out)
        }
        if hasMedia { out.append("]") }
    }

    /// What of a result is text: parts beside its object can only be media.
    private static func text(_ part: Part) -> String? {
        switch part.content {
        case .text(let text): return text
        case .document(let media, _):
            guard case .text(let text) = media.source else { return nil }
            return text
        case .image, .audio, .toolCall, .toolResult, .reasoning, .refusal: return nil
        }
    }

    private static func isObject(_ text: String) -> Bool {
        let bytes = text.utf8Span.span
        guard bytes.count > 1, bytes[0] == UInt8(ascii: "{") else { return false }
        return (try? JSONScanner.members(of: bytes, wanted: [])) != nil
    }

    private static func write(
        _ media: Media, _ member: String, at index: Int, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        switch media.source {
        case .base64(let data):
            guard let type = media.type else {
                throw Untranslatable("messages[\(index)].\(member)", "its media type is missing", isMistake: true)
            }
            out.append(#"{"inlineData":{"mimeType":"#)
            out.append(jsonString: type)
            out.append(member: "data", string: data)
            out.append("}}")
        case .url(let address):
            // Google fetches from its own stores only.
            guard address.hasPrefix("gs://") || address.hasPrefix("https://generativelanguage.googleapis.com/") else {
                throw Untranslatable(
                    "messages[\(index)].\(member)", "this model fetches no addresses: send the bytes as a data: URL")
            }
            out.append(#"{"fileData":{"#)
            if let type = media.type { out.append(member: "mimeType", string: type) }
            out.append(member: "fileUri", string: address)
            out.append("}}")
        case .text(let text):
            out.append(#"{"text":"#)
            out.append(jsonString: text)
            out.append("}")
        case .file:
            throw Untranslatable("messages[\(index)].\(member)", "a file kept by one provider cannot go to another")
        }
    }
}
