public import WeirBase
internal import WeirWire

/// Which body of the Messages API a request has.
public enum AnthropicBody: Sendable {
    case messages
    /// `/v1/messages/count_tokens`: the same members, and no answer that is billed.
    case countTokens
}

/// What Weir reads of a Messages body, found in one scan; the bytes stay where they are (providers.md, section 4.1).
public struct AnthropicRequest: Sendable {
    /// The members that Weir reads. Each may be there once: of two, the provider might take the one that was not looked at.
    public enum Field: Int, CaseIterable, Sendable {
        case model, stream, maxTokens, messages, system, tools, thinking, metadata, serviceTier, speed, inferenceGeo
        case cacheControl, container, mcpServers

        public var name: String {
            switch self {
            case .model: "model"
            case .stream: "stream"
            case .maxTokens: "max_tokens"
            case .messages: "messages"
            case .system: "system"
            case .tools: "tools"
            case .thinking: "thinking"
            case .metadata: "metadata"
            case .serviceTier: "service_tier"
            case .speed: "speed"
            case .inferenceGeo: "inference_geo"
            case .cacheControl: "cache_control"
            case .container: "container"
            case .mcpServers: "mcp_servers"
            }
        }

        var expected: String {
            switch self {
            case .model: "a string that is not empty"
            case .stream: "true or false"
            case .maxTokens: "a whole number of 0 or more"
            case .messages: "an array of messages"
            case .system: "a string or an array of text blocks"
            case .tools: "an array of tools"
            case .thinking: "an object, as {\"type\": \"enabled\", \"budget_tokens\": 1024}"
            case .metadata: "an object, as {\"user_id\": \"ID\"}"
            case .serviceTier, .speed, .inferenceGeo: "a string"
            case .cacheControl: "an object, as {\"type\": \"ephemeral\"}"
            case .container, .mcpServers: "what the API asks for"
            }
        }
    }

    /// A value's place and kind.
    struct Value {
        var range: ByteRange
        var kind: JSONKind
    }

    public let body: AnthropicBody
    /// The value of `model` with its quotes.
    public private(set) var model = ByteRange(start: 0, end: 0)
    /// Whether the name in the body is its text byte for byte, so that it can be looked up without decoding.
    public private(set) var modelIsPlain = true
    public private(set) var stream = false
    /// nil where the client left out what the API demands; the upstream says so.
    public private(set) var maxTokens: Int?
    /// Where the bound of the output stands.
    private(set) var limit: ByteRange?
    /// What `thinking.budget_tokens` says; `max_tokens` must stay above it.
    public private(set) var thinkingBudget: Int?
    /// `metadata.user_id`, with its quotes, as all the values that follow.
    public private(set) var user: ByteRange?
    public private(set) var serviceTier: ByteRange?
    /// `fast` has a price of its own.
    public private(set) var speed: ByteRange?
    /// Where the model shall run, which may have a price of its own.
    public private(set) var inferenceGeo: ByteRange?
    private(set) var messages: ByteRange?
    private(set) var system: Value?
    private var looked: AnthropicContent?
    private var around: OpenAIContent = []
    /// Where a member can be put in: behind the opening brace.
    private(set) var insertion = 0
    /// A bit for each field that has come.
    private var seen: UInt32 = 0

    /// What of the request has no bound in its bytes; nil if it was not looked for.
    public var content: OpenAIContent? { looked.map { $0.kinds.union(around) } }

    /// Whether the client asks for a cache that lives an hour, which costs more to write.
    public var asksForHourCache: Bool { looked?.hasHourCache ?? false }

    /// Tokens that the provider adds to the prompt because of the tools, at most: what stands in the body does not bound them.
    public var toolTokens: Int { looked?.toolTokens ?? 0 }

    /// Scans `bytes`, a whole body.
    /// - Parameter looksInside: whether `content` and what goes with it is asked for.
    /// - Throws: `notJSON` (grammar of RFC 8259, one object), `wrongType` and `repeated` for the members of `Field`, `missingModel`. null counts
    ///   as absent, except for `model` and `messages`.
    public static func parse(
        _ bytes: Span<UInt8>, as body: AnthropicBody = .messages, looksInside: Bool = false
    ) throws(AnthropicRequestError) -> AnthropicRequest {
        var request = AnthropicRequest(body: body)
        if looksInside { request.looked = AnthropicContent() }
        var mistake: AnthropicRequestError?
        do throws(JSONError) {
            var walk = try JSONObjectWalk(bytes, in: ByteRange(start: 0, end: bytes.count))
            request.insertion = Int(walk.object.start) + 1
            while let name = try walk.nextName(bytes) {
                let field = name.isPlain ? field(bytes, name.range) : escapedField(bytes, name.range)
                let member = try request.takeValue(of: name, field, &walk, bytes)
                guard let field else { continue }
                do throws(AnthropicRequestError) { try request.read(field, member, bytes) } catch {
                    // A body that is no JSON is told so first.
                    if mistake == nil { mistake = error }
                }
            }
        } catch { throw .notJSON(error) }
        if let mistake { throw mistake }
        guard !request.model.isEmpty else { throw .missingModel }
        return request
    }

    private init(body: AnthropicBody) { self.body = body }

    /// The requested model's name.
    public func modelName(in bytes: Span<UInt8>) -> String { JSONText.string(bytes, model) }

    /// The bytes of the name without quotes, as they stand in the body; its text only if `modelIsPlain`.
    public var modelContents: ByteRange { ByteRange(start: Int(model.start) + 1, end: Int(model.end) - 1) }

    // MARK: Parts

    /// Passes over a member's value, and looks into it on the way where that is asked for.
    @inline(__always)
    private mutating func takeValue(
        of name: JSONObjectWalk.Name, _ field: Field?, _ walk: inout JSONObjectWalk, _ bytes: Span<UInt8>
    ) throws(JSONError) -> JSONObjectWalk.Member {
        guard let field, var content = looked else { return try walk.skipValue(bytes, of: name) }
        let end: Int
        switch (field, name.kind) {
        case (.messages, .array): end = try content.read(messages: bytes, from: name.valueStart, to: bytes.count)
        case (.system, .array): end = try content.read(blocks: bytes, from: name.valueStart, to: bytes.count, depth: 2)
        case (.tools, .array): end = try content.read(tools: bytes, from: name.valueStart, to: bytes.count)
        case (.cacheControl, .object):
            end = try content.read(cacheControl: bytes, from: name.valueStart, to: bytes.count, depth: 2)
        default: return try walk.skipValue(bytes, of: name)
        }
        looked = content
        return try walk.endValue(bytes, of: name, at: end)
    }

    private mutating func read(
        _ field: Field, _ member: JSONObjectWalk.Member, _ bytes: Span<UInt8>
    ) throws(AnthropicRequestError) {
        let bit: UInt32 = 1 << UInt32(field.rawValue)
        guard seen & bit == 0 else { throw .repeated(field.name) }
        seen |= bit
        let value = Value(range: member.value, kind: member.kind)
        switch field {
        case .model:
            guard value.kind == .string, value.range.count > 2 else { throw .wrongType(.model) }
            model = value.range
            modelIsPlain = !JSONText.hasEscapes(bytes, value.range)
        case .messages:
            guard value.kind == .array else { throw .wrongType(.messages) }
            messages = value.range
        case _ where value.kind == .null: break
        case .stream:
            guard value.kind == .true || value.kind == .false else { throw .wrongType(.stream) }
            stream = value.kind == .true
        case .maxTokens:
            guard let count = Self.count(value, bytes) else { throw .wrongType(.maxTokens) }
            maxTokens = count
            limit = value.range
        case .system:
            guard value.kind == .string || value.kind == .array else { throw .wrongType(.system) }
            system = value
        case .tools: guard value.kind == .array else { throw .wrongType(.tools) }
        case .thinking:
            guard let budget = try Self.member("budget_tokens", of: value, field, bytes) else { break }
            guard let count = Self.count(budget, bytes) else { throw .wrongType(.thinking) }
            thinkingBudget = count
        case .metadata:
            guard let id = try Self.member("user_id", of: value, field, bytes), id.kind != .null else { break }
            guard id.kind == .string else { throw .wrongType(.metadata) }
            user = id.range
        case .serviceTier: serviceTier = try Self.text(field, value)
        case .speed: speed = try Self.text(field, value)
        case .inferenceGeo: inferenceGeo = try Self.text(field, value)
        case .cacheControl: guard value.kind == .object else { throw .wrongType(.cacheControl) }
        case .container: around.insert(.stored)
        case .mcpServers: around.insert(.hostedTools)
        }
    }

    private static func count(_ value: Value, _ bytes: Span<UInt8>) -> Int? {
        guard value.kind == .number, let number = JSONText.integer(bytes, value.range), number >= 0 else { return nil }
        return Int(number)
    }

    private static func text(_ field: Field, _ value: Value) throws(AnthropicRequestError) -> ByteRange {
        guard value.kind == .string else { throw .wrongType(field) }
        return value.range
    }

    /// The one member of an object that matters.
    private static func member(
        _ name: ShortName, of value: Value, _ field: Field, _ bytes: Span<UInt8>
    ) throws(AnthropicRequestError) -> Value? {
        guard value.kind == .object else { throw .wrongType(field) }
        do throws(JSONError) {
            var found = try JSONScanner.members(of: bytes, in: value.range, wanted: [name])
            return found.member(0).map { Value(range: $0.value, kind: $0.kind) }
        } catch {
            guard case .repeatedMember = error.reason else { throw .notJSON(error) }
            throw .repeated("\(field.name).\(name.text)")
        }
    }

    /// The field with the name in `range`; nil if Weir reads none of this name.
    private static func field(_ bytes: Span<UInt8>, _ range: ByteRange) -> Field? {
        func isName(_ name: StaticString) -> Bool { bytes.has(name, at: Int(range.start), before: Int(range.end)) }
        return switch range.count {
        case 5 where isName("model"): .model
        case 5 where isName("tools"): .tools
        case 5 where isName("speed"): .speed
        case 6 where isName("stream"): .stream
        case 6 where isName("system"): .system
        case 8 where isName("messages"): .messages
        case 8 where isName("thinking"): .thinking
        case 8 where isName("metadata"): .metadata
        case 9 where isName("container"): .container
        case 10 where isName("max_tokens"): .maxTokens
        case 11 where isName("mcp_servers"): .mcpServers
        case 12 where isName("service_tier"): .serviceTier
        case 13 where isName("inference_geo"): .inferenceGeo
        case 13 where isName("cache_control"): .cacheControl
        default: nil
        }
    }

    /// The same for a name with escapes: nobody smuggles a second `model` past the check as `"mod\u0065l"`.
    private static func escapedField(_ bytes: Span<UInt8>, _ range: ByteRange) -> Field? {
        let plain = JSONText.plain(bytes, range)
        return field(plain.span, ByteRange(start: 0, end: plain.count))
    }
}
