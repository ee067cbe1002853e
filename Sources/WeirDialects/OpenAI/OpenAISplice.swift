public import WeirBase
internal import WeirWire

/// What changes in a request body on its way to an upstream of the same dialect: the model's name; in a stream whose client did not ask for
/// usage, `stream_options.include_usage`; and, where a budget has less room than the client asks for, the bound on the output. Everything
/// else stays byte for byte.
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
        /// A number in the place of another.
        case number(Int)
        /// A member with the number, in front of all others.
        case limit(StaticString, Int)

        var count: Int {
            switch self {
            case .model: 0
            case .true: 4
            case .option(true): 21
            case .option(false): 20
            case .options: 22
            case .member: 40
            case .number(let number): decimalCount(number)
            case .limit(let name, let number): name.utf8CodeUnitCount + 4 + decimalCount(number)
            }
        }
    }

    /// Whether the upstream is asked for usage that the client did not ask for: the meter must take it out of the stream again.
    public let injectsUsage: Bool
    /// In the order of the bytes.
    private var edits: InlineArray<4, Edit?> = InlineArray(repeating: nil)
    private var editCount = 0
    private let model: String
    /// Bytes that the spliced body has more than the body.
    public private(set) var growth = 0

    /// Plans the edits for an upstream that knows the model as `model`. A name that is already there is no edit.
    public init(_ request: OpenAIRequest, body: Span<UInt8>, model: String) {
        self.model = model
        injectsUsage = request.stream && request.body.asksForUsage && request.includeUsage != true
        if let range = request.model, !Self.isSame(request, body, model) {
            add(Edit(range: range, text: .model), Self.quotedCount(model))
        }
        if injectsUsage, let edit = Self.usageEdit(request, body) { add(edit, edit.text.count) }
    }

    /// Bounds the output of each choice to `tokens`, which is less than what the request says.
    /// - Returns: false if the endpoint has no such bound.
    public mutating func limitOutput(of request: OpenAIRequest, to tokens: Int) -> Bool {
        guard let name = request.body.limitName else { return false }
        let ranges = [request.olderLimit, request.newerLimit].compactMap { $0 }
        for range in ranges {
            let text = Text.number(tokens)
            add(Edit(range: range, text: text), text.count)
        }
        if ranges.isEmpty {
            let text = Text.limit(name, tokens)
            add(Edit(range: ByteRange(start: request.insertion, end: request.insertion), text: text), text.count)
        }
        return true
    }

    /// Whether the body can be sent as it is.
    public var isEmpty: Bool { editCount == 0 }

    /// Appends the spliced body to `out`.
    public func appendSpliced(_ body: Span<UInt8>, to out: inout ByteBuffer) {
        out.reserve(body.count + growth)
        let start = out.count
        var at = 0
        for index in 0..<editCount {
            guard let edit = edits[index] else { break }
            out.append(body.extracting(at..<Int(edit.range.start)))
            append(edit.text, &out)
            at = Int(edit.range.end)
        }
        out.append(body.extracting(at..<body.count))
        precondition(out.count - start == body.count + growth, "a spliced body has another length than announced")
    }

    // MARK: Parts

    /// Puts an edit where it belongs in the order of the bytes; `count` is the size of its text.
    private mutating func add(_ edit: Edit, _ count: Int) {
        var at = editCount
        while at > 0, let before = edits[at - 1], before.range.start > edit.range.start {
            edits[at] = before
            at -= 1
        }
        edits[at] = edit
        editCount += 1
        growth += count - edit.range.count
    }

    private func append(_ text: Text, _ out: inout ByteBuffer) {
        switch text {
        case .model: out.append(jsonString: model)
        case .true: out.append("true")
        case .option(true): out.append(#""include_usage":true,"#)
        case .option(false): out.append(#""include_usage":true"#)
        case .options: out.append(#"{"include_usage":true}"#)
        case .member: out.append(#","stream_options":{"include_usage":true}"#)
        case .number(let number): out.append(decimal: number)
        case .limit(let name, let number):
            // In front of the others: a body that is read has at least the member `model`.
            out.append("\"")
            out.append(name)
            out.append("\":")
            out.append(decimal: number)
            out.append(",")
        }
    }

    private static func isSame(_ request: OpenAIRequest, _ body: Span<UInt8>, _ model: String) -> Bool {
        guard request.modelIsPlain, let contents = request.modelContents else { return false }
        return body.extracting(contents.bounds).isEqual(to: model.utf8Span.span)
    }

    /// The size of `text` as a JSON string, quotes included.
    static func quotedCount(_ text: String) -> Int {
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

/// The digits of a number of 0 or more.
func decimalCount(_ number: Int) -> Int {
    var (count, rest) = (1, number)
    while rest >= 10 {
        rest /= 10
        count += 1
    }
    return count
}
