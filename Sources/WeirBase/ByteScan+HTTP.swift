// Search primitives for HTTP heads: 8, 16 or 32 bytes a step with arithmetic inside 64-bit words. Swift's lane comparisons (`.==`, `.<`)
// compile to a loop over the lanes (6.3), 64-bit additions and ands of SIMD types to vector instructions: so a lane's answer is its high bit.
// All masks are exact in each byte (no carry crosses bytes). The only `unsafe` is the unaligned load behind a check of its bounds.

extension UInt64 {
    /// The same byte in all eight places.
    @inlinable @inline(__always) static func repeated(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The high bit of each byte of `self` that is at least `bound`; `bound` at most 0x80.
    @inlinable @inline(__always) func highBits(atLeast bound: UInt8) -> UInt64 {
        ((self & 0x7F7F_7F7F_7F7F_7F7F) &+ .repeated(0x80 &- bound) | self) & 0x8080_8080_8080_8080
    }

    /// The high bit of each byte of `self` that is `byte`.
    @inlinable @inline(__always) func highBits(equalTo byte: UInt8) -> UInt64 {
        (self ^ .repeated(byte)).highBits(atLeast: 1) ^ 0x8080_8080_8080_8080
    }

    /// The offset of the lowest byte whose high bit is set; 8 if there is none.
    @inlinable @inline(__always) var firstHighBit: Int { trailingZeroBitCount &>> 3 }

    /// Only the lowest `count` bytes, 0 to 8; the rest are 0.
    @inlinable @inline(__always) func keepingBytes(_ count: Int) -> UInt64 {
        count >= 8 ? self : self & ((1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1)
    }

    /// ASCII capital letters of the eight bytes made small, all others as they were.
    @inlinable @inline(__always) var lowercasedBytes: UInt64 {
        let low = self & 0x7F7F_7F7F_7F7F_7F7F
        let fromA = low &+ .repeated(0x80 &- 0x41)
        let afterZ = low &+ .repeated(0x80 &- 0x5B)
        return self | ((fromA & ~afterZ & ~self & 0x8080_8080_8080_8080) &>> 2)
    }

    /// The high bit of each byte that is not an ASCII letter, digit or `-`: the characters that nearly all field names consist of.
    @inlinable @inline(__always) var unusualNameBytes: UInt64 {
        let low = self & 0x7F7F_7F7F_7F7F_7F7F
        let folded = low | 0x2020_2020_2020_2020
        let letter = (folded &+ .repeated(0x80 &- 0x61)) & ~(folded &+ .repeated(0x80 &- 0x7B))
        let digit = (low &+ .repeated(0x80 &- 0x30)) & ~(low &+ .repeated(0x80 &- 0x3A))
        let dash = ~((low ^ .repeated(0x2D)) &+ .repeated(0x7F))
        return (~(letter | digit | dash) | self) & 0x8080_8080_8080_8080
    }
}

extension StaticString {
    /// The first eight bytes as a little-endian number, shorter texts filled up with 0: what `word(at:)` gives for the same text.
    @inlinable @inline(__always) public var asciiWord: UInt64 {
        var word: UInt64 = 0
        for offset in 0..<min(8, utf8CodeUnitCount) {
            word |= unsafe UInt64(utf8Start[offset]) &<< UInt64(truncatingIfNeeded: offset &* 8)
        }
        return word
    }

    /// The byte at `offset` of its UTF-8; traps when there is none.
    @inlinable @inline(__always) public func byte(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < utf8CodeUnitCount)
        return unsafe utf8Start[offset]
    }
}

/// A field name as it is looked up: its length and its first 32 bytes in small letters, as numbers.
@frozen public struct FieldNameKey: Equatable, Sendable {
    /// Bytes of the name, all of them token characters. More than 32 is no known name.
    public var count: Int
    /// Bytes 0 to 7, 8 to 15, 16 to 23 and 24 to 31, little-endian, 0 after the end.
    public var words: (UInt64, UInt64, UInt64, UInt64)

    @inlinable @inline(__always) init(count: Int, words: (UInt64, UInt64, UInt64, UInt64)) {
        self.count = count
        self.words = words
    }

    @inlinable @inline(__always) public static func == (left: FieldNameKey, right: FieldNameKey) -> Bool {
        left.count == right.count && left.words == right.words
    }
}

extension Span where Element == UInt8 {
    /// The eight bytes at `offset` as a little-endian number. Traps when they are not all there.
    @inlinable @inline(__always) public func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= count)
        return unsafe UInt64(
            littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    @inlinable @inline(__always) func words4(at offset: Int) -> SIMD4<UInt64> {
        precondition(offset >= 0 && offset &+ 32 <= count)
        return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD4<UInt64>.self)
    }

    /// Up to eight bytes at `offset`, not past the end, filled up with 0.
    @inlinable @inline(__always) public func wordUpToEnd(at offset: Int) -> UInt64 {
        if offset &+ 8 <= count { return word(at: offset) }
        return shortWord(at: offset)
    }

    @usableFromInline func shortWord(at offset: Int) -> UInt64 {
        var word: UInt64 = 0
        var shift: UInt64 = 0
        for at in min(offset, count)..<count {
            word |= UInt64(self[at]) &<< shift
            shift &+= 8
        }
        return word
    }

    /// The offset of the first control character, 0x00 to 0x1F without HTAB, or DEL, at `start` or later; `count` if there is none.
    ///
    /// In a well-formed head that is a CR, so one pass finds the ends of lines and checks all values (RFC 9110, section 5.5).
    @inlinable @inline(__always) public func firstControl(from start: Int) -> Int {
        var at = start
        while true {
            at = firstControlOrTab(from: at)
            guard at < count, self[at] == 0x09 else { return at }
            at &+= 1
        }
    }

    @inlinable @inline(__always) func firstControlOrTab(from start: Int) -> Int {
        var at = start
        while at &+ 32 <= count {
            let block = words4(at: at)
            let low = block & SIMD4(repeating: 0x7F7F_7F7F_7F7F_7F7F)
            let printable = (low &+ SIMD4(repeating: 0x6060_6060_6060_6060)) | block
            let notDelete = ~(low &+ SIMD4(repeating: 0x0101_0101_0101_0101)) | block
            let plain = printable & notDelete
            let all = (plain[0] & plain[1]) & (plain[2] & plain[3])
            if all & 0x8080_8080_8080_8080 != 0x8080_8080_8080_8080 {
                for lane in 0..<4 {
                    let hits = ~plain[lane] & 0x8080_8080_8080_8080
                    if hits != 0 { return at &+ lane &* 8 &+ hits.firstHighBit }
                }
            }
            at &+= 32
        }
        while at &+ 8 <= count {
            let word = word(at: at)
            let hits =
                (word.highBits(atLeast: 0x20) ^ 0x8080_8080_8080_8080) | word.highBits(equalTo: 0x7F)
            if hits != 0 { return at &+ hits.firstHighBit }
            at &+= 8
        }
        while at < count {
            let byte = self[at]
            if byte < 0x20 || byte == 0x7F { return at }
            at &+= 1
        }
        return count
    }

    /// The offset of the first byte in `start..<end` that a request target cannot hold plainly: anything but 0x21 to 0x7E, or `#`, or `?`;
    /// `end` if there is none.
    @inlinable @inline(__always) public func firstTargetStop(from start: Int, to end: Int) -> Int {
        precondition(end <= count)
        var at = start
        while at &+ 8 <= end {
            let word = word(at: at)
            let low = word & 0x7F7F_7F7F_7F7F_7F7F
            let control = ~(low &+ .repeated(0x80 &- 0x21)) | (low &+ .repeated(1)) | word
            let hits = (control & 0x8080_8080_8080_8080) | word.highBits(equalTo: 0x23) | word.highBits(equalTo: 0x3F)
            if hits != 0 { return at &+ hits.firstHighBit }
            at &+= 8
        }
        while at < end {
            let byte = self[at]
            if byte < 0x21 || byte > 0x7E || byte == 0x23 || byte == 0x3F { return at }
            at &+= 1
        }
        return max(start, end)
    }

    /// Reads the token at `start` (RFC 9110, section 5.6.2) as far as it goes: its length is 0 when there is none.
    @inlinable @inline(__always) public func fieldNameKey(at start: Int) -> FieldNameKey {
        if start >= 0, start &+ 16 <= count {
            let (first, second) = (word(at: start), word(at: start &+ 8))
            let (firstHits, secondHits) = (first.unusualNameBytes, second.unusualNameBytes)
            let length = firstHits != 0 ? firstHits.firstHighBit : 8 &+ secondHits.firstHighBit
            if length < 16, self[start &+ length] == 0x3A {
                return FieldNameKey(
                    count: length,
                    words: (
                        first.lowercasedBytes.keepingBytes(length),
                        length > 8 ? second.lowercasedBytes.keepingBytes(length &- 8) : 0, 0, 0
                    ))
            }
        }
        return longFieldNameKey(at: start)
    }

    /// As `fieldNameKey(at:)`, for names that are long, unusual or at the end of the bytes.
    @usableFromInline @inline(never) func longFieldNameKey(at start: Int) -> FieldNameKey {
        var length = 0
        while start &+ length &+ 8 <= count {
            let hits = self.word(at: start &+ length).unusualNameBytes
            length &+= hits.firstHighBit
            if hits != 0 { break }
        }
        while start &+ length < count, isTokenCharacter(self[start &+ length]) { length &+= 1 }
        func part(_ offset: Int) -> UInt64 {
            guard offset < length else { return 0 }
            return wordUpToEnd(at: start &+ offset).lowercasedBytes.keepingBytes(length &- offset)
        }
        return FieldNameKey(count: length, words: (part(0), part(8), part(16), part(24)))
    }

    /// Whether `range` spells `text`, ASCII letters compared without regard to case. `text` has small letters only.
    @inlinable public func equals(ignoringCase text: StaticString, in range: ByteRange) -> Bool {
        let length = text.utf8CodeUnitCount
        guard range.count == length, range.bounds.upperBound <= count else { return false }
        for offset in 0..<length {
            let byte = self[Int(range.start) &+ offset]
            let small = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if unsafe small != text.utf8Start[offset] { return false }
        }
        return true
    }

    /// Whether the bytes of `one` and `other` are the same text, ASCII letters compared without regard to case.
    @inlinable public func equals(ignoringCase one: ByteRange, _ other: ByteRange) -> Bool {
        guard one.count == other.count else { return false }
        for offset in 0..<one.count {
            let (left, right) = (self[Int(one.start) &+ offset], self[Int(other.start) &+ offset])
            guard left == right || (left ^ right == 0x20 && (left | 0x20) &- 0x61 < 26) else { return false }
        }
        return true
    }

    /// Whether `text` lies at `offset`.
    @inlinable public func spells(_ text: StaticString, at offset: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard offset >= 0, offset &+ length <= count else { return false }
        for index in 0..<length where unsafe self[offset &+ index] != text.utf8Start[index] { return false }
        return true
    }
}

/// Whether `byte` may stand in a token: method, field name, chunk extension name (RFC 9110, section 5.6.2).
@inlinable @inline(__always) public func isTokenCharacter(_ byte: UInt8) -> Bool {
    // A bit for each of ! # $ % & ' * + - . 0-9, then for A-Z ^ _ ` a-z | ~
    let half: UInt64 = byte < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
    return byte < 128 && half &>> UInt64(byte & 63) & 1 != 0
}

/// The value of a hexadecimal digit, `nil` for any other byte.
@inlinable @inline(__always) public func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    if byte &- 0x30 < 10 { return byte &- 0x30 }
    let folded = byte | 0x20
    return folded &- 0x61 < 6 ? folded &- 0x61 &+ 10 : nil
}
