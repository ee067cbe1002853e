import WeirBase
import WeirWire

/// Cuts server-sent events out of bytes split anywhere, for whoever reads whole events. It holds what one event has of bytes in earlier reads, at most
/// `limit`.
struct EventCutter: ~Copyable {
    /// Bytes of an event. Images come as one.
    static let limit = 32 << 20

    private var scanner = SSEScanner()
    private var held = ByteBuffer()
    private var joined = ByteBuffer()

    /// Gives each event that the bytes complete, if it has data: its name and its payload.
    /// - Returns: false if an event is longer than the limit; then nothing more can be read.
    mutating func feed(_ bytes: Span<UInt8>, _ give: (Span<UInt8>, Span<UInt8>) -> Void) -> Bool {
        var at = scanner.leadingLineFeed(in: bytes)
        if !held.isEmpty {
            let end = scanner.findEnd(in: bytes, from: at)
            let stop = end ?? bytes.count
            guard held.count + stop - at <= Self.limit else { return false }
            held.append(bytes.extracting(at..<stop))
            guard let end else { return true }
            // The buffer steps out while it is read: a span of one member and a change of another do not go together.
            var whole = ByteBuffer()
            swap(&whole, &held)
            if let event = scanner.complete(whole.span) { self.give(event, whole.span, give) }
            whole.removeAll()
            swap(&whole, &held)
            at = end
        }
        while at < bytes.count, let event = scanner.next(in: bytes, from: at) {
            at = Int(event.range.end)
            self.give(event, bytes, give)
        }
        if at < bytes.count { held.append(bytes.extracting(at..<bytes.count)) }
        return held.count <= Self.limit
    }

    private mutating func give(
        _ event: SSEEvent, _ bytes: Span<UInt8>, _ give: (Span<UInt8>, Span<UInt8>) -> Void
    ) {
        guard event.dataLines > 0 else { return }
        let name = bytes.extracting(event.name.bounds)
        guard event.dataLines > 1 else { return give(name, bytes.extracting(event.data.bounds)) }
        joined.removeAll()
        event.appendData(of: bytes, to: &joined)
        give(name, joined.span)
    }
}
