import WeirBase

/// What a chat request says, as far as its tokens are counted: the texts, already taken out of the request.
public struct ChatPrompt: Sendable {
    public struct Message: Sendable {
        public var role: String
        /// All text of the message's content.
        public var content: String
        public var name: String?

        public init(role: String, content: String, name: String? = nil) {
            self.role = role
            self.content = content
            self.name = name
        }
    }

    /// A function that the model may call.
    public struct Tool: Sendable {
        public var name: String
        public var description: String
        public var properties: [Property]

        public init(name: String, description: String, properties: [Property] = []) {
            self.name = name
            self.description = description
            self.properties = properties
        }
    }

    /// A parameter of a function.
    public struct Property: Sendable {
        public var name: String
        public var type: String
        public var description: String
        /// The values that `enum` allows; nil where it allows any.
        public var values: [String]?

        public init(name: String, type: String, description: String, values: [String]? = nil) {
            self.name = name
            self.type = type
            self.description = description
            self.values = values
        }
    }

    public var messages: [Message]
    public var tools: [Tool]

    public init(messages: [Message], tools: [Tool] = []) {
        self.messages = messages
        self.tools = tools
    }
}

/// How many tokens OpenAI's chat format adds to the texts of a request.
///
/// Source: the OpenAI cookbook, "How to count tokens with tiktoken", sections 6 and 7. OpenAI calls the result an estimate that may change with a
/// model; it is verified there for gpt-3.5-turbo, gpt-4, gpt-4o and gpt-4o-mini. Images, files, structured outputs and hidden reasoning are not in it.
public struct ChatFormat: Equatable, Sendable {
    /// For each message, besides its texts.
    public var message: Int
    /// For a message that has a name, besides the name.
    public var name: Int
    /// Once, for the answer's beginning.
    public var reply: Int
    /// For each function.
    public var function: Int
    /// For a function that has parameters, once; for each parameter; for one with allowed values, once; for each value.
    public var properties: Int
    public var property: Int
    public var values: Int
    public var value: Int
    /// Once where there are functions.
    public var tools: Int

    /// gpt-4o and later.
    public static let newer = ChatFormat(
        message: 3, name: 1, reply: 3, function: 7, properties: 3, property: 3, values: -3, value: 3, tools: 12)
    /// gpt-3.5 and gpt-4.
    public static let older: ChatFormat = {
        var format = newer
        format.function = 10
        return format
    }()
    /// gpt-3.5-turbo-0301 alone.
    public static let first: ChatFormat = {
        var format = older
        format.message = 4
        format.name = -1
        return format
    }()

    /// The format of a model; for models of other providers the newer one, as an estimate.
    public static func of(model: String) -> ChatFormat {
        if model.hasSuffix("gpt-3.5-turbo-0301") { return first }
        return Encoding.of(model: model, isAvailable: { _ in true }).vocabulary == "cl100k_base" ? older : newer
    }

    /// The tokens of a whole request.
    public func tokens(of prompt: ChatPrompt, _ counter: inout TokenCounter) -> Int {
        var total = reply
        for message in prompt.messages {
            total += self.message + counter.count(message.role) + counter.count(message.content)
            if let name = message.name { total += self.name + counter.count(name) }
        }
        for tool in prompt.tools { total += tokens(of: tool, &counter) }
        return total + (prompt.tools.isEmpty ? 0 : tools)
    }

    private func tokens(of tool: ChatPrompt.Tool, _ counter: inout TokenCounter) -> Int {
        var total = function + counter.count("\(tool.name):\(withoutStop(tool.description))")
        if !tool.properties.isEmpty { total += properties }
        for property in tool.properties {
            total += self.property
            total += counter.count("\(property.name):\(property.type):\(withoutStop(property.description))")
            guard let allowed = property.values else { continue }
            total += values
            for value in allowed { total += self.value + counter.count(value) }
        }
        return total
    }

    private func withoutStop(_ text: String) -> Substring { text.hasSuffix(".") ? text.dropLast() : text[...] }
}

extension TokenCounter {
    /// The number of tokens of a text.
    public mutating func count(_ text: String) -> Int { count(text.utf8Span.span) }
}
