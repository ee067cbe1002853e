internal import WeirBase

/// One frame of an event stream, whole.
enum EventStreamFrame {
    /// Checks the frame that `frame` is and gives what is in it.
    /// - Precondition: its lengths have been checked.
    static func read(
        _ frame: Span<UInt8>, _ give: (EventStreamKind, Span<UInt8>, Span<UInt8>) -> Void
    ) throws(EventStreamError) {
        let end = frame.count - 4
        guard frame.extracting(0..<end).crc32() == frame.bigEndian32(at: end) else { throw .badChecksum }
        let payloadStart = EventStreamDecoder.preludeBytes + Int(frame.bigEndian32(at: 4))
        let headers = try headers(frame, EventStreamDecoder.preludeBytes, payloadStart)
        let payload = frame.extracting(payloadStart..<end)
        switch headers.kind {
        case .event: give(.event, frame.extracting(headers.eventType.bounds), payload)
        case .exception: give(.exception, frame.extracting(headers.exceptionType.bounds), payload)
        case .error:
            give(.error, frame.extracting(headers.errorCode.bounds), frame.extracting(headers.errorMessage.bounds))
        }
    }

    private struct Headers {
        var kind = EventStreamKind.event
        var eventType = ByteRange(start: 0, end: 0)
        var exceptionType = ByteRange(start: 0, end: 0)
        var errorCode = ByteRange(start: 0, end: 0)
        var errorMessage = ByteRange(start: 0, end: 0)
    }

    private static func headers(
        _ frame: Span<UInt8>, _ start: Int, _ end: Int
    ) throws(EventStreamError) -> Headers {
        var headers = Headers()
        var at = start
        while at < end {
            // A name of at least one byte, its length before it and the value's type behind it.
            let nameStart = at + 1
            let nameEnd = nameStart + Int(frame[at])
            guard nameEnd > nameStart, nameEnd < end else { throw .badFrame }
            let value = try value(frame, at: nameEnd, end)
            at = Int(value.range.end)
            guard value.isString else { continue }
            switch ShortName(frame, from: nameStart, to: nameEnd) {
            case Name.messageType: headers.kind = try kind(frame, value.range)
            case Name.eventType: headers.eventType = value.range
            case Name.exceptionType: headers.exceptionType = value.range
            case Name.errorCode: headers.errorCode = value.range
            case Name.errorMessage: headers.errorMessage = value.range
            default: break
            }
        }
        return headers
    }

    private static func kind(_ frame: Span<UInt8>, _ range: ByteRange) throws(EventStreamError) -> EventStreamKind {
        switch ShortName(frame, from: Int(range.start), to: Int(range.end)) {
        case Name.event: .event
        case Name.exception: .exception
        case Name.error: .error
        default: throw .badFrame
        }
    }

    /// The value whose type is at `at`, before `end`.
    private static func value(
        _ frame: Span<UInt8>, at: Int, _ end: Int
    ) throws(EventStreamError) -> (range: ByteRange, isString: Bool) {
        var start = at + 1
        let count: Int
        switch frame[at] {
        case 0, 1: count = 0  // true and false
        case 2: count = 1
        case 3: count = 2
        case 4: count = 4
        case 5, 8: count = 8  // a number, a time
        case 6, 7:  // bytes, a string
            guard start + 2 <= end else { throw .badFrame }
            count = Int(frame[start]) << 8 | Int(frame[start + 1])
            start += 2
        case 9: count = 16  // a UUID
        default: throw .badFrame
        }
        guard start + count <= end else { throw .badFrame }
        return (ByteRange(start: start, end: start + count), frame[at] == 7)
    }

    private enum Name {
        static let messageType: ShortName = ":message-type"
        static let eventType: ShortName = ":event-type"
        static let exceptionType: ShortName = ":exception-type"
        static let errorCode: ShortName = ":error-code"
        static let errorMessage: ShortName = ":error-message"
        static let event: ShortName = "event"
        static let exception: ShortName = "exception"
        static let error: ShortName = "error"
    }
}
