internal import WeirBase
internal import WeirWire

/// Where a part is, for messages: made into words only where something is wrong.
struct ResponsesPlace {
    var item: Int
    /// `content` or `output`.
    var list: StaticString = "content"
    var part = 0

    var itemText: String { "input[\(item)]" }
    var text: String { "input[\(item)].\(list)[\(part)]" }
}

/// What of an item's members counts, whichever type it has: the type may come last.
private struct ResponsesItem {
    var type: String?
    var role: String?
    var content: [Part]?
    var output: [Part]?
    var callID: String?
    var name: String?
    var arguments: String?
    var summary = ""
    var encrypted: String?
    var hasID = false
}

extension ResponsesReader {
    mutating func readItems(_ value: JSONPlace, _ bytes: Span<UInt8>) throws(JSONError) {
        var index = 0
        try elements(of: value, bytes, "input") { (reader, element) throws(JSONError) in
            try reader.readItem(element, index, bytes)
            index += 1
        }
    }

    private mutating func readItem(_ value: JSONPlace, _ index: Int, _ bytes: Span<UInt8>) throws(JSONError) {
        let place = ResponsesPlace(item: index)
        let before = problem
        var item = ResponsesItem()
        try members(of: value, bytes, place.itemText) { (reader, name, value) throws(JSONError) in
            if value.kind == .null { return try reader.skip(value, bytes) }
            try reader.readMember(name, value, place, bytes, &item)
        }
        guard value.kind == .object else { return }
        switch item.type ?? (item.role == nil && item.hasID ? "item_reference" : "message") {
        case "message": add(message: item, place)
        case "function_call": add(call: item, place)
        case "function_call_output":
            guard let id = item.callID else { return mistake("\(place.itemText).call_id", "is missing") }
            guard let output = item.output else {
                return mistake("\(place.itemText).output", "is missing: write a string or an array of parts")
            }
            conversation.add(ToolResult(callID: id, parts: output))
        case "reasoning":
            if let seal = item.encrypted.flatMap(ReasoningSeal.init) {
                conversation.add(seal, summary: item.summary)
            } else {
                drop("input.reasoning")
            }
        case let type:
            // Its members are those of another type, and none of them is a mistake.
            problem = before
            refuse(place.itemText, Self.refusal(ofType: type))
        }
    }

    private static func refusal(ofType type: String) -> String {
        if type == "item_reference" {
            return "refers to an item that OpenAI's own service keeps, and this model is served elsewhere: "
                + "send the item itself"
        }
        return "is an item of type \(type), which the provider that serves this model does not have: leave it out"
    }

    private mutating func readMember(
        _ name: ShortName, _ value: JSONPlace, _ place: ResponsesPlace, _ bytes: Span<UInt8>,
        _ item: inout ResponsesItem
    ) throws(JSONError) {
        func param(_ name: StaticString) -> String { "\(place.itemText).\(name)" }
        switch ResponsesName(name) {
        case .type: item.type = try string(value, bytes, param("type"))
        case .role: item.role = try string(value, bytes, param("role"))
        case .content: item.content = try parts(of: value, bytes, place)
        case .output:
            var place = place
            place.list = "output"
            item.output = try parts(of: value, bytes, place)
        case .callID: item.callID = try string(value, bytes, param("call_id"))
        case .name: item.name = try string(value, bytes, param("name"))
        case .arguments: item.arguments = try string(value, bytes, param("arguments"))
        case .summary: item.summary = try summary(value, bytes, param("summary"))
        case .encryptedContent: item.encrypted = try string(value, bytes, param("encrypted_content"))
        case .id:
            item.hasID = true
            try skip(value, bytes)
        case .status: try skip(value, bytes)
        default:
            drop(name, of: "input")
            try skip(value, bytes)
        }
    }

    /// The texts of a summary, one behind the other.
    private mutating func summary(
        _ value: JSONPlace, _ bytes: Span<UInt8>, _ param: @autoclosure () -> String
    ) throws(JSONError) -> String {
        var summary = ""
        try elements(of: value, bytes, param()) { (reader, element) throws(JSONError) in
            try reader.members(of: element, bytes, param()) { (reader, name, value) throws(JSONError) in
                guard ResponsesName(name) == .text else { return try reader.skip(value, bytes) }
                summary += try reader.string(value, bytes, param()) ?? ""
            }
        }
        return summary
    }

    // MARK: Items of the conversation

    private mutating func add(message item: ResponsesItem, _ place: ResponsesPlace) {
        guard let content = item.content else {
            return mistake("\(place.itemText).content", "is missing: write a string or an array of parts")
        }
        switch item.role {
        case "user": conversation.add(.user, content)
        case "assistant": conversation.add(.assistant, content)
        case "system", "developer":
            // Before the conversation they are instructions.
            if conversation.messages.isEmpty {
                request.system += content
            } else {
                conversation.add(.system, content)
            }
        default: mistake("\(place.itemText).role", "is none of user, assistant, system and developer")
        }
    }

    private mutating func add(call item: ResponsesItem, _ place: ResponsesPlace) {
        guard let id = item.callID, let name = item.name, let arguments = item.arguments else {
            return mistake(place.itemText, "is no call: write call_id, name and arguments")
        }
        let text = arguments.utf8Span.span
        if text.firstNonWhitespace(from: 0, to: text.count) == text.count {
            return conversation.add(ToolCall(id: id, name: name, arguments: .emptyObject))
        }
        guard (try? JSONScanner.members(of: text, wanted: [])) != nil else {
            return mistake("\(place.itemText).arguments", "are no JSON object")
        }
        conversation.add(ToolCall(id: id, name: name, arguments: RawJSON(arguments)))
    }
}
