import WeirBase

/// Merges the bytes of one piece into tokens, in time linear in its length.
///
/// It goes from left to right, takes the longest token that may stand beside the one before, and where none can, takes the one before back. What it
/// ends with is what merging pairs in the order of their ranks gives: there is one sequence of tokens for a text whose neighbours all stay apart.
/// Few pieces need many steps back; one that does is merged by `PrefixMerger`, which needs none.
struct PieceMerger {
    /// Room for pieces of so many bytes is kept.
    private static let keptLength = 1 << 16
    /// Repetitions are looked for from so many bytes on.
    private static let repeatedLength = 4
    /// In `tokens`: taken because it repeats the one before, so that no other was tried yet.
    private static let isRepeated: UInt32 = 1 << 31

    /// The tokens of the piece merged last are the first `count`.
    private(set) var tokens = [UInt32](repeating: 0, count: 64)
    private(set) var count = 0
    /// A bit for each offset in the piece: set where a sequence of tokens is known to lead nowhere.
    private var dead: [UInt64] = [0, 0]
    var neighbours = NeighbourCache()

    /// Merges `start..<end`, at least one byte; `tokens` holds the result.
    /// - Parameter stepsBack: after how many it is done byte by byte; half as many as there are bytes, and a few, where it is not said.
    mutating func merge(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, _ vocabulary: Vocabulary, stepsBack: Int? = nil
    ) {
        if tokens.count < end &- start { tokens = [UInt32](repeating: 0, count: 2 &* (end &- start)) }
        let words = (end &- start) &>> 6 &+ 1
        if dead.count < words { dead = [UInt64](repeating: 0, count: 2 &* words) }
        for word in 0..<words { dead[word] = 0 }
        count = 0
        if !mergeForward(bytes, from: start, to: end, vocabulary, stepsBack: stepsBack ?? 32 &+ (end &- start) / 2) {
            mergeDensely(bytes, from: start, to: end, vocabulary)
        }
    }

    /// - Returns: whether that was possible with few steps back.
    private mutating func mergeForward(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, _ vocabulary: Vocabulary, stepsBack: Int
    ) -> Bool {
        var left = stepsBack
        var at = start
        var last = Vocabulary.Layout.noToken
        var (candidate, next) = vocabulary.longestToken(in: bytes, from: at, to: end)
        while true {
            if !isDead(next &- start),
                last == Vocabulary.Layout.noToken || neighbours.stayApart(last, candidate, vocabulary)
            {
                tokens[count] = candidate
                count &+= 1
                let length = next &- at
                last = candidate
                at = next
                // A run of one sign: the longest token is the right one only at its end, and looking for it takes long.
                while length >= PieceMerger.repeatedLength, repeats(bytes, at, length, before: end),
                    !isDead(at &+ length &- start), neighbours.stayApart(last, last, vocabulary)
                {
                    tokens[count] = last | PieceMerger.isRepeated
                    count &+= 1
                    at &+= length
                }
                guard at < end else { break }
                (candidate, next) = vocabulary.longestToken(in: bytes, from: at, to: end)
                continue
            }
            candidate = vocabulary.shorterPrefix(of: candidate)
            if candidate != Vocabulary.Layout.noToken {
                next = at &+ vocabulary.length(candidate)
                continue
            }
            // Nothing may follow here: the token before was wrong. The first token of a piece can always be a single byte, so there is one before.
            dead[(at &- start) &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: (at &- start) & 63)
            guard left > 0 else { return false }
            left &-= 1
            count &-= 1
            let wrong = tokens[count]
            next = at
            candidate = wrong & ~PieceMerger.isRepeated
            at &-= vocabulary.length(candidate)
            last = count > 0 ? tokens[count &- 1] & ~PieceMerger.isRepeated : Vocabulary.Layout.noToken
            if wrong != candidate { (candidate, next) = vocabulary.longestToken(in: bytes, from: at, to: end) }
        }
        for index in 0..<count { tokens[index] &= ~PieceMerger.isRepeated }
        return true
    }

    @inline(__always)
    private func isDead(_ offset: Int) -> Bool {
        dead[offset &>> 6] & (1 &<< UInt64(truncatingIfNeeded: offset & 63)) != 0
    }

    /// Whether the `length` bytes from `at` are those before it again.
    @inline(__always)
    private func repeats(_ bytes: Span<UInt8>, _ at: Int, _ length: Int, before end: Int) -> Bool {
        // The last byte first: signs next to each other in a script begin with the same bytes.
        guard at &+ length <= end, bytes[at &+ length &- 1] == bytes[at &- 1] else { return false }
        for offset in at..<at &+ length where bytes[offset] != bytes[offset &- length] { return false }
        return true
    }

    private mutating func mergeDensely(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ vocabulary: Vocabulary) {
        // The last token of each beginning; those of the whole piece are found from its end, and need no more room.
        var prefix = PrefixMerger()
        for offset in start..<end {
            prefix.feed(bytes[offset], vocabulary, &neighbours)
            tokens[offset &- start] = prefix.last
        }
        var free = end &- start
        var at = free
        while at > 0 {
            let token = tokens[at &- 1]
            free &-= 1
            tokens[free] = token
            at &-= vocabulary.length(token)
        }
        count = end &- start &- free
        for index in 0..<count { tokens[index] = tokens[free &+ index] }
    }

    /// Gives back what a very long piece has needed.
    mutating func shrink() {
        guard tokens.count > PieceMerger.keptLength else { return }
        tokens = [UInt32](repeating: 0, count: 64)
        dead = [0, 0]
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
