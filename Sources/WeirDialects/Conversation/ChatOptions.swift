public import WeirBase

/// A function that the model may call.
public struct ToolDefinition: Equatable, Sendable {
    public var name: String
    public var description: String?
    /// JSON Schema of its arguments; nil where the client gave none.
    public var parameters: RawJSON?
    public var strict: Bool?
    public var cache: CacheMark?

    public init(
        name: String, description: String? = nil, parameters: RawJSON? = nil, strict: Bool? = nil,
        cache: CacheMark? = nil
    ) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.strict = strict
        self.cache = cache
    }
}

/// Which tools the model shall call.
public enum ToolChoice: Equatable, Sendable {
    case auto, none
    /// One of them, whichever.
    case required
    case named(String)
}

extension ChatRequest {
    /// Whether the model is to be kept to one call a turn, at a provider that cannot be told so. Where one tool is named it is a hint: the model is told
    /// what to call, and clients that name one read its first call.
    enum OneCall { case unasked, hint, condition }

    var oneCall: OneCall {
        guard parallelToolCalls == false, !tools.isEmpty, toolChoice != ToolChoice.none else { return .unasked }
        if case .named = toolChoice { return .hint }
        return .condition
    }
}

/// What the answer's text must be.
public enum AnswerFormat: Equatable, Sendable {
    case text
    /// Any JSON object.
    case jsonObject
    case jsonSchema(name: String?, description: String?, schema: RawJSON, strict: Bool?)
}

/// How much the model shall reason, in whichever way the client said it.
public struct Reasoning: Equatable, Sendable {
    /// OpenAI's words: `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`.
    public var effort: String?
    /// Anthropic's and Gemini's bound on reasoning tokens; 0 turns it off.
    public var budget: Int?
    /// Whether the model itself shall decide (Anthropic's adaptive thinking).
    public var isAdaptive = false

    public init(effort: String? = nil, budget: Int? = nil, isAdaptive: Bool = false) {
        self.effort = effort
        self.budget = budget
        self.isAdaptive = isAdaptive
    }
}

/// A JSON value as it was written: key order, spelling of numbers and unknown members survive.
public struct RawJSON: Hashable, Sendable {
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }
    public init(_ bytes: Span<UInt8>, _ range: ByteRange) {
        self.bytes = Array(copying: bytes.extracting(range.bounds))
    }
    /// Valid JSON as a text.
    public init(_ text: String) { bytes = Array(text.utf8) }

    public static let emptyObject = RawJSON("{}")
}

/// A number as it was written: `0.70` and integers beyond 2^53 stay what they are.
public struct JSONNumber: Hashable, Sendable {
    public var text: String

    public init(_ text: String) { self.text = text }

    /// The nearest binary number, for comparisons with bounds.
    public var value: Double { Double(text) ?? 0 }
}
