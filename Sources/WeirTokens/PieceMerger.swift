import WeirBase

/// Merges the bytes of one piece into tokens, in time linear in its length.
///
/// It goes from left to right, takes the longest token that may stand beside the one before, and where none can, takes the one before back. What it
/// ends with is what merging pairs in the order of their ranks gives: there is one sequence of tokens for a text whose neighbours all stay apart.
struct PieceMerger {
    /// The tokens of the piece merged last are the first `count`.
    private(set) var tokens = [UInt32](repeating: 0, count: 64)
    private(set) var count = 0
    /// A bit for each offset in the piece: set where a sequence of tokens is known to lead nowhere.
    private var dead: [UInt64] = [0, 0]
    private var neighbours = NeighbourCache()

    /// Merges `start..<end`, at least one byte; `tokens` holds the result.
    mutating func merge(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ vocabulary: Vocabulary) {
        if tokens.count < end &- start { tokens = [UInt32](repeating: 0, count: 2 &* (end &- start)) }
        let words = (end &- start) &>> 6 &+ 1
        if dead.count < words { dead = [UInt64](repeating: 0, count: 2 &* words) }
        for word in 0..<words { dead[word] = 0 }
        count = 0
        var at = start
        var last = Vocabulary.Layout.noToken
        var (candidate, next) = vocabulary.longestToken(in: bytes, from: at, to: end)
        while true {
            let offset = next &- start
            if dead[offset &>> 6] & (1 &<< UInt64(truncatingIfNeeded: offset & 63)) == 0,
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
                next = at &+ vocabulary.token(candidate).length
                continue
            }
            // Nothing may follow here: the token before was wrong. The first token of a piece can always be a single byte, so there is one before.
            let here = at &- start
            dead[here &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: here & 63)
            count &-= 1
            candidate = tokens[count]
            next = at
            at &-= vocabulary.token(candidate).length
            last = count > 0 ? tokens[count &- 1] : Vocabulary.Layout.noToken
        }
    }
}

/// Which tokens were found to stay apart, or not, lately: the same neighbours come again, and finding out takes several look-ups in large tables.
private struct NeighbourCache {
    /// Entries of 8 bytes.
    private static let capacity = 16_384

    /// The two ranks, 20 bits each, and whether they stay apart; never all ones.
    private var entries = [UInt64](repeating: .max, count: capacity)

    @inline(__always)
    mutating func stayApart(_ left: UInt32, _ right: UInt32, _ vocabulary: Vocabulary) -> Bool {
        let key = UInt64(left) &<< 20 | UInt64(right)
        let index = Int(truncatingIfNeeded: (key &* Vocabulary.Layout.pairFactor) &>> 50)
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
