internal import WeirBase
internal import WeirWire

/// What of a part's members counts, whichever type it has.
private struct ResponsesPart {
    var type: String?
    var text: String?
    var refusal: String?
    var imageURL: String?
    var detail: String?
    var fileID: String?
    var fileData: String?
    var fileURL: String?
    var filename: String?
    var audio: String?
    var audioFormat: String?
    var cache: CacheMark?
}

extension ResponsesReader {
    /// The parts of a message or of a tool's result: a string, or an array of parts.
    mutating func parts(
        of value: JSONPlace, _ bytes: Span<UInt8>, _ place: ResponsesPlace
    ) throws(JSONError) -> [Part]? {
        func param() -> String { "\(place.itemText).\(place.list)" }
        if value.kind == .string { return try string(value, bytes, param()).map { [.text($0)] } }
        var place = place
        var parts: [Part] = []
        try elements(of: value, bytes, param()) { (reader, element) throws(JSONError) in
            try reader.readPart(element, place, bytes, &parts)
            place.part += 1
        }
        return parts
    }

    private mutating func readPart(
        _ value: JSONPlace, _ place: ResponsesPlace, _ bytes: Span<UInt8>, _ parts: inout [Part]
    ) throws(JSONError) {
        var part = ResponsesPart()
        try members(of: value, bytes, place.text) { (reader, name, value) throws(JSONError) in
            if value.kind == .null { return try reader.skip(value, bytes) }
            try reader.readMember(name, value, place, bytes, &part)
        }
        guard value.kind == .object else { return }
        switch part.type {
        case "input_text", "output_text":
            guard let text = part.text else { return mistake("\(place.text).text", "is missing") }
            parts.append(Part(.text(text), cache: part.cache))
        case "refusal":
            guard let refusal = part.refusal else { return mistake("\(place.text).refusal", "is missing") }
            parts.append(Part(.refusal(refusal), cache: part.cache))
        case "input_image": addImage(part, place, &parts)
        case "input_file": addFile(part, place, &parts)
        case "input_audio": addAudio(part, place, &parts)
        case "reasoning_text": break  // of reasoning items, whose seal alone counts
        case nil: mistake("\(place.text).type", "is missing")
        case let type?:
            refuse(
                place.text, "is a part of type \(type), which the provider that serves this model does not have")
        }
    }

    private mutating func readMember(
        _ name: ShortName, _ value: JSONPlace, _ place: ResponsesPlace, _ bytes: Span<UInt8>,
        _ part: inout ResponsesPart
    ) throws(JSONError) {
        func param(_ name: StaticString) -> String { "\(place.text).\(name)" }
        switch ResponsesName(name) {
        case .type: part.type = try string(value, bytes, param("type"))
        case .text: part.text = try string(value, bytes, param("text"))
        case .refusal: part.refusal = try string(value, bytes, param("refusal"))
        case .imageURL: part.imageURL = try string(value, bytes, param("image_url"))
        case .detail: part.detail = try string(value, bytes, param("detail"))
        case .fileID: part.fileID = try string(value, bytes, param("file_id"))
        case .fileData: part.fileData = try string(value, bytes, param("file_data"))
        case .fileURL: part.fileURL = try string(value, bytes, param("file_url"))
        case .filename: part.filename = try string(value, bytes, param("filename"))
        case .inputAudio:
            try members(of: value, bytes, param("input_audio")) { (reader, name, value) throws(JSONError) in
                switch ResponsesName(name) {
                case .data: part.audio = try reader.string(value, bytes, param("input_audio.data"))
                case .format: part.audioFormat = try reader.string(value, bytes, param("input_audio.format"))
                default: try reader.skip(value, bytes)
                }
            }
        case .cacheBreakpoint: part.cache = try cacheMark(value, bytes, param("prompt_cache_breakpoint"))
        case .annotations, .logprobs: try skip(value, bytes)  // of answers that are sent back
        default:
            drop(name, of: "input.content")
            try skip(value, bytes)
        }
    }

    /// Twelve hours are as long as the other providers' longest time, an hour, can say.
    private mutating func cacheMark(
        _ value: JSONPlace, _ bytes: Span<UInt8>, _ param: @autoclosure () -> String
    ) throws(JSONError) -> CacheMark {
        var mark = CacheMark.usual
        try members(of: value, bytes, param()) { (reader, name, value) throws(JSONError) in
            guard ResponsesName(name) == .ttl else { return try reader.skip(value, bytes) }
            if try reader.string(value, bytes, param()) == "12h" { mark = .hour }
        }
        return mark
    }

    // MARK: Images, files, audio

    private mutating func addImage(_ part: ResponsesPart, _ place: ResponsesPlace, _ parts: inout [Part]) {
        if let url = part.imageURL {
            guard let media = Media(address: url) else {
                return mistake("\(place.text).image_url", "is no data URL in base64: write data:image/png;base64,...")
            }
            parts.append(Part(.image(media, detail: part.detail), cache: part.cache))
        } else if part.fileID != nil {
            refuseFile("\(place.text).file_id")
        } else {
            mistake("\(place.text).image_url", "is missing")
        }
    }

    private mutating func addFile(_ part: ResponsesPart, _ place: ResponsesPlace, _ parts: inout [Part]) {
        let media: Media
        if let data = part.fileData {
            if data.hasPrefix("data:") {
                guard let found = Media(address: data) else {
                    return mistake("\(place.text).file_data", "is no data URL in base64")
                }
                media = found
            } else {
                media = Media(type: Self.type(ofFile: part.filename), .base64(data))
            }
        } else if let url = part.fileURL {
            media = Media(type: Self.type(ofFile: url), .url(url))
        } else if part.fileID != nil {
            return refuseFile("\(place.text).file_id")
        } else {
            return mistake("\(place.text).file_data", "is missing")
        }
        parts.append(Part(.document(media, title: part.filename), cache: part.cache))
    }

    private mutating func addAudio(_ part: ResponsesPart, _ place: ResponsesPlace, _ parts: inout [Part]) {
        guard let data = part.audio, let format = part.audioFormat else {
            return mistake("\(place.text).input_audio", "is missing: write data and format")
        }
        // `mp3` is no media type; its name is that of the family.
        let media = Media(type: format == "mp3" ? "audio/mpeg" : "audio/\(format)", .base64(data))
        parts.append(Part(.audio(media), cache: part.cache))
    }

    private mutating func refuseFile(_ param: String) {
        refuse(param, "names a file that OpenAI keeps, and this model is served elsewhere: send its bytes")
    }

    /// The type of a file by the end of its name; PDF, as most are, where that tells nothing.
    private static func type(ofFile name: String?) -> String {
        switch name?.split(separator: ".").last?.lowercased() {
        case "txt": "text/plain"
        case "md": "text/markdown"
        case "csv": "text/csv"
        case "html": "text/html"
        default: "application/pdf"
        }
    }
}

extension Media {
    /// What an address says: the bytes of a data URL (RFC 2397), of which only the base64 form is taken, or where they are; nil for a broken data URL.
    fileprivate init?(address: String) {
        guard address.hasPrefix("data:") else {
            self.init(type: nil, .url(address))
            return
        }
        guard let comma = address.utf8.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        let head = address[..<comma].dropFirst("data:".count)
        guard head.hasSuffix(";base64") else { return nil }
        // Parameters behind the type say nothing of these bytes: `;charset=utf-8`.
        let type = head.prefix { $0 != ";" }
        guard !type.isEmpty else { return nil }
        self.init(type: type.lowercased(), .base64(String(address[address.utf8.index(after: comma)...])))
    }
}
