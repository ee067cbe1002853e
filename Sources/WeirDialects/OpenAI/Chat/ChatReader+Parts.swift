internal import WeirBase
internal import WeirWire

/// A part of a message's content: what its members say, whichever its type is.
private struct ChatPart {
    var type: String?
    var text: String?
    var refusal: String?
    var url: String?
    var detail: String?
    var audioData: String?
    var audioFormat: String?
    var fileData: String?
    var fileID: String?
    var filename: String?
    var cache: CacheMark?

    mutating func read(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        try place.members(bytes) { (member, place) throws(JSONError) in
            switch member {
            case ChatName.type: return try place.read(bytes, into: &type)
            case ChatName.text: return try place.read(bytes, into: &text)
            case ChatName.refusal: return try place.read(bytes, into: &refusal)
            case ChatName.imageURL:
                return try place.members(bytes) { (member, place) throws(JSONError) in
                    switch member {
                    case ChatName.url: return try place.read(bytes, into: &url)
                    case ChatName.detail: return try place.read(bytes, into: &detail)
                    default: return try place.skip(bytes)
                    }
                }
            case ChatName.inputAudio:
                return try place.members(bytes) { (member, place) throws(JSONError) in
                    switch member {
                    case ChatName.data: return try place.read(bytes, into: &audioData)
                    case ChatName.format: return try place.read(bytes, into: &audioFormat)
                    default: return try place.skip(bytes)
                    }
                }
            case ChatName.file:
                return try place.members(bytes) { (member, place) throws(JSONError) in
                    switch member {
                    case ChatName.fileData: return try place.read(bytes, into: &fileData)
                    case ChatName.fileID: return try place.read(bytes, into: &fileID)
                    case ChatName.filename: return try place.read(bytes, into: &filename)
                    default: return try place.skip(bytes)
                    }
                }
            case ChatName.cacheBreakpoint: return try readBreakpoint(place, bytes)
            default: return try place.skip(bytes)
            }
        }
    }

    /// Other dialects keep a prompt for minutes or for an hour: what shall be kept for hours is kept for one.
    private mutating func readBreakpoint(_ place: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) -> Int {
        guard place.kind == .object else { return try place.skip(bytes) }
        var ttl: String?
        let end = try place.members(bytes) { (member, place) throws(JSONError) in
            member == ChatName.ttl ? try place.read(bytes, into: &ttl) : try place.skip(bytes)
        }
        cache = ttl?.hasSuffix("h") == true ? .hour : .usual
        return end
    }
}

extension ChatReader {
    /// Reads a message's content: a string, or parts; null leaves `content` nil.
    mutating func readContent(
        _ place: JSONPlace, _ bytes: Span<UInt8>, _ content: inout [Part]?
    ) throws(JSONError) -> Int {
        guard place.kind == .array else {
            let message = messageCount
            let value = try place.value(bytes)
            content = string("messages[\(message)].content", value, bytes).map { [.text($0)] }
            return value.end
        }
        var parts: [Part] = []
        let end = try place.elements(bytes) { (element) throws(JSONError) in
            var part = ChatPart()
            let end = try part.read(element, bytes)
            if let content = contents(of: part, at: parts.count) { parts.append(Part(content, cache: part.cache)) }
            return end
        }
        content = parts
        return end
    }

    private mutating func contents(of part: ChatPart, at index: Int) -> Part.Content? {
        let message = messageCount
        func param(_ member: String) -> String { "messages[\(message)].content[\(index)]\(member)" }
        switch part.type {
        case "text":
            if let text = part.text { return .text(text) }
            mistake(param(".text"), "is missing")
        case "refusal":
            if let refusal = part.refusal { return .refusal(refusal) }
            mistake(param(".refusal"), "is missing")
        case "image_url": return image(part, param(".image_url"))
        case "input_audio":
            if let data = part.audioData, let format = part.audioFormat, !format.isEmpty {
                return .audio(Media(type: "audio/\(format)", .base64(data)))
            }
            mistake(param(".input_audio"), "lacks data or format")
        case "file": return file(part, param(".file"))
        case let type?:
            refuse(param(""), "is a part of type \(type), which the provider that serves this model does not have")
        case nil: mistake(param(""), "is no part: write an object with a type")
        }
        return nil
    }

    private mutating func image(_ part: ChatPart, _ param: String) -> Part.Content? {
        guard let url = part.url, !url.isEmpty else {
            mistake("\(param).url", "is missing")
            return nil
        }
        guard DataURL.isData(url) else { return .image(Media(type: nil, .url(url)), detail: part.detail) }
        guard let data = DataURL(url) else {
            mistake("\(param).url", "is no address of this form: data:image/png;base64,DATA")
            return nil
        }
        return .image(Media(type: data.type, .base64(data.base64)), detail: part.detail)
    }

    private mutating func file(_ part: ChatPart, _ param: String) -> Part.Content? {
        if part.fileID != nil {
            refuse(
                "\(param).file_id",
                "names a file that OpenAI keeps, and this model is served elsewhere: send its bytes as file_data")
            return nil
        }
        guard let data = part.fileData.flatMap(DataURL.init) else {
            mistake("\(param).file_data", "is missing, or not of this form: data:application/pdf;base64,DATA")
            return nil
        }
        return .document(Media(type: data.type, .base64(data.base64)), title: part.filename)
    }
}
