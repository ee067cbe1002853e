public import WeirBase

/// Writes an answer as one response object (providers.md, sections 2.4 and 12), all of it at `end`; an error is written instead of it. What it keeps
/// is bounded by `OpenAIAnswerLimits`.
public struct OpenAIResponsesAnswerWriter: AnswerWriter {
    /// A whole response tells nobody of its pieces.
    private struct Silence: ResponsesListener {
        func note(
            _ change: ResponsesOutput.Change, of item: ResponsesOutput.Item, at index: Int, _ out: inout ByteBuffer
        ) {}
    }

    private let object: ResponsesObject
    private var output: ResponsesOutput
    private var isOver = false

    public init(_ context: AnswerContext) {
        object = ResponsesObject(context: context)
        output = ResponsesOutput(keepsLogprobs: context.request.logprobs)
    }

    public mutating func write(_ event: AnswerEvent, to out: inout ByteBuffer) {
        guard !isOver else { return }
        var silence = Silence()
        do throws(UpstreamProblem) {
            try output.add(event, telling: &silence, &out)
            guard event == .end else { return }
            isOver = true
            object.append(output, .ended, to: &out)
        } catch {
            isOver = true
            OpenAIErrorShape(error).append(to: &out)
        }
    }
}
