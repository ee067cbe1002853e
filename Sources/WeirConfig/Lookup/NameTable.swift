/// Finds a name by its bytes without making a String: open addressing over FNV-1a, at most half full, made once and then only read.
/// Nobody outside chooses what is in it, so the hash needs no secret seed.
public struct NameTable: Sendable {
    private struct Slot: Sendable {
        var hash: UInt64 = 0
        var start: Int32 = 0
        var count: Int32 = 0
        /// Index into the names, or -1.
        var index: Int32 = -1
    }

    private let slots: [Slot]
    /// The bytes of all names, one after the other.
    private let bytes: [UInt8]
    /// The length of the longest name: longer ones are not hashed at all.
    private let longest: Int

    /// A table over `names`, which differ from each other. What is found is the index into them.
    public init(_ names: [String]) {
        var slots = [Slot](repeating: Slot(), count: tableSize(for: names.count))
        var bytes: [UInt8] = []
        for (index, name) in names.enumerated() {
            let name = Array(name.utf8)
            let hash = contentHash(name.span)
            var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[slot].index >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Slot(hash: hash, start: Int32(bytes.count), count: Int32(name.count), index: Int32(index))
            bytes += name
        }
        self.slots = slots
        self.bytes = bytes
        longest = names.map(\.utf8.count).max() ?? 0
    }

    /// The index of the name with exactly these bytes. No allocation; about a nanosecond a byte.
    public func index(of name: Span<UInt8>) -> Int? {
        guard name.count <= longest else { return nil }
        let hash = contentHash(name)
        var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[place].index >= 0 {
            let slot = slots[place]
            if slot.hash == hash, Int(slot.count) == name.count, isSame(name, from: Int(slot.start)) {
                return Int(slot.index)
            }
            place = (place + 1) & (slots.count - 1)
        }
        return nil
    }

    private func isSame(_ name: Span<UInt8>, from start: Int) -> Bool {
        for offset in name.indices where name[offset] != bytes[start + offset] { return false }
        return true
    }
}

/// FNV-1a, 64 bits, over `bytes`, its high half folded into the low one (a table looks at low bits only).
func contentHash(_ bytes: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for offset in bytes.indices { hash = (hash ^ UInt64(bytes[offset])) &* 0x100_0000_01b3 }
    return hash ^ (hash >> 32)
}
