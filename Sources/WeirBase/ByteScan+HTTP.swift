// Search primitives for HTTP heads (RFC 9110, section 5; RFC 9112). The block loads are those of ByteScan+JSON.swift.

extension Span where Element == UInt8 {
    /// The offset of the first LF in `from..<end`; `end` if there is none.
    @inlinable public func firstLineFeed(from: Int, to end: Int) -> Int {
        firstHit(from: from, to: end) { block in block .== 0x0A }
    }

    /// The offset of the first byte in `from..<end` that a field value cannot hold: a control byte other than a tab, or DEL
    /// (RFC 9110, section 5.5); `end` if there is none. CR and LF are such bytes, so a line's end is found, too.
    @inlinable public func firstValueStop(from: Int, to end: Int) -> Int {
        firstHit(from: from, to: end) { block in ((block .< 0x20) .& (block .!= 0x09)) .| (block .== 0x7F) }
    }

    /// The offset of the first byte in `from..<end` that is not visible ASCII, as a request target's bytes are; `end` if there is none.
    @inlinable public func firstTargetStop(from: Int, to end: Int) -> Int {
        firstHit(from: from, to: end) { block in (block .< 0x21) .| (block .> 0x7E) }
    }

    /// The offset of the first byte in `from..<end` that is no token character (RFC 9110, section 5.6.2); `end` if there is none.
    @inlinable public func firstNonToken(from: Int, to end: Int) -> Int {
        precondition(from >= 0 && end <= count)
        var at = from
        while at < end, isToken(unsafe self[unchecked: at]) { at &+= 1 }
        return at
    }

    /// Whether the bytes in `range` are `text`, whatever the case of ASCII letters. `text` is in lower case.
    @inlinable public func equals(_ range: ByteRange, ignoringCaseOf text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard range.count == length, Int(range.end) <= count else { return false }
        let start = Int(range.start)
        for at in 0..<length {
            let byte = unsafe self[unchecked: start &+ at]
            let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
            guard unsafe text.utf8Start[at] == lower else { return false }
        }
        return true
    }

    /// Whether the bytes in `range` are `text` exactly.
    @inlinable public func equals(_ range: ByteRange, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount && has(text, at: Int(range.start), before: Int(range.end))
    }

    /// Whether the bytes in `range` start with `text`, whatever the case of ASCII letters. `text` is in lower case.
    @inlinable public func starts(_ range: ByteRange, withIgnoringCaseOf text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard range.count >= length else { return false }
        return equals(ByteRange(start: Int(range.start), end: Int(range.start) &+ length), ignoringCaseOf: text)
    }

    /// `range` without spaces and tabs at both ends.
    @inlinable public func trimmed(_ range: ByteRange) -> ByteRange {
        var (start, end) = (Int(range.start), Int(range.end))
        precondition(end <= count)
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start &+= 1 }
        while end > start, self[end &- 1] == 0x20 || self[end &- 1] == 0x09 { end &-= 1 }
        return ByteRange(start: start, end: end)
    }

    /// The bytes in `range` as text; what is not UTF-8 is replaced.
    public func text(_ range: ByteRange) -> String {
        unsafe extracting(range.bounds).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

/// Whether `byte` is a token character: letters, digits and !#$%&'*+-.^_`|~ (RFC 9110, section 5.6.2).
@inlinable @inline(__always) public func isToken(_ byte: UInt8) -> Bool {
    // Two 64-bit sets, one for each half of ASCII.
    let low: UInt64 = 0x03FF_6CFA_0000_0000
    let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    guard byte < 128 else { return false }
    return (byte < 64 ? low : high) &>> UInt64(byte & 63) & 1 != 0
}
