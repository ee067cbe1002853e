internal import WeirBase
internal import WeirWire

// What the user says, and the images and documents of results, which tool messages cannot hold.

extension ChatWriter {
    /// Appends what of a message is no result, and before it what of its results is no text.
    mutating func writeUser(at index: Int, _ out: inout ByteBuffer) throws(Untranslatable) {
        var media: [(part: Part, param: String)] = []
        var own: [(part: Part, param: String)] = []
        var hasResults = false
        for (place, part) in request.messages[index].parts.enumerated() {
            let param = "messages[\(index)].content[\(place)]"
            switch part.content {
            case .toolResult(let result):
                hasResults = true
                media += result.parts.filter { Self.text(of: $0) == nil }.map { ($0, param) }
            case .text(""): continue
            default: own.append((part, param))
            }
        }
        let parts = media + own
        if parts.isEmpty, hasResults { return }
        out.beginElement()
        out.append(#"{"role":"user","content":"#)
        // A text alone is a string, which every server takes.
        if let text = parts.isEmpty ? "" : parts.count == 1 ? Self.text(of: parts[0].part) : nil {
            if let part = parts.first?.part { note(part) }
            out.append(jsonString: text)
        } else {
            out.append("[")
            for (part, param) in parts { try write(part, param, &out) }
            out.append("]")
        }
        out.append("}")
    }

    /// Notes what of a part has no place.
    private mutating func note(_ part: Part) {
        if part.cache != nil { drop("cache_control") }
        if case .document(let media, let title) = part.content, title != nil, case .text = media.source {
            drop("document.title")
        }
    }

    private mutating func write(
        _ part: Part, _ param: String, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        note(part)
        switch part.content {
        case .text(let text): writeText(text, &out)
        case .image(let media, let detail): try writeImage(media, detail, param, &out)
        case .document(let media, let title): try writeDocument(media, title, param, &out)
        case .audio(let media): try writeAudio(media, param, &out)
        case .toolCall, .toolResult, .reasoning, .refusal: throw Self.misplaced(param)
        }
    }

    private func writeImage(
        _ media: Media, _ detail: String?, _ param: String, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        let url: String
        switch media.source {
        case .base64(let data): url = DataURL(type: try Self.type(of: media, param), base64: data).text
        case .url(let address): url = address
        case .file: throw Self.keptFile(param)
        case .text: throw Untranslatable(param, "is no image", isMistake: true)
        }
        out.beginElement()
        out.append(#"{"type":"image_url","image_url":{"url":"#)
        out.append(jsonString: url)
        if let detail { out.append(member: "detail", string: detail) }
        out.append("}}")
    }

    private func writeDocument(
        _ media: Media, _ title: String?, _ param: String, _ out: inout ByteBuffer
    ) throws(Untranslatable) {
        switch media.source {
        case .text(let text): writeText(text, &out)
        case .base64(let data):
            let type = try Self.type(of: media, param)
            out.beginElement()
            out.append(#"{"type":"file","file":{"filename":"#)
            // The API demands a name.
            out.append(jsonString: title ?? (type == "application/pdf" ? "document.pdf" : "document"))
            out.append(member: "file_data", string: DataURL(type: type, base64: data).text)
            out.append("}}")
        case .url: throw Untranslatable(param, "this model fetches no documents: send the bytes")
        case .file: throw Self.keptFile(param)
        }
    }

    private func writeAudio(_ media: Media, _ param: String, _ out: inout ByteBuffer) throws(Untranslatable) {
        guard case .base64(let data) = media.source else {
            throw Untranslatable(param, "this model fetches no audio: send the bytes")
        }
        let format: String
        switch media.type {
        case "audio/wav", "audio/x-wav", "audio/wave": format = "wav"
        case "audio/mp3", "audio/mpeg": format = "mp3"
        default: throw Untranslatable(param, "this model hears WAV and MP3: send one of these")
        }
        out.beginElement()
        out.append(#"{"type":"input_audio","input_audio":{"data":"#)
        out.append(jsonString: data)
        out.append(member: "format", string: format)
        out.append("}}")
    }

    private static func type(of media: Media, _ param: String) throws(Untranslatable) -> String {
        if let type = media.type { return type }
        throw Untranslatable(param, "its media type is missing", isMistake: true)
    }

    private static func keptFile(_ param: String) -> Untranslatable {
        Untranslatable(param, "names a file that another provider keeps: send its bytes")
    }
}
