/// Why a time zone cannot be used.
public enum TimeZoneError: Error, Equatable {
    /// More than `TimeZoneRules.fileLimit` bytes.
    case fileTooLarge
    /// Not a zone file, or cut, or it contradicts itself, at this byte.
    case malformed(at: Int)
    /// A file of version 1, whose times end in 2038.
    case versionTooOld
    /// The file counts leap seconds (`right/...`), which no system clock does.
    case countsLeapSeconds
}

extension TimeZoneRules {
    /// Zone files have up to 4 KB.
    public static let fileLimit = 65_536

    /// Reads a zone file as found below `/usr/share/zoneinfo` (TZif, RFC 9636, version 2 or later).
    public init(file: Span<UInt8>) throws(TimeZoneError) {
        guard file.count <= Self.fileLimit else { throw .fileTooLarge }
        var reader = ZoneFileReader(at: 0)
        let old = try reader.header(file)
        guard old.version >= UInt8(ascii: "2") else { throw .versionTooOld }
        try reader.skip(old.dataBytes(timeBytes: 4), file)
        let header = try reader.header(file)
        guard header.leaps == 0 else { throw .countsLeapSeconds }
        guard header.types > 0 else { throw .malformed(at: reader.at) }

        var changes: [Int64] = []
        for _ in 0..<header.times {
            let change = try reader.integer(bytes: 8, file)
            guard changes.last.map({ $0 < change }) ?? true else { throw .malformed(at: reader.at - 8) }
            changes.append(change)
        }
        let types = reader.at
        try reader.skip(header.times, file)
        let offsets = try reader.offsets(header, file)
        try reader.skip(header.characters + header.standardFlags + header.universalFlags, file)
        let rule = try reader.footer(file)

        var changedOffsets: [Int32] = []
        for change in 0..<header.times {
            let type = Int(file[types + change])
            guard type < offsets.count else { throw .malformed(at: types + change) }
            changedOffsets.append(offsets[type])
        }
        self.init(changes: changes, offsets: changedOffsets, firstOffset: Int(offsets[0]), rule: rule)
    }
}

/// Reads the parts of a zone file one after the other.
private struct ZoneFileReader {
    private(set) var at: Int

    init(at start: Int) { at = start }

    struct Header {
        var version: UInt8
        var universalFlags, standardFlags, leaps, times, types, characters: Int

        func dataBytes(timeBytes: Int) -> Int {
            times * (timeBytes + 1) + types * 6 + characters + leaps * (timeBytes + 4) + standardFlags + universalFlags
        }
    }

    mutating func header(_ file: Span<UInt8>) throws(TimeZoneError) -> Header {
        let start = at
        guard try integer(bytes: 4, file) == 0x545A_6966 else { throw .malformed(at: start) }  // TZif
        try skip(16, file)
        var counts: [Int] = []
        for _ in 0..<6 {
            let count = Int(try integer(bytes: 4, file))
            // All are counts of things of at least a byte each, so larger ones lie.
            guard (0...file.count).contains(count) else { throw .malformed(at: at - 4) }
            counts.append(count)
        }
        return Header(
            version: file[start + 4], universalFlags: counts[0], standardFlags: counts[1], leaps: counts[2],
            times: counts[3], types: counts[4], characters: counts[5])
    }

    mutating func offsets(_ header: Header, _ file: Span<UInt8>) throws(TimeZoneError) -> [Int32] {
        var offsets: [Int32] = []
        for _ in 0..<header.types {
            let offset = try integer(bytes: 4, file)
            guard abs(offset) <= Int64(TimeZoneRules.offsetLimit) else { throw .malformed(at: at - 4) }
            offsets.append(Int32(offset))
            try skip(2, file)
        }
        return offsets
    }

    mutating func footer(_ file: Span<UInt8>) throws(TimeZoneError) -> YearlyRule? {
        guard at < file.count, file[at] == UInt8(ascii: "\n") else { throw .malformed(at: at) }
        let start = at + 1
        var end = start
        while end < file.count, file[end] != UInt8(ascii: "\n") { end += 1 }
        guard end < file.count else { throw .malformed(at: end) }
        at = end
        return start == end ? nil : try YearlyRule(footer: file, from: start, to: end)
    }

    /// A signed number, the most significant byte first.
    mutating func integer(bytes: Int, _ file: Span<UInt8>) throws(TimeZoneError) -> Int64 {
        let start = at
        try skip(bytes, file)
        var value: UInt64 = 0
        for byte in start..<at { value = value << 8 | UInt64(file[byte]) }
        return Int64(bitPattern: value << UInt64(64 - 8 * bytes)) >> Int64(64 - 8 * bytes)
    }

    mutating func skip(_ bytes: Int, _ file: Span<UInt8>) throws(TimeZoneError) {
        guard bytes <= file.count - at else { throw .malformed(at: file.count) }
        at += bytes
    }
}
