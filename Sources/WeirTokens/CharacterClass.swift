import WeirBase

/// What a character is for the split patterns: Unicode general categories, as far as the patterns tell them apart.
enum CharacterClass {
    /// Punctuation and symbols, U+FFFD among them, which stands for bytes that are no UTF-8; for most patterns everything that has no other class.
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
    /// Where a pattern tells it from `other`: controls, formats, private use, unassigned.
    static let control: UInt8 = 9
    /// Where a pattern cuts them out before all else: the Han characters up to U+9FA5, and all of the blocks Hiragana and Katakana.
    static let ideograph: UInt8 = 10
}

/// The class of every code point: 128 to a block, blocks of one class stored once. Made from the ranges when it is first used (60 KB, 0.1 ms).
struct ClassTable {
    private static let plain = ClassTable(isFine: false)
    private static let fine = ClassTable(isFine: true)

    /// The table of a pattern: with `control` and `ideograph` for DeepSeek's.
    static func of(_ pattern: SplitPattern) -> ClassTable { pattern == .deepSeek ? fine : plain }

    private let memory: FrozenMemory
    private let blocksStart: Int
    private let asciiStart: Int

    private init(isFine: Bool) {
        var index: [UInt8] = []
        // The blocks that are of one class all, by their class.
        var blocks: [UInt8] = (0...CharacterClass.ideograph).flatMap { [UInt8](repeating: $0, count: 128) }
        var range = 0
        for start in stride(from: UInt32(0), to: 0x110000, by: 128) {
            let block = (start..<start + 128).map { point in
                while range + 1 < unicodeClassRanges.count, unicodeClassRanges[range + 1] >> 4 <= point { range += 1 }
                let kind = UInt8(truncatingIfNeeded: unicodeClassRanges[range] & 15)
                if isFine, (0x3040...0x30FF).contains(point) || (0x4E00...0x9FA5).contains(point) {
                    return CharacterClass.ideograph
                }
                return kind == CharacterClass.control && !isFine ? CharacterClass.other : kind
            }
            var number = Int(block[0])
            if block.contains(where: { $0 != block[0] }) {
                number = blocks.count / 128
                blocks += block
            }
            index.append(UInt8(truncatingIfNeeded: number))
            index.append(UInt8(truncatingIfNeeded: number >> 8))
        }
        blocksStart = index.count
        asciiStart = index.count + 128 * Int(index[0])
        memory = FrozenMemory(copying: (index + blocks).span)
    }

    /// The class of a byte below 0x80.
    @inline(__always)
    func ascii(_ byte: UInt8) -> UInt8 { memory.byte(at: asciiStart &+ Int(byte & 0x7F)) }

    /// The class of `point`, at most U+10FFFF.
    @inline(__always)
    subscript(_ point: UInt32) -> UInt8 {
        let block = Int(memory.load16(at: Int(point &>> 7) &* 2))
        return memory.byte(at: blocksStart &+ block &* 128 &+ Int(point & 127))
    }
}
