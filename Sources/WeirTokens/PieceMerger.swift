import WeirBase

/// Merges the bytes of one piece into tokens, in time linear in its length.
///
/// It goes from left to right, takes the longest token that may stand beside the one before, and where none can, takes the one before back. What it
/// ends with is what merging pairs in the order of their ranks gives: there is one sequence of tokens for a text whose neighbours all stay apart.
struct PieceMerger {
    /// The tokens of the piece merged last.
    private(set) var tokens: [UInt32] = []
    /// A bit for each offset in the piece: set where a sequence of tokens is known to lead nowhere.
    private var dead: [UInt64] = []

    /// Merges `start..<end`, at least one byte; `tokens` holds the result.
    mutating func merge(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ vocabulary: Vocabulary) {
        tokens.removeAll(keepingCapacity: true)
        let words = (end &- start) &>> 6 &+ 1
        if dead.count < words { dead = [UInt64](repeating: 0, count: words) }
        for word in 0..<words { dead[word] = 0 }
        var at = start
        var last = Vocabulary.Layout.noToken
        var candidate = vocabulary.longestToken(in: bytes, from: at, to: end)
        while true {
            let next = at &+ vocabulary.token(candidate).length
            let offset = next &- start
            if dead[offset &>> 6] & (1 &<< UInt64(truncatingIfNeeded: offset & 63)) == 0,
                last == Vocabulary.Layout.noToken || vocabulary.stayApart(last, candidate)
            {
                tokens.append(candidate)
                guard next < end else { return }
                last = candidate
                at = next
                candidate = vocabulary.longestToken(in: bytes, from: at, to: end)
                continue
            }
            candidate = vocabulary.shorterPrefix(of: candidate)
            guard candidate == Vocabulary.Layout.noToken else { continue }
            // Nothing may follow here: the token before was wrong. The first token of a piece can always be a single byte, so there is one before.
            let here = at &- start
            dead[here &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: here & 63)
            candidate = tokens.removeLast()
            at &-= vocabulary.token(candidate).length
            last = tokens.last ?? Vocabulary.Layout.noToken
        }
    }
}
