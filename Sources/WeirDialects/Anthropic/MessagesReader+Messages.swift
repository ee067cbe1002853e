internal import WeirBase
internal import WeirWire

/// Where a block is, for messages: made into words only where something is wrong.
struct BlockPlace {
    /// The message; nil for the system prompt.
    var message: Int?
    var block = 0
    /// The block in a tool's result.
    var inner: Int?

    var text: String {
        let outer = message.map { "messages[\($0)].content[\(block)]" } ?? "system[\(block)]"
        return inner.map { "\(outer).content[\($0)]" } ?? outer
    }
}

extension MessagesReader {
    mutating func readMessages(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) -> Int {
        noteMessages()
        var items = try JSONArrayWalk(inner: bytes, from: start, to: bytes.count, depth: 2)
        while let kind = try items.nextKind(bytes) {
            if kind == .object {
                try items.endElement(bytes, kind, at: readMessage(bytes, from: items.offset))
            } else {
                mistake("messages", "holds something else than a message")
                _ = try items.skipElement(bytes, kind)
            }
        }
        return Int(items.array.end)
    }

    private mutating func readMessage(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) -> Int {
        let index = request.messages.count
        var role = AnthropicType.other
        var parts: [Part]?
        var walk = try JSONObjectWalk(inner: bytes, from: start, to: bytes.count, depth: 3)
        while let name = try walk.nextName(bytes) {
            switch (AnthropicName(bytes, name.range, isPlain: name.isPlain), name.kind) {
            case (.role, .string): role = AnthropicType(bytes, try walk.skipValue(bytes, of: name).value)
            case (.content, .string):
                parts = [.text(AnthropicValue.string(bytes, try walk.skipValue(bytes, of: name).value))]
            case (.content, .array):
                var read: [Part] = []
                let place = BlockPlace(message: index)
                let end = try readBlocks(bytes, from: name.valueStart, depth: 4, place, &read)
                _ = try walk.endValue(bytes, of: name, at: end)
                parts = read
            default: _ = try walk.skipValue(bytes, of: name)
            }
        }
        let end = Int(walk.object.end)
        guard let parts else {
            mistake("messages[\(index)].content", "is missing: write a string or an array of blocks")
            return end
        }
        switch role {
        case .user: request.messages.append(ChatMessage(.user, parts))
        case .assistant: request.messages.append(ChatMessage(.assistant, parts))
        case .system: request.messages.append(ChatMessage(.system, parts))
        default: mistake("messages[\(index)].role", "is none of user, assistant and system")
        }
        return end
    }

    mutating func systemParts(_ value: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) -> [Part] {
        switch value.kind {
        case .string: return [.text(AnthropicValue.string(bytes, value.range))]
        case .array:
            var parts: [Part] = []
            _ = try readBlocks(bytes, from: Int(value.range.start), depth: 2, BlockPlace(), &parts)
            return parts
        default:
            mistake("system", "has the wrong type: write a string or an array of text blocks")
            return []
        }
    }

    // MARK: Blocks

    private mutating func readBlocks(
        _ bytes: Span<UInt8>, from start: Int, depth: Int, _ place: BlockPlace, _ parts: inout [Part]
    ) throws(JSONError) -> Int {
        var place = place
        var items = try JSONArrayWalk(inner: bytes, from: start, to: bytes.count, depth: depth)
        while let kind = try items.nextKind(bytes) {
            if kind == .object {
                let block = try AnthropicBlock(bytes, from: items.offset, to: bytes.count, depth: depth + 1)
                try items.endElement(bytes, kind, at: block.end)
                try read(block, place, bytes, &parts)
            } else {
                mistake(place.text, "is no block: write an object with a type")
                _ = try items.skipElement(bytes, kind)
            }
            if place.inner == nil { place.block += 1 } else { place.inner! += 1 }
        }
        return Int(items.array.end)
    }

    private mutating func read(
        _ block: AnthropicBlock, _ place: BlockPlace, _ bytes: Span<UInt8>, _ parts: inout [Part]
    ) throws(JSONError) {
        let cache = try block.cacheControl.flatMap { value throws(JSONError) in try cacheMark(value, bytes) }
        func text(_ value: AnthropicValue?) -> String? { value?.string(bytes) }
        switch block.type {
        case .text:
            guard let text = text(block.text) else { return mistake("\(place.text).text", "is missing") }
            if let citations = block.citations, !Self.isEmpty(citations, bytes) { drop("citations") }
            parts.append(Part(.text(text), cache: cache))
        case .image: try readImage(block, place, bytes, cache, &parts)
        case .document: try readDocument(block, place, bytes, cache, &parts)
        case .toolUse:
            guard let id = text(block.id), let name = text(block.name), let input = block.input, input.kind == .object
            else { return mistake(place.text, "is no call: write id, name and input, an object") }
            let call = ToolCall(id: id, name: name, arguments: RawJSON(bytes, input.range))
            parts.append(Part(.toolCall(call), cache: cache))
        case .toolResult where place.inner == nil: try readResult(block, place, bytes, cache, &parts)
        case .thinking:
            guard let thinking = text(block.thinking) else { return mistake("\(place.text).thinking", "is missing") }
            let signature = text(block.signature).flatMap { $0.isEmpty ? nil : $0 }
            parts.append(Part(.reasoning(ReasoningText(text: thinking, signature: signature)), cache: cache))
        case .redactedThinking:
            guard let data = text(block.data) else { return mistake("\(place.text).data", "is missing") }
            parts.append(Part(.reasoning(ReasoningText(text: "", redacted: data)), cache: cache))
        default:
            let type = block.typeRange.isEmpty ? "?" : JSONText.string(bytes, block.typeRange)
            refuse(place.text, "is a block of type \(type), which the provider that serves this model does not have")
        }
    }

    private mutating func readResult(
        _ block: AnthropicBlock, _ place: BlockPlace, _ bytes: Span<UInt8>, _ cache: CacheMark?, _ parts: inout [Part]
    ) throws(JSONError) {
        guard let id = block.toolUseID?.string(bytes) else { return mistake("\(place.text).tool_use_id", "is missing") }
        var inner: [Part] = []
        switch block.content?.kind {
        case nil, .null: break
        case .string: inner = [.text(AnthropicValue.string(bytes, block.content!.range))]
        case .array:
            var place = place
            place.inner = 0
            _ = try readBlocks(bytes, from: Int(block.content!.range.start), depth: 6, place, &inner)
        default: return mistake("\(place.text).content", "has the wrong type: write a string or an array of blocks")
        }
        let result = ToolResult(callID: id, parts: inner, isError: block.isError)
        parts.append(Part(.toolResult(result), cache: cache))
    }

    // MARK: Images and documents

    private mutating func readImage(
        _ block: AnthropicBlock, _ place: BlockPlace, _ bytes: Span<UInt8>, _ cache: CacheMark?, _ parts: inout [Part]
    ) throws(JSONError) {
        guard let source = try source(of: block, place, bytes) else { return }
        switch source.type {
        case .base64:
            guard let media = media(source, place, bytes) else { return }
            parts.append(Part(.image(media, detail: nil), cache: cache))
        case .url:
            guard let url = source.url?.string(bytes) else { return mistake("\(place.text).source.url", "is missing") }
            parts.append(Part(.image(Media(type: nil, .url(url)), detail: nil), cache: cache))
        default: refuseSource(source, place)
        }
    }

    private mutating func readDocument(
        _ block: AnthropicBlock, _ place: BlockPlace, _ bytes: Span<UInt8>, _ cache: CacheMark?, _ parts: inout [Part]
    ) throws(JSONError) {
        if let citations = block.citations, try isEnabled(citations, bytes) {
            return refuse(
                "\(place.text).citations", "asks for citations, which only Anthropic's models give: leave it out")
        }
        guard let source = try source(of: block, place, bytes) else { return }
        let media: Media?
        switch source.type {
        case .base64: media = self.media(source, place, bytes)
        case .text: media = source.data?.string(bytes).map { Media(type: "text/plain", .text($0)) }
        case .url: media = source.url?.string(bytes).map { Media(type: "application/pdf", .url($0)) }
        case .content: media = try textDocument(source, place, bytes)
        default: return refuseSource(source, place)
        }
        guard let media else { return mistake("\(place.text).source", "lacks what its type demands") }
        // What the model shall know of a document stands before it.
        if let context = block.context?.string(bytes), !context.isEmpty { parts.append(.text(context)) }
        parts.append(Part(.document(media, title: block.title?.string(bytes)), cache: cache))
    }

    private mutating func source(
        of block: AnthropicBlock, _ place: BlockPlace, _ bytes: Span<UInt8>
    ) throws(JSONError) -> AnthropicBlock? {
        guard let source = block.source, source.kind == .object else {
            mistake("\(place.text).source", "is missing")
            return nil
        }
        return try AnthropicBlock(bytes, source.range)
    }

    private mutating func refuseSource(_ source: AnthropicBlock, _ place: BlockPlace) {
        if source.type == .file {
            refuse(
                "\(place.text).source",
                "names a file that Anthropic keeps, and this model is served elsewhere: send its bytes")
        } else {
            mistake("\(place.text).source.type", "is none that the API has")
        }
    }

    private mutating func media(_ source: AnthropicBlock, _ place: BlockPlace, _ bytes: Span<UInt8>) -> Media? {
        guard let type = source.mediaType?.string(bytes), let data = source.data?.string(bytes) else {
            mistake("\(place.text).source", "lacks media_type or data")
            return nil
        }
        return Media(type: type, .base64(data))
    }

    /// A document of blocks: its texts, one after the other.
    private mutating func textDocument(
        _ source: AnthropicBlock, _ place: BlockPlace, _ bytes: Span<UInt8>
    ) throws(JSONError) -> Media? {
        guard let content = source.content else { return nil }
        if let text = content.string(bytes) { return Media(type: "text/plain", .text(text)) }
        guard content.kind == .array else { return nil }
        var parts: [Part] = []
        var inside = place
        inside.inner = 0
        _ = try readBlocks(bytes, from: Int(content.range.start), depth: 6, inside, &parts)
        var texts: [String] = []
        for part in parts {
            guard case .text(let text) = part.content else {
                refuse(
                    place.text,
                    "is a document with more than text in it: send text and images as blocks of their own")
                return nil
            }
            texts.append(text)
        }
        return Media(type: "text/plain", .text(texts.joined(separator: "\n")))
    }

    private func isEnabled(_ citations: AnthropicValue, _ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        guard citations.kind == .object else { return false }
        var walk = try JSONObjectWalk(bytes, in: citations.range)
        while let member = try walk.next(bytes) {
            if AnthropicName(bytes, member.name, isPlain: member.isPlain) == .enabled { return member.kind == .true }
        }
        return false
    }

    private static func isEmpty(_ value: AnthropicValue, _ bytes: Span<UInt8>) -> Bool {
        guard value.kind == .array else { return value.kind == .null }
        let end = Int(value.range.end)
        return bytes.firstNonWhitespace(from: Int(value.range.start) + 1, to: end) == end - 1
    }
}
