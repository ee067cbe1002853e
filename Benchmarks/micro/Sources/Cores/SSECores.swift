import WeirBase
import WeirWire

extension Core {
    static let sse: [Core] = [
        Core("sse/one-event") { iterations in scanEvents(iterations, read: Texts.events(1)) },
        Core("sse/16-events") { iterations in scanEvents(iterations, read: Texts.events(16)) },
    ]

    /// Scans one read that holds whole events, `iterations` times, as a stream that goes on.
    private static func scanEvents(_ iterations: Int, read: [UInt8]) {
        let read = hidden(read)
        var scanner = SSEScanner()
        for _ in 0..<iterations {
            let bytes = read.span
            var at = scanner.leadingLineFeed(in: bytes)
            while let event = scanner.next(in: bytes, from: at) {
                at = Int(event.range.end)
                keep(event)
            }
        }
    }
}
