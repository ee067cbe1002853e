import WeirBase

/// What a character is for the split patterns: Unicode general categories, as far as the patterns tell them apart.
enum CharacterClass {
    /// Punctuation, symbols, controls, unassigned; U+FFFD, which stands for bytes that are no UTF-8.
    static let other: UInt8 = 0
    /// Lu and Lt.
    static let upper: UInt8 = 1
    /// Ll.
    static let lower: UInt8 = 2
    /// Lm and Lo: letters without case.
    static let letter: UInt8 = 3
    /// M.
    static let mark: UInt8 = 4
    /// N.
    static let number: UInt8 = 5
    /// White_Space but CR and LF.
    static let blank: UInt8 = 6
    /// CR and LF.
    static let newline: UInt8 = 7
    /// The text ends here, or what is there is not known yet.
    static let end: UInt8 = 8
}

/// The class of every code point: 128 to a block, equal blocks stored once. Made from the ranges when the first vocabulary is opened (about 40 KB).
struct ClassTable {
    static let shared = ClassTable()

    private let memory: FrozenMemory
    private let blocksStart: Int
    private static let blockCount = 0x110000 / 128

    private init() {
        var numbers: [[UInt8]: Int] = [:]
        var index: [UInt8] = []
        var blocks: [UInt8] = []
        var range = 0
        for start in stride(from: UInt32(0), to: 0x110000, by: 128) {
            let block = (start..<start + 128).map { point in
                while range + 1 < unicodeClassRanges.count, unicodeClassRanges[range + 1] >> 4 <= point { range += 1 }
                return UInt8(truncatingIfNeeded: unicodeClassRanges[range] & 15)
            }
            let number: Int
            if let known = numbers[block] {
                number = known
            } else {
                number = numbers.count
                numbers[block] = number
                blocks += block
            }
            index.append(UInt8(truncatingIfNeeded: number))
            index.append(UInt8(truncatingIfNeeded: number >> 8))
        }
        blocksStart = index.count
        memory = FrozenMemory(copying: (index + blocks).span)
    }

    /// The class of `point`, at most U+10FFFF.
    @inline(__always)
    subscript(_ point: UInt32) -> UInt8 {
        let block = Int(memory.load16(at: Int(point &>> 7) &* 2))
        return memory.byte(at: blocksStart &+ block &* 128 &+ Int(point & 127))
    }
}
