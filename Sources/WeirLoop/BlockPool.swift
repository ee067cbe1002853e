/// Memory for what a connection must hold across turns: unsent output, unread input. Blocks come in a few sizes and go back to a free list
/// as soon as a connection has nothing to hold, so that an idle connection or a slow stream owns none.
@safe
struct BlockPool: ~Copyable {
    /// A piece of memory from `allocate`.
    @unsafe struct Block {
        var base: UnsafeMutablePointer<UInt8>
        var capacity: Int
    }

    /// Sizes of the blocks that are kept; larger ones are allocated and freed each time.
    static let sizes = [2_048, 8_192, 32_768, 131_072]
    /// How many free blocks of each size are kept: under 6 MiB in all.
    private static let kept = [256, 128, 64, 16]

    private var free: [[UnsafeMutablePointer<UInt8>]] = unsafe Array(repeating: [], count: BlockPool.sizes.count)
    /// Blocks that somebody holds now.
    private(set) var inUse = 0

    init() {
        for index in unsafe free.indices { unsafe free[index].reserveCapacity(BlockPool.kept[index]) }
    }

    deinit {
        for index in unsafe free.indices {
            for place in unsafe free[index].indices { unsafe free[index][place].deallocate() }
        }
    }

    /// A block of at least `bytes` bytes.
    mutating func take(_ bytes: Int) -> Block {
        inUse &+= 1
        let index = bytes <= 2_048 ? 0 : bytes <= 8_192 ? 1 : bytes <= 32_768 ? 2 : bytes <= 131_072 ? 3 : 4
        guard index < 4 else { return unsafe Block(base: .allocate(capacity: bytes), capacity: bytes) }
        if let base = unsafe free[index].popLast() { return unsafe Block(base: base, capacity: BlockPool.sizes[index]) }
        return unsafe Block(base: .allocate(capacity: BlockPool.sizes[index]), capacity: BlockPool.sizes[index])
    }

    /// Counts a block that was allocated elsewhere and will be given.
    mutating func adopt() { inUse &+= 1 }

    /// Takes a block back. One that grew on its way is kept under the largest size that it holds.
    mutating func give(_ block: Block) {
        inUse &-= 1
        let bytes = unsafe block.capacity
        let index =
            bytes < 2_048 ? -1 : bytes < 8_192 ? 0 : bytes < 32_768 ? 1 : bytes < 131_072 ? 2 : bytes < 262_144 ? 3 : -1
        guard index >= 0, unsafe free[index].count < BlockPool.kept[index] else {
            unsafe block.base.deallocate()
            return
        }
        unsafe free[index].append(block.base)
    }
}
