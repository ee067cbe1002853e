/// How Claude's tokens are counted: the rules of three generations, told as settings.
///
/// Anthropic publishes no tokenizer. The package ctok (MIT) has found out by asking for counts which pieces are one token and what happens to a text before
/// it is cut into pieces; this is that rule. What it gives is near, and not official: an estimate.
struct MeasuredPattern {
    /// Whether the four curly quotation marks are straight ones.
    var foldsQuotes: Bool
    /// Words of so many capitals or more are their small letters and a mark; nil where there is no such mark.
    var shortestCapitals: Int?
    /// Whether what comes before a text ends with the mark that begins a word.
    var hasLeadingMark: Bool

    init?(_ pattern: SplitPattern) {
        switch pattern {
        case .claude3: (foldsQuotes, shortestCapitals, hasLeadingMark) = (true, 4, true)
        case .claude47: (foldsQuotes, shortestCapitals, hasLeadingMark) = (false, nil, true)
        case .claude48: (foldsQuotes, shortestCapitals, hasLeadingMark) = (false, nil, false)
        default: return nil
        }
    }
}

/// What pieces say of words, as bytes that are in no text.
enum PieceMark {
    static let wordBegin: UInt8 = 0xF8
    static let wordEnd: UInt8 = 0xF9
    /// The word's first letter is a capital.
    static let capital: UInt8 = 0xFA
    /// All of the word is capitals.
    static let capitals: UInt8 = 0xFB
    /// Before the bytes of a part of a character, in the trie alone.
    static let part: UInt8 = 0xFC
}
