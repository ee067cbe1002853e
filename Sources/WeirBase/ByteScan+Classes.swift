internal import CVector

/// What the bytes of a block of text are, a bit each, the first byte's the lowest. Nothing is set for bytes past the block's end.
public struct TextBits: Sendable {
    /// `A`..`Z`.
    public var uppers: UInt64
    /// `a`..`z`.
    public var lowers: UInt64
    /// `0`..`9`.
    public var digits: UInt64
    /// LF and CR.
    public var newlines: UInt64
    /// White space but newlines: space, tab, vertical tab, form feed.
    public var blanks: UInt64
    /// The space alone.
    public var spaces: UInt64
    /// `/`.
    public var slashes: UInt64
    /// `'`.
    public var apostrophes: UInt64
    /// Not ASCII: 0x80 and above.
    public var foreign: UInt64
}

extension Span where Element == UInt8 {
    /// What the bytes from `at` are, as many as there are and at most 64.
    public func textBits(at offset: Int) -> TextBits {
        precondition(offset >= 0 && offset <= count)
        let left = count &- offset
        if left >= 64 {
            return unsafe withUnsafeBufferPointer { unsafe TextBits(weir_text_bits($0.baseAddress! + offset)) }
        }
        // Zeros are in no class.
        var block = InlineArray<64, UInt8>(repeating: 0)
        for at in 0..<left { block[at] = unsafe self[unchecked: offset &+ at] }
        return unsafe block.span.withUnsafeBufferPointer { unsafe TextBits(weir_text_bits($0.baseAddress!)) }
    }
}

extension TextBits {
    @inline(__always) fileprivate init(_ bits: weir_text_bits) {
        self.init(
            uppers: bits.uppers, lowers: bits.lowers, digits: bits.digits, newlines: bits.newlines, blanks: bits.blanks,
            spaces: bits.spaces, slashes: bits.slashes, apostrophes: bits.apostrophes, foreign: bits.foreign)
    }
}
