extension Span where Element == UInt8 {
    /// Whether the bytes in `range` are `text` exactly.
    @inlinable public func equals(_ range: ByteRange, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount && has(text, at: Int(range.start), before: Int(range.end))
    }

    /// Whether the bytes in `range` start with `text`, whatever the case of ASCII letters. `text` is in lower case.
    @inlinable public func starts(_ range: ByteRange, withIgnoringCaseOf text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard range.count >= length else { return false }
        return equals(ignoringCase: text, in: ByteRange(start: Int(range.start), end: Int(range.start) &+ length))
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

extension Array where Element == UInt8 {
    /// A copy of `bytes`, in one piece.
    public init(copying bytes: Span<UInt8>) {
        self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
    }
}
