import WeirBase
import WeirDialects
import WeirLoop
import WeirWire

/// The body of an answer on its way: what is left of it, how it is framed on both sides, and what the meters have read. A class, so that the
/// state of a stream, which is large, lies in one place and not in the frame of every function that awaits something of it.
final class RelayedBody {
    /// How the client can tell the body's end.
    enum ClientFraming {
        /// As the provider's: by its length, or because there is none.
        case kept
        case chunked
        /// By the end of the connection: HTTP/1.0 knows no chunks.
        case untilClose
    }

    /// Where it comes from.
    let reply: Reply
    let framing: Framing
    private(set) var clientFraming = ClientFraming.kept
    /// Whether the client's connection goes on after an answer that ends as it should.
    private(set) var keepsAlive = false
    let isStream: Bool
    /// Whether the body itself says where it ends: with a stream's terminal event, or with a JSON object's last brace.
    private let endsItself: Bool
    let meter: AnswerMeter
    /// Counts a stream's text, where the meter collects it.
    let tally: AnswerTally?
    /// What a stream's live counts are computed with.
    var rate: Gateway.LiveRate?
    /// Tokens that have passed, as far as is known; never less than before.
    private(set) var passedTokens = 0
    private var decoder = ChunkedDecoder()
    private var left: Int
    /// Bytes of the body sent to the client, framing not counted.
    private(set) var sent = 0
    /// What the client is to get once its answer has begun; nil from then on.
    private var held: ByteBuffer?

    /// - Parameter isHeld: whether what is forwarded waits for `begin`.
    init(
        _ reply: Reply, framing: Framing, isStream: Bool, endsItself: Bool, meter: AnswerMeter, isHeld: Bool = false
    ) {
        self.reply = reply
        self.framing = framing
        self.isStream = isStream
        self.endsItself = endsItself
        self.meter = meter
        tally = meter.collectsText ? AnswerTally() : nil
        left = if case .length(let length) = framing { length } else { 0 }
        held = isHeld ? ByteBuffer() : nil
    }

    /// Bytes that wait for the answer's head.
    var heldCount: Int { held?.count ?? 0 }

    /// The answer's head is written, and says so: what was held follows it.
    func begin(_ clientFraming: ClientFraming, keepsAlive: Bool, to client: Connection) {
        self.clientFraming = clientFraming
        self.keepsAlive = keepsAlive
        guard let held = held.take() else { return }
        write(held.span, to: client)
    }

    /// Brings `passedTokens` up to now: what of the text is not counted yet counts a token for four bytes.
    func updatePassedTokens() {
        let now = tally.map { $0.tokens + meter.textCount / 4 } ?? meter.contentEvents
        passedTokens = max(passedTokens, now)
    }

    /// Forwards all that has come.
    /// - Returns: whether the body has ended.
    @inline(never)  // what it holds for a moment has no place in the frame of a stream
    func forward(
        from upstream: Connection, to client: Connection, _ scratch: inout ByteBuffer
    ) throws(HTTPError) -> Bool {
        switch framing {
        case .none: return true
        case .length:
            let count = min(left, upstream.unreadCount)
            if count > 0 {
                pass(upstream.unread.extracting(0..<count), to: client, &scratch)
                upstream.consume(count)
                left -= count
            }
            return left == 0
        case .untilClose:
            if upstream.unreadCount > 0 {
                pass(upstream.unread, to: client, &scratch)
                upstream.consume(upstream.unreadCount)
            }
            return false
        case .chunked: return try forwardChunked(from: upstream, to: client, &scratch)
        }
    }

    private func forwardChunked(
        from upstream: Connection, to client: Connection, _ scratch: inout ByteBuffer
    ) throws(HTTPError) -> Bool {
        let bytes = upstream.unread
        var offset = 0
        while true {
            switch try decoder.next(in: bytes, from: &offset, limits: .upstream) {
            case .data(let range): pass(bytes.extracting(range.bounds), to: client, &scratch)
            case .needsMore:
                upstream.consume(bytes.count)
                return false
            case .end:
                upstream.consume(offset)
                return true
            }
        }
    }

    /// Meters a piece and writes what the client is to see of it.
    private func pass(_ bytes: Span<UInt8>, to client: Connection, _ scratch: inout ByteBuffer) {
        scratch.removeAll()
        switch meter.feed(bytes, into: &scratch) {
        case .whole: write(bytes, to: client)
        case .appended: write(scratch.span, to: client)
        }
    }

    private func write(_ bytes: Span<UInt8>, to client: Connection) {
        guard !bytes.isEmpty else { return }
        guard held == nil else {
            held?.append(bytes)
            return
        }
        sent += bytes.count
        let writesChunks = clientFraming == .chunked
        client.withOutput(reserving: bytes.count + 20) { out in
            if writesChunks { out.appendChunk(bytes) } else { out.append(bytes) }
        }
    }

    // MARK: The end

    /// Whether the provider may end its connection here, where nothing else tells the body's end. One that says itself where it ends must have
    /// come so far.
    var mayEndWithConnection: Bool {
        guard framing == .untilClose else { return false }
        return !endsItself || !meter.lacksEnd
    }

    /// The body has ended as it should: what the meter held goes out.
    /// - Returns: whether the answer is whole; if not, its last event has said so.
    func finish(to client: Connection, _ scratch: inout ByteBuffer) -> Bool {
        scratch.removeAll()
        meter.finish(into: &scratch)
        write(scratch.span, to: client)
        guard !meter.hasProblem else { return false }
        if isStream, framing == .untilClose { completeLineEnd(to: client) }
        return true
    }

    /// The provider's connection broke. Where a stream's terminal event had come before that, only the end of the framing is missing, and the
    /// client gets that as if nothing had happened.
    /// - Returns: whether the client has got a whole answer; if not, nothing was written.
    func finishBroken(to client: Connection) -> Bool {
        guard isStream, meter.isDone else { return false }
        // A client that was told a length gets all of it or a cut.
        guard clientFraming != .kept || left == (meter.lacksLineFeed ? 1 : 0) else { return false }
        completeLineEnd(to: client)
        endChunks(to: client)
        return true
    }

    /// Writes the LF without which the stream's last line end, a CRLF, is none for a client that reads lines.
    private func completeLineEnd(to client: Connection) {
        if meter.lacksLineFeed { write([UInt8(ascii: "\n")].span, to: client) }
    }

    func endChunks(to client: Connection) {
        if clientFraming == .chunked { client.withOutput { $0.appendLastChunk() } }
    }
}
