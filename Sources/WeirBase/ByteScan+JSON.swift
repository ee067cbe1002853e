// Search primitives for JSON and SSE: sixteen bytes a step, found lanes located through two 64-bit words (there is no movemask in Swift, and
// the words cost about the same). The only `unsafe` is the unaligned load, whose bounds each function checks once at its head.

extension Span where Element == UInt8 {
    /// The offset of the first byte in `from..<end` that a JSON string cannot hold as it is: `"`, `\` or a control byte below 0x20
    /// (RFC 8259, section 7); `end` if there is none.
    @inlinable public func firstStringStop(from: Int, to end: Int) -> Int {
        firstHit(from: from, to: end) { block in
            lanes(block, equal: 0x22) .| lanes(block, equal: 0x5C) .| (block .< SIMD16(repeating: 0x20))
        }
    }

    /// The offset of the first LF or CR in `from..<end`; `end` if there is none.
    @inlinable public func firstLineEnd(from: Int, to end: Int) -> Int {
        firstHit(from: from, to: end) { block in lanes(block, equal: 0x0A) .| lanes(block, equal: 0x0D) }
    }

    /// The offset of the first `"`, `{`, `}`, `[` or `]` in `from..<end`; `end` if there is none.
    @inlinable public func firstBracketOrQuote(from: Int, to end: Int) -> Int {
        firstHit(from: from, to: end) { block in
            let folded = block | SIMD16(repeating: 0x20)  // `[` and `]` differ from `{` and `}` in this bit only
            return lanes(block, equal: 0x22) .| lanes(folded, equal: 0x7B) .| lanes(folded, equal: 0x7D)
        }
    }

    /// The offset of the first byte in `from..<end` that is not JSON whitespace (space, LF, CR, tab); `end` if there is none.
    @inlinable @inline(__always) public func firstNonWhitespace(from: Int, to end: Int) -> Int {
        precondition(from >= 0 && end <= count)
        // Compact JSON has no whitespace at all: one comparison in the usual case.
        guard from < end, unsafe self[unchecked: from] <= 0x20 else { return from }
        return skipWhitespace(from: from, to: end)
    }

    @usableFromInline func skipWhitespace(from: Int, to end: Int) -> Int {
        var at = from
        while at < end {
            switch unsafe self[unchecked: at] {
            case 0x20, 0x0A, 0x0D, 0x09: at &+= 1
            default: return at
            }
        }
        return at
    }

    /// The offset of the first `"` in `from..<end` that is followed by one of four pairs of bytes, in the first and the third place after it; `end`
    /// if there is none.
    ///
    /// A cheap sieve for member names: inside a JSON string a quote is escaped, so in compact JSON little else than names and values is found.
    @inlinable @inline(__always) public func firstQuote(
        before one: (UInt8, UInt8), _ two: (UInt8, UInt8), _ three: (UInt8, UInt8), _ four: (UInt8, UInt8),
        from: Int, to end: Int
    ) -> Int {
        precondition(from >= 0 && end <= count)
        var at = from
        let last = end &- 19
        while at <= last {
            let hits = unsafe pairsAfterQuote(at, one, two, three, four)
            if hasLane(hits) { return at &+ firstLane(hits) }
            at &+= 16
        }
        guard at < end else { return end }
        if last >= from {
            // Under 19 bytes are left: read the last block again and hide what lies before `at`.
            let lane = firstLane(unsafe pairsAfterQuote(last, one, two, three, four), from: at &- last)
            return lane < 16 ? last &+ lane : end
        }
        while at &+ 4 <= end {
            let (first, third) = unsafe (self[unchecked: at &+ 1], self[unchecked: at &+ 3])
            if unsafe self[unchecked: at] == 0x22,
                (first == one.0 && third == one.1) || (first == two.0 && third == two.1)
                    || (first == three.0 && third == three.1) || (first == four.0 && third == four.1)
            {
                return at
            }
            at &+= 1
        }
        return end
    }

    /// - Precondition: `0 <= at` and `at + 19 <= count`.
    @unsafe @inlinable @inline(__always) func pairsAfterQuote(
        _ at: Int, _ one: (UInt8, UInt8), _ two: (UInt8, UInt8), _ three: (UInt8, UInt8), _ four: (UInt8, UInt8)
    ) -> SIMDMask<SIMD16<Int8>> {
        let first = unsafe load16(at &+ 1)
        let third = unsafe load16(at &+ 3)
        let left =
            (lanes(first, equal: one.0) .& lanes(third, equal: one.1))
            .| (lanes(first, equal: two.0) .& lanes(third, equal: two.1))
        let right =
            (lanes(first, equal: three.0) .& lanes(third, equal: three.1))
            .| (lanes(first, equal: four.0) .& lanes(third, equal: four.1))
        return lanes(unsafe load16(at), equal: 0x22) .& (left .| right)
    }

    /// Whether `text` lies at `offset`, before `end`.
    @inlinable @inline(__always) public func has(_ text: StaticString, at offset: Int, before end: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset >= 0, offset <= end &- length, end <= count else { return false }
        // The text is a constant where this is inlined, so that one or two comparisons are left.
        let raw = unsafe bytes
        let wanted = unsafe UnsafeRawPointer(text.utf8Start)
        if length >= 8 {
            var at = 0
            while at < length {
                let place = Swift.min(at, length &- 8)
                guard
                    unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ place, as: UInt64.self)
                        == wanted.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                else { return false }
                at &+= 8
            }
            return true
        }
        if length >= 4 {
            let place = length &- 4
            return unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self)
                == wanted.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
                && raw.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ place, as: UInt32.self)
                    == wanted.loadUnaligned(fromByteOffset: place, as: UInt32.self)
        }
        for at in 0..<length { guard unsafe self[unchecked: offset &+ at] == text.utf8Start[at] else { return false } }
        return true
    }

    /// Whether both spans hold the same bytes.
    @inlinable public func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        for at in 0..<count where unsafe self[unchecked: at] != other[unchecked: at] { return false }
        return true
    }

    // MARK: Parts

    @inlinable @inline(__always) func firstHit(
        from: Int, to end: Int, _ hits: (SIMD16<UInt8>) -> SIMDMask<SIMD16<Int8>>
    ) -> Int {
        precondition(from >= 0 && end <= count)
        var at = from
        let last = count &- 16
        // Names and short values end in the first block; only then is it worth going on four blocks a step.
        if at <= last, at < end {
            let found = hits(unsafe load16(at))
            if hasLane(found) { return Swift.min(at &+ firstLane(found), end) }
            at &+= 16
            while at &+ 64 <= end {
                let left = hits(unsafe load16(at)) .| hits(unsafe load16(at &+ 16))
                let right = hits(unsafe load16(at &+ 32)) .| hits(unsafe load16(at &+ 48))
                if hasLane(left .| right) { break }
                at &+= 64
            }
        }
        while at <= last, at < end {
            let found = hits(unsafe load16(at))
            if hasLane(found) { return Swift.min(at &+ firstLane(found), end) }
            at &+= 16
        }
        guard at < end else { return end }
        // Under 16 bytes are left of the span: read the span's last block again and hide what lies before `at`.
        let base = Swift.max(last, 0)
        let lane = firstLane(hits(last >= 0 ? unsafe load16(base) : loadShort()), from: at &- base)
        return lane < 16 ? Swift.min(base &+ lane, end) : end
    }

    /// - Precondition: `0 <= at` and `at + 16 <= count`.
    @unsafe @inlinable @inline(__always) func load16(_ at: Int) -> SIMD16<UInt8> {
        unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: SIMD16<UInt8>.self)
    }

    /// A span of under 16 bytes as a block. What is missing reads as 0; a hit there lies past the end and is cut off by the caller.
    @usableFromInline func loadShort() -> SIMD16<UInt8> {
        var block = SIMD16<UInt8>(repeating: 0)
        for at in 0..<Swift.min(count, 16) { block[at] = unsafe self[unchecked: at] }
        return block
    }
}

/// The lanes that hold `byte`. Two vectors are compared: with a scalar on the right, Swift 6.3 makes a loop over the lanes (50 times as slow).
@inlinable @inline(__always) func lanes(_ block: SIMD16<UInt8>, equal byte: UInt8) -> SIMDMask<SIMD16<Int8>> {
    block .== SIMD16(repeating: byte)
}

@inlinable @inline(__always) func hasLane(_ mask: SIMDMask<SIMD16<Int8>>) -> Bool {
    let words = unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
    return words.x | words.y != 0
}

/// The number of the first lane that is set, 16 if none is.
@inlinable @inline(__always) func firstLane(_ mask: SIMDMask<SIMD16<Int8>>) -> Int {
    let words = unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
    if words.x != 0 { return words.x.trailingZeroBitCount &>> 3 }
    return 8 &+ words.y.trailingZeroBitCount &>> 3  // 64 zero bits: 16
}

/// The number of the first lane that is set and not before `from`, 16 if none is.
@inlinable @inline(__always) func firstLane(_ mask: SIMDMask<SIMD16<Int8>>, from: Int) -> Int {
    var words = unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
    words.x &= UInt64.max << UInt64(from &* 8)  // a shift by 64 and more gives 0
    if from > 8 { words.y &= UInt64.max << UInt64((from &- 8) &* 8) }
    if words.x != 0 { return words.x.trailingZeroBitCount &>> 3 }
    return 8 &+ words.y.trailingZeroBitCount &>> 3
}
