public import WeirBase

/// A byte-pair vocabulary as a file that `scripts/vocabularies` has built, in memory: every table is used as it lies there
/// (`scripts/vocabulary_file.py` describes the layout). Immutable; all loops share one.
public final class Vocabulary: Sendable {
    /// The name it was built under: `o200k_base`.
    public let name: String
    /// How its texts are cut into pieces before bytes are merged.
    public let pattern: SplitPattern
    /// One more than the highest rank.
    public let tokenCount: Int
    /// What is added to a rank to make the id that providers know (Mistral's ids begin with 1,000 special tokens).
    public let firstID: UInt32
    /// The longest token, in bytes.
    public let longestToken: Int

    /// Whether there are tokens that merging never makes.
    let hasWholeOnly: Bool
    let memory: FrozenMemory
    let tables: Tables
    let classes: ClassTable

    /// Where the tables lie and how large they are; checked once, when the file is opened.
    struct Tables {
        var seed: UInt64
        var slotMask: UInt64
        var bucketShift: UInt64
        var pairMask: Int
        var pairShift: UInt64
        var filterShift: UInt64
        var shifts, keys, ids, trie, pairs, filter, rights, lefts, begins, ends, lengths, fallback: Int
    }

    /// Uses the vocabulary that `memory` holds.
    /// - Throws: what is wrong with it. After that every table lies inside and the sum of all bytes is right, so that the numbers in the tables are
    ///   those that were built. (All loads still check their bounds.)
    public init(_ memory: FrozenMemory) throws(VocabularyError) {
        guard memory.count >= Layout.header, memory.load64(at: 0) == Layout.magic else { throw .notAVocabulary }
        guard memory.load32(at: 8) == Layout.version else { throw .otherVersion(memory.load32(at: 8)) }
        guard memory.load64(at: 16) == memory.count, memory.count % 32 == 0 else { throw .damaged(.size) }
        guard memory.load64(at: 24) == Vocabulary.checksum(of: memory) else { throw .damaged(.sum) }
        guard let pattern = SplitPattern(rawValue: memory.load32(at: 12)) else { throw .damaged(.pattern) }
        self.memory = memory
        self.pattern = pattern
        classes = ClassTable.of(pattern)
        name = Vocabulary.name(in: memory)
        tokenCount = Int(memory.load32(at: 64))
        firstID = memory.load32(at: 68)
        longestToken = Int(memory.load32(at: 72))
        hasWholeOnly = memory.load32(at: 88) > 0
        tables = try Vocabulary.tables(of: memory, tokens: Int(memory.load32(at: 64)))
    }

    /// Tokens of at most so many bytes are in the perfect hash.
    static let shortLength = 15

    /// The rank of the token that `start..<end` is whole; nil if it is none.
    func rank(of bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt32? {
        let length = end - start
        guard length <= Vocabulary.shortLength else { return wholeToken(in: bytes, from: start, to: end) }
        let words = bytes.words(at: start, length: length)
        let high = words.high | UInt64(length) << 56
        let slot = slot(Vocabulary.hash(words.low, high, seed: tables.seed))
        return holds(words.low, high, at: slot) ? rank(at: slot) : nil
    }

    /// The hash of a short token's key: one multiplication of 64 by 64 bits, its halves folded.
    @inline(__always)
    static func hash(_ low: UInt64, _ high: UInt64, seed: UInt64) -> UInt64 {
        let product = (low ^ Layout.firstSeed).multipliedFullWidth(by: high ^ seed)
        return product.high ^ product.low
    }

    /// The slot of the perfect hash in which a token with this hash must lie if there is one.
    @inline(__always)
    func slot(_ hash: UInt64) -> Int {
        let bucket = Int(truncatingIfNeeded: hash &>> tables.bucketShift)
        let shift = UInt64(memory.load16(at: tables.shifts &+ 2 &* bucket))
        return Int(truncatingIfNeeded: (hash & tables.slotMask) ^ shift)
    }

    /// Whether `slot` holds this key.
    @inline(__always)
    func holds(_ low: UInt64, _ high: UInt64, at slot: Int) -> Bool {
        let at = tables.keys &+ 16 &* slot
        return (memory.load64(at: at) ^ low) | (memory.load64(at: at &+ 8) ^ high) == 0
    }

    /// The rank of the token in `slot`.
    @inline(__always)
    func rank(at slot: Int) -> UInt32 { memory.load32(at: tables.ids &+ 4 &* slot) }
}

/// Why a file is no vocabulary that this program can use.
public enum VocabularyError: Error, Equatable, Sendable, CustomStringConvertible {
    case notAVocabulary
    case otherVersion(UInt32)
    /// It was cut or changed; what shows it.
    case damaged(Sign)

    public enum Sign: String, Sendable {
        case size = "its size is not the one that its head names"
        case sum = "its sum is not the one that its head names"
        case pattern = "it names a split pattern that is not known"
        case tables = "a table lies outside of it"
    }

    public var description: String {
        switch self {
        case .notAVocabulary: "not a vocabulary of Weir; build it with scripts/vocabularies"
        case .otherVersion(let version):
            "a vocabulary of version \(version), this program reads \(Vocabulary.Layout.version); build it again with scripts/vocabularies"
        case .damaged(let sign): "damaged: \(sign.rawValue); build it again with scripts/vocabularies --force"
        }
    }
}

// MARK: Opening

extension Vocabulary {
    enum Layout {
        static let header = 256
        static let version: UInt32 = 1
        /// "weirvoc\n".
        static let magic: UInt64 = 0x0A63_6F76_7269_6577
        static let firstSeed: UInt64 = 0x9E37_79B9_7F4A_7C15
        static let secondSeed: UInt64 = 0xD1B5_4A32_D192_ED03
        static let pairFactor: UInt64 = 0x9E37_79B9_7F4A_7C15
        static let partnerFactor: UInt32 = 0x9E37_79B1
        /// No token: ranks are below.
        static let noToken: UInt32 = 1 << 20 - 1
    }

    /// The sum over everything behind the head's own, the pattern's number before it: four lanes, each a chain of folded products, 10 GB/s.
    static func checksum(of memory: FrozenMemory) -> UInt64 {
        @inline(__always) func step(_ state: UInt64, _ at: Int) -> UInt64 {
            let product = (state ^ memory.load64(at: at)).multipliedFullWidth(by: Layout.pairFactor)
            return product.high ^ product.low
        }
        var (a, b, c, d) = (
            Layout.firstSeed ^ UInt64(memory.load32(at: 12)), Layout.secondSeed, ~Layout.firstSeed, ~Layout.secondSeed
        )
        var at = 32
        while at &+ 32 <= memory.count {
            (a, b) = (step(a, at), step(b, at &+ 8))
            (c, d) = (step(c, at &+ 16), step(d, at &+ 24))
            at &+= 32
        }
        return a ^ b &<< 1 ^ c &<< 2 ^ d &<< 3
    }

    private static func name(in memory: FrozenMemory) -> String {
        var bytes: [UInt8] = []
        for at in 32..<64 where memory.byte(at: at) != 0 { bytes.append(memory.byte(at: at)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func tables(of memory: FrozenMemory, tokens: Int) throws(VocabularyError) -> Tables {
        let slotBits = Int(memory.load32(at: 76))
        let pairBits = Int(memory.load32(at: 80))
        let nodes = Int(memory.load32(at: 84))
        guard (2...24).contains(slotBits), (1...24).contains(pairBits), tokens < Layout.noToken, nodes > 0,
            nodes % 256 == 0
        else {
            throw .damaged(.tables)
        }
        let sizes = [
            2 << (slotBits - 2), 16 << slotBits, 4 << slotBits, 8 * nodes, 8 << pairBits, (4 << pairBits) >> 3,
            4 * tokens, 4 * tokens, 4 * tokens, 4 * tokens, tokens, 8 * nodes,
        ]
        var starts: [Int] = []
        for (index, size) in sizes.enumerated() {
            let start = memory.load64(at: 104 + 8 * index)
            guard start >= Layout.header, start <= memory.count, size <= memory.count - Int(start) else {
                throw .damaged(.tables)
            }
            starts.append(Int(start))
        }
        return Tables(
            seed: memory.load64(at: 96), slotMask: 1 << UInt64(slotBits) - 1, bucketShift: UInt64(64 - slotBits + 2),
            pairMask: 1 << pairBits - 1, pairShift: UInt64(64 - pairBits),
            filterShift: UInt64(64 - pairBits - 2),
            shifts: starts[0], keys: starts[1], ids: starts[2], trie: starts[3], pairs: starts[4], filter: starts[5],
            rights: starts[6], lefts: starts[7], begins: starts[8], ends: starts[9], lengths: starts[10],
            fallback: starts[11])
    }
}
