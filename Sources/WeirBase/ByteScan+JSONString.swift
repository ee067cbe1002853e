internal import CVector

extension Span where Element == UInt8 {
    /// Passes over the text of a JSON string, escapes included, 64 bytes a step: the time does not depend on how many escapes there are.
    ///
    /// Escapes are found as bits: a backslash that is not escaped itself escapes the byte behind it. A subtraction does that for all runs of
    /// backslashes of a block at once (the carry runs through a run and ends behind it; its parity tells).
    /// - Parameter start: an offset in the string that no escape reaches into.
    /// - Returns: the offset of the closing `"`, or one to go on from byte by byte, outside of any escape: under 64 bytes are left, or an
    ///   escape or a control byte near it is none that JSON knows (RFC 8259, section 7).
    public func skipStringText(from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        var at = start
        var escapesNext: UInt64 = 0
        while at &+ 64 <= end {
            let bits = unsafe bytes.withUnsafeBytes { raw in
                unsafe weir_string_bits(raw.baseAddress!.assumingMemoryBound(to: UInt8.self) + at)
            }
            if bits.backslashes | escapesNext == 0 {
                if bits.quotes != 0 {
                    let first = bits.quotes.trailingZeroBitCount
                    return bits.controls & lowBits(first) == 0 ? at &+ first : at
                }
                guard bits.controls == 0 else { return at }
                at &+= 64
                continue
            }
            let pending = escapesNext
            let escaped = escapedBits(bits.backslashes, &escapesNext)
            let quotes = bits.quotes & ~escaped
            let inside = quotes == 0 ? UInt64.max : lowBits(quotes.trailingZeroBitCount)
            // To go on before this block means before the backslash that escapes its first byte.
            guard bits.controls & inside == 0, areEscapes(escaped & inside, from: at, to: end) else {
                return at &- Int(pending)
            }
            if quotes != 0 { return at &+ quotes.trailingZeroBitCount }
            at &+= 64
        }
        return at &- Int(escapesNext)
    }

    /// The bytes of a block that a backslash escapes.
    /// - Parameter escapesNext: 1 if the block before ended with a backslash that escapes; then, whether this one does.
    @inline(__always) private func escapedBits(_ backslashes: UInt64, _ escapesNext: inout UInt64) -> UInt64 {
        let odd: UInt64 = 0xAAAA_AAAA_AAAA_AAAA
        let starts = backslashes & ~escapesNext
        let behind = starts << 1
        let runs = ((behind | odd) &- starts) ^ odd
        let escaped = runs ^ (backslashes | escapesNext)
        escapesNext = (runs & backslashes) >> 63
        return escaped
    }

    /// Whether each of these bytes of the block at `at` may stand behind a backslash.
    @inline(__always) private func areEscapes(_ escaped: UInt64, from at: Int, to end: Int) -> Bool {
        var left = escaped
        while left != 0 {
            let place = at &+ left.trailingZeroBitCount
            left &= left &- 1
            let letter = unsafe self[unchecked: place]
            if letter == UInt8(ascii: "u") {
                guard place &+ 4 < end else { return false }
                for digit in 1...4 where !isHexadecimal(unsafe self[unchecked: place &+ digit]) { return false }
            } else {
                // A bit for each of `"`, `/`, `\`, `b`, `f`, `n`, `r`, `t`, counted from 0x22.
                let bit = UInt64(letter &- 0x22)
                let letters: UInt64 = bit < 64 ? 0x400_0000_0000_2001 : bit < 128 ? 0x5_1011 : 0
                guard letters & (1 &<< bit) != 0 else { return false }
            }
        }
        return true
    }

    @inline(__always) private func isHexadecimal(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6
    }

    @inline(__always) private func lowBits(_ count: Int) -> UInt64 { (1 &<< UInt64(count)) &- 1 }
}
