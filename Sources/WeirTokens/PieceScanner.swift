import WeirBase

/// Finds where pieces end, character by character: the rules of a `SplitPattern` in the order of its regular expression.
///
/// Bytes that are no UTF-8 count as U+FFFD, one for each longest beginning of a character (what Python's `errors="replace"` and browsers do).
struct PieceScanner {
    let pattern: SplitPattern
    /// The pattern's, asked for at every word.
    private let isCased: Bool
    private let hasMarksInWords: Bool
    private let hasSegments: Bool
    private let classes: ClassTable
    /// Whether more bytes may follow the end.
    var isOpen: Bool
    /// The piece may depend on what follows the end of the bytes: only meaningful where more may follow.
    private(set) var reachedEnd = false
    /// The word that the bytes end in: it need not be read again when more has come.
    private(set) var begun: Word?
    /// The piece may hold bytes that are no UTF-8.
    private(set) var hasInvalid = false

    /// - Parameter isOpen: whether more may follow the bytes, so that an unfinished character at their end is not wrong.
    init(_ vocabulary: Vocabulary, isOpen: Bool) {
        pattern = vocabulary.pattern
        isCased = pattern.isCased
        hasMarksInWords = pattern.isCased || pattern.hasMarksInWords
        hasSegments = pattern.hasSegments
        classes = vocabulary.classes
        self.isOpen = isOpen
    }

    /// A character: its class and its bytes. At the end of the bytes the class is `end` and the length 0.
    struct Character {
        var kind: UInt8
        var length: Int
        /// Whether it stands for bytes that are no UTF-8.
        var isInvalid = false
    }

    /// A word as far as it has been read.
    struct Word {
        var start: Int
        var at: Int
        /// Behind its last character that has no case; its start while there is none.
        var caselessEnd: Int
        /// Whether small letters have come.
        var isSmall = false
        /// Whether it is a run of `ideograph`.
        var isIdeographic = false
        /// Whether the sign that joins it may be bytes that are no UTF-8.
        var hasInvalid = false

        init(start: Int) { (self.start, at, caselessEnd) = (start, start, start) }

        func shifted(by distance: Int) -> Word {
            var word = self
            word.start &+= distance
            word.at &+= distance
            word.caselessEnd &+= distance
            return word
        }
    }

    /// The end of the piece of which `word` was read before; after it `reachedEnd` and `hasInvalid` tell of it.
    mutating func pieceEnd(_ bytes: Span<UInt8>, goingOn word: Word) -> Int {
        reachedEnd = false
        hasInvalid = word.hasInvalid
        begun = nil
        return goOn(bytes, word)
    }

    /// The end of the piece that begins at `start`; after it `reachedEnd` and `hasInvalid` tell of this piece.
    mutating func pieceEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        reachedEnd = false
        hasInvalid = false
        begun = nil
        if hasSegments { return segmentPieceEnd(bytes, from: start) }
        let first = character(bytes, at: start)
        let second = start &+ first.length
        switch first.kind {
        case CharacterClass.upper, CharacterClass.lower, CharacterClass.letter:
            return word(bytes, from: start)
        case CharacterClass.mark where hasMarksInWords:
            return word(bytes, from: start)
        case CharacterClass.number:
            return numbers(bytes, from: start)
        case CharacterClass.newline:
            return whiteSpace(bytes, from: start)
        case CharacterClass.blank:
            let isSpace = bytes[start] == UInt8(ascii: " ")
            guard isSpace || !pattern.joinsOnlySpaces else { return whiteSpace(bytes, from: start) }
            let next = character(bytes, at: second).kind
            if isWord(next) { return word(bytes, from: second) }
            guard isSpace else { return whiteSpace(bytes, from: start) }
            if pattern.joinsOnlySpaces, next == CharacterClass.number { return numbers(bytes, from: second) }
            return next == CharacterClass.other || next == CharacterClass.mark
                ? signs(bytes, from: second) : whiteSpace(bytes, from: start)
        case CharacterClass.end:
            return start
        default:
            if bytes[start] == UInt8(ascii: "'"), pattern.contraction != .atWord {
                let end = contraction(bytes, at: start, pattern.contraction)
                // Nothing that follows may be read as a word before this is known.
                if end > start || (reachedEnd && isOpen) { return end }
            }
            if !pattern.joinsOnlySpaces, isWord(character(bytes, at: second).kind) { return word(bytes, from: second) }
            return signs(bytes, from: start)
        }
    }

    /// Before looking at something other than a whole piece.
    mutating func forgetEnd() { reachedEnd = false }

    /// Whether a word may begin with such a character.
    @inline(__always)
    func isWord(_ kind: UInt8) -> Bool {
        switch kind {
        case CharacterClass.upper, CharacterClass.lower, CharacterClass.letter: true
        case CharacterClass.mark: hasMarksInWords
        default: false
        }
    }

    mutating func word(_ bytes: Span<UInt8>, from start: Int) -> Int {
        goOn(bytes, Word(start: start))
    }

    /// Goes on with a word where it was left, and gives its end.
    mutating func goOn(_ bytes: Span<UInt8>, _ begun: Word) -> Int {
        var word = begun
        guard isCased else {
            while true {
                if !hasSegments { word.at = hanEnd(bytes, from: word.at) }
                let next = character(bytes, at: word.at)
                guard word.isIdeographic ? next.kind == CharacterClass.ideograph : isWord(next.kind) else {
                    return leave(word, at: next.kind, end: word.at)
                }
                word.at &+= next.length
            }
        }
        // Capitals and what has no case; then small letters and what has none. Without small letters, the second part takes the last character that
        // has no case from the first one, and capitals behind it are left.
        while !word.isSmall {
            let han = hanEnd(bytes, from: word.at)
            if han > word.at { (word.at, word.caselessEnd) = (han, han) }
            let next = character(bytes, at: word.at)
            word.at &+= next.length
            switch next.kind {
            case CharacterClass.upper: continue
            case CharacterClass.letter, CharacterClass.mark: word.caselessEnd = word.at
            case CharacterClass.lower: word.isSmall = true
            default:
                word.at &-= next.length
                let end = word.caselessEnd > word.start ? word.caselessEnd : word.at
                return leave(word, at: next.kind, end: withContraction(bytes, at: end))
            }
        }
        while true {
            word.at = hanEnd(bytes, from: word.at)
            let next = character(bytes, at: word.at)
            switch next.kind {
            case CharacterClass.lower, CharacterClass.letter, CharacterClass.mark: word.at &+= next.length
            default: return leave(word, at: next.kind, end: withContraction(bytes, at: word.at))
            }
        }
    }

    /// Notes where to go on with a word that the bytes end in.
    private mutating func leave(_ word: Word, at kind: UInt8, end: Int) -> Int {
        if kind == CharacterClass.end {
            begun = word
            begun?.hasInvalid = hasInvalid
        }
        return end
    }

    private mutating func withContraction(_ bytes: Span<UInt8>, at end: Int) -> Int {
        pattern.contraction == .atWord ? contraction(bytes, at: end, .atWord) : end
    }

    /// The end of the contraction at `start`: `'s`, `'d`, `'m`, `'t`, `'ll`, `'ve`, `'re`; `start` if there is none.
    ///
    /// Where case does not matter, the long s (U+017F) is an s: that is how Unicode folds it.
    mutating func contraction(_ bytes: Span<UInt8>, at start: Int, _ form: SplitPattern.Contraction) -> Int {
        guard form != .none else { return start }
        guard start < bytes.count else {
            reachedEnd = true
            return start
        }
        guard bytes[start] == UInt8(ascii: "'") else { return start }
        guard start &+ 1 < bytes.count else {
            reachedEnd = true
            return start
        }
        let fold: UInt8 = form == .apartLowercase ? 0 : 0x20
        let first = bytes[start &+ 1]
        let letter = first | fold
        switch letter {
        case UInt8(ascii: "s"), UInt8(ascii: "d"), UInt8(ascii: "m"), UInt8(ascii: "t"): return start &+ 2
        case UInt8(ascii: "l"), UInt8(ascii: "v"), UInt8(ascii: "r"):
            guard start &+ 2 < bytes.count else {
                reachedEnd = true
                return start
            }
            let wanted = letter == UInt8(ascii: "l") ? UInt8(ascii: "l") : UInt8(ascii: "e")
            return bytes[start &+ 2] | fold == wanted ? start &+ 3 : start
        default:
            guard first == 0xC5, fold != 0 else { return start }
            guard start &+ 2 < bytes.count else {
                reachedEnd = true
                return start
            }
            return bytes[start &+ 2] == 0xBF ? start &+ 3 : start
        }
    }

    mutating func numbers(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        var left = pattern.digits
        while left > 0 {
            let next = character(bytes, at: at)
            guard next.kind == CharacterClass.number else { break }
            at &+= next.length
            left &-= 1
        }
        return at
    }

    /// Punctuation and symbols, and the line ends behind them.
    mutating func signs(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while true {
            let next = character(bytes, at: at)
            guard next.kind == CharacterClass.other || (next.kind == CharacterClass.mark && !pattern.hasMarksInWords)
            else { break }
            at &+= next.length
        }
        guard pattern.hasLineEnds else { return at }
        while true {
            guard at < bytes.count else {
                reachedEnd = true
                return at
            }
            switch bytes[at] {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): at &+= 1
            case UInt8(ascii: "/") where pattern.hasSlashes: at &+= 1
            default: return at
            }
        }
    }

    /// White space: up to its last line end; else all but its last character, which goes with what follows; all of it where nothing follows.
    mutating func whiteSpace(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        var (lineEnd, last) = (start, start)
        while true {
            let next = character(bytes, at: at)
            switch next.kind {
            case CharacterClass.newline:
                last = at
                at &+= next.length
                lineEnd = at
            case CharacterClass.blank:
                last = at
                at &+= next.length
            default:
                if next.kind == CharacterClass.end, pattern.takesFinalWhole { return at }
                if lineEnd > start, pattern.hasLineEnds { return lineEnd }
                return next.kind == CharacterClass.end || last == start || endsSegment(next.kind) ? at : last
            }
        }
    }

    // MARK: Characters

    /// Where the Han characters from `start` end: three bytes each, U+4E00 to U+9FFF, all of them letters without case.
    @inline(__always)
    private func hanEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at &+ 2 < bytes.count, bytes[at] >= 0xE4, bytes[at] <= 0xE9 {
            let (lead, second, third) = (bytes[at], bytes[at &+ 1], bytes[at &+ 2])
            guard second & 0xC0 == 0x80, third & 0xC0 == 0x80, lead > 0xE4 || second >= 0xB8 else { return at }
            at &+= 3
        }
        return at
    }

    /// The character at `at`.
    @inline(__always)
    mutating func character(_ bytes: Span<UInt8>, at: Int) -> Character {
        guard at < bytes.count else {
            reachedEnd = true
            return Character(kind: CharacterClass.end, length: 0)
        }
        let byte = bytes[at]
        if byte < 0x80 { return Character(kind: classes.ascii(byte), length: 1) }
        return foreignCharacter(bytes, at: at, byte)
    }

    /// A character of more than one byte, or one U+FFFD for bytes that are none (Unicode, section 3.9, table 3-7 and "maximal subparts").
    private mutating func foreignCharacter(_ bytes: Span<UInt8>, at: Int, _ lead: UInt8) -> Character {
        // Most have three bytes, and these no forms that are too long and no surrogates.
        if lead >= 0xE1, lead < 0xED, at &+ 2 < bytes.count {
            let (second, third) = (bytes[at &+ 1], bytes[at &+ 2])
            if second & 0xC0 == 0x80, third & 0xC0 == 0x80 {
                let point = UInt32(lead & 0x0F) &<< 12 | UInt32(second & 0x3F) &<< 6 | UInt32(third & 0x3F)
                return Character(kind: classes[point], length: 3)
            }
        }
        var length = 2
        var point = UInt32(lead & 0x1F)
        var (least, most): (UInt8, UInt8) = (0x80, 0xBF)
        switch lead {
        case 0xC2...0xDF: break
        case 0xE0...0xEF:
            (length, point) = (3, UInt32(lead & 0x0F))
            if lead == 0xE0 { least = 0xA0 }
            if lead == 0xED { most = 0x9F }
        case 0xF0...0xF4:
            (length, point) = (4, UInt32(lead & 0x07))
            if lead == 0xF0 { least = 0x90 }
            if lead == 0xF4 { most = 0x8F }
        default:
            return invalid(1)
        }
        for offset in 1..<length {
            guard at &+ offset < bytes.count else {
                reachedEnd = true
                return isOpen ? Character(kind: CharacterClass.end, length: 0) : invalid(offset)
            }
            let byte = bytes[at &+ offset]
            guard byte >= least, byte <= most else { return invalid(offset) }
            point = point &<< 6 | UInt32(byte & 0x3F)
            (least, most) = (0x80, 0xBF)
        }
        return Character(kind: classes[point], length: length)
    }

    private mutating func invalid(_ length: Int) -> Character {
        hasInvalid = true
        return Character(kind: CharacterClass.other, length: length, isInvalid: true)
    }
}
