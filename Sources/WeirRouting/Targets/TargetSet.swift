/// Some of a route's targets, a bit each: target `n` of the configuration's order is bit `n`.
@frozen
public struct TargetSet: Hashable, Sendable {
    /// The most targets that a route has.
    @inlinable public static var limit: Int { 64 }

    public var bits: UInt64

    @inlinable public init(bits: UInt64 = 0) { self.bits = bits }

    /// The first `count` targets.
    /// - Precondition: `count` is 0 to `limit`.
    @inlinable public init(first count: Int) {
        precondition(count >= 0 && count <= Self.limit)
        bits = count == 0 ? 0 : .max &>> UInt64(64 &- count)
    }

    @inlinable public var isEmpty: Bool { bits == 0 }
    @inlinable public var count: Int { bits.nonzeroBitCount }
    /// The target that stands first in the configuration; nil in an empty set.
    @inlinable public var first: Int? { bits == 0 ? nil : bits.trailingZeroBitCount }

    /// - Precondition: `target` is 0 to `limit - 1`, in all that follow.
    @inlinable public func contains(_ target: Int) -> Bool { bits & Self.bit(target) != 0 }
    @inlinable public mutating func insert(_ target: Int) { bits |= Self.bit(target) }
    @inlinable public mutating func remove(_ target: Int) { bits &= ~Self.bit(target) }
    @inlinable public func intersection(_ other: TargetSet) -> TargetSet { TargetSet(bits: bits & other.bits) }
    @inlinable public func subtracting(_ other: TargetSet) -> TargetSet { TargetSet(bits: bits & ~other.bits) }

    /// Takes the first target out; nil in an empty set. What a loop over a set does.
    @inlinable public mutating func popFirst() -> Int? {
        guard bits != 0 else { return nil }
        let target = bits.trailingZeroBitCount
        bits &= bits &- 1
        return target
    }

    @inlinable static func bit(_ target: Int) -> UInt64 {
        precondition(target >= 0 && target < limit)
        return 1 &<< UInt64(target)
    }
}
