import WeirBase
import WeirDialects

extension Core {
    static let openAI: [Core] = [
        Core("openai/stream-event") { iterations in meterEvents(iterations, read: Texts.events(1), strips: false) },
        Core("openai/16-stream-events") { iterations in
            meterEvents(iterations, read: Texts.events(16), strips: false)
        },
        // Where Weir has asked for usage, each chunk has a `"usage":null` that the client did not ask for.
        Core("openai/stripped-event") { iterations in
            meterEvents(iterations, read: Array(Texts.eventWithNoUsage.utf8), strips: true)
        },
        Core("openai/usage-event") { iterations in
            meterEvents(iterations, read: Array(Texts.usageEvent.utf8), strips: true)
        },
        Core("openai/response-1k") { iterations in
            let body = hidden(Texts.response(answerBytes: 1024))
            for _ in 0..<iterations {
                var meter = OpenAIResponseMeter()
                meter.feedWhole(body.span)
                keep(meter.usage)
            }
        },
        Core("openai/response-1k-in-pieces") { iterations in
            let body = hidden(Texts.response(answerBytes: 1024))
            for _ in 0..<iterations {
                var meter = OpenAIResponseMeter()
                meter.feed(body.span.extracting(0..<700))
                meter.feed(body.span.extracting(700..<body.count))
                keep(meter.usage)
            }
        },
    ]

    /// Meters one read that holds whole events, `iterations` times, as a stream that goes on.
    private static func meterEvents(_ iterations: Int, read: [UInt8], strips: Bool) {
        let read = hidden(read)
        var meter = OpenAIStreamMeter(.top, strips: strips)
        var out = ByteBuffer(capacity: 4096)
        for _ in 0..<iterations {
            out.removeAll()
            keep(meter.feed(read.span, into: &out))
            keep(out)
        }
    }
}
