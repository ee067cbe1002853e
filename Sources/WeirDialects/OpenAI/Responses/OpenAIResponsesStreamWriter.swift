public import WeirBase

/// Writes an answer as the event stream of the Responses API (providers.md, sections 2.5 and 12): `response.created`, `response.in_progress`, the
/// events of each item, and `response.completed`, `.incomplete` or `.failed` with the whole response. An error before all of them is an `error`
/// event. No `[DONE]` follows.
///
/// What it keeps is bounded by `OpenAIAnswerLimits`.
public struct OpenAIResponsesStreamWriter: AnswerWriter {
    private let object: ResponsesObject
    private var output: ResponsesOutput
    private var events: ResponsesEvents
    private var hasBegun = false
    private var isOver = false

    public init(_ context: AnswerContext) {
        object = ResponsesObject(context: context)
        output = ResponsesOutput(keepsLogprobs: context.request.logprobs)
        events = ResponsesEvents(response: context.id, awaitsLogprobs: context.request.logprobs)
    }

    public mutating func write(_ event: AnswerEvent, to out: inout ByteBuffer) {
        guard !isOver else { return }
        do throws(UpstreamProblem) {
            if case .error(let problem) = event { throw problem }
            // The first events wait for the model's name.
            if case .start = event {} else { begin(&out) }
            try output.add(event, telling: &events, &out)
            begin(&out)
            guard event == .end else { return }
            let isWhole = output.finish?.responsesIncompleteReason == nil
            finish(isWhole ? "response.completed" : "response.incomplete", .ended, &out)
        } catch {
            guard hasBegun else {
                isOver = true
                return OpenAIErrorShape(error).appendResponsesEvent(sequence: 0, to: &out)
            }
            output.abandon()
            finish("response.failed", .failed(error), &out)
        }
    }

    private mutating func begin(_ out: inout ByteBuffer) {
        guard !hasBegun else { return }
        hasBegun = true
        for name in ["response.created", "response.in_progress"] as [StaticString] {
            append(name, .inProgress, &out)
        }
    }

    private mutating func finish(_ name: StaticString, _ stage: ResponsesObject.Stage, _ out: inout ByteBuffer) {
        isOver = true
        events.flush(&out)
        append(name, stage, &out)
    }

    private mutating func append(_ name: StaticString, _ stage: ResponsesObject.Stage, _ out: inout ByteBuffer) {
        events.begin(name, &out)
        out.append(#","response":"#)
        object.append(output, stage, to: &out)
        events.end(&out)
    }
}
