internal import WeirBase

/// Why an event stream cannot be read on: what comes after it means nothing.
public enum EventStreamError: Error, Equatable, Sendable {
    /// A length that no frame has, or headers that do not fill their room.
    case badFrame
    /// A frame of more bytes than the decoder's limit.
    case tooLong(bytes: Int)
    /// The checksum of the lengths, or of the whole frame, is another.
    case badChecksum
    /// The stream ended inside a frame.
    case cut
}

/// What a frame is, by its header `:message-type`.
public enum EventStreamKind: Equatable, Sendable {
    case event
    /// A modelled error: its payload says what.
    case exception
    /// An error outside the model: its payload is the header `:error-message`.
    case error
}

/// Cuts `application/vnd.amazon.eventstream` into frames, from bytes split anywhere:
/// `[total u32][headers u32][crc32 of those][headers][payload][crc32 of all before]`, big-endian.
///
/// Frames that lie whole in what was fed are read where they are; only one that is split is copied. It holds at most `frameLimit` bytes, and a frame
/// that says it is longer is refused before its bytes come. After an error it gives nothing more.
public struct EventStreamDecoder: ~Copyable {
    /// Total bytes of a frame; Bedrock's events have a few hundred.
    public static let usualFrameLimit = 1 << 20
    static let preludeBytes = 12
    /// Prelude and the last checksum.
    static let leastBytes = 16

    private let frameLimit: Int
    private var held = ByteBuffer()
    private var failure: EventStreamError?

    public init(frameLimit: Int = usualFrameLimit) { self.frameLimit = frameLimit }

    /// Takes the next bytes and gives the frames that they complete, in order.
    /// - Parameter give: takes a frame's kind, its `:event-type` (or `:exception-type`, or `:error-code`) and its payload, valid during the call.
    /// - Throws: `EventStreamError`; frames before the fault have been given.
    public mutating func feed(
        _ bytes: Span<UInt8>, _ give: (EventStreamKind, Span<UInt8>, Span<UInt8>) -> Void
    ) throws(EventStreamError) {
        if let failure { throw failure }
        do throws(EventStreamError) { try take(bytes, give) } catch {
            failure = error
            held = ByteBuffer()
            throw error
        }
    }

    /// The stream has ended.
    /// - Throws: `cut` inside a frame; the error again after one.
    public func finish() throws(EventStreamError) {
        if let failure { throw failure }
        if !held.isEmpty { throw .cut }
    }

    private mutating func take(
        _ bytes: Span<UInt8>, _ give: (EventStreamKind, Span<UInt8>, Span<UInt8>) -> Void
    ) throws(EventStreamError) {
        var at = 0
        // The frame that an earlier piece began: its lengths first, which say how much of it is missing.
        while !held.isEmpty, at < bytes.count {
            let total = held.count < Self.preludeBytes ? nil : Int(held.span.bigEndian32(at: 0))
            let missing = (total ?? Self.preludeBytes) - held.count
            let count = min(missing, bytes.count - at)
            held.append(bytes.extracting(at..<(at + count)))
            at += count
            guard count == missing else { return }
            if total == nil {
                _ = try frameBytes(held.span, at: 0)
            } else {
                try EventStreamFrame.read(held.span, give)
                held.removeAll()
            }
        }
        while bytes.count - at >= Self.preludeBytes {
            let total = try frameBytes(bytes, at: at)
            guard bytes.count - at >= total else { break }
            try EventStreamFrame.read(bytes.extracting(at..<(at + total)), give)
            at += total
        }
        if at < bytes.count { held.append(bytes.extracting(at..<bytes.count)) }
    }

    /// Checks the lengths of the frame that begins at `at` and gives its bytes in all.
    private func frameBytes(_ bytes: Span<UInt8>, at: Int) throws(EventStreamError) -> Int {
        guard bytes.extracting(at..<(at + 8)).crc32() == bytes.bigEndian32(at: at + 8) else { throw .badChecksum }
        let (total, headers) = (Int(bytes.bigEndian32(at: at)), Int(bytes.bigEndian32(at: at + 4)))
        guard total <= frameLimit else { throw .tooLong(bytes: total) }
        guard total >= Self.leastBytes, headers <= total - Self.leastBytes else { throw .badFrame }
        return total
    }
}

extension Span where Element == UInt8 {
    /// The four bytes from `at` on as a number, the highest first.
    func bigEndian32(at: Int) -> UInt32 { word32(at: at).byteSwapped }
}
