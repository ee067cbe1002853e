internal import WeirBase
internal import WeirWire

// Blocks of messages: what Anthropic demands of their order and form, and what it does not have.

extension MessagesWriter {
    /// Appends the blocks of a turn. Results of tools come first in the user's (400 otherwise), and a document does not stand without a text.
    mutating func write(_ turn: Turn, _ out: inout ByteBuffer) throws(Untranslatable) {
        var isFirst = true
        func isResult(_ placed: PlacedPart) -> Bool {
            if case .toolResult = placed.part.content { true } else { false }
        }
        let hasResults = turn.role == .user && turn.parts.contains(where: isResult)
        if hasResults {
            for placed in turn.parts where isResult(placed) { try write(placed, turn.role, &isFirst, &out) }
        }
        var needsText = false
        for placed in turn.parts where !(hasResults && isResult(placed)) {
            try write(placed, turn.role, &isFirst, &out)
            if case .document = placed.part.content { needsText = true }
        }
        if needsText, !turn.parts.contains(where: { if case .text = $0.part.content { true } else { false } }) {
            out.append(#",{"type":"text","text":"(document attached)"}"#)
        }
    }

    private mutating func write(
        _ placed: PlacedPart, _ role: ChatMessage.Role, _ isFirst: inout Bool, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        if !isFirst { out.append(",") }
        isFirst = false
        let cache = placed.part.cache
        switch (placed.part.content, role) {
        case (.text(let text), _), (.refusal(let text), .assistant): write(text, cache, &out)
        case (.image(let media, let detail), .user):
            if let detail, detail != "auto" { drop("detail") }
            try writeImage(media, cache, placed.param, &out)
        case (.document(let media, let title), .user): try writeDocument(media, title, cache, placed.param, &out)
        case (.toolResult(let result), .user): try write(result, cache, placed.param, &out)
        case (.toolCall(let call), .assistant): try write(call, cache, placed.param, &out)
        case (.reasoning(let reasoning), .assistant): write(reasoning, cache, &out)
        case (.audio, _): throw Untranslatable(placed.param, "Anthropic's models hear no audio: send text")
        default: throw Untranslatable(placed.param, "cannot stand in a message of this role", isMistake: true)
        }
    }

    mutating func write(_ text: String, _ cache: CacheMark?, _ out: inout ByteBuffer) {
        out.append(#"{"type":"text","text":"#)
        out.append(jsonString: text)
        write(cache, &out)
        out.append("}")
    }

    private mutating func write(_ reasoning: ReasoningText, _ cache: CacheMark?, _ out: inout ByteBuffer) {
        if let redacted = reasoning.redacted {
            out.append(#"{"type":"redacted_thinking","data":"#)
            out.append(jsonString: redacted)
        } else {
            out.append(#"{"type":"thinking","thinking":"#)
            out.append(jsonString: reasoning.text)
            out.append(#","signature":"#)
            out.append(jsonString: reasoning.signature ?? "")
        }
        out.append("}")
        // Thinking cannot be marked.
        if cache != nil { drop("cache_control") }
    }

    // MARK: Tools

    private mutating func write(
        _ call: ToolCall, _ cache: CacheMark?, _ param: @autoclosure () -> String, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        out.append(#"{"type":"tool_use","id":"#)
        out.append(jsonString: Self.toolID(call.id))
        out.append(#","name":"#)
        out.append(jsonString: call.name)
        out.append(#","input":"#)
        let arguments = call.arguments.bytes.span
        if arguments.firstNonWhitespace(from: 0, to: arguments.count) == arguments.count {
            out.append("{}")
        } else {
            guard (try? JSONScanner.members(of: arguments, wanted: [])) != nil else {
                throw Untranslatable(param(), "the arguments of the call are no JSON object", isMistake: true)
            }
            out.append(arguments)
        }
        if call.signature != nil { drop("tool_calls.signature") }
        write(cache, &out)
        out.append("}")
    }

    private mutating func write(
        _ result: ToolResult, _ cache: CacheMark?, _ param: @autoclosure () -> String, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        out.append(#"{"type":"tool_result","tool_use_id":"#)
        out.append(jsonString: Self.toolID(result.callID))
        var isFirst = true
        for part in result.parts {
            if case .text(let text) = part.content, isBlank(text) { continue }
            out.append(isFirst ? #","content":["# : ",")
            isFirst = false
            switch part.content {
            case .text(let text): write(text, part.cache, &out)
            case .image(let media, let detail):
                if let detail, detail != "auto" { drop("detail") }
                try writeImage(media, part.cache, param(), &out)
            case .document(let media, let title): try writeDocument(media, title, part.cache, param(), &out)
            default: throw Untranslatable(param(), "results of tools hold text, images and documents")
            }
        }
        if !isFirst { out.append("]") }
        if result.isError { out.append(#","is_error":true"#) }
        write(cache, &out)
        out.append("}")
    }

    /// A call's id in the alphabet that Anthropic takes: others have dots and colons in theirs. Call and result come to the same.
    private static func toolID(_ id: String) -> String {
        func fits(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if id.utf8.allSatisfy(fits) { return id }
        return String(decoding: id.utf8.map { fits($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    // MARK: Images and documents

    private mutating func writeImage(
        _ media: Media, _ cache: CacheMark?, _ param: String, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        out.append(#"{"type":"image","source":{"#)
        switch media.source {
        case .base64(let data):
            guard let type = media.type, ["image/jpeg", "image/png", "image/gif", "image/webp"].contains(type) else {
                throw Untranslatable(
                    param, "Anthropic's models see image/jpeg, image/png, image/gif and image/webp: send one of these")
            }
            append(base64: data, type, &out)
        case .url(let url): try append(url: url, param, &out)
        case .file: throw Untranslatable(param, "names a file that another provider keeps: send its bytes")
        case .text: throw Untranslatable(param, "is no image", isMistake: true)
        }
        out.append("}")
        write(cache, &out)
        out.append("}")
    }

    private mutating func writeDocument(
        _ media: Media, _ title: String?, _ cache: CacheMark?, _ param: String, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        out.append(#"{"type":"document","source":{"#)
        switch media.source {
        case .base64(let data):
            guard media.type == "application/pdf" else {
                throw Untranslatable(param, "Anthropic's models read application/pdf and plain text: send one of these")
            }
            append(base64: data, "application/pdf", &out)
        case .text(let text):
            out.append(#""type":"text","media_type":"text/plain","data":"#)
            out.append(jsonString: text)
        case .url(let url): try append(url: url, param, &out)
        case .file: throw Untranslatable(param, "names a file that another provider keeps: send its bytes")
        }
        out.append("}")
        if let title {
            out.append(#","title":"#)
            out.append(jsonString: title)
        }
        write(cache, &out)
        out.append("}")
    }

    private func append(base64 data: String, _ type: String, _ out: inout ByteBuffer) {
        out.append(#""type":"base64","media_type":"#)
        out.append(jsonString: type)
        out.append(#","data":"#)
        out.append(jsonString: data)
    }

    /// Anthropic fetches what is public and encrypted.
    private func append(url: String, _ param: String, _ out: inout ByteBuffer) throws(Untranslatable) {
        guard url.lowercased().hasPrefix("https://") else {
            throw Untranslatable(
                param, "Anthropic takes addresses that begin with https:// only: use one, or send the bytes")
        }
        out.append(#""type":"url","url":"#)
        out.append(jsonString: url)
    }
}
