import WeirBase

/// A piece of a stream that has become so long that it is not kept: it is merged as it comes, character by character, by the rules of `PieceScanner`.
///
/// Some pieces may still fall in two when they end: capitals behind a letter without case belong to it only if a small letter follows, and white space
/// ends with its last line end. So the part behind the last such place is merged a second time, as the piece that it would be.
struct LongPiece {
    private enum Kind {
        case word, capitals, smallLetters, latin, ideographs, numbers, signs, signEnds, whiteSpace, controls
    }

    private var kind: Kind
    private let pattern: SplitPattern
    private var all = PrefixMerger()
    /// What follows the place where the piece may fall in two; nil as long as there is none.
    private var rest: PrefixMerger?
    /// The tokens before that place.
    private var cutCount = 0

    /// The most tokens that it has if it ends here.
    var upperBound: Int { Swift.max(all.count, rest.map { cutCount + $0.count } ?? 0) }

    /// Takes over the piece that begins `bytes`, whose end cannot be seen in them.
    /// - Returns: nil if it is none that can be long.
    init?(_ bytes: Span<UInt8>, _ scanner: inout PieceScanner) {
        pattern = scanner.pattern
        let first = scanner.character(bytes, at: 0)
        let second = scanner.character(bytes, at: first.length).kind
        let word: Kind = pattern.isCased ? .capitals : .word
        switch first.kind {
        case CharacterClass.ideograph: kind = .ideographs
        case CharacterClass.control: kind = scanner.isWord(second) ? .word : .controls
        case CharacterClass.other where pattern.hasSegments:
            let isLatin = first.length == 1 && !first.isInvalid && scanner.isWord(second) && bytes[1] < 0x80
            kind = isLatin ? .latin : .signs
        case _ where scanner.isWord(first.kind): kind = word
        case CharacterClass.number where pattern.digits == .max: kind = .numbers
        case CharacterClass.newline: kind = .whiteSpace
        case CharacterClass.blank:
            let isSpace = bytes[0] == UInt8(ascii: " ")
            if (isSpace || !pattern.joinsOnlySpaces) && scanner.isWord(second) {
                kind = word
            } else if isSpace, pattern.digits == .max, second == CharacterClass.number {
                kind = .numbers
            } else if isSpace, second == CharacterClass.other || second == CharacterClass.mark {
                kind = .signs
            } else {
                kind = .whiteSpace
            }
        case CharacterClass.other, CharacterClass.mark:
            kind = !pattern.joinsOnlySpaces && scanner.isWord(second) ? word : .signs
        default: return nil
        }
    }

    /// Takes what belongs to the piece from the start of `bytes`; `isFirst` where its own first character is there.
    /// - Returns: where that ends, and the tokens of the piece if it has ended there.
    mutating func take(
        _ bytes: Span<UInt8>, isFirst: Bool, _ scanner: inout PieceScanner, _ counter: inout TokenCounter
    ) -> (end: Int, count: Int?) {
        var at = 0
        if isFirst, kind != .whiteSpace, kind != .numbers || bytes[0] == UInt8(ascii: " ") {
            // What joins a word or a sign need not be one itself.
            let first = scanner.character(bytes, at: 0)
            if !scanner.isWord(first.kind) { at = feed(bytes, 0, first, &scanner, &counter) }
        }
        while true {
            let next = scanner.character(bytes, at: at)
            if next.kind == CharacterClass.end, scanner.isOpen { return (at, nil) }
            if kind == .whiteSpace {
                guard let step = takeWhite(bytes, at, next, &scanner, &counter) else { return (at, nil) }
                at = step.end
                if let count = step.count { return (at, count) }
                continue
            }
            if kind == .controls, next.kind == CharacterClass.control {
                // The last one goes with a word that follows.
                let following = scanner.character(bytes, at: at &+ next.length).kind
                if following == CharacterClass.end, scanner.isOpen { return (at, nil) }
                if scanner.isWord(following) { return (at, total) }
            }
            guard belongs(next.kind, next.kind == CharacterClass.end ? 0 : bytes[at]) else {
                return ended(bytes, at, &scanner, &counter)
            }
            at = feed(bytes, at, next, &scanner, &counter)
            if kind == .capitals, next.kind != CharacterClass.upper { cut() }
            if kind == .capitals, next.kind == CharacterClass.lower { (kind, rest) = (.smallLetters, nil) }
            if kind == .signs, next.kind == CharacterClass.newline { kind = .signEnds }
        }
    }

    /// Whether a character goes on with the piece.
    private func belongs(_ next: UInt8, _ byte: UInt8) -> Bool {
        switch kind {
        case .word:
            next == CharacterClass.upper || next == CharacterClass.lower || next == CharacterClass.letter
                || (next == CharacterClass.mark && pattern.hasMarksInWords)
        case .capitals:
            next == CharacterClass.upper || next == CharacterClass.lower || next == CharacterClass.letter
                || next == CharacterClass.mark
        case .smallLetters:
            next == CharacterClass.lower || next == CharacterClass.letter || next == CharacterClass.mark
        case .latin: (next == CharacterClass.upper || next == CharacterClass.lower) && byte < 0x80
        case .ideographs: next == CharacterClass.ideograph
        case .controls: next == CharacterClass.control
        case .numbers: next == CharacterClass.number
        case .signs:
            next == CharacterClass.other || (next == CharacterClass.mark && !pattern.hasMarksInWords)
                || (next == CharacterClass.newline && pattern.hasLineEnds)
        case .signEnds: next == CharacterClass.newline || (byte == UInt8(ascii: "/") && pattern.hasSlashes)
        case .whiteSpace: next == CharacterClass.blank || next == CharacterClass.newline
        }
    }

    /// White space keeps its last character back: what follows decides where that goes.
    /// - Returns: nil where that has not come yet.
    private mutating func takeWhite(
        _ bytes: Span<UInt8>, _ at: Int, _ character: PieceScanner.Character, _ scanner: inout PieceScanner,
        _ counter: inout TokenCounter
    ) -> (end: Int, count: Int?)? {
        guard belongs(character.kind, 0) else { return (at, total) }
        let following = scanner.character(bytes, at: at &+ character.length).kind
        if following == CharacterClass.end, scanner.isOpen { return nil }
        let isLineEnd = character.kind == CharacterClass.newline && pattern.hasLineEnds
        guard
            belongs(following, 0) || following == CharacterClass.end || isLineEnd || scanner.endsSegment(following)
        else { return (at, total) }
        let end = feed(bytes, at, character, &scanner, &counter)
        if following == CharacterClass.end, pattern.takesFinalWhole { return (end, all.count) }
        if isLineEnd { cut() }
        return (end, following == CharacterClass.end ? total : nil)
    }

    /// The end of all kinds but white space.
    private mutating func ended(
        _ bytes: Span<UInt8>, _ at: Int, _ scanner: inout PieceScanner, _ counter: inout TokenCounter
    ) -> (end: Int, count: Int?) {
        guard kind == .capitals || kind == .smallLetters, pattern.contraction == .atWord else { return (at, total) }
        // The word ends where it could have been cut: a contraction goes with all of it.
        if rest?.length == 0 { rest = nil }
        scanner.forgetEnd()
        let end = scanner.contraction(bytes, at: at, .atWord)
        if scanner.reachedEnd, scanner.isOpen { return (at, nil) }
        for offset in at..<end { feed(bytes[offset], &counter) }
        return (end, total)
    }

    /// The tokens of the piece, or of the two that it has become.
    private var total: Int {
        guard let rest else { return all.count }
        return cutCount + rest.count
    }

    private mutating func cut() {
        cutCount = all.count
        if rest == nil { rest = PrefixMerger() } else { rest?.reset() }
    }

    private mutating func feed(
        _ bytes: Span<UInt8>, _ at: Int, _ character: PieceScanner.Character, _ scanner: inout PieceScanner,
        _ counter: inout TokenCounter
    ) -> Int {
        if character.isInvalid {
            for byte: UInt8 in [0xEF, 0xBF, 0xBD] { feed(byte, &counter) }
        } else {
            for offset in at..<at &+ character.length { feed(bytes[offset], &counter) }
        }
        return at &+ character.length
    }

    private mutating func feed(_ byte: UInt8, _ counter: inout TokenCounter) {
        counter.feed(byte, to: &all)
        guard rest != nil else { return }
        counter.feed(byte, to: &rest!)
    }
}
