public import WeirBase

/// A message of Amazon's event stream (providers.md, section 6.3): total length, length of the headers, CRC-32 of these eight bytes, headers,
/// payload, CRC-32 of everything before; big-endian.
public struct EventStreamFrame {
    /// Headers, all of them strings.
    public var headers: [(name: StaticString, value: StaticString)]
    /// Wrong on purpose: the last CRC does not match.
    public var isCorrupt = false

    public init(event: StaticString) {
        headers = [(":event-type", event), (":content-type", "application/json"), (":message-type", "event")]
    }

    public init(exception: StaticString) {
        headers = [
            (":exception-type", exception), (":content-type", "application/json"), (":message-type", "exception"),
        ]
    }

    /// Appends the message with `payload`.
    public func append(_ payload: Span<UInt8>, to buffer: inout ByteBuffer) {
        var head = ByteBuffer()
        for (name, value) in headers {
            head.append(UInt8(truncatingIfNeeded: name.utf8CodeUnitCount))
            head.put(name)
            head.append(7)  // a string
            head.append(UInt8(truncatingIfNeeded: value.utf8CodeUnitCount >> 8))
            head.append(UInt8(truncatingIfNeeded: value.utf8CodeUnitCount))
            head.put(value)
        }
        var message = ByteBuffer()
        message.append(bigEndian: UInt32(truncatingIfNeeded: head.count + payload.count + 16))
        message.append(bigEndian: UInt32(truncatingIfNeeded: head.count))
        message.append(bigEndian: message.span.crc32())
        message.append(head.span)
        message.append(payload)
        message.append(bigEndian: message.span.crc32() ^ (isCorrupt ? 1 : 0))
        buffer.append(message.span)
    }
}

extension ByteBuffer {
    fileprivate mutating func append(bigEndian word: UInt32) {
        for shift in stride(from: UInt32(24), through: 0, by: -8) { append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
}
