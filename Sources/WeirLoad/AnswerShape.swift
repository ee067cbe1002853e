import WeirBase
import WeirMockScript
import WeirWire

/// Finds in an answer what is checked, whatever its spacing and the order of its members.
enum AnswerShape {
    struct Place {
        /// The text without its quotes.
        var text: ByteRange?
        var outputTokens: Int?
        var hasFinished = false
    }

    /// A whole answer.
    static func place(of body: Span<UInt8>, _ ask: Ask) throws(AnswerError) -> Place {
        let whole = ByteRange(start: 0, end: body.count)
        var place = Place()
        switch ask.endpoint {
        case .chat, .completions:
            let top = try members(body, whole, "choices", "usage")
            place.outputTokens = try tokens(body, top[1], "completion_tokens")
            guard let choice = first(body, top[0]) else { return place }
            if ask.endpoint == .completions {
                place.text = string(try members(body, choice, "text", "index")[0])
            } else if let message = try members(body, choice, "message", "index")[0] {
                place.text = try chatText(body, message.value, ask)
            }
        case .responses:
            let top = try members(body, whole, "output", "usage")
            place.outputTokens = try tokens(body, top[1], "output_tokens")
            guard let item = first(body, top[0]) else { return place }
            let parts = try members(body, item, "content", "arguments")
            if let arguments = parts[1] { place.text = string(arguments) }
            if let part = first(body, parts[0]) { place.text = string(try members(body, part, "text", "type")[0]) }
        case .embeddings:
            let top = try members(body, whole, "data", "usage")
            place.outputTokens = top[1] == nil ? nil : 0
            guard let item = first(body, top[0]) else { return place }
            place.text = try members(body, item, "embedding", "index")[0]?.value
        case .moderations, .messages, .messageTokens, .generate, .generateTokens, .converse:
            // Never asked for: `weir-load` is a client of OpenAI's endpoints that make content.
            place.outputTokens = 0
            place.text = ByteRange(start: 0, end: 0)
        }
        return place
    }

    /// The data of one event.
    static func place(ofEvent data: Span<UInt8>, _ ask: Ask) throws(AnswerError) -> Place {
        let whole = ByteRange(start: 0, end: data.count)
        var place = Place()
        if let error = try members(data, whole, "error", "object")[0], error.kind != .null {
            throw AnswerError(.errorEvent, excerpt(data.extracting(error.value.bounds)))
        }
        guard ask.endpoint != .responses else {
            let top = try members(data, whole, "type", "delta", "response")
            guard let type = top[0] else { return place }
            switch JSONText.string(data, type.value) {
            case "response.output_text.delta", "response.function_call_arguments.delta": place.text = string(top[1])
            case "response.completed":
                place.hasFinished = true
                guard let response = top[2] else { break }
                place.outputTokens = try tokens(
                    data, try members(data, response.value, "usage", "id")[0], "output_tokens")
            default: break
            }
            return place
        }
        let top = try members(data, whole, "choices", "usage")
        place.outputTokens = try tokens(data, top[1], "completion_tokens")
        guard let choice = first(data, top[0]) else { return place }
        let parts = try members(data, choice, "delta", "text", "finish_reason")
        place.hasFinished = parts[2]?.kind == .string
        if let text = parts[1] { place.text = string(text) }
        if let delta = parts[0] { place.text = try chatText(data, delta.value, ask) }
        return place
    }

    /// The content of a message or delta, or the arguments of its tool call.
    private static func chatText(_ bytes: Span<UInt8>, _ range: ByteRange, _ ask: Ask) throws(AnswerError) -> ByteRange?
    {
        let parts = try members(bytes, range, "content", "tool_calls")
        guard ask.directive.tool != nil else { return string(parts[0]) }
        guard let call = first(bytes, parts[1]) else { return nil }
        guard let function = try members(bytes, call, "function", "index")[0] else { return nil }
        return string(try members(bytes, function.value, "arguments", "name")[0])
    }

    private static func members(
        _ bytes: Span<UInt8>, _ range: ByteRange, _ names: StaticString...
    ) throws(AnswerError) -> JSONMembers {
        do throws(JSONError) {
            return try JSONScanner.members(of: bytes, in: range, wanted: names.map { ShortName($0) })
        } catch {
            throw AnswerError(.json, "\(error.description) in \(excerpt(bytes))")
        }
    }

    private static func string(_ member: JSONMember?) -> ByteRange? {
        member?.kind == .string ? member?.stringContents : nil
    }

    private static func tokens(
        _ bytes: Span<UInt8>, _ usage: JSONMember?, _ name: StaticString
    ) throws(AnswerError) -> Int? {
        guard let usage, usage.kind == .object else { return nil }
        return try members(bytes, usage.value, name)[0].flatMap { JSONText.integer(bytes, $0.value) }.map { Int($0) }
    }

    /// The first element of an array; nil if it is none or empty.
    private static func first(_ bytes: Span<UInt8>, _ member: JSONMember?) -> ByteRange? {
        guard let member, member.kind == .array else { return nil }
        let end = Int(member.value.end) - 1
        var start = Int(member.value.start) + 1
        while start < end, bytes[start] <= UInt8(ascii: " ") { start += 1 }
        guard start < end, let valueEnd = JSONScanner.valueEnd(bytes, from: start, to: end) else { return nil }
        return ByteRange(start: start, end: valueEnd)
    }
}
