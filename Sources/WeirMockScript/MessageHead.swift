public import WeirBase

/// The head of an HTTP/1.1 message, as far as the mock and the load generator need it. Deliberately not the gateway's parser: an upstream and
/// a client that share its mistakes would not show them. It accepts what the two of them and proxies between them send.
public struct MessageHead: Sendable {
    /// Bytes of the head with its blank line.
    public private(set) var bytes = 0
    /// The first line without its end.
    public private(set) var startLine = ByteRange(start: 0, end: 0)
    public private(set) var contentLength: Int?
    public private(set) var isChunked = false
    /// The sender closes after this message, or is of HTTP/1.0 and did not ask to go on.
    public private(set) var closes = false
    public private(set) var expectsContinue = false
    public private(set) var authorization: ByteRange?
    public private(set) var contentType: ByteRange?

    /// Reads the head at the start of `message`.
    /// - Returns: nil while its blank line has not come.
    /// - Throws: where a line is none of HTTP, or the length is no number.
    public static func read(_ message: Span<UInt8>) throws(MessageError) -> MessageHead? {
        var head = MessageHead()
        var start = 0
        while let end = lineEnd(message, from: start) {
            if end == start {
                head.bytes = end + 2
                return head
            }
            if start == 0 {
                head.startLine = ByteRange(start: 0, end: end)
                head.closes = end >= 8 && has(message, "HTTP/1.0", in: 0..<end)
            } else {
                try head.readField(message, start, end)
            }
            start = end + 2
        }
        return nil
    }

    private mutating func readField(_ message: Span<UInt8>, _ start: Int, _ end: Int) throws(MessageError) {
        var colon = start
        while colon < end, message[colon] != UInt8(ascii: ":") { colon += 1 }
        guard colon < end else { throw .badHead }
        var from = colon + 1
        while from < end, message[from] == UInt8(ascii: " ") { from += 1 }
        switch colon - start {
        case 6 where isText(message, "expect", at: start): expectsContinue = true
        case 10 where isText(message, "connection", at: start):
            if has(message, "close", in: from..<end) { closes = true }
            if has(message, "keep-alive", in: from..<end) { closes = false }
        case 12 where isText(message, "content-type", at: start): contentType = ByteRange(start: from, end: end)
        case 13 where isText(message, "authorization", at: start): authorization = ByteRange(start: from, end: end)
        case 14 where isText(message, "content-length", at: start):
            guard let length = decimal(message, from, end) else { throw .badHead }
            contentLength = length
        case 17 where isText(message, "transfer-encoding", at: start): isChunked = has(message, "chunked", in: from..<end)
        default: break
        }
    }

    /// The status of an answer's first line; nil where it has none.
    public func status(of message: Span<UInt8>) -> Int? {
        guard startLine.count >= 12, Self.has(message, "HTTP/1.", in: 0..<7), message[8] == UInt8(ascii: " ") else { return nil }
        return Self.decimal(message, 9, 12)
    }

    /// Method and target of a request's first line; nil where it has none.
    public func request(of message: Span<UInt8>) -> (method: ByteRange, target: ByteRange)? {
        let end = Int(startLine.end)
        var space = 0
        while space < end, message[space] != UInt8(ascii: " ") { space += 1 }
        var last = end - 1
        while last > space, message[last] != UInt8(ascii: " ") { last -= 1 }
        guard space > 0, last > space + 1, last < end, Self.has(message, "HTTP/1.", in: last..<end) else { return nil }
        return (ByteRange(start: 0, end: space), ByteRange(start: space + 1, end: last))
    }

    private func isText(_ message: Span<UInt8>, _ name: StaticString, at start: Int) -> Bool {
        Self.isText(message, name, at: start)
    }

    private func has(_ message: Span<UInt8>, _ word: StaticString, in range: Range<Int>) -> Bool {
        Self.has(message, word, in: range)
    }

    private func decimal(_ message: Span<UInt8>, _ start: Int, _ end: Int) -> Int? { Self.decimal(message, start, end) }

    private static func lineEnd(_ message: Span<UInt8>, from start: Int) -> Int? {
        var at = start
        while at + 1 < message.count {
            if message[at] == UInt8(ascii: "\r"), message[at + 1] == UInt8(ascii: "\n") { return at }
            at += 1
        }
        return nil
    }

    /// Whether `name`, in small letters, stands at `start`, in any letters.
    static func isText(_ message: Span<UInt8>, _ name: StaticString, at start: Int) -> Bool {
        let length = name.utf8CodeUnitCount
        guard start + length <= message.count else { return false }
        for index in 0..<length {
            let byte = message[start + index]
            let small = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
            let wanted = unsafe name.utf8Start[index]
            if small != wanted, byte != wanted { return false }
        }
        return true
    }

    private static func has(_ message: Span<UInt8>, _ word: StaticString, in range: Range<Int>) -> Bool {
        let length = word.utf8CodeUnitCount
        guard range.count >= length else { return false }
        for start in range.lowerBound...(range.upperBound - length) where isText(message, word, at: start) { return true }
        return false
    }

    private static func decimal(_ message: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        guard end > start, end - start <= 15 else { return nil }
        var value = 0
        for index in start..<end {
            let digit = message[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        return value
    }
}

/// A message that is not of HTTP/1.1.
public enum MessageError: Error, Equatable, Sendable {
    case badHead
    case badChunk
}

/// Takes the payload out of chunks (RFC 9112, section 7.1), wherever reads split them.
public struct ChunkReader: Sendable {
    private enum State { case size, extension_, sizeEnd, payload, payloadEnd, payloadLineEnd, trailer, trailerLine, trailerEnd }

    private var state = State.size
    private var left = 0
    private var digits = 0
    /// Whether the last chunk and its trailers have passed.
    public private(set) var isDone = false

    public init() {}

    /// Appends the payload in `bytes` to `body`.
    /// - Returns: how many bytes were used: all of them, but for what follows the end.
    public mutating func feed(_ bytes: Span<UInt8>, into body: inout ByteBuffer) throws(MessageError) -> Int {
        var at = 0
        while at < bytes.count, !isDone {
            if state == .payload {
                let count = min(left, bytes.count - at)
                body.append(bytes.extracting(at..<(at + count)))
                left -= count
                at += count
                if left == 0 { state = .payloadEnd }
            } else {
                try step(bytes[at])
                at += 1
            }
        }
        return at
    }

    private mutating func step(_ byte: UInt8) throws(MessageError) {
        switch state {
        case .size: try sizeByte(byte)
        case .extension_: if byte == UInt8(ascii: "\r") { state = .sizeEnd }
        case .sizeEnd:
            guard byte == UInt8(ascii: "\n") else { throw .badChunk }
            state = left > 0 ? .payload : .trailer
            digits = 0
        case .payload: break
        case .payloadEnd:
            guard byte == UInt8(ascii: "\r") else { throw .badChunk }
            state = .payloadLineEnd
        case .payloadLineEnd:
            guard byte == UInt8(ascii: "\n") else { throw .badChunk }
            state = .size
        case .trailer: state = byte == UInt8(ascii: "\r") ? .trailerEnd : .trailerLine
        case .trailerLine: if byte == UInt8(ascii: "\n") { state = .trailer }
        case .trailerEnd:
            guard byte == UInt8(ascii: "\n") else { throw .badChunk }
            isDone = true
        }
    }

    private mutating func sizeByte(_ byte: UInt8) throws(MessageError) {
        let digit: UInt8
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "\r") where digits > 0: return state = .sizeEnd
        case UInt8(ascii: ";") where digits > 0: return state = .extension_
        default: throw .badChunk
        }
        guard digits < 8 else { throw .badChunk }
        left = left << 4 | Int(digit)
        digits += 1
    }
}

/// Whether two runs of bytes are the same, eight at a time.
public func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    let (one, other) = unsafe (left.bytes, right.bytes)
    var at = 0
    while at &+ 8 <= left.count {
        // Bounds-checked, and any eight bytes are a UInt64.
        let (a, b) = unsafe (
            one.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self),
            other.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
        )
        if a != b { return false }
        at &+= 8
    }
    while at < left.count {
        if left[at] != right[at] { return false }
        at &+= 1
    }
    return true
}
