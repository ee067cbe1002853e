/// A moment on the wall clock: nanoseconds since 1970, UTC, leap seconds left out, as the system counts. It may jump; windows of budgets, prices
/// and expiry follow it, time-outs follow `Instant`.
public struct WallTime: Comparable, Hashable, Sendable, CustomStringConvertible {
    public var nanoseconds: Int64

    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
    /// Saturates at the years 1678 and 2262, where 64 bits of nanoseconds end.
    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        nanoseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Later than every moment: "does not end".
    @inlinable public static var never: WallTime { WallTime(nanoseconds: .max) }

    /// Whole seconds since 1970, rounded down.
    public var seconds: Int64 { floorDivide(nanoseconds, 1_000_000_000) }
    /// Whole milliseconds since 1970, rounded down.
    public var milliseconds: Int64 { floorDivide(nanoseconds, 1_000_000) }

    @inlinable public static func < (left: WallTime, right: WallTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment `span` later; a sum past the end of time is `never`.
    public static func + (moment: WallTime, span: TimeSpan) -> WallTime {
        let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return overflow || moment == .never ? .never : WallTime(nanoseconds: sum)
    }

    /// RFC 3339 in UTC, to the second: `2026-11-25T03:40:00Z`; `never` for the end of time.
    public var description: String {
        if self == .never { return "never" }
        let day = floorDivide(seconds, 86_400)
        let second = Int(seconds - day * 86_400)
        return "\(CivilDate(day: Int(day)))T\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))Z"
    }

    /// Reads a date (its first moment, UTC) or an RFC 3339 date and time with `Z` or an offset: `2026-11-25`, `2026-11-25T03:40:00+01:00`.
    /// - Returns: nil for anything else, a day that does not exist, a leap second, a year outside 1970 to 2200.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 10, let date = CivilDate(String(text.prefix(10))) else { return nil }
        var seconds = Int64(date.day) * 86_400
        if bytes.count > 10 {
            guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
                bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), let hour = number(bytes[11..<13]),
                let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]), hour < 24, minute < 60,
                second < 60
            else { return nil }
            seconds += Int64(hour * 3_600 + minute * 60 + second)
            var zone = bytes[19...]
            if zone.first == UInt8(ascii: ".") {
                let fraction = zone.dropFirst().prefix { (0x30...0x39).contains($0) }
                guard !fraction.isEmpty else { return nil }
                zone = zone.dropFirst(1 + fraction.count)  // finer than a second is not kept
            }
            guard let offset = offsetSeconds(zone) else { return nil }
            seconds -= Int64(offset)
        }
        self.init(seconds: seconds)
    }
}

/// A day of the Gregorian calendar, as the number of days since 1970-01-01.
public struct CivilDate: Hashable, Sendable, CustomStringConvertible {
    public let day: Int

    public init(day: Int) { self.day = day }

    /// The day that `year`, `month` (1 to 12) and `date` (1 to 31) name; a month past its range carries over into the year.
    public init(year: Int, month: Int, date: Int) {
        let months = year * 12 + (month - 1)
        // Years that begin in March, so that the leap day is the last: 146,097 days make 400 of them.
        let shifted = months - 2
        let (era, monthOfEra) = (Int(floorDivide(Int64(shifted), 4_800)), Int(floorModulo(Int64(shifted), 4_800)))
        let (yearOfEra, monthOfYear) = (monthOfEra / 12, monthOfEra % 12)
        let dayOfYear = (153 * monthOfYear + 2) / 5
        day = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear + date - 1 - 719_468
    }

    /// Reads `2026-11-25`, for years 1970 to 2200; nil for anything else and for days that do not exist.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let date = number(bytes[8..<10]),
            (1970...2200).contains(year)
        else { return nil }
        self.init(year: year, month: month, date: date)
        guard self.parts == (year, month, date) else { return nil }
    }

    public var parts: (year: Int, month: Int, date: Int) {
        let shifted = day + 719_468
        let (era, dayOfEra) = (Int(floorDivide(Int64(shifted), 146_097)), Int(floorModulo(Int64(shifted), 146_097)))
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthOfYear = (5 * dayOfYear + 2) / 153
        let month = monthOfYear < 10 ? monthOfYear + 3 : monthOfYear - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthOfYear + 2) / 5 + 1)
    }

    /// Its first moment in UTC.
    public var start: WallTime { WallTime(seconds: Int64(day) * 86_400) }

    public var description: String {
        let (year, month, date) = parts
        return "\(year)-\(two(month))-\(two(date))"
    }
}

private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

private func number(_ digits: ArraySlice<UInt8>) -> Int? {
    var value = 0
    for byte in digits {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
    }
    return value
}

/// `Z`, `+01:00`, `-03:30`: seconds east of UTC.
private func offsetSeconds(_ zone: ArraySlice<UInt8>) -> Int? {
    if zone.count == 1, zone.first == UInt8(ascii: "Z") || zone.first == UInt8(ascii: "z") { return 0 }
    let bytes = Array(zone)
    guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), let hours = number(bytes[1..<3]),
        let minutes = number(bytes[4..<6]), hours < 24, minutes < 60
    else { return nil }
    switch bytes[0] {
    case UInt8(ascii: "+"): return hours * 3_600 + minutes * 60
    case UInt8(ascii: "-"): return -(hours * 3_600 + minutes * 60)
    default: return nil
    }
}

func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
    let quotient = number / divisor
    return number % divisor < 0 ? quotient - 1 : quotient
}

func floorModulo(_ number: Int64, _ divisor: Int64) -> Int64 {
    let rest = number % divisor
    return rest < 0 ? rest + divisor : rest
}
