import WeirBase

/// Counts the tokens of texts, exactly as the vocabulary's own encoder does for ordinary text: names of special tokens in it are text.
///
/// A counter belongs to one loop: it remembers pieces and neighbours that it has seen (1.7 MB). Time is linear in the text, whatever it is.
///
/// Bytes that are no UTF-8 are counted as the text that Python's `bytes.decode(errors="replace")` makes of them.
public struct TokenCounter: ~Copyable {
    /// Fewer bytes are read character by character: looking at 64 at once does not pay.
    private static let windowLength = 24

    public let vocabulary: Vocabulary
    private let window: PieceWindow?
    private var scanner: PieceScanner
    private var cache = PieceCache()
    private(set) var merger = PieceMerger()
    /// A piece whose bytes were no UTF-8, put right.
    private var repaired = ByteBuffer()

    /// - Parameter vocabulary: none of measured pieces (`MeasuredCounter`).
    public init(_ vocabulary: Vocabulary) {
        precondition(MeasuredPattern(vocabulary.pattern) == nil, "measured pieces do not merge")
        self.vocabulary = vocabulary
        window = PieceWindow(vocabulary.pattern)
        scanner = PieceScanner(vocabulary, isOpen: false)
    }

    /// The number of tokens of a whole text.
    public mutating func count(_ bytes: Span<UInt8>) -> Int {
        var begun: PieceScanner.Word?
        let (count, end) = countClosed(bytes, isOpen: false, begun: &begun)
        assert(end == bytes.count)
        merger.shrink()
        return count
    }

    /// Appends the ids of a whole text's tokens.
    public mutating func encode(_ bytes: Span<UInt8>, into ids: inout [UInt32]) {
        var begun: PieceScanner.Word?
        let end = walk(bytes, isOpen: false, begun: &begun) { counter, bytes, start, end, mayBeInvalid in
            counter.encode(bytes, from: start, to: end, mayBeInvalid: mayBeInvalid, into: &ids)
        }
        assert(end == bytes.count)
        merger.shrink()
    }

    /// The number of tokens of the pieces that no byte behind `bytes` could change, and where they end. Where nothing follows any more, of all pieces.
    /// - Parameter begun: see `walk`.
    mutating func countClosed(
        _ bytes: Span<UInt8>, isOpen: Bool, begun: inout PieceScanner.Word?
    ) -> (count: Int, end: Int) {
        var total = 0
        let end = walk(bytes, isOpen: isOpen, begun: &begun) { counter, bytes, start, end, mayBeInvalid in
            total &+= counter.count(bytes, from: start, to: end, mayBeInvalid: mayBeInvalid)
        }
        return (total, end)
    }

    /// Merges one more byte of a piece that is not kept.
    mutating func feed(_ byte: UInt8, to piece: inout PrefixMerger) { piece.feed(byte, vocabulary, &merger.neighbours) }

    // MARK: Pieces

    /// Gives each piece in order: where it begins and ends, and whether there may be bytes in it that are no UTF-8.
    /// - Parameters:
    ///   - isOpen: whether more may follow; then pieces end before the first one that what follows could change.
    ///   - begun: the word that the bytes begin with as far as it was read before; becomes the one that they end with.
    /// - Returns: where the pieces end.
    @inline(__always)
    mutating func walk(
        _ bytes: Span<UInt8>, isOpen: Bool, begun: inout PieceScanner.Word?,
        _ use: (inout TokenCounter, Span<UInt8>, _ start: Int, _ end: Int, _ mayBeInvalid: Bool) -> Void
    ) -> Int {
        scanner.isOpen = isOpen
        let count = bytes.count
        var at = 0
        if let word = begun {
            let end = scanner.pieceEnd(bytes, goingOn: word)
            begun = scanner.begun
            if isOpen, scanner.reachedEnd { return 0 }
            use(&self, bytes, 0, end, scanner.hasInvalid)
            at = end
        }
        while at < count {
            if count &- at >= TokenCounter.windowLength, let window, bytes[at] < 0x80 {
                let bits = bytes.textBits(at: at)
                let ascii = Swift.min(count &- at, bits.foreign.trailingZeroBitCount)
                let length = window.length(bytes, at: at, count: ascii)
                let isEnd = !isOpen && at &+ length == count
                var starts = length == 0 ? 0 : window.starts(bits, bytes, at: at, count: length, isEnd: isEnd) & ~1
                let first = at
                var start = at
                while starts != 0 {
                    let end = first &+ starts.trailingZeroBitCount
                    starts &= starts &- 1
                    use(&self, bytes, start, end, false)
                    start = end
                }
                if isEnd {
                    use(&self, bytes, start, count, false)
                    return count
                }
                at = start
                if start > first { continue }
            }
            let end = scanner.pieceEnd(bytes, from: at)
            if isOpen, scanner.reachedEnd {
                begun = scanner.begun?.shifted(by: -at)
                return at
            }
            use(&self, bytes, at, end, scanner.hasInvalid)
            at = end
        }
        return at
    }

    /// The number of tokens of one piece.
    @inline(__always)
    mutating func count(_ bytes: Span<UInt8>, from start: Int, to end: Int, mayBeInvalid: Bool) -> Int {
        let length = end &- start
        guard length <= Vocabulary.shortLength, !mayBeInvalid else {
            return longCount(bytes, from: start, to: end, mayBeInvalid: mayBeInvalid)
        }
        let words = bytes.words(at: start, length: length)
        let high = words.high | UInt64(truncatingIfNeeded: length) &<< 56
        let hash = Vocabulary.hash(words.low, high, seed: vocabulary.tables.seed)
        let known = cache.count(words.low, high, hash: hash)
        return known > 0 ? known : newCount(bytes, from: start, to: end, words.low, high, hash)
    }

    /// The number of tokens of a short piece that was not seen lately.
    @inline(never)
    private mutating func newCount(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, _ low: UInt64, _ high: UInt64, _ hash: UInt64
    ) -> Int {
        var count = 1
        if !vocabulary.holds(low, high, at: vocabulary.slot(hash)) {
            merger.merge(bytes, from: start, to: end, vocabulary)
            count = merger.count
        }
        cache.put(low, high, hash: hash, count: count)
        return count
    }

    @inline(never)
    private mutating func longCount(_ bytes: Span<UInt8>, from start: Int, to end: Int, mayBeInvalid: Bool) -> Int {
        if mayBeInvalid {
            var text = ByteBuffer()
            swap(&text, &repaired)
            defer { swap(&text, &repaired) }
            text.removeAll()
            if UTF8Repair.append(bytes, from: start, to: end, to: &text, vocabulary) {
                return count(text.span, from: 0, to: text.count, mayBeInvalid: false)
            }
        }
        guard end &- start > Vocabulary.shortLength else {
            return count(bytes, from: start, to: end, mayBeInvalid: false)
        }
        guard end &- start <= PieceCache.longest else { return wholeOrMergedCount(bytes, from: start, to: end) }
        let key = PieceCache.LongKey(bytes, from: start, to: end)
        let hash = key.hash
        if let known = cache.count(key, hash: hash) { return known }
        let count = wholeOrMergedCount(bytes, from: start, to: end)
        cache.put(key, hash: hash, count: count)
        return count
    }

    private mutating func wholeOrMergedCount(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        // Merging finds out by itself whether the piece is a token, but for those that it cannot make.
        if vocabulary.hasWholeOnly, vocabulary.wholeToken(in: bytes, from: start, to: end) != nil { return 1 }
        merger.merge(bytes, from: start, to: end, vocabulary)
        return merger.count
    }

    private mutating func encode(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, mayBeInvalid: Bool, into ids: inout [UInt32]
    ) {
        if mayBeInvalid {
            var text = ByteBuffer()
            if UTF8Repair.append(bytes, from: start, to: end, to: &text, vocabulary) {
                return encode(text.span, from: 0, to: text.count, mayBeInvalid: false, into: &ids)
            }
        }
        if let rank = vocabulary.rank(of: bytes, from: start, to: end) {
            ids.append(rank &+ vocabulary.firstID)
            return
        }
        merger.merge(bytes, from: start, to: end, vocabulary)
        for index in 0..<merger.count { ids.append(merger.tokens[index] &+ vocabulary.firstID) }
    }
}
