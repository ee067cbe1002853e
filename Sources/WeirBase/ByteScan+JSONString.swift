internal import CVector

extension Span where Element == UInt8 {
    /// Passes over the text of a JSON string, escapes included, 64 bytes a step: the time hardly depends on how many escapes there are.
    /// - Parameter start: an offset in the string that no escape reaches into.
    /// - Returns: the offset of the closing `"`, or one to go on from byte by byte, outside of any escape: under 64 bytes are left, or an
    ///   escape or a control byte near it is none that JSON knows (RFC 8259, section 7).
    public func skipStringText(from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        var at = start
        var state = EscapeState()
        // Where no escape reaches into: what is returned if this block cannot be judged.
        var neutral = start
        while at &+ 64 <= end {
            let bits = unsafe withBlock(at) { unsafe weir_string_bits($0) }
            if bits.backslashes | state.pending == 0 {
                neutral = at
                if bits.quotes != 0 {
                    let first = bits.quotes.trailingZeroBitCount
                    return bits.controls & lowBits(first) == 0 ? at &+ first : at
                }
                guard bits.controls == 0 else { return at }
                at &+= 64
                continue
            }
            if state.digits == 0 { neutral = at &- Int(state.escapesNext) }
            let escaped = state.escapedBits(bits.backslashes)
            let quotes = bits.quotes & ~escaped
            let inside = quotes == 0 ? UInt64.max : lowBits(quotes.trailingZeroBitCount)
            let known = unsafe withBlock(at) { unsafe weir_escape_bits($0) }
            var bad = bits.controls & inside
            bad |= escaped & inside & ~(known.letters | bits.quotes | bits.backslashes)
            bad |= state.digitBits(escaped & known.units & inside) & ~known.digits
            guard bad == 0 else { return neutral }
            if quotes != 0 { return at &+ quotes.trailingZeroBitCount }
            at &+= 64
        }
        return state.pending == 0 ? at : state.digits == 0 ? at &- 1 : neutral
    }

    /// - Precondition: `at + 64 <= count`.
    @unsafe @inline(__always)
    private func withBlock<Result>(_ at: Int, _ use: (UnsafePointer<UInt8>) -> Result) -> Result {
        unsafe withUnsafeBufferPointer { unsafe use($0.baseAddress! + at) }
    }
}

/// What an escape wants of the next block.
private struct EscapeState {
    /// 1 if the next block's first byte is escaped.
    var escapesNext: UInt64 = 0
    /// The bytes of the next block that must be hexadecimal digits.
    var digits: UInt64 = 0

    @inline(__always) var pending: UInt64 { escapesNext | digits }

    /// The bytes of a block that a backslash escapes: one that is not escaped itself escapes the byte behind it. A subtraction finds that for all
    /// runs of backslashes of a block at once: the borrow runs through a run and ends behind it, and where it ends tells whether its length is odd.
    @inline(__always)
    mutating func escapedBits(_ backslashes: UInt64) -> UInt64 {
        let odd: UInt64 = 0xAAAA_AAAA_AAAA_AAAA
        let starts = backslashes & ~escapesNext
        let behind = starts << 1
        let runs = ((behind | odd) &- starts) ^ odd
        let escaped = runs ^ (backslashes | escapesNext)
        escapesNext = (runs & backslashes) >> 63
        return escaped
    }

    /// The bytes of a block that must be digits: four behind each `u` that is escaped, and what is left of those of the block before.
    @inline(__always)
    mutating func digitBits(_ units: UInt64) -> UInt64 {
        let wanted = digits | units << 1 | units << 2 | units << 3 | units << 4
        digits = units >> 63 | units >> 62 | units >> 61 | units >> 60
        return wanted
    }
}

@inline(__always) private func lowBits(_ count: Int) -> UInt64 { (1 &<< UInt64(count)) &- 1 }
