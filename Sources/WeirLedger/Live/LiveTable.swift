public import WeirBase

/// The running counts of one loop's requests in flight, in memory that outlives the process (`MappedWords` of a file): a slot of 64 bytes a
/// request, updated by plain stores while a stream passes. After a death recovery finds there what a cut request had cost until then.
///
/// Why no slot needs a checksum: each fact is one aligned word, which is stored whole or not at all, and recovery trusts none of them beyond
/// what the journal says. A slot counts only if its request has an open hold there, and its cost is taken within 0 and that hold. A slot is
/// opened by its request's id, stored last, and closed by storing 0 there first. Power loss may leave any older state: that is a lower cost or an
/// unknown request, both within the same bounds.
///
/// Belongs to one thread.
public struct LiveTable: Sendable {
    static let wordsPerSlot = 8
    private let words: MappedWords
    /// Free slots; the last one is taken next, so that few pages are touched.
    private var free: ContiguousArray<UInt32>

    /// A request's place. Valid from `open` to `close`.
    public struct Slot: Hashable, Sendable {
        let index: UInt32
    }

    /// All slots in `words` become free: what a process before this one left there has been read.
    public init(_ words: MappedWords) {
        self.words = words
        let count = words.count / LiveTable.wordsPerSlot
        free = ContiguousArray((0..<UInt32(count)).reversed())
        for slot in 0..<count { words[slot * LiveTable.wordsPerSlot] = 0 }
    }

    /// Words for `slots` requests.
    public static func words(forSlots slots: Int) -> Int { slots * wordsPerSlot }

    /// Takes a slot for a request whose hold is in the journal.
    /// - Returns: nil if all are taken: then no further priced request may start.
    public mutating func open(_ request: RequestID) -> Slot? {
        guard let index = free.popLast() else { return nil }
        let at = Int(index) * LiveTable.wordsPerSlot
        words[at + 1] = 0
        words[at + 2] = 0
        words[at] = UInt64(bitPattern: request.value)
        return Slot(index: index)
    }

    /// Says what the request has cost so far and which tokens that stands for. Never less than before.
    public func meter(_ slot: Slot, cost: Money, input: Int, output: Int) {
        let at = Int(slot.index) * LiveTable.wordsPerSlot
        words[at + 1] = UInt64(bitPattern: cost.nanoUSD)
        words[at + 2] = UInt64(UInt32(clamping: input)) | UInt64(UInt32(clamping: output)) << 32
    }

    /// Gives the slot back, after the settle has been flushed.
    public mutating func close(_ slot: Slot) {
        words[Int(slot.index) * LiveTable.wordsPerSlot] = 0
        free.append(slot.index)
    }

    /// What a table says of requests in flight.
    public struct Metered: Hashable, Sendable {
        public let cost: Money
        public let input: Int
        public let output: Int
    }

    /// Reads what a process that died left, or what a running one does now. Says nothing certain: see above.
    public static func metered(in words: MappedWords) -> [RequestID: Metered] {
        var found: [RequestID: Metered] = [:]
        for at in stride(from: 0, to: words.count - (wordsPerSlot - 1), by: wordsPerSlot) {
            let request = Int64(bitPattern: words[at])
            guard request > 0 else { continue }
            let tokens = words[at + 2]
            found[RequestID(value: request)] = Metered(
                cost: Money(nanoUSD: Int64(bitPattern: words[at + 1])),
                input: Int(UInt32(truncatingIfNeeded: tokens)), output: Int(tokens >> 32))
        }
        return found
    }
}
