// Policy. A stream of a known endpoint says itself where it ends: `[DONE]`, or a Responses stream's `response.completed`, `.failed` or
// `.incomplete`. That event counts, not the connection: after it nothing is missing whatever happens to the framing, and before it a connection
// that just ends has cut the stream. A provider may leave out the names of a Responses stream's events, by which its end is told; of such a
// stream the end is not known.

extension OpenAIEndpoint {
    /// Whether a stream of this endpoint ends with an event that says so.
    public var hasTerminalEvent: Bool {
        switch self {
        case .chatCompletions, .completions, .responses: true
        default: false
        }
    }
}

extension OpenAIStreamMeter {
    /// Whether a stream with a terminal event is cut if it ends here.
    public var lacksTerminalEvent: Bool {
        guard !report.isDone else { return false }
        return place == .top || hasNames || report.events == 0
    }

    /// Whether all that is missing of the stream, its terminal event having come, is the LF of the CRLF with which it ends.
    public var lacksLineFeed: Bool { report.isDone && partial == .none && !droppedLast && endsInSplitLineEnd }
}
