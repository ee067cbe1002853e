import WeirBase

/// DeepSeek's rules. Its tokenizer splits three times: by numbers, by runs of Han characters and kana, and what is left by a regular expression that sees
/// one segment at a time. So a number or a Han character is to the segment before it what the end is to a text.
extension PieceScanner {
    /// Whether such a character ends the segment before it.
    @inline(__always)
    func endsSegment(_ kind: UInt8) -> Bool {
        pattern.hasSegments && (kind == CharacterClass.number || kind == CharacterClass.ideograph)
    }

    /// The end of the piece that begins at `start`.
    mutating func segmentPieceEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let first = character(bytes, at: start)
        let second = start &+ first.length
        switch first.kind {
        case CharacterClass.number:
            return numbers(bytes, from: start)
        case CharacterClass.ideograph:
            var run = Word(start: start)
            run.isIdeographic = true
            return goOn(bytes, run)
        case CharacterClass.newline:
            return whiteSpace(bytes, from: start)
        case CharacterClass.blank:
            let next = character(bytes, at: second).kind
            if isWord(next) { return word(bytes, from: second) }
            let isJoined = bytes[start] == UInt8(ascii: " ") && next == CharacterClass.other
            return isJoined ? signs(bytes, from: second) : whiteSpace(bytes, from: start)
        case CharacterClass.control:
            return controls(bytes, from: start)
        case CharacterClass.other:
            if first.length == 1, !first.isInvalid, isLatin(bytes, at: second) { return latin(bytes, from: second) }
            return signs(bytes, from: start)
        case CharacterClass.end:
            return start
        default:
            return word(bytes, from: start)
        }
    }

    /// Whether a letter of ASCII is there.
    private mutating func isLatin(_ bytes: Span<UInt8>, at offset: Int) -> Bool {
        let kind = character(bytes, at: offset).kind
        return (kind == CharacterClass.upper || kind == CharacterClass.lower) && bytes[offset] < 0x80
    }

    /// The letters of ASCII behind a sign of ASCII; letters beyond it are another piece.
    private mutating func latin(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while isLatin(bytes, at: at) { at &+= 1 }
        return at
    }

    /// What no alternative matches: controls up to the last one before a word, which goes with that.
    private mutating func controls(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while true {
            let control = character(bytes, at: at)
            guard control.kind == CharacterClass.control else { return at }
            let following = at &+ control.length
            if isWord(character(bytes, at: following).kind) {
                return at == start ? word(bytes, from: following) : at
            }
            at = following
        }
    }
}
