import WeirBase

/// Counts the tokens of a text that comes in parts, wherever they are cut: in the end what `TokenCounter.count` says of the whole.
///
/// Parts are only read; a piece is merged when it ends, or when it is asked how many tokens there are. Memory is bounded: the bytes of the piece that is
/// still open are kept, a few as a rule, and one that grows beyond `keptBytes` is merged as it comes, with 6 KB of its own. Time is linear in the text.
public struct TokenStream: ~Copyable {
    /// An open piece of so many bytes is no longer kept, unless it is a word: it is read anew with every part.
    static let keptBytes = 128

    /// Nor is a word of so many bytes. It is read once, so that this may be more: merging it as it comes takes three times as long.
    private let keptWordBytes: Int

    /// The tokens of all pieces that nothing can change any more.
    public private(set) var settled = 0
    private var pending = ByteBuffer()
    /// As far as the open piece is a word, it is not read again.
    private var begun: PieceScanner.Word?
    private var long: LongPiece?

    public init() { self.init(keptWordBytes: 1_024) }

    /// - Parameter keptWordBytes: at least `keptBytes`.
    init(keptWordBytes: Int) { self.keptWordBytes = keptWordBytes }

    /// The most tokens that the text has if it ends here: a token is at least a byte.
    public var upperBound: Int { settled + (long?.upperBound ?? 0) + pending.count }

    /// Takes the next part of the text.
    public mutating func feed(_ bytes: Span<UInt8>, _ counter: inout TokenCounter) {
        if pending.isEmpty {
            let end = take(bytes, isOpen: true, &counter)
            pending.append(bytes.extracting(end..<bytes.count))
            return
        }
        pending.append(bytes)
        if long == nil {
            var word = begun
            let closed = counter.countClosed(pending.span, isOpen: true, begun: &word)
            begun = word
            settled += closed.count
            pending.removeFirst(closed.end)
            if pending.count < TokenStream.keptBytes || !isTooLong(pending.count) { return }
        }
        var text = ByteBuffer()
        swap(&text, &pending)
        text.removeFirst(take(text.span, isOpen: true, &counter))
        swap(&text, &pending)
    }

    private func isTooLong(_ count: Int) -> Bool {
        count >= (begun == nil ? TokenStream.keptBytes : keptWordBytes)
    }

    /// The number of tokens that the text has if it ends here. The open piece is merged for it and stays open: for now and then, not for every part.
    public func count(_ counter: inout TokenCounter) -> Int {
        var (at, ended) = (0, 0)
        if var piece = long {
            var scanner = PieceScanner(counter.vocabulary, isOpen: false)
            let taken = piece.take(pending.span, isFirst: false, &scanner, &counter)
            guard let count = taken.count else { preconditionFailure("a piece ends where the text does") }
            (at, ended) = (taken.end, count)
        }
        var word = begun
        let rest = pending.span.extracting(at..<pending.count)
        return settled + ended + counter.countClosed(rest, isOpen: false, begun: &word).count
    }

    /// Ends the text; the stream is ready for another one.
    /// - Returns: the text's number of tokens.
    public mutating func finish(_ counter: inout TokenCounter) -> Int {
        var text = ByteBuffer()
        swap(&text, &pending)
        let end = take(text.span, isOpen: false, &counter)
        assert(end == text.count)
        defer { settled = 0 }
        return settled
    }

    /// - Returns: where the bytes begin that have to wait for more.
    private mutating func take(_ bytes: Span<UInt8>, isOpen: Bool, _ counter: inout TokenCounter) -> Int {
        var at = 0
        while true {
            if long != nil {
                var scanner = PieceScanner(counter.vocabulary, isOpen: isOpen)
                at += takeLong(bytes.extracting(at..<bytes.count), isFirst: false, &scanner, &counter)
                if long != nil { return at }
            }
            let closed = counter.countClosed(bytes.extracting(at..<bytes.count), isOpen: isOpen, begun: &begun)
            settled += closed.count
            at += closed.end
            guard isOpen, isTooLong(bytes.count - at) else { return at }
            var scanner = PieceScanner(counter.vocabulary, isOpen: isOpen)
            let rest = bytes.extracting(at..<bytes.count)
            long = LongPiece(rest, &scanner)
            begun = nil
            guard long != nil else { return at }
            at += takeLong(rest, isFirst: true, &scanner, &counter)
            if long != nil { return at }
        }
    }

    /// - Returns: how many bytes the long piece has taken; it is gone if it has ended.
    private mutating func takeLong(
        _ bytes: Span<UInt8>, isFirst: Bool, _ scanner: inout PieceScanner, _ counter: inout TokenCounter
    ) -> Int {
        guard let taken = long?.take(bytes, isFirst: isFirst, &scanner, &counter) else { return 0 }
        if let count = taken.count {
            settled += count
            long = nil
        }
        return taken.end
    }
}
