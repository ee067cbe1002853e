@_spi(_Unicode) import Swift

/// A text as the measured pieces spell it: normalized, its words between marks, a capital or all capitals told by a mark before the small letters, a single
/// space between two words left out.
struct MarkedText {
    /// UTF-8 and `PieceMark`s.
    private(set) var bytes: [UInt8] = []
    /// Line ends at the end of the text, which are not in `bytes`.
    private(set) var finalLineEnds = 0

    /// Characters of one kind.
    private struct Run {
        var kind: Unicode.Scalar.Kind
        var start: Int
        var end: Int
    }

    private let pattern: MeasuredPattern
    private var text: [Unicode.Scalar] = []
    private var runs: [Run] = []

    init(_ string: String, _ pattern: MeasuredPattern) {
        self.pattern = pattern
        normalize(string)
        while text.last == "\n" {
            text.removeLast()
            finalLineEnds += 1
        }
        // The mark before the text is a space already.
        if pattern.hasLeadingMark, string.unicodeScalars.first == " ", text.first == " ",
            text.count < 2 || text[1] != " "
        {
            text.removeFirst()
        }
        findRuns()
        write()
    }

    // MARK: Normalization

    /// NFC, without controls and private characters, all spaces as one.
    private mutating func normalize(_ string: String) {
        text.reserveCapacity(string.utf8.count)
        if string.utf8.allSatisfy({ $0 < 0x80 }) {
            for scalar in string.unicodeScalars
            where scalar.value >= 0x20 || scalar == "\n" || scalar == "\t" || scalar == "\0" {
                if scalar.value != 0x7F { text.append(scalar == "\0" ? " " : scalar) }
            }
            return
        }
        var mayCompose = false
        for scalar in string._nfc {
            switch scalar.value {
            case 0: text.append(" ")
            case 0x01...0x08, 0x0B...0x1F, 0x7F...0x9F: continue
            case 0xE000...0xF8FF: mayCompose = false
            case 0xE32 where mayCompose && text.last == "\u{E4D}":
                // Thai: two signs that NFC leaves apart.
                text[text.count - 1] = "\u{E33}"
            case 0x2018, 0x2019: text.append(pattern.foldsQuotes ? "'" : scalar)
            case 0x201C, 0x201D: text.append(pattern.foldsQuotes ? "\"" : scalar)
            case 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F: text.append(" ")
            default:
                text.append(scalar)
                mayCompose = true
            }
        }
    }

    // MARK: Runs

    private mutating func findRuns() {
        var at = 0
        while at < text.count {
            var kind = text[at].measuredKind
            if kind == .mark, runs.last?.kind == .word, runs[runs.count - 1].end == at { kind = .word }
            let start = at
            at += 1
            while at < text.count {
                let next = text[at].measuredKind
                guard next == kind || (kind == .word && next == .mark) else { break }
                at += 1
            }
            if kind == .single { cutSingles(start, at) } else { runs.append(Run(kind: kind, start: start, end: at)) }
        }
    }

    /// Characters on their own make runs of signs, of numbers and of letters; selectors go with what is before them.
    private mutating func cutSingles(_ start: Int, _ end: Int) {
        func group(_ scalar: Unicode.Scalar) -> Int { scalar.hasBorders ? 0 : scalar.isBorderedDigit ? 1 : 2 }
        var first = start
        var kind = group(text[start])
        for at in start + 1..<max(end, start + 1) where !text[at].isSelector && group(text[at]) != kind {
            runs.append(Run(kind: .single, start: first, end: at))
            (first, kind) = (at, group(text[at]))
        }
        runs.append(Run(kind: .single, start: first, end: end))
    }

    private func isApostrophe(_ run: Run) -> Bool {
        run.kind == .sign && run.end - run.start == 1 && text[run.start] == "'"
    }

    /// Whether run `index` is an apostrophe before a word, which is no sign to what is before it.
    private func opensWord(_ index: Int) -> Bool {
        guard isApostrophe(runs[index]), index + 1 < runs.count else { return false }
        return runs[index + 1].kind == .word || runs[index + 1].kind == .mark
    }

    private static let contractions: Set<String> = ["s", "t", "d", "m", "ll", "re", "ve"]

    /// Whether the word `index` is a contraction, so that the apostrophe before it begins it.
    private func isContraction(_ index: Int) -> Bool {
        let run = runs[index]
        guard index > 0, run.end - run.start <= 2, isApostrophe(runs[index - 1]) else { return false }
        var word = String.UnicodeScalarView()
        word.append(contentsOf: text[run.start..<run.end])
        guard MarkedText.contractions.contains(String(word)) else { return false }
        return index < 2 || !borders(runs[index - 2]).end
    }

    /// Whether a run has marks of its own where it borders on a space: at its beginning, at its end. A word's are others, but one that ends with a symbol
    /// counts as a sign for an apostrophe behind it.
    private func borders(_ run: Run) -> (begin: Bool, end: Bool) {
        if run.kind == .sign { return (true, true) }
        let (first, last) = (text[run.start], text[run.end - 1])
        let begin = first.isSelector || first.hasBorders
        let end = last.isSelector || last.hasBorders
        guard !begin, !end, run.kind == .digit || run.kind == .single else { return (begin, end) }
        let category = first.properties.generalCategory
        let isNumber = category == .decimalNumber || category == .otherNumber
        guard isNumber, text[run.start..<run.end].allSatisfy({ $0.properties.generalCategory == category }) else {
            return (false, false)
        }
        return (first.isBorderedDigit, last.isBorderedDigit)
    }

    // MARK: Writing

    private mutating func write() {
        guard let first = runs.first else {
            if pattern.hasLeadingMark { bytes.append(PieceMark.wordBegin) }
            return
        }
        if pattern.hasLeadingMark {
            // The mark before the text is the one that begins its first word, or a space.
            let quote = opensWord(0)
            let takes = first.kind == .word || first.kind == .mark || borders(first).begin || text[0] == " "
            if quote { bytes.append(0x20) } else if !takes { bytes.append(PieceMark.wordBegin) }
        }
        for index in runs.indices {
            let run = runs[index]
            switch run.kind {
            case .word: writeWord(index)
            case .mark:
                beginWord([])
                append(run)
                if index + 1 == runs.count || runs[index + 1].kind != .word { bytes.append(PieceMark.wordEnd) }
            case .space: append(run)
            case .sign, .digit, .single:
                let borders = borders(run)
                if borders.begin, followsSpace(index), !opensWord(index) { beginWord([]) }
                append(run)
                if borders.end, precedesSpace(index) { bytes.append(PieceMark.wordEnd) }
            }
        }
    }

    private func followsSpace(_ index: Int) -> Bool {
        guard index > 0 else { return pattern.hasLeadingMark }
        return runs[index - 1].kind == .space && text[runs[index].start - 1] == " "
    }

    /// Whether a single space follows: a run of them is a piece of its own.
    private func precedesSpace(_ index: Int) -> Bool {
        guard index + 1 < runs.count, runs[index + 1].kind == .space else { return false }
        let next = runs[index + 1]
        return text[next.start] == " " && (next.end - next.start == 1 || text[next.start + 1] != " ")
    }

    /// Begins a word; between the end of another and this, a single space goes without saying.
    private mutating func beginWord(_ marks: [UInt8]) {
        if bytes.count >= 2, bytes[bytes.count - 1] == 0x20, bytes[bytes.count - 2] == PieceMark.wordEnd {
            bytes.removeLast()
        }
        bytes += marks
        bytes.append(PieceMark.wordBegin)
    }

    private mutating func append(_ run: Run) { append(text[run.start..<run.end]) }

    private mutating func append(_ scalars: some Sequence<Unicode.Scalar>) {
        for scalar in scalars {
            if scalar.isASCII {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                bytes += UTF8.encode(scalar)!
            }
        }
    }

    private mutating func writeWord(_ index: Int) {
        let word = text[runs[index].start..<runs[index].end]
        let isOpen = index > 0 && runs[index - 1].kind == .mark
        let mark = isOpen ? nil : caseMark(word)
        let marks = mark.map { [$0] } ?? []
        if isOpen || isContraction(index) { bytes += marks } else { beginWord(marks) }
        if mark == nil {
            append(word)
        } else {
            for scalar in word {
                if scalar.isASCII {
                    bytes.append(UInt8(truncatingIfNeeded: scalar.value) | 0x20)
                } else if scalar == "\u{130}" {
                    append(CollectionOfOne(scalar))
                } else {
                    append(scalar.measuredLower.unicodeScalars)
                }
            }
        }
        bytes.append(PieceMark.wordEnd)
    }

    /// The mark that tells the capitals of a word; nil where it is spelled as it is.
    private func caseMark(_ word: ArraySlice<Unicode.Scalar>) -> UInt8? {
        let first = word[word.startIndex]
        if word.allSatisfy({ $0.value >= 0x61 && $0.value <= 0x7A }) { return nil }
        guard !word.contains("\u{1E9E}") else { return nil }
        let isTitle = first.isMeasuredCapital && !word.dropFirst().contains { $0.isMeasuredCapital && $0 != "\u{130}" }
        if word.contains("\u{130}") { return isTitle && first != "\u{130}" ? PieceMark.capital : nil }
        if let shortest = pattern.shortestCapitals, word.count >= shortest {
            let isAll =
                word.contains(where: \.isMeasuredCapital)
                && word.allSatisfy { scalar in
                    let category = scalar.properties.generalCategory
                    return scalar.isMeasuredCapital
                        || !(scalar.properties.isLowercase || category.isLetter || category.isMark)
                }
            if isAll { return PieceMark.capitals }
        }
        return isTitle ? PieceMark.capital : nil
    }
}
