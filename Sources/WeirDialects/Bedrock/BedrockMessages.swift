internal import WeirBase
internal import WeirWire

/// Writes the conversation as `messages`: user and assistant in turn, neighbours merged, results of tools before everything else of their turn, no
/// blank text.
struct BedrockMessages {
    private let model: BedrockModel
    /// Documents so far: their names must differ.
    private var documents = 0

    private init(_ model: BedrockModel) { self.model = model }

    static func write(
        _ messages: [ChatMessage], _ model: BedrockModel, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        out.beginMember("messages")
        out.append("[")
        var writer = BedrockMessages(model)
        var isFirst = true
        var open: ChatMessage.Role?
        var at = 0
        while at < messages.count {
            let role = messages[at].role
            var end = at
            // Instructions inside the conversation stand in `system`.
            while end < messages.count, messages[end].role == role || messages[end].role == .system { end += 1 }
            defer { at = end }
            guard role != .system else {
                end = at + 1
                continue
            }
            let turn = messages[at..<end].filter { $0.role == role }
            guard turn.contains(where: { $0.parts.contains(where: Self.isWritten) }) else {
                guard role == .user else { continue }
                throw Untranslatable("messages[\(at)].content", "this turn has no text", isMistake: true)
            }
            if isFirst, role == .assistant {
                throw Untranslatable("messages", "this model's conversations begin with the user")
            }
            isFirst = false
            if open != role {
                if open != nil { out.append("]}") }
                out.beginElement()
                out.append(role == .user ? #"{"role":"user","content":["# : #"{"role":"assistant","content":["#)
                open = role
            }
            var parts = turn.flatMap(\.parts)
            if role == .assistant, end == messages.count { try writer.arrangeLast(&parts, at: at) }
            try writer.write(parts, at: at, &notes, &out)
        }
        guard open != nil else {
            throw Untranslatable("messages", "there is nothing in the conversation to answer", isMistake: true)
        }
        out.append("]}]")
    }

    static func isBlank(_ text: String) -> Bool {
        for byte in text.utf8 where byte != 0x20 && !(0x09...0x0D).contains(byte) { return false }
        return true
    }

    static func write(_ cache: CacheMark, _ out: inout ByteBuffer) {
        out.beginElement()
        out.append(
            cache == .hour ? #"{"cachePoint":{"type":"default","ttl":"1h"}}"# : #"{"cachePoint":{"type":"default"}}"#)
    }

    private static func isWritten(_ part: Part) -> Bool {
        switch part.content {
        case .text(let text), .refusal(let text): !isBlank(text)
        case .reasoning(let reasoning): reasoning.signature?.isEmpty == false || reasoning.redacted != nil
        case .image, .document, .audio, .toolCall, .toolResult: true
        }
    }

    private static func isResult(_ part: Part) -> Bool {
        if case .toolResult = part.content { true } else { false }
    }

    /// A last turn of the assistant is one to go on with. Claude takes no blanks at its end, and newer ones take no such turn.
    private func arrangeLast(_ parts: inout [Part], at index: Int) throws(Untranslatable) {
        guard let claude = model.claude else { return }
        guard claude.takesPrefill else {
            throw Untranslatable(
                "messages[\(index)]", "this model does not go on with an assistant's message: end with the user's")
        }
        guard let end = parts.lastIndex(where: Self.isWritten), case .text(let text) = parts[end].content else {
            return
        }
        parts[end].content = .text(trimmedAtEnd(text))
    }

    // MARK: Parts

    private mutating func write(
        _ parts: [Part], at index: Int, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        for part in parts where Self.isResult(part) { try write(part, at: index, &notes, &out) }
        for part in parts where !Self.isResult(part) { try write(part, at: index, &notes, &out) }
        // A document is refused without a text beside it.
        let hasDocument = parts.contains { if case .document = $0.content { true } else { false } }
        let hasText = parts.contains { if case .text(let text) = $0.content { !Self.isBlank(text) } else { false } }
        if hasDocument, !hasText {
            out.beginElement()
            out.append(#"{"text":"See the attached document."}"#)
        }
    }

    private mutating func write(
        _ part: Part, at index: Int, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        guard Self.isWritten(part) else {
            // Blank texts are not said; reasoning without what proves it is refused.
            if case .reasoning = part.content { notes.drop("reasoning") }
            return
        }
        out.beginElement()
        switch part.content {
        case .text(let text), .refusal(let text):
            out.append(#"{"text":"#)
            out.append(jsonString: text)
            out.append("}")
        case .image(let media, let detail):
            if detail != nil, detail != "auto" { notes.drop("detail") }
            try write(media, .image, at: index, &out)
        case .document(let media, let title): try writeDocument(media, title, at: index, &out)
        case .audio(let media):
            guard model.claude == nil else {
                throw Untranslatable("messages[\(index)].input_audio", "this model hears no audio: send text")
            }
            try write(media, .audio, at: index, &out)
        case .toolCall(let call): Self.write(call, &out)
        case .toolResult(let result): try write(result, at: index, &notes, &out)
        case .reasoning(let reasoning): Self.write(reasoning, &out)
        }
        if let cache = part.cache { Self.write(cache, &out) }
    }

    private static func write(_ call: ToolCall, _ out: inout ByteBuffer) {
        out.append(#"{"toolUse":{"toolUseId":"#)
        append(id: call.id, &out)
        out.append(member: "name", string: call.name)
        out.beginMember("input")
        out.append(call.arguments.bytes.isEmpty ? RawJSON.emptyObject.bytes : call.arguments.bytes)
        out.append("}}")
    }

    private static func write(_ reasoning: ReasoningText, _ out: inout ByteBuffer) {
        if let redacted = reasoning.redacted {
            out.append(#"{"reasoningContent":{"redactedContent":"#)
            out.append(jsonString: redacted)
            out.append("}}")
            return
        }
        out.append(#"{"reasoningContent":{"reasoningText":{"text":"#)
        out.append(jsonString: reasoning.text)
        if let signature = reasoning.signature { out.append(member: "signature", string: signature) }
        out.append("}}}")
    }

    private mutating func write(
        _ result: ToolResult, at index: Int, _ notes: inout TranslationNotes, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        out.append(#"{"toolResult":{"toolUseId":"#)
        Self.append(id: result.callID, &out)
        out.append(#","content":["#)
        for part in result.parts {
            switch part.content {
            case .text, .image, .document:
                if part.cache != nil { notes.drop("cache_control") }
                try write(Part(part.content), at: index, &notes, &out)
            case .audio: throw Untranslatable("messages[\(index)].input_audio", "a tool's result cannot be sound here")
            case .toolCall, .toolResult, .reasoning, .refusal: break  // no surface has them in a result
            }
        }
        out.append("]")
        if result.isError { out.append(#","status":"error""#) }
        out.append("}}")
    }

    /// Appends a call's id, 1 to 64 of `[a-zA-Z0-9_.:-]`. Another one is replaced by its digest, the same at the call and at its result; no answer
    /// names it again.
    private static func append(id: String, _ out: inout ByteBuffer) {
        let isGood =
            (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard !isGood else { return out.append(jsonString: id) }
        out.append("\"")
        out.append(SHA256State.digest(id.utf8Span.span))
        out.append("\"")
    }

    // MARK: Media

    private enum Kind: String {
        case image, document, audio

        /// The member of OpenAI's that a client has sent.
        var member: String {
            switch self {
            case .image: "image_url"
            case .document: "file"
            case .audio: "input_audio"
            }
        }

        /// Converse's word for a media type.
        func format(_ type: String) -> StaticString? {
            switch (self, type) {
            case (.image, "image/png"): "png"
            case (.image, "image/jpeg"), (.image, "image/jpg"): "jpeg"
            case (.image, "image/gif"): "gif"
            case (.image, "image/webp"): "webp"
            case (.document, "application/pdf"): "pdf"
            case (.document, "text/plain"): "txt"
            case (.document, "text/csv"): "csv"
            case (.document, "text/html"): "html"
            case (.document, "text/markdown"): "md"
            case (.document, "application/msword"): "doc"
            case (.document, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"): "docx"
            case (.document, "application/vnd.ms-excel"): "xls"
            case (.document, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"): "xlsx"
            case (.audio, "audio/wav"), (.audio, "audio/x-wav"): "wav"
            case (.audio, "audio/mpeg"), (.audio, "audio/mp3"): "mp3"
            case (.audio, "audio/flac"): "flac"
            case (.audio, "audio/aac"): "aac"
            case (.audio, "audio/ogg"): "ogg"
            default: nil
            }
        }
    }

    private func write(_ media: Media, _ kind: Kind, at index: Int, _ out: inout ByteBuffer) throws(Untranslatable) {
        out.append(#"{""#)
        out.append(kind.rawValue)
        out.append(#"":{"#)
        try writeSource(media, kind, at: index, &out)
        out.append("}}")
    }

    private mutating func writeDocument(
        _ media: Media, _ title: String?, at index: Int, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        documents += 1
        out.append(#"{"document":{"#)
        out.append(member: "name", string: Self.documentName(title, documents))
        try writeSource(media, .document, at: index, &out)
        out.append("}}")
    }

    /// A name of letters, digits, single spaces, hyphens and brackets. Its number keeps it apart from all others, whatever they are called.
    private static func documentName(_ title: String?, _ number: Int) -> String {
        var name = ""
        for character in (title ?? "").unicodeScalars.prefix(100) {
            let isAllowed =
                character.isASCII
                && (character.properties.isAlphabetic || "0123456789-()[]".unicodeScalars.contains(character))
            if isAllowed {
                name.unicodeScalars.append(character)
            } else if !name.isEmpty, name.last != " " {
                name += " "
            }
        }
        while name.last == " " { name.removeLast() }
        return "\(name.isEmpty ? "document" : name) \(number)"
    }

    private func writeSource(
        _ media: Media, _ kind: Kind, at index: Int, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        let param = "messages[\(index)].\(kind.member)"
        switch media.source {
        case .base64(let data):
            guard let format = media.type.flatMap(kind.format) else {
                throw Untranslatable(param, "this model does not take this media type as \(kind.rawValue)")
            }
            out.beginMember("format")
            out.append("\"")
            out.append(format)
            out.append(#"","source":{"bytes":"#)
            out.append(jsonString: data)
            out.append("}")
        case .text(let text):
            out.append(member: "format", string: "txt")
            out.append(#","source":{"text":"#)
            out.append(jsonString: text)
            out.append("}")
        case .url:
            throw Untranslatable(param, "this model fetches no addresses: send the bytes as a data: URL")
        case .file: throw Untranslatable(param, "a file kept by one provider cannot go to another")
        }
    }
}
