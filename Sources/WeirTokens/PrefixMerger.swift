import WeirBase

/// Merges a piece that comes byte by byte and knows at any time how many tokens it has so far, in memory that does not grow.
///
/// The tokens of a text are those of the text without its last token, and that token: the one that ends the text and stays apart from what is the last
/// token there. Tokens have at most 255 bytes, so that the last token of each of the last 255 beginnings is all that has to be known.
struct PrefixMerger {
    /// How many bytes have come.
    private(set) var length = 0
    /// How many tokens they are.
    private(set) var count = 0
    /// The last token.
    var last: UInt32 { lasts[length & 255] }

    /// The longest text in the trie that ends what has come.
    private var node = 0
    /// The last token's node in the trie.
    private var lastNode = 0
    private var bytes = InlineArray<256, UInt8>(repeating: 0)
    /// The last token, and the number of tokens, of the text that ends at each of the last 256 places.
    private var lasts = [UInt32](repeating: 0, count: 256)
    private var counts = [Int](repeating: 0, count: 256)

    mutating func feed(_ byte: UInt8, _ vocabulary: Vocabulary, _ neighbours: inout NeighbourCache) {
        node = vocabulary.step(from: node, byte)
        length &+= 1
        bytes[length & 255] = byte
        // As a rule the last token has grown by the byte: in a run of one sign, the only way that is not long.
        let grown = vocabulary.child(of: lastNode, byte) ?? 0
        let guess = grown == 0 ? Vocabulary.Layout.noToken : vocabulary.mergedToken(at: grown)
        if guess != Vocabulary.Layout.noToken, ends(with: guess, vocabulary, &neighbours) {
            lastNode = grown
            return
        }
        var token = vocabulary.longestEnding(node)
        while token == guess || !ends(with: token, vocabulary, &neighbours) {
            token = vocabulary.shorterSuffix(of: token)
            precondition(token != Vocabulary.Layout.noToken, "every byte is a token, so that one always fits")
        }
        lastNode = 0
        for place in (length &- vocabulary.length(token))..<length {
            lastNode = vocabulary.child(of: lastNode, bytes[(place &+ 1) & 255]) ?? 0
        }
    }

    /// Whether `token`, which ends the text, is its last one; if so, it is noted.
    private mutating func ends(with token: UInt32, _ vocabulary: Vocabulary, _ neighbours: inout NeighbourCache) -> Bool
    {
        let before = length &- vocabulary.length(token)
        guard before == 0 || neighbours.stayApart(lasts[before & 255], token, vocabulary) else { return false }
        count = (before == 0 ? 0 : counts[before & 255]) &+ 1
        lasts[length & 255] = token
        counts[length & 255] = count
        return true
    }

    /// Begins a new piece.
    mutating func reset() {
        length = 0
        count = 0
        node = 0
        lastNode = 0
    }
}
