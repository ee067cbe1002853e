// How records lie in a segment. Everything is little-endian; a record's length is a multiple of 8 and starts at one.
//
//     0  u32  CRC-32C of the rest, going on from the segment's seed: a record of another segment does not pass
//     4  u16  length in bytes, all included
//     6  u8   kind      7  u8  version of the kind
//     8  u32  sequence number in the segment, from 0: a lost record is noticed
//    12  u32  of the kind
//    16  ...  of the kind
//
// Journals outlive programs: a kind's layout is never changed. What must change gets the next version, and readers keep reading the old one.

import WeirBase

/// What a record is. The raw values stand in journals and never change.
enum RecordKind: UInt8 {
    case name = 1
    case hold = 2
    case attempt = 3
    case settle = 4
    case adjustment = 5
    /// The segment's last record: the next segment goes on.
    case seal = 6
}

enum RecordLayout {
    static let version: UInt8 = 1
    static let headerBytes = 16
    static let holdBytes = 64
    static let adjustmentBytes = 72
    static let sealBytes = 16
    /// Before the counts of an attempt: times, cost, names, status.
    static let attemptBytes = 44
    static let attemptStart = 24
    static let settleBytes = 56
    /// Of a settle that carries an attempt with every count and a context.
    static let longestSettle = settleBytes + attemptBytes + 4 * UsageLayout.words
    static let longestAttempt = attemptStart + attemptBytes + 4 * UsageLayout.words
    /// No record is longer: a name's.
    static let longest = NameRecord.start + LedgerNames.nameBytes

    static func padded(_ bytes: Int) -> Int { (bytes + 7) & ~7 }
}

/// The parts of `Usage` in the order in which journals count them: 21, then the context that it is billed in, and further ones are added at the end.
enum UsageLayout {
    static let words = 22

    /// Appends a mask of the words that are not 0, and those.
    static func append(_ usage: Usage, context: UInt16, to out: inout ByteBuffer) {
        let maskAt = out.count
        var mask: UInt32 = 0
        out.append(littleEndian: mask)
        func add(_ count: Int, _ bit: UInt32) {
            guard count != 0 else { return }
            mask |= 1 << bit
            out.append(littleEndian: UInt32(truncatingIfNeeded: count))
        }
        add(usage.input, 0)
        add(usage.cachedInput, 1)
        add(usage.cacheWriteInput, 2)
        add(usage.cacheWrite1hInput, 3)
        add(usage.audioInput, 4)
        add(usage.cachedAudioInput, 5)
        add(usage.imageInput, 6)
        add(usage.cachedImageInput, 7)
        add(usage.videoInput, 8)
        add(usage.output, 9)
        add(usage.reasoningOutput, 10)
        add(usage.audioOutput, 11)
        add(usage.imageOutput, 12)
        add(usage.videoOutput, 13)
        add(usage.citationOutput, 14)
        add(usage.webSearches, 15)
        add(usage.fileSearches, 16)
        add(usage.documentPages, 17)
        add(usage.annotatedPages, 18)
        add(usage.inputCharacters, 19)
        add(usage.audioMilliseconds, 20)
        add(Int(context), 21)
        out.replace(at: maskAt, littleEndian: mask)
    }

    /// Reads what `append` wrote at `offset`; nil if it does not fit before `end`, or says what no writer writes.
    static func read(_ bytes: Span<UInt8>, at offset: Int, before end: Int) -> (usage: Usage, context: UInt16)? {
        guard offset + 4 <= end else { return nil }
        let mask = bytes.word32(at: offset)
        guard mask >> UInt32(words) == 0, offset + 4 + 4 * mask.nonzeroBitCount <= end else { return nil }
        var usage = Usage()
        var context: UInt16 = 0
        var rest = mask
        var at = offset + 4
        while rest != 0 {
            let count = Int(Int32(bitPattern: bytes.word32(at: at)))
            guard count > 0 else { return nil }
            at += 4
            if rest.trailingZeroBitCount == words - 1 {
                guard let known = UInt16(exactly: count) else { return nil }
                context = known
            } else {
                set(rest.trailingZeroBitCount, of: &usage, to: count)
            }
            rest &= rest - 1
        }
        return (usage, context)
    }

    private static func set(_ bit: Int, of usage: inout Usage, to count: Int) {
        switch bit {
        case 0: usage.input = count
        case 1: usage.cachedInput = count
        case 2: usage.cacheWriteInput = count
        case 3: usage.cacheWrite1hInput = count
        case 4: usage.audioInput = count
        case 5: usage.cachedAudioInput = count
        case 6: usage.imageInput = count
        case 7: usage.cachedImageInput = count
        case 8: usage.videoInput = count
        case 9: usage.output = count
        case 10: usage.reasoningOutput = count
        case 11: usage.audioOutput = count
        case 12: usage.imageOutput = count
        case 13: usage.videoOutput = count
        case 14: usage.citationOutput = count
        case 15: usage.webSearches = count
        case 16: usage.fileSearches = count
        case 17: usage.documentPages = count
        case 18: usage.annotatedPages = count
        case 19: usage.inputCharacters = count
        default: usage.audioMilliseconds = count
        }
    }
}

/// How a name's record lies: number, bytes of text, space, text.
enum NameRecord {
    static let start = 24

    static func bytes(of text: String) -> Int { RecordLayout.padded(start + text.utf8.count) }
}
