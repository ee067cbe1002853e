public import WeirBase
internal import WeirWire

/// What changes in a Messages body on its way to an upstream of the same dialect: the model's name and, where a budget has less room than the client
/// asks for, `max_tokens`. Everything else stays byte for byte.
public struct AnthropicSplice: Sendable {
    private let model: String
    /// Where the model's name is to be replaced; nil where it is there already.
    private var modelRange: ByteRange?
    /// Where the bound is to be replaced; empty where the member is put in.
    private var limitRange: ByteRange?
    private var limit = 0
    /// Bytes that the spliced body has more than the body.
    public private(set) var growth = 0

    /// Plans the edits for an upstream that knows the model as `model`. A name that is already there is no edit.
    public init(_ request: AnthropicRequest, body: Span<UInt8>, model: String) {
        self.model = model
        let contents = request.modelContents
        let isSame = request.modelIsPlain && body.extracting(contents.bounds).isEqual(to: model.utf8Span.span)
        guard !isSame else { return }
        modelRange = request.model
        growth = OpenAISplice.quotedCount(model) - request.model.count
    }

    /// Bounds the output to `tokens`, which is less than what the request says. Call it once.
    /// - Returns: false if the request has no such bound, or would be refused with this one: `max_tokens` must be more than the thinking's budget.
    public mutating func limitOutput(of request: AnthropicRequest, to tokens: Int) -> Bool {
        precondition(limitRange == nil, "the output was bounded before")
        guard request.body == .messages, tokens > request.thinkingBudget ?? 0 else { return false }
        limit = tokens
        if let range = request.limit {
            limitRange = range
            growth += decimalCount(tokens) - range.count
        } else {
            limitRange = ByteRange(start: request.insertion, end: request.insertion)
            growth += Self.memberCount + decimalCount(tokens)
        }
        return true
    }

    /// Whether the body can be sent as it is.
    public var isEmpty: Bool { modelRange == nil && limitRange == nil }

    /// Appends the spliced body to `out`.
    public func appendSpliced(_ body: Span<UInt8>, to out: inout ByteBuffer) {
        out.reserve(body.count + growth)
        let start = out.count
        var at = 0
        if let limitRange, limitRange.start < modelRange?.start ?? .max { appendLimit(limitRange, body, &at, &out) }
        if let modelRange {
            out.append(body.extracting(at..<Int(modelRange.start)))
            out.append(jsonString: model)
            at = Int(modelRange.end)
        }
        if let limitRange, limitRange.start >= modelRange?.start ?? .max { appendLimit(limitRange, body, &at, &out) }
        out.append(body.extracting(at..<body.count))
        precondition(out.count - start == body.count + growth, "a spliced body has another length than announced")
    }

    // MARK: Parts

    /// The bytes of `"max_tokens":` and a comma.
    private static let memberCount = 14

    private func appendLimit(_ range: ByteRange, _ body: Span<UInt8>, _ at: inout Int, _ out: inout ByteBuffer) {
        out.append(body.extracting(at..<Int(range.start)))
        // In front of the others: a body that is read has at least the member `model`.
        if range.isEmpty { out.append("\"max_tokens\":") }
        out.append(decimal: limit)
        if range.isEmpty { out.append(",") }
        at = Int(range.end)
    }
}
