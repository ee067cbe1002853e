internal import WeirBase

// Policy. Both writers, of whole responses and of streams, put the answer together here, so that they cannot differ. Text and refusals of one message
// are its parts; reasoning ends with its signature; a message or a reasoning item ends where another item begins. Only calls may stay open together:
// providers that mix the arguments of parallel calls exist, so that a call ends when its arguments are whole, or with the answer.

/// The items of a response's `output`, as they grow. Choices other than the first do not exist here and are passed over.
///
/// Memory: the answer once, at most `OpenAIAnswerLimits.bytes` of it, since the last event of a stream repeats all.
struct ResponsesOutput {
    struct Part {
        enum Kind { case text, refusal, summary, arguments }

        var kind: Kind
        var text = ""
        /// Arrays of what came for pieces of the text.
        var logprobs: [RawJSON] = []
    }

    struct Item {
        enum Kind: Equatable {
            case message, reasoning
            case call(id: String, name: String)
        }
        enum Status { case inProgress, completed, incomplete }

        var kind: Kind
        var status = Status.inProgress
        /// Texts and refusals of a message, the summary of reasoning, or a call's arguments: always in parts, so that they grow in place.
        var parts: [Part] = []
        /// `encrypted_content` of reasoning.
        var seal: String?
    }

    /// What has happened to an item.
    enum Change {
        case began, partBegan
        case grew(String)
        /// Log probabilities came for the text before.
        case weighed(RawJSON)
        case partEnded, ended
    }

    private(set) var items: [Item] = []
    private(set) var model = ""
    private(set) var usage: Usage?
    private(set) var finish: FinishReason?
    private let keepsLogprobs: Bool
    /// Whether the last item is a message or reasoning that goes on.
    private var isLastOpen = false
    /// The item of each call.
    private var calls: [Int] = []
    private var openCalls: [(item: Int, progress: ArgumentsProgress)] = []
    private var keptBytes = 0

    init(keepsLogprobs: Bool) { self.keepsLogprobs = keepsLogprobs }

    /// Adds what `event` says, and tells each change as it is made.
    /// - Throws: what `error` brings, and what no answer may say; nothing may be added after it.
    mutating func add(
        _ event: AnswerEvent, telling listener: inout some ResponsesListener, _ out: inout ByteBuffer
    ) throws(UpstreamProblem) {
        switch event {
        case .start(let model, _): self.model = model
        case .text(0, let text): try add(text, .text, &listener, &out)
        case .refusal(0, let text): try add(text, .refusal, &listener, &out)
        case .reasoning(0, let text): try add(text, .summary, &listener, &out)
        case .reasoningSignature(0, let signature):
            guard !signature.isEmpty else { return }
            try seal(.signature(signature), &listener, &out)
        case .redactedReasoning(0, let data): try seal(.redacted(data), &listener, &out)
        case .toolCall(0, let call, let id, let name, let signature):
            guard call == calls.count, call < OpenAIAnswerLimits.calls else { throw .strayCall }
            if let signature, !signature.isEmpty { try seal(.call(id: id, signature: signature), &listener, &out) }
            try begin(Item(kind: .call(id: id, name: name)), keeping: id.utf8.count + name.utf8.count, &listener, &out)
            items[items.count - 1].parts.append(Part(kind: .arguments))
            calls.append(items.count - 1)
            openCalls.append((items.count - 1, ArgumentsProgress()))
        case .toolArguments(0, let call, let piece): try add(piece, toCall: call, &listener, &out)
        case .logprobs(0, let elements): try add(elements, &listener, &out)
        case .finish(0, let reason, _):
            finish = reason
            endAll(&listener, &out)
        case .usage(let usage): self.usage = usage
        case .end: endAll(&listener, &out)
        case .error(let problem): throw problem
        case .text, .refusal, .reasoning, .reasoningSignature, .redactedReasoning, .toolCall, .toolArguments,
            .logprobs, .finish:
            break
        }
    }

    /// The answer has broken off: what was open is incomplete, and nobody is told.
    mutating func abandon() {
        for at in items.indices where items[at].status == .inProgress { items[at].status = .incomplete }
    }

    // MARK: Pieces

    private mutating func add(
        _ text: String, _ kind: Part.Kind, _ listener: inout some ResponsesListener, _ out: inout ByteBuffer
    ) throws(UpstreamProblem) {
        guard !text.isEmpty else { return }
        try keep(text.utf8.count)
        let item: Item.Kind = kind == .summary ? .reasoning : .message
        if !isLastOpen || items.last?.kind != item { try begin(Item(kind: item), &listener, &out) }
        let at = items.count - 1
        if items[at].parts.last?.kind != kind {
            endPart(of: at, &listener, &out)
            try keep(Self.overhead)
            items[at].parts.append(Part(kind: kind))
            listener.note(.partBegan, of: items[at], at: at, &out)
        }
        grow(at, text, &listener, &out)
    }

    private mutating func add(
        _ piece: String, toCall call: Int, _ listener: inout some ResponsesListener, _ out: inout ByteBuffer
    ) throws(UpstreamProblem) {
        guard calls.indices.contains(call) else { throw .strayArguments }
        guard !piece.isEmpty else { return }
        guard let open = openCalls.firstIndex(where: { $0.item == calls[call] }) else {
            // White space behind arguments that are whole says nothing; anything else does.
            guard piece.utf8.allSatisfy({ $0 <= 0x20 }) else { throw .strayArguments }
            return
        }
        try keep(piece.utf8.count)
        openCalls[open].progress.feed(piece)
        grow(calls[call], piece, &listener, &out)
    }

    private mutating func add(
        _ elements: RawJSON, _ listener: inout some ResponsesListener, _ out: inout ByteBuffer
    ) throws(UpstreamProblem) {
        guard keepsLogprobs, isLastOpen, let part = items.last?.parts.last, part.kind == .text else { return }
        try keep(elements.bytes.count + Self.overhead)
        let at = items.count - 1
        items[at].parts[items[at].parts.count - 1].logprobs.append(elements)
        listener.note(.weighed(elements), of: items[at], at: at, &out)
    }

    /// Ends the reasoning that is open, or makes an item of its own: a signature alone proves what is not shown.
    private mutating func seal(
        _ seal: ReasoningSeal, _ listener: inout some ResponsesListener, _ out: inout ByteBuffer
    ) throws(UpstreamProblem) {
        let text = seal.text
        try keep(text.utf8.count)
        var isProof = false
        if case .signature = seal { isProof = true }
        if !isProof || !isLastOpen || items.last?.kind != .reasoning {
            try begin(Item(kind: .reasoning), &listener, &out)
        }
        items[items.count - 1].seal = text
        endLast(.completed, &listener, &out)
    }

    private mutating func grow(
        _ at: Int, _ text: String, _ listener: inout some ResponsesListener, _ out: inout ByteBuffer
    ) {
        items[at].parts[items[at].parts.count - 1].text += text
        listener.note(.grew(text), of: items[at], at: at, &out)
    }

    // MARK: Items

    private mutating func begin(
        _ item: Item, keeping count: Int = 0, _ listener: inout some ResponsesListener, _ out: inout ByteBuffer
    ) throws(UpstreamProblem) {
        try keep(count + Self.overhead)
        endLast(.completed, &listener, &out)
        endWholeCalls(&listener, &out)
        items.append(item)
        switch item.kind {
        case .message, .reasoning: isLastOpen = true
        case .call: break
        }
        listener.note(.began, of: item, at: items.count - 1, &out)
    }

    private mutating func endLast(
        _ status: Item.Status, _ listener: inout some ResponsesListener, _ out: inout ByteBuffer
    ) {
        guard isLastOpen else { return }
        isLastOpen = false
        end(items.count - 1, status, &listener, &out)
    }

    private mutating func endWholeCalls(_ listener: inout some ResponsesListener, _ out: inout ByteBuffer) {
        for call in openCalls where call.progress.isWhole { end(call.item, .completed, &listener, &out) }
        openCalls.removeAll { $0.progress.isWhole }
    }

    /// Ends what is open; what the answer's end has cut is incomplete.
    private mutating func endAll(_ listener: inout some ResponsesListener, _ out: inout ByteBuffer) {
        let isCut = finish?.responsesIncompleteReason != nil
        endLast(isCut ? .incomplete : .completed, &listener, &out)
        for call in openCalls {
            // A call without arguments is `{}`: clients parse what they have put together.
            if call.progress.isEmpty, !isCut { grow(call.item, "{}", &listener, &out) }
            end(call.item, isCut && !call.progress.isWhole ? .incomplete : .completed, &listener, &out)
        }
        openCalls.removeAll()
    }

    private mutating func end(
        _ at: Int, _ status: Item.Status, _ listener: inout some ResponsesListener, _ out: inout ByteBuffer
    ) {
        endPart(of: at, &listener, &out)
        items[at].status = status
        listener.note(.ended, of: items[at], at: at, &out)
    }

    private func endPart(of at: Int, _ listener: inout some ResponsesListener, _ out: inout ByteBuffer) {
        if !items[at].parts.isEmpty { listener.note(.partEnded, of: items[at], at: at, &out) }
    }

    // MARK: Bounds

    /// What an item, a part or an array takes beside its bytes, at most: answers of many empty pieces are bounded, too.
    private static let overhead = 128

    private mutating func keep(_ count: Int) throws(UpstreamProblem) {
        guard count <= OpenAIAnswerLimits.bytes - keptBytes else {
            throw UpstreamProblem(.malformed, "the answer is longer than \(OpenAIAnswerLimits.bytes) bytes")
        }
        keptBytes += count
    }
}

/// Hears of what happens to the items of a response; the part that it is about is the item's last.
protocol ResponsesListener {
    mutating func note(
        _ change: ResponsesOutput.Change, of item: ResponsesOutput.Item, at index: Int, _ out: inout ByteBuffer)
}

extension FinishReason {
    /// `incomplete_details.reason` of a response that ended for this; nil for a complete one.
    var responsesIncompleteReason: StaticString? {
        switch self {
        case .stop, .stopSequence, .toolCalls, .pause: nil
        case .length: "max_output_tokens"
        case .contentFilter, .refusal: "content_filter"
        }
    }
}
