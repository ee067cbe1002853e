import WeirBase

/// Merges the bytes of one piece into tokens, in time linear in its length.
///
/// It goes from left to right, takes the longest token that may stand beside the one before, and where none can, takes the one before back. What it
/// ends with is what merging pairs in the order of their ranks gives: there is one sequence of tokens for a text whose neighbours all stay apart.
/// Long pieces it takes from right to left: then the longest token at every place is found in one pass, however much tokens overlap.
struct PieceMerger {
    /// From so many bytes on a piece is long.
    private static let longLength = 128
    /// Room for pieces of so many bytes is kept.
    private static let keptLength = 1 << 16

    /// The tokens of the piece merged last are the first `count`.
    private(set) var tokens = [UInt32](repeating: 0, count: 64)
    private(set) var count = 0
    /// A bit for each offset in the piece: set where a sequence of tokens is known to lead nowhere.
    private var dead: [UInt64] = [0, 0]
    /// The longest token that ends at each offset of a long piece.
    private var endings: [UInt32] = []
    var neighbours = NeighbourCache()

    /// Merges `start..<end`, at least one byte; `tokens` holds the result.
    mutating func merge(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ vocabulary: Vocabulary) {
        if tokens.count < end &- start { tokens = [UInt32](repeating: 0, count: 2 &* (end &- start)) }
        let words = (end &- start) &>> 6 &+ 1
        if dead.count < words { dead = [UInt64](repeating: 0, count: 2 &* words) }
        for word in 0..<words { dead[word] = 0 }
        count = 0
        if end &- start < PieceMerger.longLength {
            mergeForward(bytes, from: start, to: end, vocabulary)
        } else {
            mergeBackward(bytes, from: start, to: end, vocabulary)
        }
    }

    @inline(__always)
    private func isDead(_ offset: Int) -> Bool {
        dead[offset &>> 6] & (1 &<< UInt64(truncatingIfNeeded: offset & 63)) != 0
    }

    @inline(__always)
    private mutating func bury(_ offset: Int) {
        dead[offset &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: offset & 63)
    }

    private mutating func mergeForward(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ vocabulary: Vocabulary) {
        var at = start
        var last = Vocabulary.Layout.noToken
        var (candidate, next) = vocabulary.longestToken(in: bytes, from: at, to: end)
        while true {
            if !isDead(next &- start),
                last == Vocabulary.Layout.noToken || neighbours.stayApart(last, candidate, vocabulary)
            {
                tokens[count] = candidate
                count &+= 1
                guard next < end else { return }
                last = candidate
                at = next
                (candidate, next) = vocabulary.longestToken(in: bytes, from: at, to: end)
                continue
            }
            candidate = vocabulary.shorterPrefix(of: candidate)
            guard candidate == Vocabulary.Layout.noToken else {
                next = at &+ vocabulary.length(candidate)
                continue
            }
            // Nothing may follow here: the token before was wrong. The first token of a piece can always be a single byte, so there is one before.
            bury(at &- start)
            count &-= 1
            candidate = tokens[count]
            next = at
            at &-= vocabulary.length(candidate)
            last = count > 0 ? tokens[count &- 1] : Vocabulary.Layout.noToken
        }
    }

    private mutating func mergeBackward(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ vocabulary: Vocabulary) {
        let length = end &- start
        if endings.count < length { endings = [UInt32](repeating: 0, count: 2 &* length) }
        var node = 0
        for offset in 0..<length {
            node = vocabulary.step(from: node, bytes[start &+ offset])
            endings[offset] = vocabulary.longestEnding(node)
        }
        var at = length
        var last = Vocabulary.Layout.noToken
        var candidate = endings[at &- 1]
        while true {
            let next = at &- vocabulary.length(candidate)
            if !isDead(next), last == Vocabulary.Layout.noToken || neighbours.stayApart(candidate, last, vocabulary) {
                tokens[count] = candidate
                count &+= 1
                guard next > 0 else { break }
                last = candidate
                at = next
                candidate = endings[at &- 1]
                continue
            }
            candidate = vocabulary.shorterSuffix(of: candidate)
            guard candidate == Vocabulary.Layout.noToken else { continue }
            bury(at)
            count &-= 1
            candidate = tokens[count]
            at &+= vocabulary.length(candidate)
            last = count > 0 ? tokens[count &- 1] : Vocabulary.Layout.noToken
        }
        tokens[..<count].reverse()
    }

    /// Gives back what a very long piece has needed.
    mutating func shrink() {
        guard tokens.count > PieceMerger.keptLength else { return }
        tokens = [UInt32](repeating: 0, count: PieceMerger.longLength)
        dead = [0, 0]
        endings = []
    }
}

/// Which tokens were found to stay apart, or not, lately: the same neighbours come again, and finding out takes several look-ups in large tables.
struct NeighbourCache {
    /// Entries of 8 bytes.
    private static let capacity = 32_768

    /// The two ranks, 20 bits each, and whether they stay apart; never all ones.
    private var entries = [UInt64](repeating: .max, count: capacity)

    @inline(__always)
    mutating func stayApart(_ left: UInt32, _ right: UInt32, _ vocabulary: Vocabulary) -> Bool {
        let key = UInt64(left) &<< 20 | UInt64(right)
        let index = Int(truncatingIfNeeded: (key &* Vocabulary.Layout.pairFactor) &>> 49)
        let entry = entries[index]
        if entry &>> 1 == key { return entry & 1 != 0 }
        return find(key, index, vocabulary)
    }

    @inline(never)
    private mutating func find(_ key: UInt64, _ index: Int, _ vocabulary: Vocabulary) -> Bool {
        let isApart = vocabulary.stayApart(
            UInt32(truncatingIfNeeded: key &>> 20), UInt32(truncatingIfNeeded: key & 0xF_FFFF))
        entries[index] = key &<< 1 | (isApart ? 1 : 0)
        return isApart
    }
}
