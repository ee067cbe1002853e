// Search primitives for HTTP heads: field names and targets in 64-bit words, whose arithmetic leaves a byte's answer in its high bit (exact in
// each byte: no carry crosses them), lines sixteen bytes a step with the vector search of ByteScan+JSON.swift. The only `unsafe` are loads
// behind a check of their bounds.

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

    /// The lowest `count` bytes, 0 to 8, with bit 5 set, and the rest 0.
    @inlinable @inline(__always) func nameBytes(_ count: Int) -> UInt64 {
        // Shifts that drop the upper bytes; two of them, because a shift by 64 is none.
        let unused = UInt64(truncatingIfNeeded: (8 &- count) &* 4)
        return ((((self | 0x2020_2020_2020_2020) &<< unused) &<< unused) &>> unused) &>> unused
    }

    /// Only the lowest `count` bytes, the rest 0; none when `count` is negative, all when it is over 8.
    @inlinable @inline(__always) func keepingBytes(_ count: Int) -> UInt64 {
        count >= 8 ? self : count <= 0 ? 0 : self & ((1 &<< UInt64(truncatingIfNeeded: count &* 8)) &- 1)
    }

    /// The offset of the first byte that is `byte`; 8 if there is none.
    @inlinable @inline(__always) func first(_ byte: UInt8) -> Int {
        // The subtraction borrows only from bytes above a hit, so the lowest one is exact.
        let difference = self ^ .repeated(byte)
        return ((difference &- .repeated(1)) & ~difference & 0x8080_8080_8080_8080).firstHighBit
    }

    /// The high bit of each byte that is not an ASCII letter, digit or `-`: the characters that nearly all field names consist of.
    @inlinable @inline(__always) var unusualNameBytes: UInt64 {
        let low = self & 0x7F7F_7F7F_7F7F_7F7F
        let dash = ~((low ^ .repeated(0x2D)) &+ .repeated(0x7F))
        return (~(lettersAndDigits(low) | dash) | self) & 0x8080_8080_8080_8080
    }

    /// The same for `-` and `.`: the characters of nearly all hosts.
    @inlinable @inline(__always) var unusualHostBytes: UInt64 {
        let low = self & 0x7F7F_7F7F_7F7F_7F7F
        let dashOrDot = (low &+ .repeated(0x80 &- 0x2D)) & ~(low &+ .repeated(0x80 &- 0x2F))
        return (~(lettersAndDigits(low) | dashOrDot) | self) & 0x8080_8080_8080_8080
    }

    /// Among the high bits those of ASCII letters and digits; the others mean nothing. `low` has no high bit set.
    @inlinable @inline(__always) func lettersAndDigits(_ low: UInt64) -> UInt64 {
        let folded = low | 0x2020_2020_2020_2020
        let letter = (folded &+ .repeated(0x80 &- 0x61)) & ~(folded &+ .repeated(0x80 &- 0x7B))
        let digit = (low &+ .repeated(0x80 &- 0x30)) & ~(low &+ .repeated(0x80 &- 0x3A))
        return letter | digit
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

/// A field name as it is looked up: its length and its first 32 bytes as numbers, in each of which bit 5 is set.
///
/// That bit makes capital letters small. Other bytes meet in it, too, but what meets a letter, a digit or `-` is a control character: among
/// names without these, one that has the key of a name of letters, digits and `-` is that name.
@frozen public struct FieldNameKey: Sendable {
    /// Bytes of the name. More than 32 is no known name.
    public var count: Int
    /// Bytes 0 to 7, 8 to 15, 16 to 23 and 24 to 31, little-endian, 0 after the end.
    public var words: (UInt64, UInt64, UInt64, UInt64)

    /// The key of no name.
    @inlinable public init() { self.init(count: 0, words: (0, 0, 0, 0)) }

    @inlinable @inline(__always) init(count: Int, words: (UInt64, UInt64, UInt64, UInt64)) {
        self.count = count
        self.words = words
    }

    @inlinable @inline(__always) public static func == (left: FieldNameKey, right: FieldNameKey) -> Bool {
        (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1) | (left.words.2 ^ right.words.2)
            | (left.words.3 ^ right.words.3) | UInt64(truncatingIfNeeded: left.count ^ right.count) == 0
    }

    /// Whether the name is `prefix`, of at most 32 bytes, and at least one more byte.
    @inlinable @inline(__always) public func begins(with prefix: FieldNameKey) -> Bool {
        let length = prefix.count
        return count > length && words.0.keepingBytes(length) == prefix.words.0
            && words.1.keepingBytes(length &- 8) == prefix.words.1
            && words.2.keepingBytes(length &- 16) == prefix.words.2
            && words.3.keepingBytes(length &- 24) == prefix.words.3
    }
}

extension Span where Element == UInt8 {
    /// The eight bytes at `offset` as a little-endian number. Traps when they are not all there.
    @inlinable @inline(__always) public func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= count)
        return unsafe UInt64(
            littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
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
        firstHit(from: start, to: count) { block in
            ((block .< SIMD16(repeating: 0x20)) .& (block .!= SIMD16(repeating: 0x09))) .| lanes(block, equal: 0x7F)
        }
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

    /// The key of the bytes from `start` to the next colon, which need not be a token; `nil` when there is none before `end`.
    @inlinable @inline(__always) public func fieldNameKey(from start: Int, to end: Int) -> FieldNameKey? {
        if start &+ 16 <= count {
            let first = word(at: start)
            let length = first.first(0x3A)
            if length < 8 {
                guard start &+ length < end else { return nil }
                return FieldNameKey(count: length, words: (first.nameBytes(length), 0, 0, 0))
            }
            let second = word(at: start &+ 8)
            let more = second.first(0x3A)
            if more < 8 {
                guard start &+ 8 &+ more < end else { return nil }
                return FieldNameKey(
                    count: 8 &+ more, words: (first | 0x2020_2020_2020_2020, second.nameBytes(more), 0, 0))
            }
        }
        return longFieldNameKey(from: start, to: end)
    }

    /// As `fieldNameKey(from:to:)`, for names that are long or at the end of the bytes.
    @usableFromInline @inline(never) func longFieldNameKey(from start: Int, to end: Int) -> FieldNameKey? {
        if start &+ 32 <= count {
            let (third, fourth) = (word(at: start &+ 16), word(at: start &+ 24))
            let (inThird, inFourth) = (third.first(0x3A), fourth.first(0x3A))
            let length = inThird < 8 ? 16 &+ inThird : 24 &+ inFourth
            let (first, second) = (word(at: start), word(at: start &+ 8))
            if length < 32, start &+ length < end, first.first(0x3A) &+ second.first(0x3A) == 16 {
                return FieldNameKey(
                    count: length,
                    words: (
                        first | 0x2020_2020_2020_2020, second | 0x2020_2020_2020_2020,
                        third.nameBytes(min(8, length &- 16)), length > 24 ? fourth.nameBytes(length &- 24) : 0
                    ))
            }
        }
        var length = 0
        while start &+ length &+ 8 <= end {
            let step = word(at: start &+ length).first(0x3A)
            length &+= step
            if step < 8 { break }
        }
        while start &+ length < end, self[start &+ length] != 0x3A { length &+= 1 }
        guard start &+ length < end else { return nil }
        return FieldNameKey(
            count: length,
            words: (
                namePart(at: start, length), namePart(at: start &+ 8, length &- 8),
                namePart(at: start &+ 16, length &- 16), namePart(at: start &+ 24, length &- 24)
            ))
    }

    @inline(__always) private func namePart(at start: Int, _ length: Int) -> UInt64 {
        length > 0 ? wordUpToEnd(at: start).nameBytes(min(length, 8)) : 0
    }

    /// The offset of the first byte in `start..<end` that is not a token character (RFC 9110, section 5.6.2); `end` if there is none.
    @inlinable public func tokenEnd(from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && start <= end && end <= count)
        var at = start
        while at &+ 8 <= count, at < end {  // mostly there is a colon at `end`, which ends the search in its word
            let hits = word(at: at).unusualNameBytes
            at &+= hits.firstHighBit
            if hits != 0 { break }
        }
        while at < end, isTokenCharacter(self[at]) { at &+= 1 }
        return Swift.min(at, end)
    }

    /// The offset of the first byte in `start..<end` that cannot stand in `uri-host [":" port]`, or that is a colon; `end` if there is none.
    @inlinable public func firstHostStop(from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && start <= end && end <= count)
        var at = start
        while at &+ 8 <= count, at < end {
            let hits = word(at: at).unusualHostBytes
            at &+= hits.firstHighBit
            if hits != 0 { break }
        }
        while at < end {
            let byte = unsafe self[unchecked: at]
            guard isHostCharacter(byte), byte != UInt8(ascii: ":") else { return at }
            at &+= 1
        }
        return Swift.min(at, end)
    }

    /// Whether `range` spells `text`, ASCII letters compared without regard to case. `text` has small letters only.
    @inlinable public func equals(ignoringCase text: StaticString, in range: ByteRange) -> Bool {
        let length = text.utf8CodeUnitCount
        guard range.count == length, range.bounds.upperBound <= count else { return false }
        for offset in 0..<length {
            let byte = unsafe self[unchecked: Int(range.start) &+ offset]
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

/// Whether `byte` may stand in `uri-host [":" port]` (RFC 3986, section 3.2.2): no `@`, `/`, `,`, quote or white space.
@inlinable @inline(__always) public func isHostCharacter(_ byte: UInt8) -> Bool {
    // A bit for each of ! $ % & ' ( ) * + - . 0-9 : ; = and then for A-Z [ ] _ a-z ~
    let half: UInt64 = byte < 64 ? 0x2FFF_6FF2_0000_0000 : 0x47FF_FFFE_AFFF_FFFE
    return byte < 128 && half &>> UInt64(byte & 63) & 1 != 0
}

/// The value of a hexadecimal digit, `nil` for any other byte.
@inlinable @inline(__always) public func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    if byte &- 0x30 < 10 { return byte &- 0x30 }
    let folded = byte | 0x20
    return folded &- 0x61 < 6 ? folded &- 0x61 &+ 10 : nil
}
