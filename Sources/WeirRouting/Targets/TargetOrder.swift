/// In which order a request tries the targets of its route: each at most once, 64 at most. A value of fixed size, so that a decision takes no memory.
public struct TargetOrder: Sendable {
    private var places = InlineArray<64, UInt8>(repeating: 0)
    /// How many targets are in the order.
    public private(set) var count = 0
    /// All that are in the order.
    public private(set) var members = SmallSet()
    /// How many of them, from the first on, may be called at once. Those behind are out of rotation, the one that comes back first in front.
    public internal(set) var readyCount = 0

    /// An order of no targets, to append to.
    public init() {}

    public var isEmpty: Bool { count == 0 }
    /// The first choice; nil in an empty order.
    public var first: Int? { count > 0 ? Int(places[0]) : nil }

    /// The target at `place`, 0 being the first choice.
    /// - Precondition: `place` is below `count`.
    public subscript(place: Int) -> Int {
        precondition(place >= 0 && place < count)
        return Int(places[place])
    }

    /// Adds a target as the last one; one that is in the order stays where it is.
    /// - Precondition: `target` is 0 to 63.
    public mutating func append(_ target: Int) {
        guard !members.contains(target) else { return }
        members.insert(target)
        places[count] = UInt8(target)
        count += 1
    }

    /// Adds the targets of `set`, those with the smallest value first; of equal ones the one that stands first in the configuration.
    mutating func append(_ set: SmallSet, ascending value: (Int) -> Double) {
        var values = InlineArray<64, Double>(repeating: 0)
        var rest = set.subtracting(members)
        let start = count
        while let target = rest.popFirst() {
            let own = value(target)
            append(target)
            var place = count - 1
            // An insertion sort: routes have a handful of targets, and equal ones must not change places.
            while place > start, values[place - 1] > own {
                places[place] = places[place - 1]
                values[place] = values[place - 1]
                place -= 1
            }
            places[place] = UInt8(target)
            values[place] = own
        }
    }
}
