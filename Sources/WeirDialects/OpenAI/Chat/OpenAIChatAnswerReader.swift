internal import WeirBase
internal import WeirWire

/// Reads answers of chat completions into events (providers.md, sections 2.2, 2.3 and 7), of OpenAI, Azure and servers that speak like them. A whole
/// answer is read as a stream of one chunk.
///
/// What such servers do differently is taken as it is meant: usage in no chunk, in every chunk or in Groq's own place, reasons to finish that OpenAI
/// does not have, calls without index or id, a missing `[DONE]`, errors in many shapes. Reasons to finish are given at the end, when nothing can come
/// after them.
///
/// Memory: the usage, and a few words per choice and call, of which there are at most `OpenAIAnswerLimits`.
public struct OpenAIChatAnswerReader: AnswerReader {
    var choices: [ChatChoice] = []
    /// Of the ids of calls that have none; from the first chunk, so that turns of a conversation differ.
    var seed = FNV1a()
    private var model = ""
    private var id = ""
    private var hasChunk = false
    private var hasStarted = false
    private var isOver = false
    private var usage: Usage?

    public init() {}

    public mutating func read(event name: Span<UInt8>, _ data: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        guard !isOver else { return }
        if data.has("[DONE]", at: 0, before: data.count) { return end(isDone: true, give) }
        readChunk(data, give)
    }

    public mutating func finish(_ give: (AnswerEvent) -> Void) {
        guard !isOver else { return }
        end(isDone: false, give)
    }

    public static func read(whole body: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        var reader = OpenAIChatAnswerReader()
        reader.readChunk(body, give)
        if !reader.isOver { reader.end(isDone: true, give) }
    }

    public static func problem(status: Int, retryAfter: String?, body: Span<UInt8>) -> UpstreamProblem {
        OpenAIProblem.read(status: status, retryAfter: retryAfter, body)
    }

    private mutating func fail(_ problem: UpstreamProblem, _ give: (AnswerEvent) -> Void) {
        isOver = true
        give(.error(problem))
    }

    // MARK: Chunks

    /// What a chunk consists of; its names may stand behind its choices.
    private struct Chunk {
        var id: String?
        var model: String?
        var choices: JSONPlace?
        var usage: JSONValue?
        var hasError = false
        /// Whether it has members that only an error has.
        var hasMessage = false

        var isError: Bool { hasError || (hasMessage && choices == nil && usage == nil) }
    }

    private mutating func readChunk(_ data: Span<UInt8>, _ give: (AnswerEvent) -> Void) {
        do throws(JSONError) {
            let root = try JSONPlace.root(data)
            guard root.kind == .object else { throw JSONError(.notAnObject, at: root.start) }
            var chunk = Chunk()
            _ = try root.members(data) { (name, place) throws(JSONError) in
                try Self.read(name, place, data, into: &chunk)
            }
            if chunk.isError { return fail(OpenAIProblem.read(status: nil, retryAfter: nil, data), give) }
            note(chunk, data)
            if let choices = chunk.choices { try readChoices(data, choices, give) }
        } catch {
            fail(UpstreamProblem(.malformed, "the answer is not a JSON object, at byte \(error.offset)"), give)
        }
    }

    private mutating func readChoices(
        _ data: Span<UInt8>, _ place: JSONPlace, _ give: (AnswerEvent) -> Void
    ) throws(JSONError) {
        var position = 0
        var problem: UpstreamProblem?
        _ = try place.elements(data) { (choice) throws(JSONError) in
            defer { position += 1 }
            guard problem == nil else { return try choice.skip(data) }
            start(give)
            return try readChoice(data, choice, at: position, &problem, give)
        }
        if let problem { fail(problem, give) }
    }

    private static func read(
        _ name: ShortName, _ place: JSONPlace, _ data: Span<UInt8>, into chunk: inout Chunk
    ) throws(JSONError) -> Int {
        switch name {
        case ChatName.id: return try place.read(data, into: &chunk.id)
        case ChatName.model: return try place.read(data, into: &chunk.model)
        case ChatName.choices:
            chunk.choices = place
            return try place.skip(data)
        case ChatName.usage:
            let value = try place.value(data)
            if value.kind == .object { chunk.usage = value }
            return value.end
        case ChatName.groq:
            return try place.members(data) { (name, place) throws(JSONError) in
                let value = try place.value(data)
                if name == ChatName.usage, value.kind == .object, chunk.usage == nil { chunk.usage = value }
                return value.end
            }
        case ChatName.error:
            if place.kind != .null, place.kind != .false { chunk.hasError = true }
            return try place.skip(data)
        case ChatName.message, ChatName.detail:
            if place.kind != .null { chunk.hasMessage = true }
            return try place.skip(data)
        default: return try place.skip(data)
        }
    }

    private mutating func note(_ chunk: Chunk, _ data: Span<UInt8>) {
        if !hasChunk {
            hasChunk = true
            seed.add(data)
        }
        // Azure's first chunk has names that are empty.
        if model.isEmpty, let name = chunk.model { model = name }
        if id.isEmpty, let name = chunk.id { id = name }
        guard let range = chunk.usage?.range else { return }
        // Of several the last counts; one that cannot be read is none.
        if case .read(let counts) = OpenAIUsage.read(data, range) { usage = counts } else { usage = nil }
    }

    private mutating func start(_ give: (AnswerEvent) -> Void) {
        guard !hasStarted else { return }
        hasStarted = true
        give(.start(model: model, id: id))
    }

    // MARK: End

    /// - Parameter isDone: whether the server said that this is all; then choices may lack their reasons.
    private mutating func end(isDone: Bool, _ give: (AnswerEvent) -> Void) {
        guard !choices.isEmpty, isDone || choices.allSatisfy({ $0.reason != nil }) else {
            return fail(UpstreamProblem(.malformed, "the answer ended before its last event"), give)
        }
        guard choices.allSatisfy({ $0.calls.allSatisfy(\.isGiven) }) else { return fail(.namelessCall, give) }
        for (index, choice) in choices.enumerated() {
            let reason = choice.finish
            let sequence = reason == .stopSequence ? choice.stopSequence : nil
            give(.finish(choice: index, reason, stopSequence: sequence))
        }
        if let usage { give(.usage(usage)) }
        isOver = true
        give(.end)
    }
}

extension UpstreamProblem {
    static let namelessCall = UpstreamProblem(.malformed, "the answer has a tool call without a name")
}
