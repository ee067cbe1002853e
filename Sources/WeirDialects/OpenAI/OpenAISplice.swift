public import WeirBase
internal import WeirWire

/// What changes in a request body on its way to an upstream of the same dialect: the model's name and, in a stream whose client did not ask for
/// usage, `stream_options.include_usage`. Everything else stays byte for byte.
public struct OpenAISplice: Sendable {
    private struct Edit {
        var range: ByteRange
        var text: Text
    }

    private enum Text {
        case model
        case `true`
        /// `"include_usage":true` behind the brace of an object that goes on, or of an empty one.
        case option(comma: Bool)
        /// An object for `stream_options`.
        case options
        /// A member `stream_options` behind the value of `stream`.
        case member

        var fixed: StaticString {
            switch self {
            case .model: ""
            case .true: "true"
            case .option(true): #""include_usage":true,"#
            case .option(false): #""include_usage":true"#
            case .options: #"{"include_usage":true}"#
            case .member: #","stream_options":{"include_usage":true}"#
            }
        }
    }

    /// Whether the upstream is asked for usage that the client did not ask for: the meter must take it out of the stream again.
    public let injectsUsage: Bool
    private var first: Edit?
    private var second: Edit?
    private let model: String
    private let growth: Int

    /// Plans the edits for an upstream that knows the model as `model`. A name that is already there is no edit.
    public init(_ request: OpenAIRequest, body: Span<UInt8>, model: String) {
        self.model = model
        var growth = 0
        var modelEdit: Edit?
        if let range = request.model, !Self.isSame(request, body, model) {
            modelEdit = Edit(range: range, text: .model)
            growth += Self.quotedCount(model) - range.count
        }
        injectsUsage = request.stream && request.body.asksForUsage && request.includeUsage != true
        var usageEdit: Edit?
        if injectsUsage, let edit = Self.usageEdit(request, body) {
            usageEdit = edit
            growth += edit.text.fixed.utf8CodeUnitCount - edit.range.count
        }
        self.growth = growth
        (first, second) = (modelEdit, usageEdit)
        if let left = modelEdit, let right = usageEdit, right.range.start < left.range.start {
            (first, second) = (right, left)
        }
        if first == nil { (first, second) = (second, nil) }
    }

    /// Whether the body can be sent as it is.
    public var isEmpty: Bool { first == nil }

    /// The size of the spliced body, for Content-Length.
    public func contentLength(of body: Span<UInt8>) -> Int { body.count + growth }

    /// Appends the spliced body to `out`.
    public func appendSpliced(_ body: Span<UInt8>, to out: inout ByteBuffer) {
        out.reserve(contentLength(of: body))
        let start = out.count
        var at = 0
        append(first, body, &at, &out)
        append(second, body, &at, &out)
        out.append(body.extracting(at..<body.count))
        precondition(out.count - start == contentLength(of: body), "a spliced body has another length than announced")
    }

    // MARK: Parts

    private func append(_ edit: Edit?, _ body: Span<UInt8>, _ at: inout Int, _ out: inout ByteBuffer) {
        guard let edit else { return }
        out.append(body.extracting(at..<Int(edit.range.start)))
        if case .model = edit.text { out.append(jsonString: model) } else { out.append(edit.text.fixed) }
        at = Int(edit.range.end)
    }

    private static func isSame(_ request: OpenAIRequest, _ body: Span<UInt8>, _ model: String) -> Bool {
        guard request.modelIsPlain, let contents = request.modelContents else { return false }
        return body.extracting(contents.bounds).isEqual(to: model.utf8Span.span)
    }

    /// The size of `text` as a JSON string, quotes included.
    private static func quotedCount(_ text: String) -> Int {
        var count = 2
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x08, 0x09, 0x0A, 0x0C, 0x0D: count += 2
            case 0..<0x20: count += 6
            default: count += 1
            }
        }
        return count
    }

    private static func usageEdit(_ request: OpenAIRequest, _ body: Span<UInt8>) -> Edit? {
        if let value = request.includeUsageValue { return Edit(range: value.range, text: .true) }  // false or null
        if let options = request.streamOptions {
            if options.kind == .null { return Edit(range: options.range, text: .options) }
            let inside = Int(options.range.start) + 1
            let next = body.firstNonWhitespace(from: inside, to: Int(options.range.end))
            return Edit(
                range: ByteRange(start: inside, end: inside), text: .option(comma: body[next] != UInt8(ascii: "}")))
        }
        guard let stream = request.streamValue else { return nil }
        let end = Int(stream.range.end)
        return Edit(range: ByteRange(start: end, end: end), text: .member)
    }
}
