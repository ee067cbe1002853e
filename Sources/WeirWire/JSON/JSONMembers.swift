public import WeirBase

/// What a JSON value is.
public enum JSONKind: UInt8, Sendable {
    case string, number, object, array, `true`, `false`, null
}

/// Where a wanted member of an object lies. Offsets count from the start of the scanned span.
public struct JSONMember: Equatable, Sendable {
    public var kind: JSONKind
    /// The name with its quotes.
    public var key: ByteRange
    /// The value; a string's with its quotes.
    public var value: ByteRange
    /// What to cut to remove the member: name, value and one comma, the one after it or, for the last member, the one before.
    /// Cutting two members of one object this way is right only if the second is not the last.
    public var member: ByteRange

    /// A string value without its quotes.
    public var stringContents: ByteRange {
        kind == .string ? ByteRange(start: Int(value.start) + 1, end: Int(value.end) - 1) : value
    }
}

/// The members that a scan was asked for, by their index in the wanted names. At most 16.
public struct JSONMembers: Sendable {
    public static let limit = 16

    private var found: UInt32 = 0
    private var slots: InlineArray<16, JSONMember>
    /// The whole object from `{` to `}`, both included.
    public internal(set) var object = ByteRange(start: 0, end: 0)

    init() {
        let none = ByteRange(start: 0, end: 0)
        slots = InlineArray(repeating: JSONMember(kind: .null, key: none, value: none, member: none))
    }

    /// The member with the name at `index` of the wanted names; nil if the object has none.
    public subscript(index: Int) -> JSONMember? {
        guard has(index) else { return nil }
        return slots[index]  // copies all slots: an inline array has no address in a borrowed self
    }

    /// The same, four times as fast: a changeable self has an address, so that one slot is copied and not all.
    public mutating func member(_ index: Int) -> JSONMember? {
        guard has(index) else { return nil }
        return slots[index]
    }

    /// Whether the object has the member with the name at `index`.
    public func has(_ index: Int) -> Bool { found & (1 &<< UInt32(index)) != 0 }

    public var isEmpty: Bool { found == 0 }

    mutating func put(_ member: JSONMember, at index: Int) {
        slots[index] = member
        found |= 1 << UInt32(index)
    }
}
