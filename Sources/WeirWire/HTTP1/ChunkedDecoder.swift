public import WeirBase

/// Takes the frames off a chunked body in place (RFC 9112, section 7.1). It keeps no byte and may be stopped at any: windows need not
/// overlap, and data comes out as ranges of the window that it lies in.
///
/// Trailers are checked and dropped: they are never merged into a head, and nothing that Weir relays needs them. Chunk extensions are
/// skipped. White space, signs and prefixes around a size are refused, and so is every line end but CRLF.
public struct ChunkedDecoder: Sendable {
    /// What `next` found.
    public enum Piece: Equatable, Sendable {
        /// Bytes of the content, never empty; more of the same chunk may follow.
        case data(ByteRange)
        /// The body is complete. What follows in the window belongs to the next message.
        case end
        /// The window is used up.
        case needsMore
    }

    /// Bytes of the encoded body so far.
    public private(set) var position = 0
    /// Bytes of content that have been announced by chunk sizes so far.
    public private(set) var bodyBytes = 0

    private var state = State.size(0, digits: 0)
    private var lineBytes = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerFields = 0

    private enum State {
        case size(Int, digits: Int)
        case spaceAfterSize(Int)
        case extended(Int)
        case sizeLineFeed(Int)
        case data(left: Int)
        case dataReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed
        case lastLineFeed, ended
    }

    public init() {}

    public var isEnded: Bool {
        if case .ended = state { true } else { false }
    }

    /// The next piece at `offset` of `window`; moves `offset` behind what it has read.
    ///
    /// Call it until it gives `end`, or `needsMore`, which means that `offset` is the window's end.
    /// - Throws: with the byte's position in the encoded body, the same whatever windows the body came in. The connection must close after it.
    public mutating func next(
        in window: Span<UInt8>, from offset: inout Int, limits: HTTPLimits
    ) throws(HTTPError) -> Piece {
        while true {
            if case .ended = state { return .end }
            guard offset < window.count else { return .needsMore }
            if case .data(let left) = state {
                let start = offset
                let taken = min(left, window.count &- offset)
                advance(&offset, by: taken)
                state = taken == left ? .dataReturn : .data(left: left &- taken)
                return .data(ByteRange(start: start, end: offset))
            }
            try take(window[offset], limits)
            advance(&offset, by: 1)
        }
    }

    private mutating func advance(_ offset: inout Int, by count: Int) {
        offset &+= count
        position &+= count
    }

    /// Takes one byte that is not content.
    private mutating func take(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPError) {
        switch state {
        case .size, .spaceAfterSize, .extended, .sizeLineFeed: try takeSizeLine(byte, limits)
        case .dataReturn:
            guard byte == 0x0D else { throw .missingChunkEnd(at: position) }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == 0x0A else { throw .missingChunkEnd(at: position) }
            state = .size(0, digits: 0)
            lineBytes = 0
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed: try takeTrailer(byte, limits)
        case .data, .ended: preconditionFailure("content is not taken byte by byte")
        }
    }

    private mutating func takeSizeLine(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPError) {
        lineBytes &+= 1
        guard lineBytes <= limits.chunkLineBytes else { throw .chunkLineTooLong(limit: limits.chunkLineBytes) }
        switch state {
        case .size(let size, let digits):
            if let digit = hexadecimalDigit(byte) {
                guard size <= Int.max &>> 4 else { throw .bodyTooLarge(limit: limits.bodyBytes) }
                state = .size(size &<< 4 | Int(digit), digits: digits &+ 1)
                return
            }
            guard digits > 0 else { throw .badChunkSize(at: position) }
            try takeAfterSize(byte, size)
        case .spaceAfterSize(let size):
            guard byte != 0x0D else { throw .badChunkSize(at: position) }
            try takeAfterSize(byte, size)
        case .extended(let size):
            if byte == 0x0D {
                state = .sizeLineFeed(size)
                return
            }
            guard byte >= 0x20 || byte == 0x09, byte != 0x7F else { throw .badChunkExtension(at: position) }
            extensionBytes &+= 1
            guard extensionBytes <= limits.chunkExtensionBytes else {
                throw .chunkLineTooLong(limit: limits.chunkExtensionBytes)
            }
        case .sizeLineFeed(let size):
            guard byte == 0x0A else { throw .badChunkSize(at: position) }
            let (sum, overflow) = bodyBytes.addingReportingOverflow(size)
            guard !overflow, sum <= limits.bodyBytes else { throw .bodyTooLarge(limit: limits.bodyBytes) }
            bodyBytes = sum
            state = size == 0 ? .trailerStart : .data(left: size)
        default: preconditionFailure("not in a size line")
        }
    }

    /// Space may stand before a `;` only (RFC 9112, section 7.1.1).
    private mutating func takeAfterSize(_ byte: UInt8, _ size: Int) throws(HTTPError) {
        switch byte {
        case 0x0D: state = .sizeLineFeed(size)
        case UInt8(ascii: ";"): state = .extended(size)
        case 0x20, 0x09: state = .spaceAfterSize(size)
        default: throw .badChunkSize(at: position)
        }
    }

    private mutating func takeTrailer(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPError) {
        trailerBytes &+= 1
        guard trailerBytes <= limits.trailerBytes else { throw .trailersTooLarge(limit: limits.trailerBytes) }
        switch state {
        case .trailerStart where byte == 0x0D: state = .lastLineFeed
        case .trailerStart where isTokenCharacter(byte):
            trailerFields &+= 1
            guard trailerFields <= limits.fields else { throw .tooManyFields(limit: limits.fields) }
            state = .trailerName
        case .trailerName where isTokenCharacter(byte): break
        case .trailerName where byte == UInt8(ascii: ":"): state = .trailerValue
        case .trailerValue where byte == 0x0D: state = .trailerLineFeed
        case .trailerValue where (byte >= 0x20 || byte == 0x09) && byte != 0x7F: break
        case .trailerLineFeed where byte == 0x0A: state = .trailerStart
        case .lastLineFeed where byte == 0x0A: state = .ended
        default: throw .badTrailer(at: position)
        }
    }
}
