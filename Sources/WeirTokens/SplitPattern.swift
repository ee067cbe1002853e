/// How texts are cut into pieces before bytes are merged: the regular expression of an encoding, told as rules. The numbers stand in vocabulary files.
public enum SplitPattern: UInt32, Sendable, CaseIterable {
    /// o200k_base: words begin with capitals and carry their contraction, digits in threes, slashes follow line ends.
    case o200k = 1
    /// cl100k_base: words of any case, contractions apart, digits in threes, white space at the end of the text whole.
    case cl100k = 2
    /// p50k_base, r50k_base, gpt2: only a space joins what follows, digits without end, line ends are white space as any other.
    case p50k = 3
    /// Qwen 1 to 3: as cl100k with single digits.
    case qwen2 = 4
    /// Qwen 3.5 and 3.6: as qwen2, and marks belong to words.
    case qwen35 = 5
    /// Mistral's tekken: as o200k without contractions, with single digits.
    case tekken = 6
    /// Llama 3: as cl100k, but that white space at the end is cut as elsewhere.
    case llama3 = 7
    /// DeepSeek: numbers and Han characters are cut out first; of the rest, signs take the ASCII letters behind them.
    case deepSeek = 8
    /// Claude 3 to 4.6, 4.7, and later ones: no pattern, but pieces that were measured (`MeasuredCounter`).
    case claude3 = 9
    case claude47 = 10
    case claude48 = 11

    enum Contraction { case none, atWord, apart, apartLowercase }

    /// Whether a word is capitals followed by small letters, marks in either part.
    var isCased: Bool { self == .o200k || self == .tekken }
    /// Whether marks are letters of words that are not cased.
    var hasMarksInWords: Bool { self == .qwen35 || self == .deepSeek }
    var contraction: Contraction {
        switch self {
        case .o200k: .atWord
        case .cl100k, .qwen2, .qwen35, .llama3: .apart
        case .p50k: .apartLowercase
        case .tekken, .deepSeek, .claude3, .claude47, .claude48: .none
        }
    }
    /// The most digits of a piece.
    var digits: Int {
        switch self {
        case .o200k, .cl100k, .llama3, .deepSeek: 3
        case .qwen2, .qwen35, .tekken: 1
        case .p50k, .claude3, .claude47, .claude48: .max
        }
    }
    /// Whether only a space, and no other sign, is taken into the word or number that follows it.
    var joinsOnlySpaces: Bool { self == .p50k }
    /// Whether signs take the line ends behind them, and white space ends with its last line end.
    var hasLineEnds: Bool { self != .p50k }
    /// Whether slashes go with those line ends.
    var hasSlashes: Bool { self == .o200k || self == .tekken }
    /// Whether numbers and Han characters end what is before them as the end of the text does.
    var hasSegments: Bool { self == .deepSeek }
    /// Whether white space that ends the text is one piece even if line ends are in it.
    var takesFinalWhole: Bool { self == .cl100k || self == .p50k }
}
