import WeirBase

/// How many tokens the pieces seen last have: words come again. A short piece has two places, a long one
/// one, and the newest ones keep them.
///
/// Tokens are remembered, too: what a text uses of a vocabulary lies together here, and is scattered over megabytes there.
struct PieceCache {
    /// Pieces of at most so many bytes are remembered.
    static let longest = 39
    /// Sets of two entries: 1 MB.
    private static let sets = 32_768
    private static let longCapacity = 8_192

    /// Two pieces of at most 15 bytes: their keys as in the vocabulary's perfect hash, but that the highest four bits are the numbers of tokens. No
    /// piece's key is 0, for its length is in it.
    private struct Pair {
        var newLow: UInt64 = 0
        var newHigh: UInt64 = 0
        var oldLow: UInt64 = 0
        var oldHigh: UInt64 = 0
    }

    /// A longer piece.
    struct LongKey: Equatable {
        var words = (UInt64.max, UInt64.max, UInt64.max, UInt64.max, UInt64.max)

        /// The piece's bytes, zeros, and in the last byte its length.
        @inline(__always)
        init(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
            let length = end &- start
            words.0 = bytes.word(at: start)
            words.1 = bytes.word(at: start &+ 8)
            let (low, high) = bytes.words(at: start &+ 16, length: Swift.min(length &- 16, 15))
            (words.2, words.3) = (low, high)
            words.4 = 0
            if length > 31 {
                words.3 = bytes.word(at: start &+ 24)
                words.4 = bytes.words(at: start &+ 32, length: length &- 32).low
            }
            words.4 |= UInt64(truncatingIfNeeded: length) &<< 56
        }

        init() {}

        @inline(__always)
        var hash: UInt64 {
            let factor = Vocabulary.Layout.pairFactor
            var hash = (words.0 ^ factor).multipliedFullWidth(by: words.1 ^ Vocabulary.Layout.secondSeed)
            let first = hash.high ^ hash.low
            hash = (words.2 ^ first).multipliedFullWidth(by: words.3 ^ factor)
            return (hash.high ^ hash.low ^ words.4) &* factor
        }

        @inline(__always)
        static func == (left: LongKey, right: LongKey) -> Bool {
            (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1) | (left.words.2 ^ right.words.2)
                | (left.words.3 ^ right.words.3) | (left.words.4 ^ right.words.4) == 0
        }
    }

    private var shorts = [Pair](repeating: Pair(), count: sets)
    private var longs = [(key: LongKey, count: Int)](repeating: (LongKey(), 0), count: longCapacity)

    @inline(__always)
    private static func index(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> 20) & (sets &- 1) }

    /// The number of tokens of the piece with this key and hash; 0 if it is not known.
    @inline(__always)
    func count(_ low: UInt64, _ high: UInt64, hash: UInt64) -> Int {
        let pair = shorts[PieceCache.index(hash)]
        // Without branches: which of the two it is cannot be foreseen.
        let new = (pair.newLow ^ low) | (pair.newHigh ^ high) &<< 4 == 0 ? pair.newHigh : 0
        let old = (pair.oldLow ^ low) | (pair.oldHigh ^ high) &<< 4 == 0 ? pair.oldHigh : 0
        return Int(truncatingIfNeeded: (new | old) &>> 60)
    }

    mutating func put(_ low: UInt64, _ high: UInt64, hash: UInt64, count: Int) {
        let index = PieceCache.index(hash)
        let pair = shorts[index]
        shorts[index] = Pair(
            newLow: low, newHigh: high | UInt64(truncatingIfNeeded: count) &<< 60, oldLow: pair.newLow,
            oldHigh: pair.newHigh)
    }

    @inline(__always)
    private static func longIndex(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> 51) }

    /// The number of tokens of a piece of 16 bytes or more; nil if it is not known.
    @inline(__always)
    func count(_ key: LongKey, hash: UInt64) -> Int? {
        let entry = longs[PieceCache.longIndex(hash)]
        return entry.key == key ? entry.count : nil
    }

    mutating func put(_ key: LongKey, hash: UInt64, count: Int) {
        longs[PieceCache.longIndex(hash)] = (key, count)
    }
}
