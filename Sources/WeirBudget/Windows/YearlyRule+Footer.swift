extension YearlyRule {
    /// Reads the TZ string between two offsets of `file`: `CET-1CEST,M3.5.0,M10.5.0/3` (POSIX 8.3, with times of -167 to 167 hours, RFC 9636).
    init(footer file: Span<UInt8>, from start: Int, to end: Int) throws(TimeZoneError) {
        var reader = FooterReader(at: start, end: end)
        try reader.name(file)
        standard = -(try reader.time(file, hours: 24))
        guard reader.peek(file) != nil else {
            daylight = nil
            return
        }
        try reader.name(file)
        let isWritten = reader.peek(file) != UInt8(ascii: ",")
        let offset = isWritten ? -(try reader.time(file, hours: 24)) : standard + 3_600
        let starts = try reader.change(file)
        let ends = try reader.change(file)
        guard reader.peek(file) == nil else { throw reader.malformed }
        daylight = Daylight(offset: offset, starts: starts, ends: ends)
    }
}

private struct FooterReader {
    private var at: Int
    private let end: Int

    init(at start: Int, end: Int) {
        at = start
        self.end = end
    }

    var malformed: TimeZoneError { .malformed(at: at) }

    func peek(_ file: Span<UInt8>) -> UInt8? { at < end ? file[at] : nil }

    private mutating func take(_ byte: Unicode.Scalar, _ file: Span<UInt8>) -> Bool {
        guard peek(file) == UInt8(ascii: byte) else { return false }
        at += 1
        return true
    }

    /// `CET`, `<+0330>`; at least three characters. What it says is not used.
    mutating func name(_ file: Span<UInt8>) throws(TimeZoneError) {
        let isQuoted = take("<", file)
        let start = at
        while let byte = peek(file), isNameByte(byte, isQuoted) { at += 1 }
        guard at - start >= 3, !isQuoted || take(">", file) else { throw malformed }
    }

    private func isNameByte(_ byte: UInt8, _ isQuoted: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): isQuoted
        default: false
        }
    }

    /// `[+-]h[:mm[:ss]]` in seconds.
    mutating func time(_ file: Span<UInt8>, hours: Int) throws(TimeZoneError) -> Int {
        let isNegative = take("-", file)
        if !isNegative { _ = take("+", file) }
        var seconds = try number(file, 0...hours) * 3_600
        if take(":", file) {
            seconds += try number(file, 0...59) * 60
            if take(":", file) { seconds += try number(file, 0...59) }
        }
        return isNegative ? -seconds : seconds
    }

    /// `,M3.5.0/2`, `,J60`, `,59/-1`; without a time it is 02:00.
    mutating func change(_ file: Span<UInt8>) throws(TimeZoneError) -> YearlyRule.Change {
        guard take(",", file) else { throw malformed }
        let day: YearlyRule.Change.Day
        if take("M", file) {
            let month = try number(file, 1...12)
            guard take(".", file) else { throw malformed }
            let week = try number(file, 1...5)
            guard take(".", file) else { throw malformed }
            day = .weekday(month: month, week: week, weekday: try number(file, 0...6))
        } else if take("J", file) {
            day = .common(try number(file, 1...365))
        } else {
            day = .ordinal(try number(file, 0...365))
        }
        return YearlyRule.Change(day: day, time: take("/", file) ? try time(file, hours: 167) : 2 * 3_600)
    }

    /// Digits whose value is in `range`.
    private mutating func number(_ file: Span<UInt8>, _ range: ClosedRange<Int>) throws(TimeZoneError) -> Int {
        let start = at
        var value = 0
        while let byte = peek(file), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), at - start < 3 {
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            at += 1
        }
        guard at > start, range.contains(value) else { throw malformed }
        return value
    }
}
