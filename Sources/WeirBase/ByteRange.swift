/// A range of bytes in a buffer that is named by its context: offsets stay valid when the buffer moves, spans do not.
/// 32 bits each: no buffer of Weir is over 4 GiB (`Limits` are far below).
public struct ByteRange: Hashable, Sendable {
    public var start: UInt32
    public var end: UInt32

    @inlinable public init(start: Int, end: Int) {
        let (from, to) = (UInt(bitPattern: start), UInt(bitPattern: end))  // a negative one is larger than any bound
        precondition(from <= to && to <= UInt(UInt32.max))
        self.start = UInt32(truncatingIfNeeded: from)
        self.end = UInt32(truncatingIfNeeded: to)
    }

    @inlinable public var count: Int { Int(end) &- Int(start) }
    @inlinable public var isEmpty: Bool { start == end }
    /// As a range of `Int`, to slice a span with: `bytes.extracting(range.bounds)`.
    @inlinable public var bounds: Range<Int> { unsafe Range(uncheckedBounds: (Int(start), Int(end))) }

    /// The same bytes in a buffer where everything lies `distance` bytes further on.
    @inlinable public func shifted(by distance: Int) -> ByteRange {
        ByteRange(start: Int(start) + distance, end: Int(end) + distance)
    }
}
