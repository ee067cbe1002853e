internal import WeirBase
internal import WeirWire

/// Reads answers of generateContent: a whole one is a stream of one chunk. A stream has no last event, so that its end is judged by `finish`: every
/// choice has had its reason by then, or something is missing.
///
/// Of a stream it keeps the last usage (the one that counts) and a few words per choice, of which there are at most `choiceLimit`.
public struct GeminiAnswerReader: AnswerReader {
    /// Choices of one answer; Google's models give eight at most.
    static let choiceLimit = 128
    /// Calls of one choice.
    static let callLimit = 4_096

    struct Choice {
        var calls = 0
        var hasText = false
        var isFinished = false
    }

    var choices: [Choice] = []
    /// Of the names of calls that have none; from the answer's id, so that turns of a conversation differ.
    var seed = FNV1a()
    private var hasStarted = false
    private var isOver = false
    private var isBlocked = false
    /// The last `usageMetadata`, as it came.
    private var usage: [UInt8] = []

    public init() {}

    public static func read(whole body: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        var reader = GeminiAnswerReader()
        reader.read(event: Span(), body, give)
        reader.finish(give)
    }

    public mutating func read(event name: Span<UInt8>, _ data: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        guard !isOver else { return }
        do throws(GeminiFault) {
            try start(data, give)
            try readChunk(data, give)
        } catch {
            fail(error.problem, give)
        }
    }

    public mutating func finish(_ give: (AnswerEvent) -> Void) {
        guard !isOver else { return }
        if isBlocked, choices.isEmpty {
            choices.append(Choice(isFinished: true))
            give(.finish(choice: 0, .contentFilter, stopSequence: nil))
        }
        guard !choices.isEmpty, choices.allSatisfy(\.isFinished) else {
            return fail(UpstreamProblem(.malformed, "the answer ended before its last event"), give)
        }
        // Counts that contradict each other are no reason to lose an answer that is there; it is billed by its text then.
        if !usage.isEmpty,
            let counts = try? UsageMapping.read(usage.span, ByteRange(start: 0, end: usage.count), as: .gemini)
        {
            give(.usage(counts))
        }
        isOver = true
        give(.end)
    }

    private mutating func fail(_ problem: UpstreamProblem, _ give: (AnswerEvent) -> Void) {
        isOver = true
        give(.error(problem))
    }

    /// Names the model and the answer, which stand behind the first texts.
    private mutating func start(_ data: Span<UInt8>, _ give: (AnswerEvent) -> Void) throws(GeminiFault) {
        guard !hasStarted else { return }
        let names: [ShortName] = ["modelVersion", "responseId", "error"]
        let found = try fault { () throws(JSONError) in try JSONScanner.members(of: data, wanted: names) }
        guard !found.has(2) else { return }
        func text(_ index: Int) -> String {
            guard let member = found[index], member.kind == .string else { return "" }
            return JSONPlace.text(data, member.value)
        }
        let id = text(1)
        seed.add(id.utf8Span.span)
        hasStarted = true
        give(.start(model: text(0), id: id))
    }

    private mutating func readChunk(_ data: Span<UInt8>, _ give: (AnswerEvent) -> Void) throws(GeminiFault) {
        var problem: UpstreamProblem?
        do throws(JSONError) {
            let root = try JSONPlace.root(data)
            _ = try root.members(data) { (name, value) throws(JSONError) in
                switch name {
                case Name.candidates:
                    return try value.elements(data) { (candidate) throws(JSONError) in
                        try readCandidate(data, candidate, &problem, give)
                    }
                case Name.usageMetadata:
                    let range = try value.range(data)
                    if value.kind == .object {
                        usage.removeAll(keepingCapacity: true)
                        for at in range.bounds { usage.append(data[at]) }
                    }
                    return Int(range.end)
                case Name.promptFeedback:
                    return try value.members(data) { (name, value) throws(JSONError) in
                        if name == Name.blockReason, value.kind == .string { isBlocked = true }
                        return try value.skip(data)
                    }
                case Name.error:
                    let range = try value.range(data)
                    problem = Self.problem(status: nil, data, range)
                    return Int(range.end)
                default: return try value.skip(data)
                }
            }
        } catch { throw GeminiFault(error) }
        if let problem { throw GeminiFault(problem: problem) }
    }

    private func fault<Result>(_ read: () throws(JSONError) -> Result) throws(GeminiFault) -> Result {
        do throws(JSONError) { return try read() } catch { throw GeminiFault(error) }
    }

    private enum Name {
        static let candidates: ShortName = "candidates"
        static let usageMetadata: ShortName = "usageMetadata"
        static let promptFeedback: ShortName = "promptFeedback"
        static let blockReason: ShortName = "blockReason"
        static let error: ShortName = "error"
    }
}

/// Why reading ends.
struct GeminiFault: Error {
    let problem: UpstreamProblem

    init(problem: UpstreamProblem) { self.problem = problem }

    init(_ error: JSONError) {
        problem = UpstreamProblem(.malformed, "the answer is not valid JSON, at byte \(error.offset)")
    }
}
