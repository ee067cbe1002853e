import WeirBase
import WeirMockScript
import WeirWire

/// Reads Anthropic's requests as strictly as the provider does: the tables first, then the rules that tie members together.
enum AnthropicReader {
    /// The version in which sampling parameters are gone (providers.md, section 0).
    static let newestVersion = "2026-10-21"
    private static let versions = ["2023-01-01", "2023-06-01", newestVersion]

    static func read(_ body: Span<UInt8>, _ call: Call, defaults: Directive) throws(Refusal) -> Ask {
        guard let version = call.version else { throw refusal("anthropic-version: header is required") }
        guard versions.contains(version) else {
            throw refusal("anthropic-version: \"\(version)\" is not a valid version")
        }
        guard body.count <= MockOptions.Limits.anthropicBodyBytes else {
            throw Refusal(status: 413, message: "Request exceeds the maximum size")
        }
        let request = try parse(body)
        let counts = call.endpoint == .messageTokens
        do throws(ShapeError) {
            let shape =
                counts
                ? AnthropicShapes.count(isBeta: call.isBeta) : AnthropicShapes.message(isBeta: call.isBeta)
            try shape.check(request)
        } catch { throw refusal(error.anthropicMessage) }
        try AnthropicTools.check(request)
        try AnthropicRules(request, version).check()

        var ask = try call.ask(body, defaults: defaults)
        guard let model = request["model"]?.string, let messages = request["messages"] else {
            throw refusal("messages: Field required")
        }
        guard !model.isEmpty else { throw refusal("model: String should have at least 1 character") }
        ask.setModel(model)
        ask.take(prompt: messages.range, of: body)
        guard !counts else { return ask }
        ask.streams = request["stream"]?.bool ?? false
        if ["enabled", "adaptive"].contains(request["thinking"]?["type"]?.string) { ask.think() }
        if let most = request["max_tokens"]?.integer { ask.limitOutput(to: most) }
        return ask
    }

    private static func parse(_ body: Span<UInt8>) throws(Refusal) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue.parse(body)
        } catch {
            throw refusal("The request body is not valid JSON: \(error.description)")
        }
    }

    static func refusal(_ message: String) -> Refusal { Refusal(status: 400, message: message) }
}

extension Ask {
    /// The model's name from the body.
    mutating func setModel(_ name: String) {
        var buffer = ByteBuffer()
        buffer.append(jsonString: name)
        model = (1..<(buffer.count - 1)).map { buffer.span[$0] }
    }
}

extension ShapeError {
    /// As Anthropic says it: `messages.0.content.1.text.text: Field required`.
    var anthropicMessage: String {
        switch problem {
        case .unknown(let name): "\(place(name)): Extra inputs are not permitted"
        case .missing(let name): "\(place(name)): Field required"
        case .expected(let kind): "\(place(nil)): Input should be a valid \(word(kind))"
        case .notOneOf(let words): "\(place(nil)): Input should be \(list(words, last: " or "))"
        case .unknownTag(let tag, let known):
            "\(place(nil)): Input tag '\(tag)' found using 'type' does not match any of the expected tags: "
                + list(known, last: ", ")
        case .notExactlyOne(let names, _): "\(place(nil)): Input should have one of \(list(names, last: ", "))"
        case .tooSmall(let bound): "\(place(nil)): Input should be greater than or equal to \(bound)"
        case .tooLarge(let bound): "\(place(nil)): Input should be less than or equal to \(bound)"
        }
    }

    private func place(_ name: String?) -> String {
        var parts = path.map { place in
            switch place {
            case .name(let name), .tag(let name): name
            case .index(let index): "\(index)"
            }
        }
        if let name { parts.append(name) }
        return parts.joined(separator: ".")
    }

    private func word(_ kind: Kind) -> String {
        switch kind {
        case .boolean: "boolean"
        case .string: "string"
        case .integer: "integer"
        case .number: "number"
        case .list: "list"
        case .object: "dictionary"
        }
    }

    private func list(_ words: [String], last: String) -> String {
        let quoted = words.map { "'\($0)'" }
        guard quoted.count > 1 else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + last + quoted[quoted.count - 1]
    }
}
