/// What a character is for the measured rules. Most follow from Unicode; the lists are what was measured and follows from nothing.
extension Unicode.Scalar {
    enum Kind { case word, mark, digit, sign, space, single }

    /// `mark` where a letter before it would take it in, and none is there.
    var measuredKind: Kind { isASCII ? asciiKind : foreignKind }

    private var asciiKind: Kind {
        switch UInt8(truncatingIfNeeded: value) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): .word
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
        case 0x20, 0x09...0x0D: .space
        case 0x21...0x7E: .sign
        default: .single
        }
    }

    private var foreignKind: Kind {
        let category = properties.generalCategory
        switch category {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return .space
        default: break
        }
        if isSymbolLetter { return .word }
        if category == .decimalNumber, (0x660...0x669).contains(value) || (0x6F0...0x6F9).contains(value) {
            return .digit
        }
        if Unicode.Scalar.joinedSigns.contains(value) { return .sign }
        if isSelector { return .single }
        if category.isMark { return value < 0x10000 && properties.isAlphabetic ? wordOrMark : .single }
        return category.isLetter && !isAlone ? wordOrMark : .single
    }

    private var wordOrMark: Kind {
        // Syriac vowels are letters where nothing is before them.
        guard value != 0x711, !(0x730...0x73F).contains(value) else { return .word }
        return properties.canonicalCombiningClass == .notReordered ? .word : .mark
    }

    /// Variation selectors go with what is before them.
    var isSelector: Bool { (0xFE00...0xFE0F).contains(value) }

    /// Letters by their use: runic golden numbers, Roman numerals, circled letters, Bamum numbers.
    private var isSymbolLetter: Bool {
        (0x16EE...0x16F0).contains(value) || (0x2160...0x2188).contains(value) || (0x24B6...0x24E9).contains(value)
            || (0xA6E6...0xA6EF).contains(value)
    }

    /// Letters that are no words with their neighbours: Han, Hangul, marks of repetition, and all beyond U+FFFF.
    private var isAlone: Bool {
        switch value {
        case 0x10000..., 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xF900...0xFAFF, 0xAC00...0xD7A3, 0x3005, 0x3006,
            0x3031...0x3035, 0x303B, 0x303C:
            true
        default: false
        }
    }

    /// Signs beyond ASCII that make runs with those of ASCII.
    private static let joinedSigns: Set<UInt32> = [
        0xA3, 0xA7, 0xAB, 0xB0, 0xB7, 0xBB, 0xF0D, 0x2013, 0x2014, 0x201E, 0x2020, 0x2022, 0x2026, 0x20AC, 0x2116,
        0x2192, 0x2212, 0x221A, 0x2500, 0x2502, 0x2514, 0x2550, 0x2588, 0xFF08,
    ]

    /// Symbols among the ideographic punctuation, which is no sign either.
    private static let ideographicSymbols: Set<UInt32> = [
        0x3004, 0x3012, 0x3013, 0x3020, 0x3036, 0x3037, 0x303E, 0x303F,
    ]

    /// Whether a character on its own has marks where it borders on spaces.
    var hasBorders: Bool {
        if isASCII { return asciiKind == .sign }
        guard value < 0x10000 else { return false }
        let category = properties.generalCategory
        if category.isMark { return !isSelector && !properties.isAlphabetic }
        let isPunctuation = category.isPunctuation
        if (0x3001...0x303F).contains(value), isPunctuation || Unicode.Scalar.ideographicSymbols.contains(value) {
            return false
        }
        return category.isSign || category == .format || category == .unassigned
    }

    /// Whether a digit has such marks: those of ASCII have none.
    var isBorderedDigit: Bool {
        guard !isASCII, value < 0x10000 else { return false }
        let category = properties.generalCategory
        return category == .otherNumber || category == .decimalNumber
    }

    /// Its small letter, or itself. The capital theta symbol counts as having none.
    var measuredLower: String { value == 0x3F4 ? String(self) : properties.lowercaseMapping }

    /// Whether it is a capital: one that has a small letter.
    var isMeasuredCapital: Bool {
        if isASCII { return value >= 0x41 && value <= 0x5A }
        return value != 0x3F4 && properties.isUppercase
            && !properties.lowercaseMapping.unicodeScalars.elementsEqual([self])
    }
}

extension Unicode.GeneralCategory {
    var isLetter: Bool {
        switch self {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    var isMark: Bool {
        switch self {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    var isPunctuation: Bool {
        switch self {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            true
        default: false
        }
    }

    /// Punctuation or symbol.
    var isSign: Bool {
        switch self {
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: true
        default: isPunctuation
        }
    }
}
