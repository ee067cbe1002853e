/// Some of at most 64 things that a list of the configuration numbers, a bit each: targets of a route, credentials of a provider.
@frozen
public struct SmallSet: Hashable, Sendable {
    /// More things than this no such list has.
    @inlinable public static var limit: Int { 64 }

    /// Member `n` is bit `n`.
    public var bits: UInt64

    /// The set of these members; by default of none.
    @inlinable public init(bits: UInt64 = 0) { self.bits = bits }

    /// The first `count` of the list.
    /// - Precondition: `count` is 0 to `limit`.
    @inlinable public init(first count: Int) {
        precondition(count >= 0 && count <= Self.limit)
        bits = count == 0 ? 0 : .max &>> UInt64(64 &- count)
    }

    @inlinable public var isEmpty: Bool { bits == 0 }
    @inlinable public var count: Int { bits.nonzeroBitCount }
    /// The member that stands first in the list; nil in an empty set.
    @inlinable public var first: Int? { bits == 0 ? nil : bits.trailingZeroBitCount }

    /// Whether it is a member.
    /// - Precondition: the index is 0 to `limit - 1`, here and where one is inserted or removed.
    @inlinable public func contains(_ index: Int) -> Bool { bits & Self.bit(index) != 0 }
    @inlinable public mutating func insert(_ index: Int) { bits |= Self.bit(index) }
    @inlinable public mutating func remove(_ index: Int) { bits &= ~Self.bit(index) }
    @inlinable public func intersection(_ other: SmallSet) -> SmallSet { SmallSet(bits: bits & other.bits) }
    @inlinable public func subtracting(_ other: SmallSet) -> SmallSet { SmallSet(bits: bits & ~other.bits) }

    /// Takes the first member out; nil in an empty set. What a loop over a set does.
    @inlinable public mutating func popFirst() -> Int? {
        guard bits != 0 else { return nil }
        let index = bits.trailingZeroBitCount
        bits &= bits &- 1
        return index
    }

    /// The member with so many others before it.
    /// - Precondition: `place` is below `count`.
    func member(_ place: Int) -> Int {
        precondition(place >= 0 && place < count)
        var rest = bits
        for _ in 0..<place { rest &= rest &- 1 }
        return rest.trailingZeroBitCount
    }

    @inlinable static func bit(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < limit)
        return 1 &<< UInt64(index)
    }
}
