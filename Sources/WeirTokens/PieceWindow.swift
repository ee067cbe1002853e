import WeirBase

/// Finds the pieces of up to 64 ASCII bytes at once. Each rule of the pattern is a few operations on words that have a bit a byte.
///
/// A window begins where a piece begins, so that nothing before it matters. The pieces that it finds end inside of it, and no byte behind it could
/// change them; the last piece of a window begins the next one.
struct PieceWindow {
    private let isCased: Bool
    private let hasSlashes: Bool
    private let takesFinalWhole: Bool
    private let hasSegments: Bool
    private let contraction: SplitPattern.Contraction
    private let digits: Int

    /// Nil for patterns whose rules are not those of line ends and joined signs.
    init?(_ pattern: SplitPattern) {
        guard pattern.hasLineEnds else { return nil }
        isCased = pattern.isCased
        hasSlashes = pattern.hasSlashes
        takesFinalWhole = pattern.takesFinalWhole
        hasSegments = pattern.hasSegments
        contraction = pattern.contraction
        digits = pattern.digits
    }

    /// How many of the `count` bytes from `offset` come before a control that is no white space, where those are no signs; all of them for other patterns.
    @inline(__always)
    func length(_ bytes: Span<UInt8>, at offset: Int, count: Int) -> Int {
        hasSegments ? lengthBeforeControl(bytes, at: offset, count: count) : count
    }

    private func lengthBeforeControl(_ bytes: Span<UInt8>, at offset: Int, count: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        for start in stride(from: 0, to: count, by: 8) {
            let word = bytes.wordUpToEnd(at: offset &+ start)
            let deletes = word ^ (ones &* 0x7F)
            // A high bit at least where a byte is below 0x20 or is 0x7F; line ends and tabs have it, too.
            var found = ((word &- (ones &* 0x20)) & ~word | (deletes &- ones) & ~deletes) & (ones &* 0x80)
            while found != 0 {
                let at = start &+ found.trailingZeroBitCount / 8
                guard at < count else { return count }
                let byte = bytes[offset &+ at]
                if byte == 0x7F || (byte < 0x20 && !(0x09...0x0D).contains(byte)) { return at }
                found &= found &- 1
            }
        }
        return count
    }

    /// A bit for each piece that begins in the first `count` bytes (1 to 64, all ASCII), the first one at bit 0.
    /// - Parameter isEnd: whether the text ends behind them. If it does not, the last bit set is where the first piece begins that may be longer.
    @inline(__always)
    func starts(_ all: TextBits, _ bytes: Span<UInt8>, at offset: Int, count: Int, isEnd: Bool) -> UInt64 {
        let valid = UInt64.max >> UInt64(truncatingIfNeeded: 64 &- count)
        let uppers = all.uppers & valid
        let lowers = all.lowers & valid
        let digits = all.digits & valid
        let newlines = all.newlines & valid
        let blanks = all.blanks & valid
        let spaces = all.spaces & valid
        let white = newlines | blanks
        let letters = uppers | lowers
        let signs = valid & ~(letters | digits | white)

        // Line ends behind signs belong to them, and where the pattern says so slashes behind those. Adding the first bit of a run to it carries
        // through the whole run.
        let taking = newlines | (hasSlashes ? all.slashes & valid : 0)
        let firstTaken = newlines & signs &<< 1
        let taken = (taking & ~(taking &+ firstTaken)) | firstTaken
        let freeSigns = signs & ~taken
        let freeWhite = white & ~taken

        // Signs: a run is a piece, with the space before it; one single sign goes with the letters behind it.
        let firstSigns = freeSigns & ~(freeSigns &<< 1)
        let spacedSigns = firstSigns & spaces &<< 1
        var starts = 1 | (firstSigns & ~spacedSigns)

        // Words: of a run of letters, where it follows nothing that joins it; and capitals behind small letters.
        let firstLetters = letters & ~(letters &<< 1)
        starts |= firstLetters & ~((blanks | (firstSigns & ~spacedSigns)) &<< 1)
        if isCased { starts |= uppers & lowers &<< 1 }

        starts |= digitStarts(digits)

        // White space: a run is a piece up to its last line end; of the rest the last character is apart.
        let inner = blanksBeforeNewlines(blanks, newlines)
        let top = UInt64(1) &<< UInt64(truncatingIfNeeded: count &- 1)
        starts |= freeWhite & ~(freeWhite &<< 1)
        starts |= blanks & ~inner & newlines &<< 1
        starts |= blanks & ~((hasSegments ? white | digits : white) &>> 1) & ~top

        if contraction == .atWord || contraction == .apart {
            let candidates = all.apostrophes & letters &>> 1 & (contraction == .atWord ? letters &<< 1 : starts)
            if candidates != 0 { cutContractions(candidates, &starts, bytes, offset, count) }
        }

        // Where the run of white space that reaches the end of the window begins; 64 if the last byte is none.
        let others = valid & ~white
        let whiteEnd = 64 &- others.leadingZeroBitCount
        if isEnd {
            guard takesFinalWhole, whiteEnd < count else { return starts }
            // The rest is white space: one piece, behind what signs have taken of it.
            let rest = freeWhite & (UInt64.max << UInt64(truncatingIfNeeded: whiteEnd))
            guard rest != 0 else { return starts }
            return starts & ((rest & (0 &- rest)) &* 2 &- 1)
        }
        // A contraction may reach two bytes beyond its apostrophe, and white space depends on all that follows it.
        let certain = count < 3 ? 1 : UInt64(1) &<< UInt64(truncatingIfNeeded: count &- 3) &- 1
        let before = whiteEnd >= 63 ? UInt64.max : UInt64(2) &<< UInt64(truncatingIfNeeded: whiteEnd) &- 1
        return starts & (certain & before | 1)
    }

    /// The first digit of each run and those after every full piece.
    @inline(__always)
    private func digitStarts(_ all: UInt64) -> UInt64 {
        if digits == 1 { return all }
        var next = all & ~(all &<< 1)
        var starts = next
        let fourth = all & all &<< 1 & all &<< 2 & all &<< 3
        while true {
            next = next &<< 3 & fourth
            if next == 0 { return starts }
            starts |= next
        }
    }

    /// The blanks that a newline follows: rare, so each run is looked for by itself.
    @inline(__always)
    private func blanksBeforeNewlines(_ blanks: UInt64, _ newlines: UInt64) -> UInt64 {
        var inner: UInt64 = 0
        var ends = newlines & blanks &<< 1
        while ends != 0 {
            let below = ends & (0 &- ends) &- 1
            let stop = ~blanks & below
            inner |= below & (UInt64.max << UInt64(truncatingIfNeeded: 64 &- stop.leadingZeroBitCount))
            ends &= ends &- 1
        }
        return inner
    }

    /// Each apostrophe that begins a contraction: it goes with the word before it, or is a piece with its letters, and what follows is a new piece.
    private func cutContractions(
        _ candidates: UInt64, _ starts: inout UInt64, _ bytes: Span<UInt8>, _ offset: Int, _ count: Int
    ) {
        var left = candidates
        var end = 0
        while left != 0 {
            let at = left.trailingZeroBitCount
            left &= left &- 1
            // A word has one contraction: what follows it at once begins a piece.
            if contraction == .atWord, at == end { continue }
            let length = contractionLength(bytes, offset &+ at, before: offset &+ count)
            guard length > 0 else { continue }
            end = at &+ length
            let first = UInt64(1) &<< UInt64(truncatingIfNeeded: at)
            starts &= ~(first &* (length == 3 ? 7 : 3))
            if contraction == .apart { starts |= first }
            if end < count { starts |= UInt64(1) &<< UInt64(truncatingIfNeeded: end) }
        }
    }

    /// The length of the contraction at `at`, the apostrophe included; 0 if there is none.
    private func contractionLength(_ bytes: Span<UInt8>, _ at: Int, before end: Int) -> Int {
        switch bytes[at &+ 1] | 0x20 {
        case UInt8(ascii: "s"), UInt8(ascii: "d"), UInt8(ascii: "m"), UInt8(ascii: "t"): 2
        case UInt8(ascii: "l"): at &+ 2 < end && bytes[at &+ 2] | 0x20 == UInt8(ascii: "l") ? 3 : 0
        case UInt8(ascii: "v"), UInt8(ascii: "r"): at &+ 2 < end && bytes[at &+ 2] | 0x20 == UInt8(ascii: "e") ? 3 : 0
        default: 0
        }
    }
}
