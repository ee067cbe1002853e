import WeirBase
import WeirMockScript
import WeirWire

/// Reads Converse requests as strictly as the service does.
enum BedrockReader {
    static func read(_ body: Span<UInt8>, _ call: Call, defaults: Directive) throws(Refusal) -> Ask {
        let request: JSONValue
        do throws(JSONError) {
            request = try JSONValue.parse(body)
        } catch {
            throw Refusal(status: 400, code: "SerializationException", message: error.description)
        }
        do throws(ShapeError) {
            try BedrockShapes.converse.check(request)
        } catch { throw refusal(error.bedrockMessage) }
        try BedrockRules(request).check()

        var ask = try call.ask(body, defaults: defaults)
        guard let messages = request["messages"] else { throw refusal("messages must be given") }
        ask.take(prompt: messages.range, of: body)
        let thinking = request["additionalModelRequestFields"]?["thinking"]
        if ["enabled", "adaptive"].contains(thinking?["type"]?.string) { ask.think() }
        if let most = request["inferenceConfig"]?["maxTokens"]?.integer { ask.limitOutput(to: most) }
        return ask
    }

    static func refusal(_ message: String) -> Refusal { Refusal(status: 400, message: message) }
}

extension ShapeError {
    /// As the service's own validation says it.
    var bedrockMessage: String {
        switch problem {
        case .unknown(let name):
            "Malformed input request: #/\(place.joined(separator: "/")): extraneous key [\(name)] is not permitted, "
                + "please reformat your input and try again."
        case .missing(let name): constraint(place + [name], "Member must not be null")
        case .expected(let kind): constraint(place, "Member must be \(word(kind))")
        case .notOneOf(let words), .unknownTag(_, let words):
            constraint(place, "Member must satisfy enum value set: [\(words.joined(separator: ", "))]")
        case .notExactlyOne(let names, _):
            "The value at \(place.joined(separator: ".")) must set exactly one of the following keys: "
                + names.joined(separator: ", ")
        case .tooSmall(let bound): constraint(place, "Member must have value greater than or equal to \(bound)")
        case .tooLarge(let bound): constraint(place, "Member must have value less than or equal to \(bound)")
        }
    }

    private func constraint(_ place: [String], _ text: String) -> String {
        "1 validation error detected: Value at '\(place.joined(separator: "."))' failed to satisfy constraint: \(text)"
    }

    private var place: [String] {
        path.map { part in
            switch part {
            case .name(let name), .tag(let name): name
            case .index(let index): "\(index)"
            }
        }
    }

    private func word(_ kind: Kind) -> String {
        switch kind {
        case .boolean: "a boolean"
        case .string: "a string"
        case .integer: "an integer"
        case .number: "a number"
        case .list: "a list"
        case .object: "a structure"
        }
    }
}
