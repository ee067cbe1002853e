public import WeirBase

/// Decodes the chunked transfer coding in place (RFC 9112, section 7.1): says which bytes of each piece are data. Split anywhere, it gives
/// the same data. Chunk extensions are skipped and trailers checked and dropped, both within bounds.
public struct ChunkedDecoder: Sendable {
    /// What the next bytes are.
    public enum Step: Equatable, Sendable {
        /// Data, as a range of the piece.
        case data(ByteRange)
        /// The piece is used up; more has to come.
        case needsMore
        /// The body has ended; the offset is where the next message begins.
        case end(at: Int)
    }

    private enum State: Sendable {
        case size(value: Int, digits: Int)
        case afterSize(seen: Int, wasReturn: Bool, value: Int)
        case data(left: Int)
        case dataReturn
        case dataFeed
        case trailerLine(start: Bool, seen: Int)
        case trailerFeed(isLast: Bool, seen: Int)
        case ended
    }

    private var state = State.size(value: 0, digits: 0)
    /// Bytes of extensions per chunk, and of trailers in all.
    static let extensionBytes = 1_024
    static let trailerBytes = 8_192

    public init() {}

    public var isAtEnd: Bool {
        if case .ended = state { true } else { false }
    }

    /// The next step in `piece`, from `offset`, which is moved on.
    /// - Throws: `badChunkSize`, `badChunkEnd`, `badTrailer`, `bareLineEnd`.
    public mutating func next(in piece: Span<UInt8>, at offset: inout Int) throws(HTTPError) -> Step {
        while true {
            if case .ended = state { return .end(at: offset) }
            guard offset < piece.count else { return .needsMore }
            let byte = piece[offset]
            switch state {
            case .size(let value, let digits):
                if let digit = ChunkedDecoder.hexadecimal(byte) {
                    guard digits < 12 else { throw .badChunkSize }
                    state = .size(value: value << 4 | digit, digits: digits + 1)
                } else {
                    guard digits > 0 else { throw .badChunkSize }
                    guard byte == 0x0D || byte == UInt8(ascii: ";") || byte == 0x20 || byte == 0x09 else {
                        throw .badChunkSize
                    }
                    state = .afterSize(seen: 0, wasReturn: byte == 0x0D, value: value)
                }
                offset &+= 1
            case .afterSize(let seen, let wasReturn, let value):
                offset &+= 1
                if wasReturn {
                    guard byte == 0x0A else { throw .badChunkSize }
                    state = value == 0 ? .trailerLine(start: true, seen: 0) : .data(left: value)
                } else {
                    guard byte != 0x0A, byte >= 0x20 || byte == 0x09 || byte == 0x0D,
                        seen < ChunkedDecoder.extensionBytes
                    else {
                        throw .badChunkSize
                    }
                    state = .afterSize(seen: seen + 1, wasReturn: byte == 0x0D, value: value)
                }
            case .data(let left):
                let count = min(left, piece.count &- offset)
                let range = ByteRange(start: offset, end: offset &+ count)
                offset &+= count
                state = count == left ? .dataReturn : .data(left: left &- count)
                return .data(range)
            case .dataReturn:
                guard byte == 0x0D else { throw .badChunkEnd }
                offset &+= 1
                state = .dataFeed
            case .dataFeed:
                guard byte == 0x0A else { throw .badChunkEnd }
                offset &+= 1
                state = .size(value: 0, digits: 0)
            case .trailerLine(let start, let seen):
                offset &+= 1
                guard seen < ChunkedDecoder.trailerBytes else { throw .badTrailer }
                if byte == 0x0D {
                    state = .trailerFeed(isLast: start, seen: seen + 1)
                } else {
                    guard byte >= 0x20 || byte == 0x09, byte != 0x7F, !start || isToken(byte) else { throw .badTrailer }
                    state = .trailerLine(start: false, seen: seen + 1)
                }
            case .trailerFeed(let isLast, let seen):
                guard byte == 0x0A else { throw .bareLineEnd(at: offset) }
                offset &+= 1
                state = isLast ? .ended : .trailerLine(start: true, seen: seen + 1)
            case .ended: return .end(at: offset)
            }
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }
}
