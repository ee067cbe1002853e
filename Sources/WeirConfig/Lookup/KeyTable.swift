/// Finds a key by its digest: open addressing, at most half full, made once and then only read. A digest is uniform by itself and so
/// needs no hash; a caller who grinds digests meets at most the longest run that the configuration made, never one of its own making.
public struct KeyTable: Sendable {
    private let digests: [KeyDigest]
    /// Index into `digests`, or -1. The count is a power of two.
    private let slots: [Int32]

    /// A table over `digests`, which differ from each other. What is found is the index into them.
    public init(_ digests: [KeyDigest]) {
        precondition(digests.count < 1 << 30)
        self.digests = digests
        var slots = [Int32](repeating: -1, count: tableSize(for: digests.count))
        for (index, digest) in digests.enumerated() {
            var slot = Int(truncatingIfNeeded: digest.words.3) & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index)
        }
        self.slots = slots
    }

    /// The index of the key with `digest`. No allocation; a few nanoseconds.
    public func index(of digest: KeyDigest) -> Int? {
        var slot = Int(truncatingIfNeeded: digest.words.3) & (slots.count - 1)
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if digests[index] == digest { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }
}

/// The slots for `count` entries: a power of two and at least twice as many, so that a search always meets an empty one.
func tableSize(for count: Int) -> Int {
    var size = 8
    while size < count * 2 { size *= 2 }
    return size
}
